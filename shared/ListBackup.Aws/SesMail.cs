using ListBackup.Domain;

namespace ListBackup.Aws;

/// <summary>Mail by SES is not built yet; whoever needs it hears so instead of believing that a message went out.</summary>
public sealed class SesMail : IMail
{
    public Task SendAsync(MailMessage message, CancellationToken cancellation) =>
        throw Problem.NotSupported("This installation on AWS cannot send e-mail yet.");
}
