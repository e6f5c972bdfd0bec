using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>The group keys of a stream, by epoch. Immutable.</summary>
internal sealed class StreamKeys : IBlockKeys
{
    /// <summary>Of the boxes that keys are sealed in.</summary>
    public const string GroupKeysPurpose = "group keys";

    private readonly Dictionary<int, Epoch> _epochs = [];

    private StreamKeys(StreamKeyFile file, int number, VaultSecrets secrets, string name)
    {
        File = file;
        Number = number;
        foreach (var epoch in file.Epochs)
        {
            if (epoch.Inherits is { } earlier && (!_epochs.TryGetValue(earlier, out var inherited) || inherited.Keys.Groups != epoch.Groups))
                throw new VaultDamagedException(name, 0, $"Epoch {epoch.Epoch} goes on with keys that are not there.");
            _epochs.Add(epoch.Epoch, new Epoch(epoch, Open(epoch, secrets, name)));
        }
    }

    public StreamKeyFile File { get; }

    /// <summary>The number in the file's name; at least that of its newest epoch.</summary>
    public int Number { get; }

    /// <summary>The epoch that new sections use.</summary>
    public GroupKeys Newest => File.Epochs[^1];

    /// <summary>True when the epoch is in this file.</summary>
    public bool Has(int epoch) => _epochs.ContainsKey(epoch);

    /// <summary>The key of a group; null when it is not here any more (it was erased).</summary>
    public ReadOnlyMemory<byte>? Find(int epoch, int group)
    {
        while (_epochs.TryGetValue(epoch, out var found))
        {
            if (found.PositionOf(group) is >= 0 and var position)
            {
                var key = found.Bytes.AsMemory(position * Kdf.KeyByteCount, Kdf.KeyByteCount);
                if (IsForgotten(key.Span)) return null;
                return key;
            }

            epoch = found.Keys.Inherits ?? 0;
        }

        return null;
    }

    /// <summary>A key file with one more epoch of fresh random keys than the given one.</summary>
    public static byte[] WriteNext(StreamKeys? previous, string source, string stream, int groups, VaultSecrets secrets) =>
        Write(source, stream, [.. previous?.File.Epochs ?? [], NewEpoch(previous, groups, only: null, secrets)], secrets);

    /// <summary>A key file with one more epoch, in which these groups have fresh keys and all others go on with theirs.</summary>
    public byte[] WriteFresh(IReadOnlyList<int> groups, VaultSecrets secrets) =>
        Write(File.Source, File.Stream, [.. File.Epochs, NewEpoch(this, Newest.Groups, groups, secrets)], secrets);

    /// <summary>A key file without the keys that are to be forgotten; null when this one has none of them.</summary>
    public byte[]? WriteForgetting(IReadOnlyList<ForgottenGroups> forgotten, VaultSecrets secrets)
    {
        var changed = false;
        var epochs = new List<GroupKeys>();
        foreach (var (keys, bytes) in _epochs.OrderBy(item => item.Key).Select(item => item.Value))
        {
            var left = bytes.ToArray();
            foreach (var group in Forgotten.GroupsOf(forgotten, keys.Epoch, keys.Groups))
            {
                if (_epochs[keys.Epoch].PositionOf(group) is >= 0 and var position) left.AsSpan(position * Kdf.KeyByteCount, Kdf.KeyByteCount).Clear();
            }

            var isSame = left.AsSpan().SequenceEqual(bytes);
            changed |= !isSame;
            epochs.Add(isSame ? keys : keys with { Sealed = Seal(left, secrets) });
            CryptographicOperations.ZeroMemory(left);
        }

        return changed ? Write(File.Source, File.Stream, epochs, secrets) : null;
    }

    /// <exception cref="VaultDamagedException">It is damaged or belongs to another stream.</exception>
    public static StreamKeys Read(byte[] document, string name, string source, string stream, VaultSecrets secrets)
    {
        var file = CanonicalJson.Read(SignedDocument.Read(document, secrets.SigningKey, name), FormatJson.Default.StreamKeyFile, name);
        var number = ObjectNames.ParseStreamKeys(name);
        if (file.Source != source || file.Stream != stream || file.Epochs.Count == 0 || number < file.Epochs[^1].Epoch)
            throw new VaultDamagedException(name, 0, "It holds the keys of another stream.");
        return new StreamKeys(file, number, secrets, name);
    }

    private static GroupKeys NewEpoch(StreamKeys? previous, int groups, IReadOnlyList<int>? only, VaultSecrets secrets) => new()
    {
        Epoch = (previous?.Number ?? 0) + 1,
        Groups = groups,
        Only = only,
        Inherits = only is null ? null : previous!.Newest.Epoch,
        Sealed = Seal(RandomNumberGenerator.GetBytes((only?.Count ?? groups) * Kdf.KeyByteCount), secrets),
    };

    private static byte[] Write(string source, string stream, IReadOnlyList<GroupKeys> epochs, VaultSecrets secrets)
    {
        var file = new StreamKeyFile { Source = source, Stream = stream, Epochs = epochs };
        return SignedDocument.Write(CanonicalJson.Write(file, FormatJson.Default.StreamKeyFile), secrets.SigningKey);
    }

    private static string Seal(byte[] keys, VaultSecrets secrets) => Convert.ToBase64String(Sealed.Write(secrets.GroupKeyWrapping, GroupKeysPurpose, keys));

    private static byte[] Open(GroupKeys epoch, VaultSecrets secrets, string name)
    {
        try
        {
            var keys = Sealed.Read(secrets.GroupKeyWrapping, GroupKeysPurpose, Convert.FromBase64String(epoch.Sealed));
            if (keys.Length == (epoch.Only?.Count ?? epoch.Groups) * Kdf.KeyByteCount) return keys;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            throw new VaultDamagedException(name, 0, $"The keys of epoch {epoch.Epoch} do not open.", exception);
        }

        throw new VaultDamagedException(name, 0, $"The keys of epoch {epoch.Epoch} are not one per group.");
    }

    /// <summary>Zeros stand for a key that erasure has forgotten.</summary>
    public static bool IsForgotten(ReadOnlySpan<byte> key) => key.IndexOfAnyExcept((byte)0) < 0;

    private sealed record Epoch(GroupKeys Keys, byte[] Bytes)
    {
        private readonly int[]? _only = Keys.Only is null ? null : [.. Keys.Only];

        /// <summary>Where the group's key is; negative when it is inherited.</summary>
        public int PositionOf(int group) => _only is null ? group : Array.BinarySearch(_only, group);
    }
}
