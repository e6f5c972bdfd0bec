using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>
/// One attempt to get access at a platform's pages. The <c>state</c> that travels through the platform finds it, once; the cookie proves that the
/// browser that comes back is the one that was sent, so that nobody can have another person grant access into their account.
/// </summary>
public sealed record OAuthAttempt
{
    public required AccountId AccountId { get; init; }

    public required ConnectionId ConnectionId { get; init; }

    public required UserId UserId { get; init; }

    public ApiKeyId? ApiKeyId { get; init; }

    /// <summary>SHA-256 of the cookie, in hex.</summary>
    public required string CookieHash { get; init; }

    /// <summary>The PKCE verifier, sealed; the platform saw only its hash.</summary>
    public required string SealedVerifier { get; init; }

    public required string RedirectUri { get; init; }
}

/// <summary>Secrets that an attempt hands out: the state in the address, the cookie, the PKCE verifier.</summary>
public sealed record OAuthAttemptSecrets(string State, string Cookie, string Verifier)
{
    public override string ToString() => "(attempt)";
}

/// <summary>Keeps attempts for ten minutes and gives each out once.</summary>
public sealed class OAuthStates(IItemStore items, AccountEnvelope envelope, TimeProvider clock)
{
    /// <summary>Long enough to sign in and read a consent page.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int SecretBytes = 32;

    public async Task<(OAuthAttemptSecrets Secrets, DateTimeOffset ExpiresAt)> BeginAsync(
        Access access, ConnectionId connection, string redirectUri, CancellationToken cancellation)
    {
        var secrets = new OAuthAttemptSecrets(Secret(), Secret(), Secret());
        var expiresAt = clock.GetUtcNow() + Lifetime;
        var attempt = new OAuthAttempt
        {
            AccountId = access.Account.Id,
            ConnectionId = connection,
            UserId = access.Caller.UserId,
            ApiKeyId = access.Caller.ApiKeyId,
            CookieHash = Hash(secrets.Cookie),
            SealedVerifier = await envelope.SealAsync(access.Account.Id, Purpose(connection), secrets.Verifier, cancellation),
            RedirectUri = redirectUri,
        };
        await items.PutAsync(ItemJson.Item(Key(secrets.State), attempt, OAuthJson.Default.OAuthAttempt, expiresAt: expiresAt), Condition.Absent, cancellation);
        return (secrets, expiresAt);
    }

    /// <summary>The attempt of a state and its verifier, or null: unknown, expired, used before, or from another browser. It is used up either way.</summary>
    public async Task<(OAuthAttempt Attempt, string Verifier)?> TakeAsync(string state, string? cookie, CancellationToken cancellation)
    {
        if (state.Length > 200) return null;
        var key = Key(state);
        if (await items.FindAsync(key, OAuthJson.Default.OAuthAttempt, cancellation) is not { } found) return null;
        try
        {
            await items.DeleteAsync(key, Condition.VersionIs(found.Version), cancellation);
        }
        catch (ConditionFailedException)
        {
            return null; // Somebody else was faster; a state is good once.
        }
        var fromSameBrowser = cookie is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(cookie)), Encoding.ASCII.GetBytes(found.Value.CookieHash));
        if (!fromSameBrowser) return null;
        return (found.Value, await envelope.OpenAsync(found.Value.AccountId, Purpose(found.Value.ConnectionId), found.Value.SealedVerifier, cancellation));
    }

    /// <summary>What the platform gets to see of the verifier (RFC 7636, S256).</summary>
    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static string Purpose(ConnectionId connection) => $"oauth/{connection}";

    private static ItemKey Key(string state) => new(Table.Tokens, $"STATE#{Hash(state)}", "STATE");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OAuthAttempt))]
public sealed partial class OAuthJson : JsonSerializerContext;
