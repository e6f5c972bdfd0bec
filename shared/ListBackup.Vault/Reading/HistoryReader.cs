using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault;

/// <summary>
/// The versions of many records of one stream, as the newest snapshot knew them when the reader was opened. It remembers the group of the record it was last asked for,
/// so that asking in the vault's own order reads every group once. Not for concurrent use.
/// </summary>
public sealed class HistoryReader
{
    private readonly VaultCore _core;
    private readonly SourceView _view;
    private readonly StreamSecrets _secrets;
    private readonly SingleGroupReader _reader;
    private readonly Dictionary<long, DateTimeOffset?> _times = [];
    private GroupVersions? _last;

    private HistoryReader(VaultCore core, SourceView view, StreamSecrets secrets, SingleGroupReader reader) =>
        (_core, _view, _secrets, _reader) = (core, view, secrets, reader);

    internal static async Task<HistoryReader> OpenAsync(VaultCore core, string source, string stream, CancellationToken cancellation)
    {
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var reader = await SingleGroupReader.OpenAsync(core, view.Get(view.Newest.Manifest, stream), cancellation);
        return new HistoryReader(core, view, core.Secrets.Stream(source, stream), reader);
    }

    /// <summary>Every stored version of a record, oldest first; empty when the key never was. A group that was not just looked in costs a range read or two for each section.</summary>
    public async Task<IReadOnlyList<RecordVersion>> ReadAsync(string key, CancellationToken cancellation)
    {
        var keyHash = _secrets.HashKey(key);
        var group = keyHash.Group(_reader.GroupCount);
        if (_last?.Group != group) _last = await _reader.ReadGroupAsync(group, cancellation);

        var bySeq = new SortedDictionary<long, RecordLine>();
        foreach (var version in _last.Versions.Where(version => version.Line.IsOf(key, keyHash))) bySeq[version.Seq] = version.Line;
        var history = new List<RecordVersion>(bySeq.Count);
        foreach (var (seq, line) in bySeq) history.Add(new RecordVersion(key, seq, line.Operation, await TimeOfAsync(seq, cancellation), line.Json));
        return history;
    }

    private async Task<DateTimeOffset?> TimeOfAsync(long seq, CancellationToken cancellation)
    {
        if (_times.TryGetValue(seq, out var known)) return known;
        if (_view.IsExpired(seq)) return _times[seq] = null;
        return _times[seq] = _view.Newest.Manifest.Runs?.FirstOrDefault(run => run.Seq == seq)?.Time ?? (await _view.GetManifestAsync(_core, seq, cancellation)).Manifest.Time;
    }
}
