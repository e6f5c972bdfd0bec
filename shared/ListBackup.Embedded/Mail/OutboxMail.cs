using ListBackup.Domain;
using MimeKit;

namespace ListBackup.Embedded;

/// <summary>Writes each message as a file that mail programs open, named by time. On a machine without an SMTP server a person reads them there.</summary>
public sealed class OutboxMail(string folder, string from, TimeProvider time) : IMail
{
    public const string DefaultFrom = "listbackup@localhost";

    public async Task SendAsync(MailMessage message, CancellationToken cancellation)
    {
        using var mime = MailText.Mime(message, from, time);
        using var bytes = new MemoryStream();
        await mime.WriteToAsync(bytes, cancellation);
        var name = $"{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{Guid.CreateVersion7():N}.eml";
        try
        {
            // Codes and links are in it: for the owner only.
            DurableFile.Write(Path.Combine(folder, name), bytes.GetBuffer().AsSpan(0, (int)bytes.Length), replace: false, ownerOnly: true);
        }
        catch (IOException failure)
        {
            throw FileFailure.IsFull(failure)
                ? new StorageFullException("The disk is full: a message could not be written to the outbox.", failure)
                : new StorageException("A message could not be written to the outbox.", failure);
        }
    }
}

/// <summary>Always keeps a copy in the outbox, then sends it.</summary>
internal sealed class OutboxAndSmtpMail(OutboxMail outbox, SmtpMail smtp) : IMail
{
    public async Task SendAsync(MailMessage message, CancellationToken cancellation)
    {
        await outbox.SendAsync(message, cancellation);
        await smtp.SendAsync(message, cancellation);
    }
}

internal static class MailText
{
    /// <exception cref="ArgumentException">The address is none, or a header would break its line.</exception>
    public static MimeMessage Mime(MailMessage message, string from, TimeProvider time)
    {
        if (!MailboxAddress.TryParse(message.To, out var to)) throw new ArgumentException("The message is not addressed to an e-mail address.");
        if (message.Subject.AsSpan().ContainsAny('\r', '\n')) throw new ArgumentException("A subject is one line.");
        var mime = new MimeMessage { Subject = message.Subject, Date = time.GetUtcNow(), Body = new TextPart("plain") { Text = message.Text } };
        mime.From.Add(MailboxAddress.Parse(from));
        mime.To.Add(to);
        // Out-of-office programs must not answer a machine (RFC 3834).
        mime.Headers.Add("Auto-Submitted", "auto-generated");
        return mime;
    }
}
