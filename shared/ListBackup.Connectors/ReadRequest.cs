using System.Text.Json;

namespace ListBackup.Connectors;

/// <summary>What to read.</summary>
public sealed record ReadRequest
{
    public required string Stream { get; init; }

    public required ConnectorConfig Config { get; init; }

    /// <summary>Where an earlier read stopped, or null to read from the start. Airbyte's stream states are understood.</summary>
    public StreamState? State { get; init; }

    /// <summary>Ignore cursors and read everything that exists. The place of a full read that was stopped is honoured: that read goes on.</summary>
    public bool FullRefresh { get; init; }

    /// <summary>Most records to read; the page that reaches it is yielded whole. Coverage then says that the read was cut.</summary>
    public long? RecordsMax { get; init; }

    /// <summary>Most pages of one interval of one partition before the engine takes the platform for endless; at least 1. Counted over all parts of a read that was stopped and resumed.</summary>
    public int PagesMax { get; init; } = 1_000_000;

    /// <summary>
    /// Read only these. Each is a JSON object with fields of a partition, of an interval, or of both, as <see cref="RecordBatch.Partition"/> and
    /// <see cref="RecordBatch.Slice"/> show them; what agrees with one of the objects in all of its fields is read. The cursors of other partitions stay as
    /// they are, and so do those of partitions of which only some intervals are read, and a cursor that all partitions share. Null: everything.
    /// </summary>
    public IReadOnlyList<JsonElement>? Only { get; init; }

    /// <summary>
    /// Most bytes of cursors in a state. When there are more partitions than fit, the state that the read ends with has one cursor for all of them, as
    /// Airbyte's engine does it beyond 10,000.
    /// </summary>
    public int StateBytesMax { get; init; } = 1024 * 1024;
}

/// <summary>A stream name that the connector does not have.</summary>
public sealed class UnknownStreamException(string stream) : Exception($"The connector has no stream called '{stream}'.")
{
    public string Stream => stream;
}
