using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Do the next step of a job.</summary>
public sealed record JobMessage(AccountId AccountId, SourceId SourceId, JobId JobId);

/// <summary>Sends and reads the messages that drive jobs.</summary>
public sealed class JobMessages(IQueues queues)
{
    public Task SendAsync(QueueName queue, JobMessage message, TimeSpan delay, CancellationToken cancellation) =>
        queues.SendAsync(queue, JsonSerializer.Serialize(message, SourceItemsJson.Default.JobMessage), delay > RunMessages.DelayMax ? RunMessages.DelayMax : delay, cancellation);
}
