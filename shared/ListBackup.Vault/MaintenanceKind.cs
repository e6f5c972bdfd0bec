using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>What a commit is that is no backup.</summary>
[JsonConverter(typeof(CamelCaseEnum<MaintenanceKind>))]
public enum MaintenanceKind
{
    /// <summary>Sections were merged; the records are the same.</summary>
    Compaction,

    /// <summary>Another policy, or snapshots expired.</summary>
    Retention,

    /// <summary>A hold was put or lifted.</summary>
    Hold,

    /// <summary>Objects that nothing refers to were named, to be deleted after a grace period.</summary>
    GcPlan,

    /// <summary>They were deleted.</summary>
    GcDone,

    /// <summary>A person's records were erased.</summary>
    Erasure,

    /// <summary>Attachments were given up; no commit behind this one refers to them.</summary>
    AttachmentPlan,
}
