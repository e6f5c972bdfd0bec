using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Verifying;

/// <summary>Checks the dictionaries that a manifest names: present and of the right size, or read whole, hashed and opened.</summary>
internal sealed class DictionaryVerifier(VaultCore core, VerifyLevel level)
{
    /// <summary>Bytes that the check read.</summary>
    /// <exception cref="VaultDamagedException">The dictionary is not the one that the manifest names.</exception>
    /// <exception cref="ObjectNotFoundException">It is gone.</exception>
    public async Task<long> VerifyAsync(DictionaryReference reference, CancellationToken cancellation)
    {
        var name = reference.Object;
        if (level == VerifyLevel.Objects)
        {
            var head = await core.Objects.HeadAsync(name, cancellation) ?? throw new ObjectNotFoundException(name);
            if (head.Size != reference.Size || (head.Sha256 is not null && head.Sha256 != reference.Sha256)) throw Damaged(name);
            return 0;
        }

        var bytes = await core.Objects.ReadAsync(name, cancellation);
        if (bytes.Length != reference.Size || Convert.ToHexStringLower(SHA256.HashData(bytes)) != reference.Sha256) throw Damaged(name);
        CompressionDictionary.Read(bytes, reference.Hash, core.Secrets, name);
        return bytes.Length;
    }

    private static VaultDamagedException Damaged(string name) => new(name, 0, "It is not the dictionary that the manifest names.");
}
