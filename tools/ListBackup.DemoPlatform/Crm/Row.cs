namespace ListBackup.Demo.Crm;

/// <summary>One record. Its JSON is rendered from the seed when first asked for, unless somebody changed it.</summary>
internal sealed class Row
{
    public required long Number { get; init; }

    /// <summary>Which seeded record this is; -1 for one that was created through the API.</summary>
    public int SeedIndex { get; init; } = -1;

    /// <summary>List of a membership, contact of a note or attachment; else 0.</summary>
    public long Parent { get; init; }

    /// <summary>Contact of a membership; else 0.</summary>
    public long Contact { get; init; }

    /// <summary>Unix seconds, like every time of this platform: a bulk change gives thousands of records the same one.</summary>
    public long Updated { get; set; }

    public bool Archived { get; set; }
    public bool Gone { get; set; }
    public byte[]? Json { get; set; }

    /// <summary>Content of an uploaded attachment; a seeded one is generated.</summary>
    public byte[]? Content { get; set; }
}
