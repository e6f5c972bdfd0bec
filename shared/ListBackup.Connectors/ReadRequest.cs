namespace ListBackup.Connectors;

/// <summary>What to read.</summary>
public sealed record ReadRequest
{
    public required string Stream { get; init; }

    public required ConnectorConfig Config { get; init; }

    /// <summary>Where an earlier read stopped, or null to read from the start. Airbyte's stream states are understood.</summary>
    public StreamState? State { get; init; }

    /// <summary>Ignore cursors and read everything that exists. A page token in <see cref="State"/> is still honoured.</summary>
    public bool FullRefresh { get; init; }

    /// <summary>Most records to read; the page that reaches it is yielded whole. Coverage then says that the read was cut.</summary>
    public long? RecordsMax { get; init; }

    /// <summary>Most pages of one partition before the engine takes the platform for endless.</summary>
    public int PagesMax { get; init; } = 1_000_000;
}

/// <summary>A stream name that the connector does not have.</summary>
public sealed class UnknownStreamException(string stream) : Exception($"The connector has no stream called '{stream}'.")
{
    public string Stream => stream;
}
