using Amazon.Lambda.SQSEvents;
using Amazon.Lambda.TestUtilities;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Lambda.Tests.Functions;

public sealed class QueueBatchesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Handler _handler = new();

    [Fact]
    public async Task Every_message_reaches_the_handler_with_its_body_and_count()
    {
        var answer = await HandleAsync(Message("m1", "one"), Message("m2", "two", receives: "3"));

        _handler.Seen.ShouldBe([new("m1", "one", 1), new("m2", "two", 3)]);
        answer.BatchItemFailures.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_messages_that_failed_are_named()
    {
        _handler.OnMessage = message => message.Body == "bad" ? throw new InvalidOperationException("bad") : Task.CompletedTask;

        var answer = await HandleAsync(Message("m1", "good"), Message("m2", "bad"), Message("m3", "good"));

        answer.BatchItemFailures.Select(failure => failure.ItemIdentifier).ShouldBe(["m2"]);
        _handler.Seen.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_message_is_handled_in_the_trace_of_its_sender()
    {
        TracePropagation.Start();
        const string Sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        (string? Trace, string? Parent) seen = default;
        _handler.OnMessage = _ =>
        {
            seen = (System.Diagnostics.Activity.Current?.TraceId.ToString(), System.Diagnostics.Activity.Current?.ParentSpanId.ToString());
            return Task.CompletedTask;
        };
        var message = Message("m1", "one");
        message.MessageAttributes = new() { ["traceparent"] = new() { DataType = "String", StringValue = Sender } };

        await HandleAsync(message);

        seen.ShouldBe(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"));
    }

    [Fact]
    public async Task A_message_without_a_body_fails_alone()
    {
        var answer = await HandleAsync(new SQSEvent.SQSMessage { MessageId = "m1" }, Message("m2", "good"));

        answer.BatchItemFailures.Select(failure => failure.ItemIdentifier).ShouldBe(["m1"]);
    }

    [Fact]
    public async Task When_the_time_is_up_the_running_message_is_cancelled_and_the_rest_not_begun()
    {
        _handler.OnMessage = async _ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(59.5));
            await Task.Delay(Timeout.Infinite, _handler.Cancellation);
        };

        var answer = await HandleAsync(Message("m1", "slow"), Message("m2", "never"));

        answer.BatchItemFailures.Select(failure => failure.ItemIdentifier).ShouldBe(["m1", "m2"]);
        _handler.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_deadline_leaves_time_to_save()
    {
        await HandleAsync(Message("m1", "one"));

        _handler.Deadline.ShouldBe(_clock.GetUtcNow() + TimeSpan.FromSeconds(50));
    }

    private Task<SQSBatchResponse> HandleAsync(params List<SQSEvent.SQSMessage> messages)
    {
        var batches = new QueueBatches(_clock, NullLogger<QueueBatches>.Instance);
        return batches.HandleAsync(new() { Records = messages }, _handler, new TestLambdaContext { RemainingTime = TimeSpan.FromSeconds(60) });
    }

    private static SQSEvent.SQSMessage Message(string id, string body, string? receives = null) => new()
    {
        MessageId = id,
        Body = body,
        Attributes = receives is null ? null : new() { ["ApproximateReceiveCount"] = receives },
    };

    private sealed class Handler : IMessageHandler
    {
        public Func<QueueMessage, Task> OnMessage { get; set; } = _ => Task.CompletedTask;

        public List<QueueMessage> Seen { get; } = [];

        public DateTimeOffset Deadline { get; private set; }

        public CancellationToken Cancellation { get; private set; }

        public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
        {
            Seen.Add(message);
            (Deadline, Cancellation) = (deadline, cancellation);
            return OnMessage(message);
        }
    }
}
