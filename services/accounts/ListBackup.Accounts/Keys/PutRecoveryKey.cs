using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>
/// Keeps the public half of the customer's recovery key. Vaults wrap their secret for it, so that the private half and a copy of the bucket are enough
/// to get everything back without us.
/// </summary>
public sealed class PutRecoveryKey(AccountKeyrings keyrings, IEnumerable<IAccountKeysListener> listeners, ActivityLog activities, TimeProvider clock)
{
    private const int BitsMin = 3072;
    // Room for RSA with 16,384 bits.
    private const int PemLengthMax = 8 * 1024;

    public async Task<Ok<KeysAnswer>> RunAsync(RecoveryKeyRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var recovery = Read(request.PublicKeyPem);
        var keyring = await keyrings.SetRecoveryAsync(access.Account.Id, recovery, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "recovery-key.set", access.Account.Id.ToString(), cancellation, ("sha256", recovery.Sha256));
        foreach (var listener in listeners) await listener.KeysChangedAsync(access.Account.Id, cancellation);
        return TypedResults.Ok(KeysAnswer.Of(keyring));
    }

    private RecoveryKey Read(string pem)
    {
        if (pem.Length > PemLengthMax) throw Invalid();
        // A private key must not even pass through our hands; whoever pastes one must hear of it.
        if (pem.Contains("PRIVATE", StringComparison.Ordinal))
            throw Problem.Invalid("publicKeyPem", "This is a private key. Keep it to yourself, and make a new pair now: this one has been sent over the network.");
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw Invalid();
        }
        if (key.KeySize < BitsMin) throw Problem.Invalid("publicKeyPem", $"The key has {key.KeySize} bits; use at least {BitsMin}.");
        return new(key.ExportSubjectPublicKeyInfoPem(), Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), clock.GetUtcNow());
    }

    private static Problem Invalid() =>
        Problem.Invalid("publicKeyPem", "This is no RSA public key in PEM. Make one with: openssl genrsa -out recovery.pem 4096 && openssl rsa -in recovery.pem -pubout");
}
