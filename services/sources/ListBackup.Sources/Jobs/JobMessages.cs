using System.Text.Json;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Sends the messages that drive jobs.</summary>
public sealed class JobMessages(IQueues queues)
{
    public Task SendAsync(Job job, TimeSpan delay, CancellationToken cancellation) =>
        SendAsync(QueueOf(job.Kind), new(job.AccountId, job.SourceId, job.Id), delay, cancellation);

    public Task SendAsync(QueueName queue, JobMessage message, TimeSpan delay, CancellationToken cancellation) =>
        queues.SendAsync(queue, JsonSerializer.Serialize(message, SourceItemsJson.Default.JobMessage), delay > RunMessages.DelayMax ? RunMessages.DelayMax : delay, cancellation);

    private static QueueName QueueOf(JobKind kind) => kind switch
    {
        JobKind.Restore => QueueName.Restore,
        JobKind.Export => QueueName.Export,
        _ => QueueName.Maintenance,
    };
}
