using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>The group keys of a stream, by epoch. Immutable.</summary>
internal sealed class StreamKeys
{
    private const string GroupKeysPurpose = "group keys";

    private readonly Dictionary<int, byte[]> _epochs = [];

    private StreamKeys(StreamKeyFile file, VaultSecrets secrets, string name)
    {
        File = file;
        foreach (var epoch in file.Epochs) _epochs.Add(epoch.Epoch, Open(epoch, secrets, name));
    }

    public StreamKeyFile File { get; }

    /// <summary>The epoch that new sections use.</summary>
    public GroupKeys Newest => File.Epochs[^1];

    /// <summary>The key of a group; null when the epoch is not here (it was erased).</summary>
    public ReadOnlyMemory<byte>? Find(int epoch, int group) =>
        _epochs.TryGetValue(epoch, out var keys) ? keys.AsMemory(group * Kdf.KeyByteCount, Kdf.KeyByteCount) : null;

    /// <summary>A key file with one more epoch of fresh random keys than the given one.</summary>
    public static byte[] WriteNext(StreamKeyFile? previous, string source, string stream, int groups, VaultSecrets secrets)
    {
        var box = Sealed.Write(secrets.GroupKeyWrapping, GroupKeysPurpose, RandomNumberGenerator.GetBytes(groups * Kdf.KeyByteCount));
        var file = new StreamKeyFile
        {
            Source = source,
            Stream = stream,
            Epochs = [.. previous?.Epochs ?? [], new GroupKeys { Epoch = (previous?.Epochs[^1].Epoch ?? 0) + 1, Groups = groups, Sealed = Convert.ToBase64String(box) }],
        };
        return SignedDocument.Write(CanonicalJson.Write(file, FormatJson.Default.StreamKeyFile), secrets.SigningKey);
    }

    /// <exception cref="VaultDamagedException">It is damaged or belongs to another stream.</exception>
    public static StreamKeys Read(byte[] document, string name, string source, string stream, VaultSecrets secrets)
    {
        var file = CanonicalJson.Read(SignedDocument.Read(document, secrets.SigningKey, name), FormatJson.Default.StreamKeyFile, name);
        if (file.Source != source || file.Stream != stream || file.Epochs.Count == 0)
            throw new VaultDamagedException(name, 0, "It holds the keys of another stream.");
        return new StreamKeys(file, secrets, name);
    }

    private static byte[] Open(GroupKeys epoch, VaultSecrets secrets, string name)
    {
        try
        {
            var keys = Sealed.Read(secrets.GroupKeyWrapping, GroupKeysPurpose, Convert.FromBase64String(epoch.Sealed));
            if (keys.Length == epoch.Groups * Kdf.KeyByteCount) return keys;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            throw new VaultDamagedException(name, 0, $"The keys of epoch {epoch.Epoch} do not open.", exception);
        }

        throw new VaultDamagedException(name, 0, $"The keys of epoch {epoch.Epoch} are not one per group.");
    }
}
