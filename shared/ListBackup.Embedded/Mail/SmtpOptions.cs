namespace ListBackup.Embedded;

/// <summary>An SMTP server that delivers our e-mail. Without a user nothing is proven to it, which local relays accept.</summary>
public sealed record SmtpOptions(string Host, int Port, string? User, string? Password, string From)
{
    public SmtpSecurity Security { get; init; } = SmtpSecurity.Automatic;

    public override string ToString() => $"(mail by {Host}:{Port})";
}

/// <summary>Automatic: TLS from the start on port 465; otherwise STARTTLS, without which only a relay on this machine is spoken to.</summary>
public enum SmtpSecurity { Automatic, Tls, StartTls, None }
