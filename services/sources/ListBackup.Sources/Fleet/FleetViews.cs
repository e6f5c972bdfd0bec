using System.Text.Json.Serialization;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>How a source of the fleet is protected.</summary>
public sealed record FleetSourceView
{
    public required AccountId AccountId { get; init; }
    public required string AccountName { get; init; }
    public required SourceId SourceId { get; init; }
    public required string Name { get; init; }
    public required string Platform { get; init; }
    public required SourceHealth Health { get; init; }
    public required Protection Protection { get; init; }

    /// <summary>When the newest snapshot was made in which every stream is proven complete; absent when none of the newest <see cref="FleetReader.SnapshotsMax"/> is.</summary>
    public DateTimeOffset? ProvenAt { get; init; }

    /// <summary>When the newest snapshot was made, whatever its certificate.</summary>
    public DateTimeOffset? LastSnapshotAt { get; init; }

    /// <summary>Certificate of the newest snapshot: proven, consistent or partial.</summary>
    public string? LastLevel { get; init; }

    /// <summary>Live records in the newest snapshot.</summary>
    public long? Records { get; init; }

    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>What a person can do; absent when there is nothing to do.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What was unusual in the newest snapshot.</summary>
    public IReadOnlyList<Anomaly> Anomalies { get; init; } = [];
}

/// <summary>Whether a source could be given back as it was within the time asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Protection>))]
public enum Protection
{
    /// <summary>A snapshot that is proven complete was made within the time.</summary>
    [JsonStringEnumMemberName("proven")] Proven,
    /// <summary>A complete snapshot was made within the time; the platform offers no number to hold it against.</summary>
    [JsonStringEnumMemberName("consistent")] Consistent,
    /// <summary>What was made within the time is known to lack something.</summary>
    [JsonStringEnumMemberName("partial")] Partial,
    /// <summary>No snapshot was made within the time, but there are older ones.</summary>
    [JsonStringEnumMemberName("stale")] Stale,
    /// <summary>There is no snapshot at all.</summary>
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>All sources below an account, in numbers.</summary>
/// <param name="At">When it was counted.</param>
/// <param name="WithinHours">What "today" means here.</param>
/// <param name="Accounts">The account and those below it.</param>
/// <param name="Sources">Their sources, paused ones included.</param>
/// <param name="Records">Live records in the newest snapshots.</param>
/// <param name="Protection">Sources by their protection.</param>
/// <param name="Health">Sources by their health.</param>
/// <param name="Quarantined">Sources with snapshots that wait for a person's decision.</param>
/// <param name="IsComplete">False: there are more sources than are counted at once, and the numbers are of the first of them.</param>
public sealed record FleetSummaryView(
    DateTimeOffset At, int WithinHours, int Accounts, int Sources, long Records, IReadOnlyDictionary<string, int> Protection, IReadOnlyDictionary<string, int> Health, int Quarantined, bool IsComplete);
