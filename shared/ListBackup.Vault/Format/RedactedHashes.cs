using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>The record hashes that are left of an erased content: the one that counts, and others by the list of volatile fields that they leave out.</summary>
/// <param name="Hash">For every list of volatile fields that is not in <paramref name="Others"/>.</param>
/// <param name="Others">By <see cref="IdOf"/>; those only that differ.</param>
internal sealed record RedactedHashes(Hash128 Hash, IReadOnlyDictionary<string, Hash128> Others)
{
    private const int IdLength = 16;

    public bool Equals(RedactedHashes? other) =>
        other is not null && Hash == other.Hash && Others.Count == other.Others.Count && Others.All(hash => other.Others.TryGetValue(hash.Key, out var found) && found == hash.Value);

    public override int GetHashCode() => Hash.GetHashCode();

    /// <summary>The record hash under a list of volatile fields.</summary>
    public Hash128 For(string volatileFieldsId) => Others.GetValueOrDefault(volatileFieldsId, Hash);

    /// <summary>Names a list of volatile fields: the first 16 hex digits of the SHA-256 of its fields, a zero byte behind each.</summary>
    public static string IdOf(IReadOnlyList<string> volatileFields) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(volatileFields.Select(field => $"{field}\0")))))[..IdLength];
}
