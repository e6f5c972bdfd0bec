namespace ListBackup.Demo;

/// <summary>Everything that can be chosen about a demo CRM. The same seed and number of contacts always give the same bytes.</summary>
public sealed record DemoPlatformOptions
{
    /// <summary>Loopback port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>A journal of changes that survives a restart. Null keeps everything in memory.</summary>
    public string? DataFile { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Seeded contacts, 0 to 20,000,000. Companies, memberships, notes and attachments scale with it.</summary>
    public int Contacts { get; init; } = 1_000;

    /// <summary>No companies, lists, notes or attachments: for benchmarks of one large stream.</summary>
    public bool ContactsOnly { get; init; }

    /// <summary>Keeps the bytes of a record once they were served. Switched off, a million contacts cost 220 MB instead of 980, and eight times the time to serve.</summary>
    public bool KeepRendered { get; init; } = true;

    /// <summary>Who asks for larger pages gets this many records, without a word: so do real platforms.</summary>
    public int PageSizeMax { get; init; } = 200;

    /// <summary>Null: no limit.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Keys that may read and write.</summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = ["demo-key"];

    public IReadOnlyList<string> ReadOnlyApiKeys { get; init; } = ["demo-read-key"];

    public OAuthClient Client { get; init; } = new();

    /// <summary>The person who can sign in on the consent page.</summary>
    public string UserEmail { get; init; } = "demo@example.com";

    public string UserPassword { get; init; } = "demo";

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan CodeLifetime { get; init; } = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A token bucket for each credential.</summary>
public sealed record RateLimit(double RequestsPerSecond, int Burst);

/// <summary>The one registered OAuth client. A loopback redirect matches on any port (RFC 8252, section 7.3); others match exactly.</summary>
public sealed record OAuthClient
{
    public string Id { get; init; } = "listbackup-demo";
    public string Secret { get; init; } = "demo-secret";
    public IReadOnlyList<string> RedirectUris { get; init; } =
        ["http://127.0.0.1/callback", "http://localhost/callback", "http://127.0.0.1/v1/oauth/callback", "http://localhost/v1/oauth/callback"];
}
