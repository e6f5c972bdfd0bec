using System.Text.Json.Serialization;

namespace ListBackup.Vault.Format;

/// <summary><c>g/p/{seq}.json</c>: what a collection of attachments gives up, or has done; a signed document (vault-format.md, "Garbage of attachments").</summary>
internal sealed record AttachmentPlan
{
    public required string Vault { get; init; }
    public required long Seq { get; init; }

    /// <summary>SHA-256 of the entry before, hex; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>Random; tells a writer whether an entry is its own.</summary>
    public required string Attempt { get; init; }

    public required DateTimeOffset Time { get; init; }
    public required AttachmentPlanKind Kind { get; init; }

    /// <summary>Plan: names of attachments that no line refers to; no line behind a fence of this plan ever does.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Done: the plan it carried out.</summary>
    public long? Plan { get; init; }

    /// <summary>Done: names of the plan that are still there, since a line refers to them or the store does not let them go.</summary>
    public IReadOnlyList<string>? Kept { get; init; }
}

/// <summary><c>g/s/{source}</c>: a source whose records may have attachments. Once a manifest says that they have, it is of no more use.</summary>
internal sealed record AttachmentSource(string Source);

[JsonConverter(typeof(CamelCaseEnum<AttachmentPlanKind>))]
internal enum AttachmentPlanKind
{
    /// <summary>Names are given up.</summary>
    Plan,

    /// <summary>What nothing refers to is deleted.</summary>
    Done,
}
