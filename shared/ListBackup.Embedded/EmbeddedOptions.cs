namespace ListBackup.Embedded;

/// <summary>What the embedded ports need to know beside their folder.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>Sends e-mail by this server, in addition to the outbox folder. Null: the outbox only.</summary>
    public SmtpOptions? Smtp { get; init; }

    public QueuePumpOptions Pump { get; init; } = new();
}
