namespace ListBackup.Domain;

/// <summary>The queues of the product; on AWS each is an SQS queue with a dead-letter queue.</summary>
public enum QueueName { Plan, Sync, Commit, Restore, Export, Maintenance, Notify }

/// <summary>
/// Sends messages that are delivered at least once, in no promised order. Bodies are JSON of at most 256 KB.
/// A message is delivered again when its handler fails or does not end within the queue's visibility time-out, and lies among the dead letters after
/// <see cref="QueueRules.ReceivesMax"/> deliveries.
/// </summary>
public interface IQueues
{
    /// <param name="queue">Where to.</param>
    /// <param name="body">JSON.</param>
    /// <param name="delay">Zero to 15 minutes, SQS's limit. Longer waits are sent again on arrival.</param>
    /// <param name="cancellation">Stops the sending; the message may have been sent.</param>
    Task SendAsync(QueueName queue, string body, TimeSpan delay, CancellationToken cancellation);
}

/// <summary>Handles one message of a queue. Must be safe against the same message arriving twice, even at the same time.</summary>
public interface IMessageHandler
{
    /// <summary>Returns when the message is done with; throws to have it delivered again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="deadline">When the process may be stopped: save progress and send a follow-up message before.</param>
    /// <param name="cancellation">Asks to stop at once.</param>
    Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation);
}

/// <summary>A delivered message. <see cref="Receives"/> counts deliveries of it, this one included.</summary>
public sealed record QueueMessage(string Id, string Body, int Receives);

/// <summary>Work that a schedule starts: every minute, hour or day. Missed ticks are not repeated; each tick looks at the state, not at the clock.</summary>
public interface IScheduledHandler
{
    Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation);
}
