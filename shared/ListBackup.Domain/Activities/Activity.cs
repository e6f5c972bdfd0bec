using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>
/// One entry of an account's audit log. <see cref="Hash"/> is SHA-256 over <see cref="PreviousHash"/> and the entry's own fields
/// (see <see cref="ActivityLog"/>), so an entry that was changed, dropped or put in shows.
/// </summary>
public sealed record Activity
{
    /// <summary>1 for an account's first entry, one more for each.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>What happened, <c>noun.verb</c> in the past tense: <c>source.created</c>, <c>run.finished</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id of what it happened to.</summary>
    public required string Subject { get; init; }

    /// <summary>Who did it: a user id, an API key id, or <c>system</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Facts that a reader needs; no secrets, no record content.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Lower-case hex; 64 zeros before the first entry.</summary>
    public required string PreviousHash { get; init; }

    public required string Hash { get; init; }
}

/// <summary>The newest link of an account's chain, <c>ACC#id / HEAD</c>.</summary>
public sealed record ActivityHead(long Number, string Hash);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Activity))]
[JsonSerializable(typeof(ActivityHead))]
public sealed partial class ActivityJson : JsonSerializerContext;
