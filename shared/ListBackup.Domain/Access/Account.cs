using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>A node of the tenancy tree, stored as <c>ACC#id / PROFILE</c>, indexed by path for subtrees.</summary>
public sealed record Account
{
    /// <summary>An account lies at most this deep; the root of a tree has depth 1.</summary>
    public const int DepthMax = 8;

    public const int NameLengthMax = 120;

    public required AccountId Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Ids from the root of the tree to this account, this one included.</summary>
    public required IReadOnlyList<AccountId> Path { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its owner asked for deletion; 30 days later it is shredded.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What its plan has room for, as who manages the account above decided; null: no limit.</summary>
    public AccountLimits? Limits { get; init; }

    [JsonIgnore]
    public AccountId? ParentId => Path.Count > 1 ? Path[^2] : null;
}

/// <summary>What the plan of an account has room for, with all below it; null: no limit. What was backed up is kept and can be restored whatever they are.</summary>
public sealed record AccountLimits
{
    /// <summary>Sources that are not deleted. More are not made.</summary>
    public int? Sources { get; init; }

    /// <summary>Live records in the newest snapshots of all sources. With more, no run begins but that before a restore.</summary>
    public long? Records { get; init; }
}

/// <summary>A person's role on an account, <c>ACC#id / MEMBER#user</c>, indexed by user.</summary>
public sealed record Membership(AccountId AccountId, UserId UserId, Role Role, DateTimeOffset Since);

/// <summary>A person in a team, <c>ACC#id / TEAMMEMBER#team#user</c>, indexed by user. The account is the one that the team belongs to.</summary>
public sealed record TeamMembership(AccountId AccountId, TeamId TeamId, UserId UserId, DateTimeOffset Since);

/// <summary>A team's role on an account, <c>ACC#id / GRANT#team</c>. The account is at or below the one that the team belongs to.</summary>
public sealed record TeamGrant(AccountId AccountId, TeamId TeamId, Role Role, DateTimeOffset Since);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(Membership))]
[JsonSerializable(typeof(TeamMembership))]
[JsonSerializable(typeof(TeamGrant))]
public sealed partial class AccessJson : JsonSerializerContext;
