namespace ListBackup.Domain;

/// <summary>The messages that were delivered <see cref="QueueRules.ReceivesMax"/> times without success, for the people who operate an installation.</summary>
public interface IDeadLetters
{
    /// <summary>Dead letters of one queue, the oldest first; at most <paramref name="limit"/> (1 to 100) after the cursor of the page before.</summary>
    Task<DeadLetterPage> ListAsync(QueueName queue, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>Puts the message back into its queue, to be delivered at once with a fresh count. False: there is no such dead letter.</summary>
    Task<bool> ReplayAsync(QueueName queue, string id, CancellationToken cancellation);

    /// <summary>Forgets the message. False: there is no such dead letter.</summary>
    Task<bool> DeleteAsync(QueueName queue, string id, CancellationToken cancellation);
}

public sealed record DeadLetterPage(IReadOnlyList<DeadLetter> Letters, string? Next);

/// <summary><see cref="Reason"/> is the kind of the last failure, never its text: that may quote what a platform sent.</summary>
public sealed record DeadLetter(string Id, QueueName Queue, string Body, int Receives, DateTimeOffset SentAt, DateTimeOffset DiedAt, string Reason);
