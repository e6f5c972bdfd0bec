using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Verifying;

/// <summary>Whether a line is where its key belongs: elsewhere nobody would find it.</summary>
internal static class LinePlace
{
    /// <returns>The key's hash.</returns>
    /// <exception cref="VaultDamagedException">It is not.</exception>
    public static Hash128 Check(RecordLine line, BlockEntry entry, SectionTable table, StreamSecrets secrets, string objectName)
    {
        var keyHash = line.KeyHash ?? secrets.HashKey(line.Key);
        return keyHash.Group(table.Groups) == entry.Group ? keyHash : throw new VaultDamagedException(objectName, entry.Offset, "A record lies in another group than its key's.");
    }
}
