using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Writing;

/// <summary>
/// Finds the key index of a stream's state: in memory, under x/, or by reading the stream. A cached one counts only if its root is the
/// manifest's, so a damaged or stale cache costs time and never data.
/// </summary>
internal sealed class KeyIndexStore(VaultCore core)
{
    /// <summary>A larger index is put piece by piece.</summary>
    private const long PutWholeBytesMax = 1024 * 1024;

    /// <summary>A larger dictionary is not copied; ours pack to a quarter of this at most.</summary>
    private const int DictionaryBytesMax = 64 * 1024;

    private readonly RecentIndexes _recent = new();

    /// <summary>The index of a stream in a snapshot; no manifest, no stream: the empty one.</summary>
    public async Task<KeyIndex> GetAsync(string source, string stream, Manifest? manifest, IReadOnlyList<string> volatileFields, CancellationToken cancellation)
    {
        if (manifest?.Streams.GetValueOrDefault(stream) is not { Live: > 0 } state) return KeyIndex.Empty;
        if (!state.VolatileFields.SequenceEqual(volatileFields, StringComparer.Ordinal))
            return await RebuildAsync(manifest, stream, volatileFields, cancellation);
        if (_recent.Find(source, stream, state.Root) is { } recent) return recent;
        var index = await ReadCachedAsync(source, stream, state.Root, cancellation);
        if (index is null)
        {
            index = await RebuildAsync(manifest, stream, volatileFields, cancellation);
            if (index.Root != state.Root)
                throw new VaultDamagedException(ObjectNames.Manifest(source, state.ReadSeq), 0, $"The records of stream {stream} do not have the root that the manifest names.");
        }

        _recent.Add(source, stream, index);
        return index;
    }

    /// <summary>
    /// Keeps an index for the next run, in place of the one before, and behind it a copy of the dictionary that the run will compress with: one request less. Failing to is no harm: it is a cache.
    /// </summary>
    public async Task PutAsync(string source, string stream, NextIndex index, StreamState state, CancellationToken cancellation)
    {
        try
        {
            byte[] dictionary = state.Dictionaries is [.., { Size: <= DictionaryBytesMax } last] ? core.Dictionaries.Find(source, stream, last.Hash)?.Object ?? [] : [];
            var (name, size) = (ObjectNames.KeyIndex(source, stream), KeyIndexFile.SizeOf(index) + dictionary.Length);
            await using var file = new ChunkedStream(WriteAsync(index, dictionary, cancellation), size, source: null);
            if (size > PutWholeBytesMax)
            {
                await core.Objects.PutStreamAsync(name, file, cancellation);
                return;
            }

            var bytes = new byte[size];
            await file.ReadExactlyAsync(bytes, cancellation);
            await core.Objects.PutAsync(name, bytes, PutCondition.Replace, cancellation);
            _recent.Add(source, stream, index.Build());
        }
        catch (ObjectStoreException)
        {
            // The next run reads the stream instead.
        }
    }

    /// <summary>Removes an index that nobody will look for again, as far as the store answers.</summary>
    public async Task DeleteAsync(string source, string stream, CancellationToken cancellation)
    {
        try
        {
            await core.Objects.DeleteAsync(ObjectNames.KeyIndex(source, stream), cancellation);
        }
        catch (ObjectStoreException)
        {
            // What is left under x/ may be deleted by anyone at any time.
        }
    }

    /// <summary>Removes an index that is not the one of this root: it may know keys that were erased. Unlike the others it must not fail quietly.</summary>
    public async Task DeleteUnlessAsync(string source, string stream, string? root, CancellationToken cancellation)
    {
        if (root is not null && await ReadCachedAsync(source, stream, root, cancellation) is not null) return;
        await core.Objects.DeleteAsync(ObjectNames.KeyIndex(source, stream), cancellation);
    }

    private async Task<KeyIndex?> ReadCachedAsync(string source, string stream, string root, CancellationToken cancellation)
    {
        try
        {
            await using var file = await core.Objects.OpenReadAsync(ObjectNames.KeyIndex(source, stream), cancellation);
            var index = await KeyIndexFile.ReadAsync(file, core.Secrets.Cache, cancellation);
            if (index?.Root != root) return null;
            await OfferDictionaryAsync(source, stream, file, cancellation);
            return index;
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or CryptographicException or EndOfStreamException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> WriteAsync(NextIndex index, byte[] dictionary, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var chunk in KeyIndexFile.WriteAsync(index, core.Secrets.Cache, cancellation)) yield return chunk;
        yield return dictionary;
    }

    private async Task OfferDictionaryAsync(string source, string stream, Stream rest, CancellationToken cancellation)
    {
        var copy = new byte[DictionaryBytesMax];
        var length = await rest.ReadAtLeastAsync(copy, copy.Length, throwOnEndOfStream: false, cancellation);
        if (length > 0) core.Dictionaries.Offer(source, stream, copy[..length]);
    }

    private async Task<KeyIndex> RebuildAsync(Manifest manifest, string stream, IReadOnlyList<string> volatileFields, CancellationToken cancellation)
    {
        var view = await SourceView.OpenAsync(core, manifest.Source, cancellation);
        view.ThrowIfExpired(manifest.Seq);
        return await RebuildAsync(view, manifest, stream, volatileFields, cancellation);
    }

    /// <summary>Reads the whole state, as a restore does, and hashes it.</summary>
    public async Task<KeyIndex> RebuildAsync(SourceView view, Manifest manifest, string stream, IReadOnlyList<string> volatileFields, CancellationToken cancellation)
    {
        var hasher = new LiveHasher(core.Secrets.Stream(manifest.Source, stream), volatileFields);
        var reader = await GroupReader.OpenAsync(core, view.Get(manifest, stream), cancellation);
        var live = new ChangeTable();
        await foreach (var group in reader.ReadAsync(0, cancellation))
        {
            foreach (var version in group.Newest().Values)
            {
                if (hasher.HashOf(version.Line) is not { } hash) continue;
                // An erased record has no key any more; nothing that is made of the index needs it.
                var key = version.Line.KeyHash is null ? Encoding.UTF8.GetBytes(version.Line.Key) : [];
                live.Set(version.Line.KeyHash ?? hasher.HashKey(key), hash, key);
            }
        }

        return new NextIndex(KeyIndex.Empty, live).Build();
    }
}

/// <summary>Hashes stored lines as the writer hashed the records.</summary>
internal sealed class LiveHasher(StreamSecrets secrets, IReadOnlyList<string> volatileFields)
{
    private readonly RecordScanner _scanner = new(FieldPaths.Parse([], volatileFields), secrets.HashSalt);
    private readonly string _volatileFieldsId = RedactedHashes.IdOf(volatileFields);

    public Hash128 HashKey(ReadOnlySpan<byte> key) => secrets.HashKey(key);

    /// <summary>The record hash of a live line; null when the line says that the record went.</summary>
    /// <exception cref="System.Text.Json.JsonException">The stored record is malformed.</exception>
    public Hash128? HashOf(RecordLine line)
    {
        if (line.Redacted is { } redacted) return redacted.For(_volatileFieldsId);
        if (line.Json is not { } json) return null;
        if (_scanner.Scan(json.Span, schema: null) != RecordProblem.None) throw new System.Text.Json.JsonException("A stored record is malformed.");
        return line.Attachments.Count == 0 ? _scanner.Hash() : AttachmentList.Hash(secrets.HashSalt, _scanner.Hash(), line.Attachments);
    }
}
