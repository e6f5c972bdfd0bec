using Amazon.SQS;
using ListBackup.Domain;

namespace ListBackup.Aws.Tests;

[Trait("Stage", "aws")]
public sealed class SqsQueuesTests(AwsEmulator aws)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_lies_in_the_queue_that_it_was_sent_to()
    {
        await aws.Port<IQueues>().SendAsync(QueueName.Plan, """{"runId":"run_ü"}""", TimeSpan.Zero, Cancellation);

        var received = await aws.Port<IAmazonSQS>().ReceiveMessageAsync(aws.Port<AwsSettings>().QueueUrl(QueueName.Plan), Cancellation);

        received.Messages.ShouldHaveSingleItem().Body.ShouldBe("""{"runId":"run_ü"}""");
    }

    [Fact]
    public async Task A_message_carries_the_trace_of_its_sender()
    {
        using var trace = new System.Diagnostics.Activity("send").Start();
        await aws.Port<IQueues>().SendAsync(QueueName.Export, "{}", TimeSpan.Zero, Cancellation);

        var received = await aws.Port<IAmazonSQS>().ReceiveMessageAsync(
            new Amazon.SQS.Model.ReceiveMessageRequest { QueueUrl = aws.Port<AwsSettings>().QueueUrl(QueueName.Export), MessageAttributeNames = ["All"] }, Cancellation);

        received.Messages.ShouldHaveSingleItem().MessageAttributes[SqsQueues.TraceAttribute].StringValue.ShouldBe(trace.Id);
    }

    [Fact]
    public async Task A_delayed_message_is_not_there_yet()
    {
        await aws.Port<IQueues>().SendAsync(QueueName.Sync, "{}", TimeSpan.FromMinutes(15), Cancellation);

        var received = await aws.Port<IAmazonSQS>().ReceiveMessageAsync(aws.Port<AwsSettings>().QueueUrl(QueueName.Sync), Cancellation);

        received.Messages.ShouldBeNull();
    }

    [Fact]
    public async Task What_SQS_would_refuse_is_refused_before_it_is_asked()
    {
        var queues = aws.Port<IQueues>();

        await Should.ThrowAsync<ArgumentException>(() => queues.SendAsync(QueueName.Plan, "", TimeSpan.Zero, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => queues.SendAsync(QueueName.Plan, "{}", TimeSpan.FromMinutes(16), Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => queues.SendAsync(QueueName.Plan, new string('1', QueueRules.BodyBytesMax + 1), TimeSpan.Zero, Cancellation));
    }
}
