namespace ListBackup.Domain;

/// <summary>Sends e-mail: SES on AWS; self-hosted an outbox folder and, where configured, SMTP.</summary>
public interface IMail
{
    /// <summary>Returns when the message is accepted for delivery, not when it is read. May deliver twice after an outage.</summary>
    Task SendAsync(MailMessage message, CancellationToken cancellation);
}

/// <summary>A plain-text message to one address.</summary>
public sealed record MailMessage(string To, string Subject, string Text);
