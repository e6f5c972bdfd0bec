using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Searching;

/// <summary>
/// Brings a stream's index up to the newest snapshot: a layer of the versions since the index was made, or all of them anew. Terms are
/// sorted in runs of bounded size, sealed in the spill folder under a key that never leaves memory.
/// </summary>
internal sealed class SearchIndexer(VaultCore core, string source, string stream)
{
    private const int LayersMax = 6;

    /// <summary>Additions of more than this part of the whole are merged with it.</summary>
    private const int MergeFraction = 4;

    private readonly string _folder = core.Options.SpillFolder ?? Path.GetTempPath();

    /// <param name="isFresh">Whether to make it anew, whatever there is.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<SearchIndexReport> UpdateAsync(bool isFresh, CancellationToken cancellation)
    {
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var newest = view.Newest.Manifest;
        var state = view.Get(newest, stream).State;
        if (await core.SearchIndexes.KeyOfAsync(source, stream, state, cancellation) is not { } key) return new SearchIndexReport(newest.Seq, false, 0, 0, 0, 0);
        var former = isFresh ? null : await FindUsableAsync(view, key, cancellation);
        if (former?.Header.UpTo == newest.Seq) return ReportOf(former.Header, 0, isRebuilt: false);
        try
        {
            return await UpdateAsync(view, state, key, former, cancellation);
        }
        catch (Exception exception) when (former is not null && SearchIndexStore.IsUnusable(exception))
        {
            // The former layers were damaged; the records are not.
            return await UpdateAsync(view, state, key, null, cancellation);
        }
    }

    /// <summary>An index whose root is that of the snapshot it says it covers; null: to be made anew.</summary>
    private async Task<SearchIndex?> FindUsableAsync(SourceView view, byte[] key, CancellationToken cancellation)
    {
        if (await core.SearchIndexes.FindAsync(source, stream, key, cancellation) is not { } index) return null;
        var header = index.Header;
        if (header.UpTo > view.Newest.Manifest.Seq || view.IsExpired(header.UpTo)) return null;
        var covered = view.Find((await view.GetManifestAsync(core, header.UpTo, cancellation)).Manifest, stream);
        return covered is not null && covered.State.Root == header.Root && covered.State.ReadSeq == header.ReadSeq ? index : null;
    }

    private async Task<SearchIndexReport> UpdateAsync(SourceView view, StreamState state, byte[] key, SearchIndex? former, CancellationToken cancellation)
    {
        var newest = view.Newest.Manifest;
        var after = former?.Header.UpTo ?? 0;
        var layers = former?.Layers.ToList() ?? [];
        var documents = 0L;
        if (former is null || former.Header.ReadSeq != state.ReadSeq)
        {
            using var folder = new SpilledLayers(_folder);
            var (runs, fields) = await WriteRunsAsync(folder, view, after, former, cancellation);
            documents = runs.Sum(run => run.Reference.Documents);
            var isMerged = layers.Count >= LayersMax || (documents + layers.Skip(1).Sum(layer => layer.Reference.Documents)) * MergeFraction > (layers.FirstOrDefault()?.Reference.Documents ?? 0);
            IReadOnlyList<LayerReader> parts = isMerged ? [.. layers, .. runs] : runs;
            if (isMerged) layers.Clear();
            if (parts.Count > 0) layers.Add(await PutLayerAsync(folder, parts, fields, key, cancellation));
        }

        var header = new SearchHeader { Version = SearchHeader.CurrentVersion, UpTo = newest.Seq, ReadSeq = state.ReadSeq, Root = state.Root, Layers = [.. layers.Select(layer => layer.Reference)] };
        await core.SearchIndexes.PutHeaderAsync(source, stream, header, key, cancellation);
        await core.SearchIndexes.DeleteOthersAsync(source, stream, header, cancellation);
        return ReportOf(header, documents, former is null);
    }

    /// <summary>Sorted runs of the terms of all versions behind a commit, each a layer in the spill folder.</summary>
    private async Task<(List<LayerReader> Runs, FieldNumbers Fields)> WriteRunsAsync(SpilledLayers folder, SourceView view, long after, SearchIndex? former, CancellationToken cancellation)
    {
        var newest = view.Get(view.Newest.Manifest, stream);
        var sections = newest.Sections.Where(section => section.To > after).ToList();
        var reader = await GroupReader.OpenAsync(core, sections, newest.Seq, cancellation);
        // The first layer may be old; the last one knows every field.
        var fields = new FieldNumbers(former?.Layers.Count > 0 ? former.Layers[^1].Fields : []);
        var commonFrom = CommonTerms.From(after == 0 ? newest.State.Live : sections.Sum(section => section.Rows));
        var (table, runs, documents) = (new TermTable(commonFrom), new List<LayerReader>(), 0L);
        var terms = new RecordTerms(table, fields);
        var secrets = core.Secrets.Stream(source, stream);
        await foreach (var group in reader.ReadAsync(0, cancellation))
        {
            foreach (var (place, json) in DocumentsOf(group, after, secrets))
            {
                terms.Add(json.Span, place);
                documents++;
            }

            if (!table.IsFull) continue;
            runs.Add(await folder.WriteAsync(table, fields, documents, cancellation));
            documents = 0;
        }

        if (!table.IsEmpty) runs.Add(await folder.WriteAsync(table, fields, documents, cancellation));
        return (runs, fields);
    }

