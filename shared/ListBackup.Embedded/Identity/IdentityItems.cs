using System.Text.Json.Serialization;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>A person's proofs, <c>USER#id / CREDENTIAL</c>.</summary>
internal sealed record Credential
{
    public required UserId UserId { get; init; }

    public required string Email { get; init; }

    /// <summary>PHC string, see <see cref="PasswordHasher"/>.</summary>
    public required string PasswordHash { get; init; }

    public required DateTimeOffset PasswordChangedAt { get; init; }

    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>TOTP secret under the root key. Counts when <see cref="TotpActiveAt"/> is set; before that it waits for its first code.</summary>
    public byte[]? TotpWrapped { get; init; }

    public DateTimeOffset? TotpActiveAt { get; init; }

    /// <summary>The newest time step whose code was used. No code of it or of an earlier step counts again.</summary>
    public long TotpStepUsed { get; init; }

    public IReadOnlyList<string> RecoveryCodeHashes { get; init; } = [];
}

/// <summary>Who has an address, <c>EMAIL#hash / USER</c>.</summary>
internal sealed record EmailOwner(UserId UserId);

/// <summary>A mailed code, <c>CODE#purpose#emailhash / CODE</c>. <see cref="Attempts"/> counts guesses, made before they are compared.</summary>
internal sealed record MailedCode(UserId UserId, string Hash, int Attempts);

/// <summary>A sign-in that waits for its second factor, <c>CHALLENGE#hash / MFA</c>.</summary>
internal sealed record MfaChallenge(UserId UserId, int Attempts, int FailuresBefore);

/// <summary>
/// A session and its refresh tokens, <c>USER#id / SESSION#id</c>. Only the hash of the newest token is kept; ended sessions are deleted.
/// </summary>
internal sealed record SessionItem
{
    public required SessionId Id { get; init; }

    public required UserId UserId { get; init; }

    /// <summary>The newest token's place in its family, from 1.</summary>
    public required int Number { get; init; }

    public required string TokenHash { get; init; }

    public required DateTimeOffset RotatedAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Sooner of idle time-out and end of life.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public string? Address { get; init; }

    public string? UserAgent { get; init; }
}

/// <summary>Failures in a row of an account, an address or a second factor, <c>THROTTLE#kind#who / T</c>.</summary>
internal sealed record Failures(int Count, DateTimeOffset? LockedUntil);

/// <summary>An ES256 key of the issuer, <c>ISSUER / KEY#kid</c>; the private scalar under the root key.</summary>
internal sealed record SigningKeyItem(string Kid, byte[] X, byte[] Y, byte[] Wrapped, DateTimeOffset CreatedAt);

/// <summary>The issuer's HMAC key under the root key, <c>ISSUER / SECRET</c>.</summary>
internal sealed record IssuerSecretItem(byte[] Wrapped);

internal static class IdentityKeys
{
    public const string IssuerPartition = "ISSUER";

    public static ItemKey Credential(UserId user) => new(Table.Users, UserKeys.Partition(user), "CREDENTIAL");

    public static ItemKey EmailOwner(string email) => new(Table.Users, $"EMAIL#{EmailAddress.Hash(email)}", "USER");

    public static ItemKey Code(string purpose, string email) => new(Table.Users, $"CODE#{purpose}#{EmailAddress.Hash(email)}", "CODE");

    public static ItemKey Challenge(string hash) => new(Table.Users, $"CHALLENGE#{hash}", "MFA");

    public static ItemKey Session(UserId user, SessionId session) => new(Table.Users, UserKeys.Partition(user), $"SESSION#{session}");

    public static ItemKey Throttle(string kind, string who) => new(Table.Users, $"THROTTLE#{kind}#{who}", "T");

    public static ItemKey SigningKey(string kid) => new(Table.Users, IssuerPartition, $"KEY#{kid}");

    public static ItemKey Secret => new(Table.Users, IssuerPartition, "SECRET");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Credential))]
[JsonSerializable(typeof(EmailOwner))]
[JsonSerializable(typeof(MailedCode))]
[JsonSerializable(typeof(MfaChallenge))]
[JsonSerializable(typeof(SessionItem))]
[JsonSerializable(typeof(Failures))]
[JsonSerializable(typeof(SigningKeyItem))]
[JsonSerializable(typeof(IssuerSecretItem))]
[JsonSerializable(typeof(JwksDocument))]
[JsonSerializable(typeof(IssuerDocument))]
internal sealed partial class IdentityJson : JsonSerializerContext;
