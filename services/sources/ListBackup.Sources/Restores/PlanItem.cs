using System.Text.Json.Serialization;

namespace ListBackup.Sources;

/// <summary>One record of a restore, <c>JOB#id / P#number</c>: what is planned for it, then what became of it. Holds no content but the record's key and label.</summary>
public sealed record PlanItem
{
    public required long Number { get; init; }

    public required string Stream { get; init; }

    public required string Key { get; init; }

    public required PlanAction Action { get; init; }

    /// <summary>Fields that an update changes, as JSON Pointers.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Consent fields that stay stricter than the snapshot has them, and addresses that stay because the consent of the old one is not known.</summary>
    public IReadOnlyList<string> KeptConsent { get; init; } = [];

    /// <summary>Consent fields in which the snapshot has a yes that does not come back, because the record was deleted since.</summary>
    public IReadOnlyList<string> WithheldConsent { get; init; } = [];

    /// <summary>Consent fields in which the record comes back with a yes though it was deleted since, because the restore was asked for it.</summary>
    public IReadOnlyList<string> BroughtBackConsent { get; init; } = [];

    /// <summary>Why it is skipped, or what to know about it.</summary>
    public string? Note { get; init; }

    /// <summary>References that the creation leaves out, as JSON Pointers: what they refer to is created later.</summary>
    public IReadOnlyList<string> Awaits { get; init; } = [];

    /// <summary>The number of the item whose record this second write completes: it sets the references that the creation left out. Null: a write of its own.</summary>
    public long? Completes { get; init; }

    public ItemState State { get; init; }

    /// <summary>The id that the record lives under now.</summary>
    public string? LiveId { get; init; }

    /// <summary>Why it was refused or left.</summary>
    public string? Outcome { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<PlanAction>))]
public enum PlanAction
{
    [JsonStringEnumMemberName("create")] Create,
    [JsonStringEnumMemberName("update")] Update,
    [JsonStringEnumMemberName("skip")] Skip,
    /// <summary>It is gone and must not be made anew; the note says why.</summary>
    [JsonStringEnumMemberName("refuse")] Refuse,
}

[JsonConverter(typeof(JsonStringEnumConverter<ItemState>))]
public enum ItemState
{
    [JsonStringEnumMemberName("planned")] Planned,
    /// <summary>A request was about to go out; whether it did is found out before anything is repeated.</summary>
    [JsonStringEnumMemberName("sending")] Sending,
    [JsonStringEnumMemberName("created")] Created,
    [JsonStringEnumMemberName("updated")] Updated,
    /// <summary>Nothing was sent; the outcome says why.</summary>
    [JsonStringEnumMemberName("left")] Left,
    [JsonStringEnumMemberName("refused")] Refused,
    /// <summary>A request went out, its answer was lost, and the platform offers no way to tell whether it took effect. It is not sent again; a new plan shows what is there.</summary>
    [JsonStringEnumMemberName("uncertain")] Uncertain,
    [JsonStringEnumMemberName("undone")] Undone,
    [JsonStringEnumMemberName("notUndone")] NotUndone,
}

/// <summary>Where a restored record lives now, <c>SRC#id / ID#connection#stream#old</c>; kept for later restores.</summary>
public sealed record NewId(string Stream, string OldId, string Id);
