namespace ListBackup.Sources;

/// <summary>Where and how long exports are made.</summary>
public sealed record ExportOptions
{
    /// <summary>For files that must be written before they can be sent. They hold records in plain while they are used, so this is no shared place.</summary>
    public string WorkFolder { get; init; } = Path.GetTempPath();
}
