using System.Text.Json;

namespace ListBackup.Connectors;

/// <summary>One stream of a connector, as a catalogue shows it.</summary>
public sealed record StreamInfo
{
    public required string Name { get; init; }

    /// <summary>Where the key fields stand in a record. Empty: the stream has no key and only full reads make sense.</summary>
    public required IReadOnlyList<FieldPath> PrimaryKey { get; init; }

    /// <summary>The field by which the stream is read incrementally, or null.</summary>
    public FieldPath? CursorField { get; init; }

    public required SyncModes SyncModes { get; init; }

    /// <summary>JSON schema of a record; <c>{}</c> when nothing is promised.</summary>
    public required JsonElement Schema { get; init; }

    /// <summary>True when <see cref="Schema"/> was made from records that were read, so that it describes them and promises nothing.</summary>
    public bool SchemaIsInferred { get; init; }

    /// <summary>What <c>x-listbackup</c> says about the stream.</summary>
    public StreamExtensions Extensions { get; init; } = StreamExtensions.None;

    /// <summary>Streams that are read first, because their records name this stream's partitions.</summary>
    public IReadOnlyList<string> Parents { get; init; } = [];

    /// <summary>Names of groups of streams of which the platform lets only one be read at a time (<c>stream_groups</c>).</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}

[Flags]
public enum SyncModes
{
    FullRefresh = 1,
    Incremental = 2,
}
