using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>Which stream a worker backs up, in which run, and how it reads.</summary>
public sealed record StreamBackupRequest
{
    /// <summary>Id of the source; any text of 1 to 80 bytes of UTF-8, opaque to the vault.</summary>
    public required string Source { get; init; }

    /// <summary>Id of the run; the same for every stream, partition and retry of one backup, never reused for another. 1 to 80 bytes of UTF-8.</summary>
    public required string Run { get; init; }

    /// <summary>Name of the stream, for example <c>contacts</c>. 1 to 80 bytes of UTF-8.</summary>
    public required string Stream { get; init; }

    /// <summary>
    /// True when this process alone reads the run, under an id that is new, and commits it while the backup is open. Then nothing is stored that only another worker would
    /// need: no draft is looked for, and the outcome is good in this process only, until the backup is disposed. After a crash the run begins anew under another id.
    /// </summary>
    public bool IsInOneProcess { get; init; }

    /// <summary>Which share of the stream this worker reads when several do; empty when one reads it all.</summary>
    public string Partition { get; init; } = "";

    /// <summary>How many partitions the stream is read in. A sweep is complete only when so many outcomes are; one that failed never makes its records <c>gone</c>.</summary>
    public int PartitionCount { get; init; } = 1;

    /// <summary>How the platform is read, which decides what an absent key means.</summary>
    public required ReadMode Mode { get; init; }

    /// <summary>Record key, volatile fields and the like. The same for all partitions of one run.</summary>
    public required StreamSettings Settings { get; init; }
}

/// <summary>How a stream is read from the platform.</summary>
[JsonConverter(typeof(CamelCaseEnum<ReadMode>))]
public enum ReadMode
{
    /// <summary>Every record is read. When all partitions finish complete, keys that did not arrive are <c>gone</c>.</summary>
    FullSweep,

    /// <summary>Only what changed since a cursor; absence says nothing, deletes come as <see cref="StreamBackup.DeleteAsync"/>.</summary>
    Incremental,

    /// <summary>Changed records as in <see cref="Incremental"/>, and beside them the ids of all live ones by <see cref="StreamBackup.MarkLive(string)"/>; keys in neither are <c>gone</c> when complete.</summary>
    IdSweep,
}

/// <summary>What the vault must know of a stream to tell records and their changes apart.</summary>
public sealed record StreamSettings
{
    /// <summary>
    /// JSON Pointers (RFC 6901) to the parts of the record key, for example <c>/id</c>. One part: its text is the key (<c>7</c> and
    /// <c>"7"</c> are the same). Several: the JSON array of their texts. None: the record's own hash is its key, so equal records are one.
    /// </summary>
    public IReadOnlyList<string> PrimaryKey { get; init; } = [];

    /// <summary>
    /// JSON Pointers to fields whose change alone makes no new version (signed URLs, last-seen counters). A part <c>*</c> stands for
    /// every member or element. The fields are stored nevertheless, as they were when something else changed.
    /// </summary>
    public IReadOnlyList<string> VolatileFields { get; init; } = [];

    /// <summary>About how many records are expected, where the platform tells; sizes the groups of a new stream. A wrong guess costs a little space only.</summary>
    public long? ExpectedRecords { get; init; }
}
