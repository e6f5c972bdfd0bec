using System.Diagnostics;
using Amazon.Lambda.Core;
using Amazon.Lambda.SQSEvents;
using ListBackup.Domain;
using Microsoft.Extensions.Logging;

namespace ListBackup.Functions;

/// <summary>Hands the messages of an SQS batch to their handler, one after the other, and tells SQS which of them failed.</summary>
public sealed class QueueBatches(TimeProvider clock, ILogger<QueueBatches> logger)
{
    /// <summary>Activity source: one span per delivery of a message, child of the one that sent it.</summary>
    public const string TracingName = "ListBackup.Queues";

    private static readonly ActivitySource Tracing = new(TracingName);

    public async Task<SQSBatchResponse> HandleAsync(SQSEvent batch, IMessageHandler handler, ILambdaContext context)
    {
        using var time = new InvocationTime(context, clock);
        var answer = new SQSBatchResponse();
        foreach (var message in batch.Records ?? [])
        {
            // A message that is not begun is delivered again like one that failed, and its receives count.
            if (time.Cancellation.IsCancellationRequested || !await TryHandleAsync(message, handler, time))
                answer.BatchItemFailures.Add(new() { ItemIdentifier = message.MessageId });
        }
        return answer;
    }

    private async Task<bool> TryHandleAsync(SQSEvent.SQSMessage message, IMessageHandler handler, InvocationTime time)
    {
        using var trace = Tracing.StartActivity("process message", ActivityKind.Consumer, Trace(message));
        using var ids = logger.BeginScope(CorrelationIds.Of(message.EventSourceArn?.Split(':')[^1] ?? "", message.MessageId ?? "", message.Body ?? ""));
        try
        {
            await handler.HandleAsync(Read(message), time.Deadline, time.Cancellation);
            return true;
        }
        catch (Exception exception)
        {
            // Whatever it was, it is this message's alone: the others of the batch must not be repeated for it. SQS keeps count, and gives up at last.
            logger.LogError(exception, "Message {MessageId} failed at receive {Receives}", message.MessageId, Receives(message));
            return false;
        }
    }

    private static QueueMessage Read(SQSEvent.SQSMessage message) => new(
        message.MessageId ?? throw new InvalidDataException("An SQS message without an id."),
        message.Body ?? throw new InvalidDataException($"SQS message {message.MessageId} has no body."),
        Receives(message));

    private static string? Trace(SQSEvent.SQSMessage message) => message.MessageAttributes?.GetValueOrDefault("traceparent")?.StringValue;

    private static int Receives(SQSEvent.SQSMessage message) =>
        message.Attributes?.TryGetValue("ApproximateReceiveCount", out var count) == true && int.TryParse(count, out var receives) ? receives : 1;
}