    private static IEnumerable<(uint Place, ReadOnlyMemory<byte> Json)> DocumentsOf(GroupVersions group, long after, StreamSecrets secrets)
    {
        var places = new Dictionary<string, uint>(StringComparer.Ordinal);
        var documents = new List<(uint Place, ReadOnlyMemory<byte> Json)>(group.Versions.Count);
        foreach (var version in group.Versions)
        {
            if (version.Seq <= after || version.Line.Json is not { } json) continue;
            ref var place = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(places, version.Line.Key, out var isKnown);
            if (!isKnown) place = SearchPlace.Of(secrets.HashKey(version.Line.Key));
            documents.Add((place, json));
        }

        documents.Sort((left, right) => left.Place.CompareTo(right.Place));
        return documents;
    }

    private async Task<LayerReader> PutLayerAsync(SpilledLayers folder, IReadOnlyList<LayerReader> parts, FieldNumbers fields, byte[] key, CancellationToken cancellation)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var name = SearchIndexStore.LayerName(source, stream, id);
        var documents = parts.Sum(part => part.Reference.Documents);
        await using var file = folder.Create();
        var commonFrom = CommonTerms.From(documents);
        using var writer = new LayerWriter(file, key, id, commonFrom);
        await LayerMerge.WriteAsync(parts, writer, commonFrom, cancellation);
        var reference = writer.Finish(fields, documents);
        await file.FlushAsync(cancellation);
        file.Position = 0;
        await core.Objects.PutStreamAsync(name, file, cancellation);
        return await LayerReader.OpenAsync(reference, key, (offset, length, stop) => core.Objects.ReadRangeAsync(name, offset, length, stop), cancellation);
    }

    private static SearchIndexReport ReportOf(SearchHeader header, long added, bool isRebuilt) =>
        new(header.UpTo, isRebuilt, added, header.Layers.Count, header.Layers.Sum(layer => layer.Terms), header.Layers.Sum(layer => layer.Size));
}

/// <summary>From how many records on a term is too common to be worth its places: then looking at records finds enough of them as soon.</summary>
internal static class CommonTerms
{
    private const int Min = 4_096;
    private const int Max = 65_536;
    private const int Fraction = 16;

    public static int From(long documents) => (int)Math.Clamp(documents / Fraction, Min, Max);
}

/// <summary>Where a record lies in the vault's own order: the first 32 bits of its key hash.</summary>
internal static class SearchPlace
{
    public const int Bits = 32;

    public static uint Of(Hash128 keyHash) => (uint)(keyHash.High >> Bits);
}

/// <summary>Runs of terms in temporary files, which vanish with this object, sealed under a key that exists in memory only.</summary>
internal sealed class SpilledLayers(string folder) : IDisposable
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(Kdf.KeyByteCount);
    private readonly List<FileStream> _files = [];

    /// <summary>A file that is gone when it is closed.</summary>
    public FileStream Create()
    {
        Directory.CreateDirectory(folder);
        return new FileStream(
            Path.Combine(folder, $"listbackup-search-{Guid.CreateVersion7():n}"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
    }

    /// <summary>Writes a table as a run and empties it.</summary>
    public async Task<LayerReader> WriteAsync(TermTable table, FieldNumbers fields, long documents, CancellationToken cancellation)
    {
        var file = Create();
        _files.Add(file);
        using var writer = new LayerWriter(file, _key, $"run {_files.Count}", int.MaxValue);
        foreach (var term in table.InOrder()) writer.Add(term);
        var reference = writer.Finish(fields, documents);
        table.Clear();
        return await LayerReader.OpenAsync(reference, _key, (offset, length, stop) => ReadAsync(file, offset, length, stop), cancellation);
    }

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
        CryptographicOperations.ZeroMemory(_key);
    }

    private static async Task<byte[]> ReadAsync(FileStream file, long offset, int length, CancellationToken cancellation)
    {
        var bytes = new byte[length];
        file.Position = offset;
        await file.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
