using System.Text.Json.Serialization;
using ListBackup.Domain;
using ListBackup.Functions;

namespace ListBackup.Accounts;

public sealed record AccountRequest(string Name);

/// <summary><see cref="ParentId"/> absent: the account becomes the top of a tree of its own.</summary>
public sealed record MoveAccountRequest
{
    public AccountId? ParentId { get; init; }
}

public sealed record SettingsBody(IReadOnlyDictionary<string, string> Settings);

public sealed record RoleRequest(Role Role);

/// <summary>With <see cref="TeamId"/> the person joins that team and <see cref="Role"/> is left out; else they get the role on the account.</summary>
public sealed record InvitationRequest(string Email)
{
    public Role? Role { get; init; }

    public TeamId? TeamId { get; init; }
}

public sealed record InvitationCodeRequest(string Code);

public sealed record TeamRequest(string Name);

public sealed record AccountAnswer
{
    public required AccountId Id { get; init; }

    public required string Name { get; init; }

    /// <summary>From the top of the tree to this account.</summary>
    public required IReadOnlyList<AccountId> Path { get; init; }

    public AccountId? ParentId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When a deleted account is shredded for good.</summary>
    public DateTimeOffset? ShreddedAt { get; init; }

    /// <summary>The caller's role, where one account was asked for.</summary>
    public Role? Role { get; init; }

    public static AccountAnswer Of(Account account, Role? role = null) => new()
    {
        Id = account.Id,
        Name = account.Name,
        Path = account.Path,
        ParentId = account.ParentId,
        CreatedAt = account.CreatedAt,
        DeletedAt = account.DeletedAt,
        ShreddedAt = account.DeletedAt + DeleteAccount.Grace,
        Role = role,
    };
}

/// <summary>Numbers that were measured for this answer. What is not listed is not measured.</summary>
public sealed record UsageAnswer(DateTimeOffset MeasuredAt, IReadOnlyList<UsageMeasure> Measures)
{
    /// <summary>What the plan has room for; absent: no limit.</summary>
    public AccountLimits? Limits { get; init; }
}

public sealed record MemberAnswer(UserId UserId, string? Name, string? Email, Role Role, DateTimeOffset Since);

public sealed record InvitationAnswer
{
    public required InvitationId Id { get; init; }

    public required AccountId AccountId { get; init; }

    /// <summary>Only for the invited: they cannot read the account yet.</summary>
    public string? AccountName { get; init; }

    public required string Email { get; init; }

    public Role? Role { get; init; }

    public TeamId? TeamId { get; init; }

    public required UserId InvitedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public static InvitationAnswer Of(Invitation invitation, string? accountName = null) => new()
    {
        Id = invitation.Id,
        AccountId = invitation.AccountId,
        AccountName = accountName,
        Email = invitation.Email,
        Role = invitation.TeamId is null ? invitation.Role : null,
        TeamId = invitation.TeamId,
        InvitedBy = invitation.InvitedBy,
        CreatedAt = invitation.CreatedAt,
        ExpiresAt = invitation.ExpiresAt,
    };
}

public sealed record TeamAnswer(TeamId Id, string Name, DateTimeOffset CreatedAt, Role? RoleCeiling)
{
    public static TeamAnswer Of(Team team) => new(team.Id, team.Name, team.CreatedAt, team.RoleCeiling);
}

public sealed record TeamMemberAnswer(UserId UserId, string? Name, string? Email, DateTimeOffset Since);

/// <summary>A team's role on an account, which holds for everything below it.</summary>
public sealed record GrantAnswer(AccountId AccountId, TeamId TeamId, string? TeamName, Role Role, DateTimeOffset Since);

/// <summary>What a role may do.</summary>
public sealed record RoleAnswer(Role Role, IReadOnlyList<string> Permissions);

public sealed record RoleTableAnswer(IReadOnlyList<RoleAnswer> Roles);

public sealed record ActivityCheckAnswer(bool Intact, long Count, long? BrokenAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(MoveAccountRequest))]
[JsonSerializable(typeof(SettingsBody))]
[JsonSerializable(typeof(RoleRequest))]
[JsonSerializable(typeof(InvitationRequest))]
[JsonSerializable(typeof(InvitationCodeRequest))]
[JsonSerializable(typeof(TeamRequest))]
[JsonSerializable(typeof(AccountAnswer))]
[JsonSerializable(typeof(Page<AccountAnswer>))]
[JsonSerializable(typeof(UsageAnswer))]
[JsonSerializable(typeof(AccountLimits))]
[JsonSerializable(typeof(MemberAnswer))]
[JsonSerializable(typeof(Page<MemberAnswer>))]
[JsonSerializable(typeof(InvitationAnswer))]
[JsonSerializable(typeof(Page<InvitationAnswer>))]
[JsonSerializable(typeof(TeamAnswer))]
[JsonSerializable(typeof(Page<TeamAnswer>))]
[JsonSerializable(typeof(Page<TeamMemberAnswer>))]
[JsonSerializable(typeof(GrantAnswer))]
[JsonSerializable(typeof(Page<GrantAnswer>))]
[JsonSerializable(typeof(RoleTableAnswer))]
[JsonSerializable(typeof(ActivityCheckAnswer))]
[JsonSerializable(typeof(ChannelRequest))]
[JsonSerializable(typeof(ChannelChangeRequest))]
[JsonSerializable(typeof(ChannelAnswer))]
[JsonSerializable(typeof(Page<ChannelAnswer>))]
[JsonSerializable(typeof(DeliveryAnswer))]
[JsonSerializable(typeof(Page<DeliveryAnswer>))]
[JsonSerializable(typeof(RecoveryKeyRequest))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(Activity))]
[JsonSerializable(typeof(Page<Activity>))]
[JsonSerializable(typeof(AccountId))]
[JsonSerializable(typeof(UserId))]
[JsonSerializable(typeof(TeamId))]
[JsonSerializable(typeof(InvitationId))]
[JsonSerializable(typeof(ChannelId))]
public sealed partial class AccountJson : JsonSerializerContext;
