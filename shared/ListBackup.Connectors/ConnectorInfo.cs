namespace ListBackup.Connectors;

/// <summary>What a connector says of itself under the manifest key <c>x-listbackup</c>.</summary>
public sealed record ConnectorInfo
{
    public static readonly ConnectorInfo None = new();

    /// <summary>The platform's name as people write it: "Mailchimp".</summary>
    public string? Title { get; init; }

    /// <summary>One word of the catalogue: crm, email, shop, billing, support …</summary>
    public string? Category { get; init; }

    /// <summary>A file beside the manifest.</summary>
    public string? Icon { get; init; }

    /// <summary>Where the platform documents its API.</summary>
    public string? DocsUrl { get; init; }

    /// <summary>The quota of requests a day, where the platform has one and the manifest tells it.</summary>
    public DailyQuota? DailyQuota { get; init; }
}
