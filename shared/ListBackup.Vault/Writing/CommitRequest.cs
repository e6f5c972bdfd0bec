namespace ListBackup.Vault;

/// <summary>A run's streams, to become one snapshot.</summary>
public sealed record CommitRequest
{
    /// <summary>Id of the source.</summary>
    public required string Source { get; init; }

    /// <summary>Id of the run. Committing a run again returns the snapshot it made.</summary>
    public required string Run { get; init; }

    /// <summary>One per stream and partition that was read. Streams without one keep their state from the parent.</summary>
    public required IReadOnlyList<StreamOutcome> Outcomes { get; init; }

    /// <summary>Name and version of the connector, for people and for later reading.</summary>
    public ConnectorIdentity? Connector { get; init; }

    /// <summary>What started the run, for example <c>schedule</c> or <c>manual</c>.</summary>
    public string Trigger { get; init; } = "manual";
}

/// <summary>Which connector read the source.</summary>
/// <param name="Name">For example <c>mailchimp</c>.</param>
/// <param name="Version">Its version or content hash.</param>
public sealed record ConnectorIdentity(string Name, string Version);
