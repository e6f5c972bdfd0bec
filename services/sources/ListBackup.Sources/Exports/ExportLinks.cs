using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Links that hand out one file for a while to whoever has them, signed under a key that is derived from the account's.</summary>
public sealed class ExportLinks(AccountKeyrings keyrings, TimeProvider clock)
{
    public static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(15);

    public async Task<(string Query, DateTimeOffset ExpiresAt)> SignAsync(AccountId account, SourceId source, JobId job, string file, CancellationToken cancellation)
    {
        var keyring = await keyrings.GetOrCreateAsync(account, cancellation);
        var expires = clock.GetUtcNow().Add(GoodFor).ToUnixTimeSeconds();
        var signature = await SignatureAsync(account, keyring.Current, Signed(account, source, job, file, keyring.Current, expires), cancellation)
            ?? throw new InvalidDataException($"The keyring of {account} lacks its current key.");
        return ($"expires={expires}&key={Uri.EscapeDataString(keyring.Current)}&signature={Convert.ToHexStringLower(signature)}", DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    /// <summary>Refuses a link that is not ours, was changed, or has expired; the answer does not tell which.</summary>
    public async Task CheckAsync(AccountId account, SourceId source, JobId job, string file, string? expires, string? key, string? signature, CancellationToken cancellation)
    {
        var isRead = long.TryParse(expires, NumberStyles.None, null, out var until) & key is { Length: > 0 and < 100 } & signature is { Length: 64 };
        if (isRead && until >= clock.GetUtcNow().ToUnixTimeSeconds())
        {
            var good = await SignatureAsync(account, key!, Signed(account, source, job, file, key!, until), cancellation);
            if (good is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(good)), Encoding.ASCII.GetBytes(signature!))) return;
        }
        throw Problem.NotFound("The file");
    }

    private static string Signed(AccountId account, SourceId source, JobId job, string file, string key, long expires) =>
        string.Join('\n', "listbackup export link 1", account, source, job, file, key, expires);

    private async Task<byte[]?> SignatureAsync(AccountId account, string keyId, string text, CancellationToken cancellation)
    {
        if (await keyrings.UnwrapAsync(account, keyId, cancellation) is not { } accountKey) return null;
        var linkKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, accountKey, 32, info: "listbackup export links"u8.ToArray());
        CryptographicOperations.ZeroMemory(accountKey);
        return HMACSHA256.HashData(linkKey, Encoding.UTF8.GetBytes(text));
    }
}
