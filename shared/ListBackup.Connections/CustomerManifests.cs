using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using ListBackup.Connectors;
using ListBackup.Connectors.Manifest;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// A manifest that a customer brought, <c>ACC#id / MANIFEST#id</c>. It never changes: a new text is a new manifest, so that what a source was read with
/// stays known. <see cref="Packed"/> is the text in UTF-8, Brotli, base64.
/// </summary>
public sealed record CustomerManifest
{
    public const int NameLengthMax = 120;

    /// <summary>Longest text, in characters. The largest manifest that we know of has 400,000.</summary>
    public const int TextLengthMax = 600_000;

    /// <summary>An account keeps at most this many.</summary>
    public const int CountMax = 100;

    public required ManifestId Id { get; init; }

    public required AccountId AccountId { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Packed { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required UserId CreatedBy { get; init; }

    public static string Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal)) brotli.Write(Encoding.UTF8.GetBytes(text));
        return Convert.ToBase64String(packed.ToArray());
    }

    public string Unpack()
    {
        using var brotli = new BrotliStream(new MemoryStream(Convert.FromBase64String(Packed)), CompressionMode.Decompress);
        using var reader = new StreamReader(brotli, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

/// <summary>Loads manifests that customers brought: under tighter limits than ours, with no folder to read files from, and only for their own account.</summary>
public sealed class CustomerManifests(IItemStore items)
{
    private const int KeptMax = 64;
    private readonly ConcurrentDictionary<ManifestId, LoadedConnector> _kept = new();

    /// <summary>Compiles a text as a customer's.</summary>
    /// <exception cref="ManifestException">All that is wrong with it, each with its path.</exception>
    public static Connector Compile(string text) =>
        Connector.Load(text, new() { Folder = null, ManifestCharactersMax = CustomerManifest.TextLengthMax, ComponentsMax = 20_000 });

    public async Task<Stored<CustomerManifest>?> FindAsync(AccountId account, ManifestId manifest, CancellationToken cancellation) =>
        await items.FindAsync(ConnectionKeys.Manifest(account, manifest), ConnectionJson.Default.CustomerManifest, cancellation);

    /// <summary>Null when the account has no such manifest.</summary>
    public async Task<LoadedConnector?> LoadAsync(AccountId account, ManifestId manifest, CancellationToken cancellation)
    {
        // Asked each time, also when it is kept: a manifest that was deleted, or belongs to another account, is not there.
        if (await FindAsync(account, manifest, cancellation) is not { } found) return null;
        if (_kept.TryGetValue(manifest, out var kept)) return kept;
        if (_kept.Count >= KeptMax) _kept.Clear();
        return _kept[manifest] = new(manifest.ToString(), Compile(found.Value.Unpack()), found.Value.Version, Restore: null);
    }
}
