using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>Makes and opens <c>format.json</c> and <c>k/=vault/</c> (vault-format.md, "Keys").</summary>
internal static class VaultKeyFiles
{
    private const string SecretPurpose = "vault secret";
    private const int RecoveryKeyBitsMin = 3072;

    // Rotations are rare; more in a row come from a fault.
    private const int RewrapAttemptsMax = 5;

    /// <summary>
    /// The key file comes first and decides between racing creators; format.json follows from it, so that a crash between the two is
    /// healed by creating again.
    /// </summary>
    public static async Task<VaultSecrets> CreateAsync(
        IObjectStore objects, IVaultKeys keys, string? recoveryPublicKeyPem, CancellationToken cancellation)
    {
        using var recovery = recoveryPublicKeyPem is null ? null : ImportRecoveryKey(recoveryPublicKeyPem);
        // A vault that is there must not get a first key file again: a rotation has deleted it.
        if (await objects.HeadAsync(ObjectNames.Format, cancellation) is not null) return await OpenAsync(objects, keys, cancellation);
        var file = NewKeyFile(await keys.GetCurrentAsync(cancellation), recovery);
        try
        {
            await objects.PutAsync(ObjectNames.VaultKey(1), file, PutCondition.CreateOnly, cancellation);
        }
        catch (ObjectExistsException)
        {
            // Somebody else, or we before a lost reply: what is there counts, if our keys open it.
        }

        var secrets = await OpenKeyFileAsync(objects, keys, cancellation);
        try
        {
            await objects.PutAsync(ObjectNames.Format, FormatFileOf(secrets), PutCondition.CreateOnly, cancellation);
        }
        catch (ObjectExistsException)
        {
        }

        await CheckFormatFileAsync(objects, secrets, cancellation);
        return secrets;
    }

    /// <summary>Opens the newest key file and holds format.json against it.</summary>
    public static async Task<VaultSecrets> OpenAsync(IObjectStore objects, IVaultKeys keys, CancellationToken cancellation)
    {
        byte[] format;
        try
        {
            format = await objects.ReadAsync(ObjectNames.Format, cancellation);
        }
        catch (ObjectNotFoundException)
        {
            throw new VaultNotFoundException("There is no vault here: format.json is absent.");
        }

        var secrets = await OpenKeyFileAsync(objects, keys, cancellation);
        // A first key file that came back from somewhere after a rotation says nothing; the newest counts.
        if (!format.AsSpan().SequenceEqual(FormatFileOf(secrets))) secrets = await OpenNewestKeyFileAsync(objects, keys, cancellation);
        CheckFormatFile(format, secrets);
        return secrets;
    }

    /// <summary>
    /// Writes the next key file, if the newest is not under the current account key and for that recovery key; then forgets the earlier ones. The put is
    /// create-only, so of two that rewrap at once the later sees the earlier's file and starts over.
    /// </summary>
    /// <returns>False when the newest file was right already.</returns>
    public static async Task<bool> RewrapAsync(IObjectStore objects, IVaultKeys keys, string? recoveryPublicKeyPem, CancellationToken cancellation)
    {
        using var recovery = recoveryPublicKeyPem is null ? null : ImportRecoveryKey(recoveryPublicKeyPem);
        for (var attempt = 1; ; attempt++)
        {
            List<string> names;
            (int Epoch, byte[] Document)? next;
            try
            {
                names = await NamesAsync(objects, cancellation);
                next = await NextKeyFileAsync(objects, keys, names[^1], recovery, cancellation);
                if (next is { } file) await objects.PutAsync(ObjectNames.VaultKey(file.Epoch), file.Document, PutCondition.CreateOnly, cancellation);
            }
            catch (Exception overtaken) when (overtaken is ObjectExistsException or ObjectNotFoundException && attempt < RewrapAttemptsMax)
            {
                continue;
            }

            // A file that a taken-away recovery key opens must not stay; the newest, whose name is the last, does.
            foreach (var name in next is null ? names[..^1] : names) await objects.DeleteAsync(name, cancellation);
            return next is not null;
        }
    }

    /// <summary>Refuses a format.json that is not, byte for byte, the one of these secrets.</summary>
    public static async Task CheckFormatFileAsync(IObjectStore objects, VaultSecrets secrets, CancellationToken cancellation) =>
        CheckFormatFile(await objects.ReadAsync(ObjectNames.Format, cancellation), secrets);

    private static void CheckFormatFile(byte[] bytes, VaultSecrets secrets)
    {
        if (bytes.AsSpan().SequenceEqual(FormatFileOf(secrets))) return;
        var file = CanonicalJson.Read(bytes, FormatJson.Default.FormatFile, ObjectNames.Format);
        throw file.Version == FormatFile.CurrentVersion
            ? new VaultDamagedException(ObjectNames.Format, 0, "It does not belong to the keys in k/=vault/.")
            : new VaultException($"This vault has format {file.Version}; this program reads format {FormatFile.CurrentVersion}.");
    }

    /// <summary>Opens one key file; also how verification checks it.</summary>
    public static async Task<VaultSecrets> OpenKeyFileAsync(IObjectStore objects, IVaultKeys keys, string name, CancellationToken cancellation)
    {
        var (file, plain, signingKey) = await OpenAsync(objects, keys, name, cancellation);
        return new VaultSecrets(file.Vault, plain.AsSpan(0, VaultSecrets.SecretByteCount), signingKey);
    }

