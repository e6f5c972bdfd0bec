using ListBackup.Functions;

namespace ListBackup.Host;

/// <summary>How this installation is set up. See docs/guide/settings.md, which a test holds against <see cref="SettingCatalogue"/>.</summary>
public sealed record HostSettings
{
    /// <summary>Address to listen on: <c>localhost</c> (both loopback addresses), <c>any</c>, or one IP address.</summary>
    public required string Listen { get; init; }

    /// <summary>TCP port; 0 takes a free one.</summary>
    public required int Port { get; init; }

    /// <summary>Folder of everything that this installation keeps. Absolute.</summary>
    public required string Data { get; init; }

    /// <summary>The address that people and platforms reach this installation by, without a trailing slash. Null: where it listens.</summary>
    public Uri? Url { get; init; }

    public required LogFormat LogFormat { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>Lets connections reach private, loopback and link-local addresses.</summary>
    public required bool AllowPrivateNetworks { get; init; }

    /// <summary>Takes the asker's address and scheme from X-Forwarded-For and X-Forwarded-Proto of a proxy on this machine.</summary>
    public required bool TrustProxy { get; init; }

    /// <summary>How often one caller may ask.</summary>
    public required RateLimitOptions RateLimit { get; init; }

    /// <summary>Folder of connectors. Null: the one beside the program.</summary>
    public string? Connectors { get; init; }

    /// <summary>Folder of the exported web app. Null: the one beside the program.</summary>
    public string? Web { get; init; }

    /// <summary>Folder below which planned exports may be laid. Absolute. Null: they go to buckets only.</summary>
    public string? ExportFolder { get; init; }

    public MailSettings? Mail { get; init; }

    /// <summary>Our OAuth clients by platform, for platforms whose connections use a client of this installation.</summary>
    public required IReadOnlyDictionary<string, OAuthClientSettings> OAuth { get; init; }
}

public enum LogFormat { Plain, Json }

/// <summary>An SMTP server. Without one, messages are only written to the outbox folder.</summary>
public sealed record MailSettings(string Host, int Port, string? User, string? Password, string From)
{
    public override string ToString() => $"(mail by {Host}:{Port})";
}

public sealed record OAuthClientSettings(string ClientId, string ClientSecret)
{
    public override string ToString() => $"(client {ClientId})";
}

/// <summary>Settings that cannot be used. The message is one line, says which setting and what would be right, and never quotes a secret.</summary>
public sealed class SettingsException(string message) : Exception(message);
