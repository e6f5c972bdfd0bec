using System.Collections.Concurrent;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Reading;

/// <summary>Reads dictionaries; remembers a few, since one serves section after section.</summary>
internal sealed class DictionaryStore(IObjectStore objects, VaultSecrets secrets)
{
    private const int RememberedMax = 64;
    private readonly ConcurrentDictionary<(string Source, string Stream, string Hash), CompressionDictionary> _remembered = new();

    public async Task<CompressionDictionary> GetAsync(string source, string stream, string hash, CancellationToken cancellation)
    {
        if (_remembered.TryGetValue((source, stream, hash), out var remembered)) return remembered;
        var name = ObjectNames.Dictionary(source, stream, hash);
        try
        {
            return Remember(source, stream, CompressionDictionary.Read(await objects.ReadAsync(name, cancellation), hash, secrets, name));
        }
        catch (ObjectNotFoundException exception)
        {
            throw new VaultDamagedException(name, 0, "The dictionary is gone.", exception);
        }
    }

    /// <summary>A dictionary that this process has met.</summary>
    public CompressionDictionary? Find(string source, string stream, string hash) => _remembered.GetValueOrDefault((source, stream, hash));

    /// <summary>Takes a copy of a dictionary's object from a cache, if it is one: its name is its hash, so it serves only who asks for that very object.</summary>
    public void Offer(string source, string stream, byte[] copy)
    {
        try
        {
            Remember(source, stream, CompressionDictionary.Read(copy, CompressionDictionary.HashOf(copy), secrets, ObjectNames.KeyIndex(source, stream)));
        }
        catch (VaultDamagedException)
        {
            // The object itself is read when it is asked for.
        }
    }

    /// <summary>Stores a new dictionary. Its name is its hash, so putting it again changes nothing.</summary>
    public async Task<(CompressionDictionary Dictionary, DictionaryReference Reference)> PutAsync(string source, string stream, byte[] content, int saved, CancellationToken cancellation)
    {
        var dictionary = CompressionDictionary.Create(content, secrets);
        var (name, box) = (ObjectNames.Dictionary(source, stream, dictionary.Hash), dictionary.Object);
        await objects.PutAsync(name, box, PutCondition.Replace, cancellation);
        var reference = new DictionaryReference
        {
            Hash = dictionary.Hash,
            Object = name,
            Size = box.Length,
            Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(box)),
            Saved = saved,
        };
        return (Remember(source, stream, dictionary), reference);
    }

    private CompressionDictionary Remember(string source, string stream, CompressionDictionary dictionary)
    {
        if (_remembered.Count >= RememberedMax) _remembered.Clear();
        return _remembered[(source, stream, dictionary.Hash)] = dictionary;
    }
}
