using System.Diagnostics;
using Amazon.SQS;
using ListBackup.Domain;
using Activity = System.Diagnostics.Activity;

namespace ListBackup.Aws;

/// <summary>Queues in SQS.</summary>
public sealed class SqsQueues(IAmazonSQS sqs, AwsSettings settings) : IQueues
{
    /// <summary>Carries the sender's trace (W3C) to the function that takes the message.</summary>
    public const string TraceAttribute = "traceparent";

    public async Task SendAsync(QueueName queue, string body, TimeSpan delay, CancellationToken cancellation)
    {
        QueueRules.Check(queue, body, delay);
        cancellation.ThrowIfCancellationRequested();
        await sqs.SendMessageAsync(
            new()
            {
                QueueUrl = settings.QueueUrl(queue),
                MessageBody = body,
                // SQS counts whole seconds; early would break a promise, late does not.
                DelaySeconds = (int)Math.Ceiling(delay.TotalSeconds),
                MessageAttributes = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace }
                    ? new() { [TraceAttribute] = new() { DataType = "String", StringValue = trace } }
                    : null,
            },
            cancellation);
    }
}

/// <summary>On AWS dead letters lie in queues that AWS's own tools show and redrive; reading them through SQS would hide them from those tools for a while.</summary>
public sealed class SqsDeadLetters : IDeadLetters
{
    public Task<DeadLetterPage> ListAsync(QueueName queue, string? cursor, int limit, CancellationToken cancellation) => throw Refusal(queue);

    public Task<bool> ReplayAsync(QueueName queue, string id, CancellationToken cancellation) => throw Refusal(queue);

    public Task<bool> DeleteAsync(QueueName queue, string id, CancellationToken cancellation) => throw Refusal(queue);

    private static Problem Refusal(QueueName queue) =>
        Problem.NotSupported($"On AWS, see and redrive the dead letters of {queue} in the SQS console, or with 'aws sqs start-message-move-task'.");
}