    /// <summary>The file, its opened secret, and the signing key that has checked it.</summary>
    private static async Task<(VaultKeyFile File, byte[] Plain, ECDsa SigningKey)> OpenAsync(
        IObjectStore objects, IVaultKeys keys, string name, CancellationToken cancellation)
    {
        var document = await objects.ReadAsync(name, cancellation);
        var file = CanonicalJson.Read(BodyOf(document, name), FormatJson.Default.VaultKeyFile, name);
        var accountKey = await keys.FindAsync(file.AccountKey, cancellation)
            ?? throw new VaultKeyException($"The vault is locked with the account key {file.AccountKey}, which is not at hand.");
        var plain = OpenSecret(file, accountKey);
        var signingKey = ECDsa.Create();
        signingKey.ImportPkcs8PrivateKey(plain.AsSpan(VaultSecrets.SecretByteCount), out _);
        SignedDocument.Read(document, signingKey, name);
        return (file, plain, signingKey);
    }

    private static byte[] NewKeyFile(AccountKey accountKey, RSA? recovery)
    {
        var secret = RandomNumberGenerator.GetBytes(VaultSecrets.SecretByteCount);
        using var signingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = new VaultKeyFile
        {
            Vault = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            Epoch = 1,
            AccountKey = accountKey.Id,
            Sealed = Convert.ToBase64String(Sealed.Write(accountKey.Bytes, SecretPurpose, [.. secret, .. signingKey.ExportPkcs8PrivateKey()])),
            Recovery = recovery is null ? null : Wrap(secret, recovery),
        };
        return SignedDocument.Write(CanonicalJson.Write(file, FormatJson.Default.VaultKeyFile), signingKey);
    }

    private static async Task<VaultSecrets> OpenKeyFileAsync(IObjectStore objects, IVaultKeys keys, CancellationToken cancellation)
    {
        try
        {
            // Few vaults were ever rotated, and all their key files hold the same secret: this saves most openings a list.
            return await OpenKeyFileAsync(objects, keys, ObjectNames.VaultKey(1), cancellation);
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or VaultKeyException)
        {
            return await OpenNewestKeyFileAsync(objects, keys, cancellation);
        }
    }

    private static async Task<VaultSecrets> OpenNewestKeyFileAsync(IObjectStore objects, IVaultKeys keys, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OpenKeyFileAsync(objects, keys, (await NamesAsync(objects, cancellation))[^1], cancellation);
            }
            catch (ObjectNotFoundException) when (attempt < RewrapAttemptsMax)
            {
                // A rotation has replaced it between the listing and the reading.
            }
        }
    }

    /// <summary>Names of the key files, oldest first; there is at least one.</summary>
    private static async Task<List<string>> NamesAsync(IObjectStore objects, CancellationToken cancellation)
    {
        var names = new List<string>();
        await foreach (var head in objects.ListAsync(ObjectNames.VaultKeys, after: null, cancellation)) names.Add(head.Name);
        return names.Count > 0 ? names : throw new VaultKeyException("The vault has lost its key files: k/=vault/ is empty.");
    }

    private static async Task<(int Epoch, byte[] Document)?> NextKeyFileAsync(
        IObjectStore objects, IVaultKeys keys, string newest, RSA? recovery, CancellationToken cancellation)
    {
        var (file, plain, signingKey) = await OpenAsync(objects, keys, newest, cancellation);
        using (signingKey)
        {
            var current = await keys.GetCurrentAsync(cancellation);
            if (file.AccountKey == current.Id && file.Recovery?.KeySha256 == (recovery is null ? null : Sha256Of(recovery))) return null;
            var next = file with
            {
                Epoch = file.Epoch + 1,
                AccountKey = current.Id,
                Sealed = Convert.ToBase64String(Sealed.Write(current.Bytes, SecretPurpose, plain)),
                Recovery = recovery is null ? null : Wrap(plain[..VaultSecrets.SecretByteCount], recovery),
            };
            return (next.Epoch, SignedDocument.Write(CanonicalJson.Write(next, FormatJson.Default.VaultKeyFile), signingKey));
        }
    }

    private static byte[] OpenSecret(VaultKeyFile file, AccountKey accountKey)
    {
        try
        {
            return Sealed.Read(accountKey.Bytes, SecretPurpose, Convert.FromBase64String(file.Sealed));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            throw new VaultKeyException($"The account key {accountKey.Id} does not open this vault.", exception);
        }
    }

    private static byte[] FormatFileOf(VaultSecrets secrets) => CanonicalJson.Write(
        new FormatFile
        {
            Format = FormatFile.FormatName,
            Version = FormatFile.CurrentVersion,
            Vault = secrets.Vault,
            Crypto = FormatFile.CryptoProfile,
            SigningKey = Convert.ToBase64String(secrets.SigningKey.ExportSubjectPublicKeyInfo()),
        },
        FormatJson.Default.FormatFile);

    private static ReadOnlySpan<byte> BodyOf(byte[] document, string name)
    {
        var length = document.AsSpan().IndexOf((byte)'\n');
        return length < 0 ? throw new VaultDamagedException(name, 0, "It has no signature line.") : document.AsSpan(0, length);
    }

    private static RSA ImportRecoveryKey(string pem)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw new VaultKeyException("The recovery key is no RSA public key in PEM.", exception);
        }

        return key.KeySize >= RecoveryKeyBitsMin
            ? key
            : throw new VaultKeyException($"The recovery key has {key.KeySize} bits; at least {RecoveryKeyBitsMin} are needed.");
    }

    private static RecoveryWrap Wrap(byte[] secret, RSA recovery) => new()
    {
        Algorithm = RecoveryWrap.RsaOaep,
        KeySha256 = Sha256Of(recovery),
        Wrapped = Convert.ToBase64String(recovery.Encrypt(secret, RSAEncryptionPadding.OaepSHA256)),
    };

    private static string Sha256Of(RSA recovery) => Convert.ToHexStringLower(SHA256.HashData(recovery.ExportSubjectPublicKeyInfo()));
}
