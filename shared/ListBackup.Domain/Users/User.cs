using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>What we know of a person, <c>USER#id / PROFILE</c>. Who they prove to be is the business of <see cref="IIdentities"/>.</summary>
public sealed record User
{
    public const int NameLengthMax = 120;

    public required UserId Id { get; init; }

    public required string Email { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null until the address is confirmed.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The account that was made for them when they registered. What they do to themselves is logged there.</summary>
    public required AccountId HomeAccountId { get; init; }

    public required string HomeAccountName { get; init; }

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Where the items of a person lie; see docs/data.md.</summary>
public static class UserKeys
{
    public static string Partition(UserId user) => $"USER#{user}";

    public static ItemKey Profile(UserId user) => new(Table.Users, Partition(user), "PROFILE");

    public static ItemKey ApiKey(UserId user, ApiKeyId key) => new(Table.Users, Partition(user), $"APIKEY#{key}");
}

/// <summary>An e-mail address as a key: lower case, trimmed, hashed, so that no key or log line shows it.</summary>
public static class EmailAddress
{
    public const int LengthMax = 254;

    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    public static string Hash(string email) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Normalize(email))));

    /// <summary>Accepts what mail systems deliver to, not all that RFC 5321 allows: one @, no spaces or control characters, a dot in the domain or <c>localhost</c>.</summary>
    public static bool IsValid(string? email)
    {
        if (email is null) return false;
        var text = email.Trim();
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (text.Length is < 3 or > LengthMax || at < 1 || at > 64 || at != text.LastIndexOf('@') || at == text.Length - 1) return false;
        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or ',' or ';' or ':' or '"' or '(' or ')' or '\\' or '[' or ']')) return false;
        var domain = text[(at + 1)..];
        return domain == "localhost" || (domain.Contains('.', StringComparison.Ordinal) && !domain.StartsWith('.') && !domain.EndsWith('.') && !domain.Contains("..", StringComparison.Ordinal));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(User))]
public sealed partial class UsersJson : JsonSerializerContext;
