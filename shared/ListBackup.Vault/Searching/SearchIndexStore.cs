using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ZstdSharp;

namespace ListBackup.Vault.Searching;

/// <summary>The beginning of an index: which state it covers, and its layers.</summary>
internal sealed record SearchHeader
{
    public required int Version { get; init; }

    /// <summary>Every version up to this commit is in the layers.</summary>
    public required long UpTo { get; init; }

    /// <summary>The snapshot in which the stream was last read by then, and the root it had.</summary>
    public required long ReadSeq { get; init; }

    public required string Root { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<LayerReference> Layers { get; init; }

    public const int CurrentVersion = 1;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SearchHeader))]
internal sealed partial class SearchJson : JsonSerializerContext;

/// <summary>An index that is open and covers a stream up to some commit.</summary>
internal sealed record SearchIndex(SearchHeader Header, IReadOnlyList<LayerReader> Layers);

/// <summary>
/// Keeps the search indexes of streams under x/search. Everything is sealed under a key that follows from all group keys of the stream's
/// newest epoch: when a person is erased and any of these is forgotten, every copy of the index is unreadable with it.
/// </summary>
internal sealed class SearchIndexStore(VaultCore core)
{
    private const string HeaderPurpose = "search header";
    private const int OpenLayersMax = 32;

    // A directory is read once by whoever searches again and again.
    private readonly ConcurrentDictionary<string, LayerReader> _open = new(StringComparer.Ordinal);

    public static string HeaderName(string source, string stream) => $"{ObjectNames.SearchIndexesOf(source, stream)}header";

    public static string LayerName(string source, string stream, string id) => $"{ObjectNames.SearchIndexesOf(source, stream)}{id}";

    /// <summary>The index as it is; null when there is none that these keys open.</summary>
    public async Task<SearchIndex?> FindAsync(string source, string stream, byte[] key, CancellationToken cancellation)
    {
        try
        {
            var box = await core.Objects.ReadAsync(HeaderName(source, stream), cancellation);
            var header = JsonSerializer.Deserialize(Sealed.Open(key, HeaderPurpose, box).Span, SearchJson.Default.SearchHeader);
            if (header is not { Version: SearchHeader.CurrentVersion }) return null;
            var layers = new List<LayerReader>();
            foreach (var layer in header.Layers) layers.Add(await OpenAsync(source, stream, layer, key, cancellation));
            return new SearchIndex(header, layers);
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            return null;
        }
    }

    /// <summary>What a damaged, foreign or half deleted index shows itself by: it is as good as none.</summary>
    public static bool IsUnusable(Exception exception) =>
        exception is ObjectNotFoundException or CryptographicException or InvalidDataException or JsonException or ZstdException or OverflowException;

    public Task PutHeaderAsync(string source, string stream, SearchHeader header, byte[] key, CancellationToken cancellation) => core.Objects.PutAsync(
        HeaderName(source, stream),
        Sealed.Write(key, HeaderPurpose, JsonSerializer.SerializeToUtf8Bytes(header, SearchJson.Default.SearchHeader)),
        PutCondition.Replace,
        cancellation);

    /// <summary>Deletes the layers that a header does not name.</summary>
    public async Task DeleteOthersAsync(string source, string stream, SearchHeader header, CancellationToken cancellation)
    {
        var kept = header.Layers.Select(layer => LayerName(source, stream, layer.Id)).Append(HeaderName(source, stream)).ToHashSet(StringComparer.Ordinal);
        var others = new List<string>();
        await foreach (var head in core.Objects.ListAsync(ObjectNames.SearchIndexesOf(source, stream), after: null, cancellation))
        {
            if (!kept.Contains(head.Name)) others.Add(head.Name);
        }

        foreach (var name in others) await core.Objects.DeleteAsync(name, cancellation);
    }

    /// <summary>The key that indexes of a stream are sealed under; null when the stream never had keys, so that there is nothing to find.</summary>
    public async Task<byte[]?> KeyOfAsync(string source, string stream, StreamState state, CancellationToken cancellation)
    {
        if (state.KeyEpoch == 0) return null;
        var keys = await core.StreamKeys.GetAsync(source, stream, state.KeyEpoch, cancellation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var group = 0; group < keys.Newest.Groups; group++)
        {
            if (keys.Find(keys.Newest.Epoch, group) is not { } key) return null;
            hash.AppendData(key.Span);
        }

        return Kdf.Derive(hash.GetHashAndReset(), "search index", source, stream);
    }

    private async Task<LayerReader> OpenAsync(string source, string stream, LayerReference reference, byte[] key, CancellationToken cancellation)
    {
        if (_open.TryGetValue(reference.Id, out var layer) && layer.Reference == reference) return layer;
        var name = LayerName(source, stream, reference.Id);
        if (_open.Count >= OpenLayersMax) _open.Clear();
        return _open[reference.Id] = await LayerReader.OpenAsync(reference, key, (offset, length, stop) => core.Objects.ReadRangeAsync(name, offset, length, stop), cancellation);
    }
}
