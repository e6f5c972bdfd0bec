using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>
/// When a source's part of the vault is looked after next, and how far the pass under way is, <c>SRC#id / MAINT</c>; in the <c>MAINT</c> index by that time. Made with
/// the source's first snapshot.
/// </summary>
public sealed record SourceMaintenance
{
    public required SourceId SourceId { get; init; }

    public required AccountId AccountId { get; init; }

    /// <summary>When a message is sent for it, the first or once more: while somebody works on it, this moves ahead of them.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>When the pass under way began; null: none is.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>What is to be done next.</summary>
    public MaintenanceStep Step { get; init; }

    /// <summary>Who works now: a token made per delivery, good until <see cref="LeaseUntil"/>.</summary>
    public string? Lease { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Times in a row that the step was begun and not ended.</summary>
    public int Failures { get; init; }

    [JsonIgnore]
    public IndexKey Index => SourceKeys.Maintenance(NextAt, SourceId);
}

/// <summary>The steps of a pass, in order. Each may be repeated, and each is a commit of its own in the vault, or none.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MaintenanceStep>))]
public enum MaintenanceStep
{
    /// <summary>The source's policy and the quarantine's hold are set in the vault.</summary>
    [JsonStringEnumMemberName("policy")] Policy,
    /// <summary>Snapshots that nothing keeps are let go.</summary>
    [JsonStringEnumMemberName("retention")] Retention,
    /// <summary>Sections are merged where that pays.</summary>
    [JsonStringEnumMemberName("compaction")] Compaction,
    /// <summary>What nothing refers to is planned for deletion, and deleted after its grace.</summary>
    [JsonStringEnumMemberName("garbage")] Garbage,
    /// <summary>The same for files that no record of any source of the account names; once a day for all its sources.</summary>
    [JsonStringEnumMemberName("attachments")] Attachments,
    /// <summary>Some of the bytes are read and checked, those first that were not for the longest time.</summary>
    [JsonStringEnumMemberName("verification")] Verification,
    /// <summary>When it is due: everything is restored into nothing.</summary>
    [JsonStringEnumMemberName("drill")] Drill,
    [JsonStringEnumMemberName("done")] Done,
}

/// <summary>Go on with a job, or with the search indexes; without either: with the source's maintenance.</summary>
public sealed record MaintenanceMessage(AccountId AccountId, SourceId SourceId, JobId? JobId = null)
{
    /// <summary>The stream behind which the search indexes are to be brought up to date; empty: from the first.</summary>
    public string? Index { get; init; }
}
