namespace ListBackup.Sources;

/// <summary>Where and how long exports are made.</summary>
public sealed record ExportOptions
{
    /// <summary>For files that must be written before they can be sent. They hold records in plain while they are used, so this is no shared place.</summary>
    public string WorkFolder { get; init; } = Path.GetTempPath();

    /// <summary>Below it planned exports may be laid into folders, each account's in its own. Null: this installation has no such place.</summary>
    public string? DestinationRoot { get; init; }

    /// <summary>Lets planned exports reach buckets at private, loopback and link-local addresses, by http too. For self-hosters and tests; never on a shared service.</summary>
    public bool AllowPrivateNetworks { get; init; }
}
