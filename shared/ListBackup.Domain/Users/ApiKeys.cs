using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>A person's API key, <c>USER#id / APIKEY#id</c>. Deleting the item revokes it. The secret has 256 random bits, so a plain hash keeps it.</summary>
public sealed record ApiKey
{
    public const int NameLengthMax = 80;

    /// <summary>So many keys a person may have.</summary>
    public const int CountMax = 50;

    public required ApiKeyId Id { get; init; }

    public required UserId UserId { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<Permission> Scopes { get; init; }

    /// <summary>Null: every account that the person reaches.</summary>
    public IReadOnlyList<AccountId>? Accounts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was exchanged for a token last, to the hour.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public required string SecretHash { get; init; }
}

/// <summary>Makes and proves API keys. Their text is <c>lbk.user.key.secret</c>; the first two only say where to look.</summary>
public sealed class ApiKeys(IItemStore items, TimeProvider clock)
{
    private const int SecretBytes = 32;
    private const int TextLengthMax = 200;
    private static readonly TimeSpan LastUsedStep = TimeSpan.FromHours(1);

    /// <returns>The key and its text, which is nowhere kept.</returns>
    public async Task<(ApiKey Key, string Text)> MakeAsync(
        UserId user, string name, IReadOnlyList<Permission> scopes, IReadOnlyList<AccountId>? accounts, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var key = new ApiKey
        {
            Id = ApiKeyId.New(clock),
            UserId = user,
            Name = name,
            Scopes = scopes,
            Accounts = accounts,
            CreatedAt = clock.GetUtcNow(),
            ExpiresAt = expiresAt,
            SecretHash = Hash(secret),
        };
        await items.PutAsync(ItemJson.Item(UserKeys.ApiKey(user, key.Id), key, ApiKeyJson.Default.ApiKey, expiresAt: expiresAt), Condition.Absent, cancellation);
        return (key, $"lbk.{user}.{key.Id}.{secret}");
    }

    /// <summary>The key that the text proves, or null when it is wrong, revoked or expired.</summary>
    public async Task<ApiKey?> ProveAsync(string text, CancellationToken cancellation)
    {
        if (text.Length > TextLengthMax || text.Split('.') is not ["lbk", var userText, var keyText, var secret]) return null;
        if (!UserId.TryParse(userText, out var user) || !ApiKeyId.TryParse(keyText, out var id)) return null;
        var stored = await items.FindAsync(UserKeys.ApiKey(user, id), ApiKeyJson.Default.ApiKey, cancellation);
        if (!CryptographicOperations.FixedTimeEquals(Convert.FromHexString(Hash(secret)), Convert.FromHexString(stored?.Value.SecretHash ?? Hash("")))) return null;
        if (stored is null) return null;

        var now = clock.GetUtcNow();
        if (stored.Value.LastUsedAt is not { } last || now - last >= LastUsedStep)
            await items.UpdateAsync(stored.Key, ApiKeyJson.Default.ApiKey, key => key with { LastUsedAt = now }, cancellation);
        return stored.Value;
    }

    public async Task<IReadOnlyList<ApiKey>> ListAsync(UserId user, CancellationToken cancellation)
    {
        var found = new List<ApiKey>();
        var query = new ItemQuery { Table = Table.Users, Partition = UserKeys.Partition(user), SortPrefix = "APIKEY#" };
        await foreach (var item in items.AllAsync(query, cancellation)) found.Add(ItemJson.Read(item, ApiKeyJson.Default.ApiKey).Value);
        return found;
    }

    /// <returns>False when the person has no such key.</returns>
    public async Task<bool> RevokeAsync(UserId user, ApiKeyId key, CancellationToken cancellation)
    {
        if (await items.GetAsync(UserKeys.ApiKey(user, key), cancellation) is null) return false;
        await items.DeleteAsync(UserKeys.ApiKey(user, key), Condition.None, cancellation);
        return true;
    }

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ApiKey))]
public sealed partial class ApiKeyJson : JsonSerializerContext;
