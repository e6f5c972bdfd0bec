namespace ListBackup.Vault.Keys;

/// <summary>Keys that open blocks.</summary>
internal interface IBlockKeys
{
    /// <summary>The key of a group; null when it is not here.</summary>
    ReadOnlyMemory<byte>? Find(int epoch, int group);
}
