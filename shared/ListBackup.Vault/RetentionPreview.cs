using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>What a policy would do with a source's backups.</summary>
/// <param name="Policy">The policy; null: none, everything is kept.</param>
/// <param name="Holds">The source's holds.</param>
/// <param name="Snapshots">Each backup that has not expired, oldest first.</param>
public sealed record RetentionPreview(RetentionPolicy? Policy, IReadOnlyList<SnapshotHold> Holds, IReadOnlyList<RetentionDecision> Snapshots);

/// <summary>What becomes of a backup.</summary>
/// <param name="Seq">Number of the snapshot.</param>
/// <param name="Time">When it was committed.</param>
/// <param name="IsKept">Whether it is kept.</param>
/// <param name="Reasons">Why; empty when it is not.</param>
/// <param name="GuaranteedUntil">As <see cref="Snapshot.GuaranteedUntil"/>.</param>
public sealed record RetentionDecision(long Seq, DateTimeOffset Time, bool IsKept, IReadOnlyList<RetentionReason> Reasons, DateTimeOffset? GuaranteedUntil);

/// <summary>What retention did.</summary>
/// <param name="Snapshot">Its commit; null when there was nothing to let go.</param>
/// <param name="Expired">Numbers of the backups that it let go, ascending.</param>
public sealed record RetentionReport(Snapshot? Snapshot, IReadOnlyList<long> Expired);

/// <summary>Why a backup is kept.</summary>
[JsonConverter(typeof(CamelCaseEnum<RetentionReason>))]
public enum RetentionReason
{
    /// <summary>The source has no policy.</summary>
    NoPolicy,

    /// <summary>It is of the days of which all are kept.</summary>
    Recent,

    /// <summary>It is among the newest of which so many are kept whatever their age.</summary>
    Minimum,

    /// <summary>It is the newest of which, or of one stream of which, nothing is known to be missing.</summary>
    NewestComplete,

    /// <summary>It is the last of its day.</summary>
    Daily,

    /// <summary>It is the last of its week.</summary>
    Weekly,

    /// <summary>It is the last of its month.</summary>
    Monthly,

    /// <summary>It is the last of its year.</summary>
    Yearly,

    /// <summary>A hold keeps it.</summary>
    Hold,
}
