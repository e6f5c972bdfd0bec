namespace ListBackup.Connectors;

/// <summary>What a discovery costs and brings besides the names of streams.</summary>
public sealed record DiscoverOptions
{
    /// <summary>Ask the platform for schemas that only it knows: one request per stream that has such a schema.</summary>
    public bool AskForSchemas { get; init; } = true;

    /// <summary>
    /// Read a few records of each stream whose schema nobody tells, and describe them: at most 5 pages of 3 partitions each. Such a schema is marked
    /// by <see cref="StreamInfo.SchemaIsInferred"/>; it fits the records that were seen and promises nothing of the next.
    /// </summary>
    public bool InferSchemas { get; init; }

    /// <summary>Most records of a sample, per stream.</summary>
    public int SampleRecordsMax { get; init; } = 500;
}
