namespace ListBackup.Connectors;

/// <summary>How a manifest is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>Folder in which the manifest's files are looked up (schemas/, icon.svg). Null: the manifest stands alone.</summary>
    public string? Folder { get; init; }

    /// <summary>Longest manifest accepted, in characters.</summary>
    public int ManifestCharactersMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>True: what would be a warning is a problem. For manifests that we write ourselves.</summary>
    public bool Strict { get; init; }

    /// <summary>Most components that a manifest may expand to once its references are followed.</summary>
    public int ComponentsMax { get; init; } = 100_000;

    /// <summary>Most values (maps, lists, texts) that a manifest may expand to once its references are followed. The largest that we know expands to some 60,000.</summary>
    public int NodesMax { get; init; } = 2_000_000;
}
