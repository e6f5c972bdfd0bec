using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Sends and reads the messages that drive a run.</summary>
public sealed class RunMessages(IQueues queues)
{
    /// <summary>The longest delay that a queue takes; a longer wait is sent again on arrival.</summary>
    public static readonly TimeSpan DelayMax = TimeSpan.FromMinutes(15);

    public Task PlanAsync(Run run, TimeSpan delay, CancellationToken cancellation) =>
        SendAsync(QueueName.Plan, new(run.AccountId, run.SourceId, run.Id), SourceItemsJson.Default.PlanMessage, delay, cancellation);

    public Task SyncAsync(RunPart part, TimeSpan delay, CancellationToken cancellation) =>
        SyncAsync(new SyncMessage(part.AccountId, part.SourceId, part.RunId, part.Stream), delay, cancellation);

    public Task SyncAsync(SyncMessage stream, TimeSpan delay, CancellationToken cancellation) => SendAsync(QueueName.Sync, stream, SourceItemsJson.Default.SyncMessage, delay, cancellation);

    public Task CommitAsync(Run run, TimeSpan delay, CancellationToken cancellation) =>
        SendAsync(QueueName.Commit, new(run.AccountId, run.SourceId, run.Id), SourceItemsJson.Default.CommitMessage, delay, cancellation);

    public static T Read<T>(QueueMessage message, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(message.Body, type) ?? throw new InvalidDataException($"Message {message.Id} holds null.");

    private Task SendAsync<T>(QueueName queue, T message, JsonTypeInfo<T> type, TimeSpan delay, CancellationToken cancellation) =>
        queues.SendAsync(queue, JsonSerializer.Serialize(message, type), delay > DelayMax ? DelayMax : delay, cancellation);
}
