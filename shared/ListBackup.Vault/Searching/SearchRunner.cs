using System.Globalization;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Searching;

/// <summary>Finds one page. With an index only the groups of candidates are read, without one all in order; what is found is the same and in the same order.</summary>
internal sealed class SearchRunner
{
    private const int LimitMax = 1_000;

    // Some candidates fall to the conditions; a few more groups in one go are cheaper than another.
    private const int CandidatesExtra = 8;

    private readonly VaultCore _core;
    private readonly string _source;
    private readonly string _stream;
    private readonly SearchQuery _query;
    private readonly SearchConditions _conditions;
    private readonly StreamSecrets _secrets;
    private readonly Dictionary<long, DateTimeOffset> _times = [];
    private readonly List<SearchHit> _hits = [];
    private long _examined;

    public SearchRunner(VaultCore core, string source, string stream, SearchQuery query)
    {
        if (query.Limit is < 1 or > LimitMax) throw new ArgumentException($"A page has 1 to {LimitMax} rows.", nameof(query));
        if (query.Scope == SearchScope.Live && (query.DeletedFrom ?? query.DeletedBefore) is not null)
            throw new ArgumentException("Times of deletion are asked of deleted records.", nameof(query));
        (_core, _source, _stream, _query) = (core, source, stream, query);
        _conditions = SearchConditions.Parse(query.Text);
        _secrets = core.Secrets.Stream(source, stream);
    }

    public async Task<SearchPage> RunAsync(CancellationToken cancellation)
    {
        var (cursorSeq, place, key) = ParseCursor(_query.Cursor);
        var view = await SourceView.OpenAsync(_core, _source, cancellation);
        var seq = cursorSeq ?? _query.Seq ?? view.Newest.Manifest.Seq;
        if (_query.Seq is { } asked && asked != seq) throw new ArgumentException($"The cursor is of snapshot {seq}, not of {asked}.");
        var stream = view.Get((await view.GetManifestAsync(_core, seq, cancellation)).Manifest, _stream);
        var reader = await GroupReader.OpenAsync(_core, stream, cancellation);
        var (candidates, access) = await CandidatesAsync(view, stream, cancellation);

        var next = candidates is null
            ? await ScanAsync(reader, _ => true, null, place, key, int.MaxValue, cancellation)
            : await LookUpAsync(reader, candidates, place, key, cancellation);
        return new SearchPage(seq, _hits, next is null ? null : $"{seq}.{next}", _examined, access);
    }

    private async Task<(uint[]? Places, SearchAccess Access)> CandidatesAsync(SourceView view, StreamView stream, CancellationToken cancellation)
    {
        var newest = view.Get(view.Newest.Manifest, _stream).State;
        if (_conditions.All.Count == 0
            || await _core.SearchIndexes.KeyOfAsync(_source, _stream, newest, cancellation) is not { } key
            || await _core.SearchIndexes.FindAsync(_source, _stream, key, cancellation) is not { } index
            || !Covers(index.Header, newest, stream))
        {
            return (null, SearchAccess.Scan);
        }

        try
        {
            var places = await new CandidateFinder(index).FindAsync(_conditions.All, cancellation);
            return (places, places is null ? SearchAccess.IndexTooCommon : SearchAccess.Index);
        }
        catch (Exception exception) when (SearchIndexStore.IsUnusable(exception))
        {
            return (null, SearchAccess.Scan);
        }
    }

    /// <summary>Whether every version of the snapshot is in the index: an index knows all of history up to its state, whose root must be that of the manifests.</summary>
    private static bool Covers(SearchHeader header, StreamState newest, StreamView stream)
    {
        if (header.ReadSeq == newest.ReadSeq && header.Root != newest.Root) return false;
        if (header.ReadSeq == stream.State.ReadSeq && header.Root != stream.State.Root) return false;
        return stream.Seq <= header.UpTo || stream.State.ReadSeq <= header.ReadSeq;
    }

    private async Task<string?> LookUpAsync(GroupReader reader, uint[] candidates, uint place, string? key, CancellationToken cancellation)
    {
        var at = Array.BinarySearch(candidates, place) is var found && found >= 0 ? found : ~found;
        while (at < candidates.Length)
        {
            var (wanted, groups, end) = (new HashSet<uint>(), new HashSet<int>(), at);
            // Whole groups, so that none is read twice.
            for (; end < candidates.Length; end++)
            {
                var group = RecordCursor.GroupAt(candidates[end], reader.GroupCount);
                if (!groups.Contains(group) && wanted.Count >= _query.Limit - _hits.Count + CandidatesExtra) break;
                groups.Add(group);
                wanted.Add(candidates[end]);
            }

            var last = RecordCursor.GroupAt(candidates[end - 1], reader.GroupCount);
            if (await ScanAsync(reader, groups.Contains, wanted, place, key, last, cancellation) is { } next) return next;
            // The next groups are all behind the cursor's.
            (at, place, key) = (end, end < candidates.Length ? candidates[end] : 0, null);
        }

        return null;
    }

