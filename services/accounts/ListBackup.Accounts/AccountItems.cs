using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>A group of people who get roles together, <c>ACC#id / TEAM#id</c>. It belongs to one account and may be granted roles there and below.</summary>
public sealed record Team
{
    public const int NameLengthMax = 80;

    public required TeamId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The highest role that the team was ever granted: whoever adds people must have it. Null before the first grant.</summary>
    public Role? RoleCeiling { get; init; }
}

/// <summary>An invitation, <c>ACC#id / INVITE#id</c>, indexed by the address. Deleted when it is answered; expires by itself.</summary>
public sealed record Invitation
{
    public required InvitationId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Email { get; init; }

    /// <summary>The role on the account; with a team, the most that the team gives.</summary>
    public required Role Role { get; init; }

    public TeamId? TeamId { get; init; }

    public required UserId InvitedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>SHA-256 of the code, which has 128 random bits.</summary>
    public required string CodeHash { get; init; }

    public int Attempts { get; init; }
}

/// <summary>
/// Who may change the shape of a tree, <c>ACC#top of the tree / SUBTREE</c>. It is never deleted, so its version names each hold for ever: who was pushed
/// aside cannot go on.
/// </summary>
public sealed record TreeHold
{
    /// <summary>Null: the tree is free.</summary>
    public SubtreeChange? Change { get; init; }

    public required DateTimeOffset HeldAt { get; init; }

    /// <summary>False while the change is still being checked: nothing has changed, and after a while the next one may push it aside.</summary>
    public bool Begun { get; init; }
}

/// <summary>A change of an account and everything below it. It is begun in one transaction and carried out account by account.</summary>
public sealed record SubtreeChange
{
    public required SubtreeChangeKind Kind { get; init; }

    public required AccountId AccountId { get; init; }

    /// <summary>Tops of the trees that are held, one or two.</summary>
    public required IReadOnlyList<AccountId> Trees { get; init; }

    /// <summary>The moment of the deletion that is made or taken back.</summary>
    public required DateTimeOffset At { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<SubtreeChangeKind>))]
public enum SubtreeChangeKind { Move, Delete, Undelete }

/// <summary>When a deleted subtree is shredded, <c>ACC#id / DELETION</c>, indexed by that moment.</summary>
public sealed record Deletion(AccountId AccountId, DateTimeOffset DueAt);

/// <summary>A shredding under way, <c>PURGE#id / PURGE</c>, outside the partitions that it empties.</summary>
public sealed record Purge(AccountId AccountId, AccountId? ParentId, DateTimeOffset StartedAt);

/// <summary>Where the items of this service lie; see docs/data.md.</summary>
internal static class AccountItemKeys
{
    public const string DeletionsIndex = "DELETIONS";
    public const string PurgesIndex = "PURGES";
    public const string SubtreesIndex = "SUBTREES";

    public static ItemKey Team(AccountId account, TeamId team) => new(Table.Accounts, AccountKeys.Partition(account), $"TEAM#{team}");

    public static ItemKey Invitation(AccountId account, InvitationId invitation) => new(Table.Accounts, AccountKeys.Partition(account), $"INVITE#{invitation}");

    public static IndexKey InvitationIndex(string email, InvitationId invitation) => new($"EMAIL#{EmailAddress.Hash(email)}", $"INVITE#{invitation}");

    public static ItemKey Subtree(AccountId top) => new(Table.Accounts, AccountKeys.Partition(top), "SUBTREE");

    public static ItemKey Deletion(AccountId account) => new(Table.Accounts, AccountKeys.Partition(account), "DELETION");

    public static ItemKey Purge(AccountId account) => new(Table.Accounts, $"PURGE#{account}", "PURGE");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Team))]
[JsonSerializable(typeof(Invitation))]
[JsonSerializable(typeof(TreeHold))]
[JsonSerializable(typeof(Deletion))]
[JsonSerializable(typeof(Purge))]
internal sealed partial class AccountItemJson : JsonSerializerContext;
