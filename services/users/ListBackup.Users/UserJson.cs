using System.Text.Json.Serialization;
using ListBackup.Domain;
using ListBackup.Functions;

namespace ListBackup.Users;

public sealed record UserRequest(string Name);

public sealed record UserSettingsBody(IReadOnlyDictionary<string, string> Settings);

/// <summary>The password once more: deleting oneself cannot be taken back.</summary>
public sealed record DeleteUserRequest(string Password);

/// <param name="Name">What the key is for.</param>
/// <param name="Scopes">Names of permissions; see <c>/v1/roles</c>, and <c>Self</c> for the key's own person.</param>
public sealed record ApiKeyRequest(string Name, IReadOnlyList<string> Scopes)
{
    /// <summary>The key works on these accounts and below only. Absent: on all that the person reaches.</summary>
    public IReadOnlyList<AccountId>? Accounts { get; init; }

    /// <summary>Absent: the key lives until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

public sealed record UserAnswer(UserId Id, string Email, string Name, DateTimeOffset CreatedAt, AccountId HomeAccountId)
{
    public static UserAnswer Of(User user) => new(user.Id, user.Email, user.Name, user.CreatedAt, user.HomeAccountId);
}

public sealed record ApiKeyAnswer
{
    public required ApiKeyId Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public IReadOnlyList<AccountId>? Accounts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the hour.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The key itself: in the answer that made it, and never again.</summary>
    public string? Key { get; init; }

    public static ApiKeyAnswer Of(ApiKey key, string? text = null) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Scopes = [.. key.Scopes.Select(s => s.ToString())],
        Accounts = key.Accounts,
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.LastUsedAt,
        Key = text,
    };
}

/// <summary>An account on which the person has a role of their own or through a team. What lies below is reached through it.</summary>
public sealed record ReachableAccountAnswer(AccountId Id, string Name, IReadOnlyList<AccountId> Path, Role Role, DateTimeOffset? DeletedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(UserSettingsBody))]
[JsonSerializable(typeof(DeleteUserRequest))]
[JsonSerializable(typeof(ApiKeyRequest))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(ApiKeyAnswer))]
[JsonSerializable(typeof(Page<ApiKeyAnswer>))]
[JsonSerializable(typeof(Page<ReachableAccountAnswer>))]
[JsonSerializable(typeof(ApiKeyId))]
public sealed partial class UserJson : JsonSerializerContext;