    /// <summary>Looks at groups from a place on; returns where to go on when the page is full.</summary>
    private async Task<string?> ScanAsync(GroupReader reader, Func<int, bool> isWanted, HashSet<uint>? candidates, uint place, string? key, int lastGroup, CancellationToken cancellation)
    {
        var firstGroup = RecordCursor.GroupAt(place, reader.GroupCount);
        await foreach (var group in reader.ReadAsync(firstGroup, candidates is null ? isWanted : group => group <= lastGroup && isWanted(group), cancellation))
        {
            if (!isWanted(group.Group)) continue;
            foreach (var (hitPlace, hit) in InOrder(HitsOf(group, candidates)))
            {
                if (hitPlace < place || (hitPlace == place && key is not null && string.CompareOrdinal(hit.Key, key) <= 0)) continue;
                _examined++;
                if (_conditions.Match(hit.Json) && await WithTimeAsync(hit, cancellation) is { } found) _hits.Add(found);
                if (_hits.Count == _query.Limit || _examined >= _query.ExaminedMax) return RecordCursor.Write(hitPlace, hit.Key);
            }
        }

        return null;
    }

    // By each record's own place, so that the order is the same however many groups there are after the next compaction.
    private IEnumerable<(uint Place, SearchHit Hit)> InOrder(IEnumerable<SearchHit> hits) => hits
        .Select(hit => (Place: SearchPlace.Of(_secrets.HashKey(hit.Key)), Hit: hit))
        .OrderBy(found => found.Place).ThenBy(found => found.Hit.Key, StringComparer.Ordinal);

    private IEnumerable<SearchHit> HitsOf(GroupVersions group, HashSet<uint>? candidates)
    {
        if (candidates is not null) group = group with { Versions = [.. OfCandidates(group.Versions, candidates)] };
        if (_query.Scope != SearchScope.Deleted)
        {
            foreach (var version in group.Newest().Values)
            {
                if (SnapshotReader.RecordOf(version) is { } record) yield return new SearchHit(record.Key, record.Seq, record.Json, null);
            }
        }

        if (_query.Scope == SearchScope.Live) yield break;
        foreach (var deleted in SnapshotReader.DeletedOf(group))
        {
            if (deleted is { LastJson: { } json, LastSeq: { } seq }) yield return new SearchHit(deleted.Key, seq, json, new SearchDeletion(deleted.DeletedSeq, default, deleted.Operation));
        }
    }

    private IEnumerable<StoredVersion> OfCandidates(IReadOnlyList<StoredVersion> versions, HashSet<uint> candidates)
    {
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var version in versions)
        {
            if (version.Line.KeyHash is not null) continue;
            ref var isCandidate = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(known, version.Line.Key, out var isKnown);
            if (!isKnown) isCandidate = candidates.Contains(SearchPlace.Of(_secrets.HashKey(version.Line.Key)));
            if (isCandidate) yield return version;
        }
    }

    /// <summary>The hit with the time of its deletion; null when that is not asked for.</summary>
    private async Task<SearchHit?> WithTimeAsync(SearchHit hit, CancellationToken cancellation)
    {
        if (hit.Deletion is not { } deletion) return _query.DeletedFrom is null && _query.DeletedBefore is null ? hit : null;
        if (!_times.TryGetValue(deletion.Seq, out var time)) _times[deletion.Seq] = time = await TimeOfAsync(deletion.Seq, cancellation);
        if (time < _query.DeletedFrom || time >= _query.DeletedBefore) return null;
        return hit with { Deletion = deletion with { Time = time } };
    }

    // A stub tells it too.
    private async Task<DateTimeOffset> TimeOfAsync(long seq, CancellationToken cancellation)
    {
        var (manifest, stub) = await _core.Manifests.ReadAnyAsync(_source, seq, cancellation);
        return manifest?.Manifest.Time ?? stub!.Stub.Time; // one of both is there
    }

    private static (long? Seq, uint Place, string? Key) ParseCursor(string? cursor)
    {
        if (cursor is null) return (null, 0, null);
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || !long.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            throw new ArgumentException("The cursor is none that a page returned.", nameof(cursor));
        var (place, key) = RecordCursor.Parse(cursor[(dot + 1)..]);
        return (seq, place, key);
    }
}
