using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Maintaining;

/// <summary>Merges neighbouring sections of a stream into new ones, group by group.</summary>
/// <param name="core">The vault.</param>
/// <param name="source">Id of the source.</param>
/// <param name="stream">Name of the stream.</param>
/// <param name="state">The stream in the newest manifest.</param>
/// <param name="replaced">The sections to merge: neighbours in the state.</param>
/// <param name="kept">Which snapshots must stay readable.</param>
internal sealed class StreamMerge(VaultCore core, string source, string stream, StreamState state, IReadOnlyList<SectionReference> replaced, KeptSnapshots kept)
{
    /// <summary>Lines of a block, about; a group with more gets several sections.</summary>
    private const int LinesBytesMax = 32 * 1024 * 1024;

    private readonly List<SectionPacker.Placed> _places = [];
    private readonly bool _isFromStart = ReferenceEquals(replaced[0], state.Sections[0]);
    private readonly long _to = replaced.Max(section => section.To);

    public string Stream => stream;

    public IReadOnlyList<SectionReference> Replaced => replaced;

    /// <summary>Number of the key file whose newest epoch the new sections are under.</summary>
    public int KeyEpoch { get; private set; }

    public long RowsRead { get; private set; }

    public long RowsWritten { get; private set; }

    /// <summary>What was written; complete when the packer has put it.</summary>
    public IReadOnlyList<SectionReference> Written => [.. _places.Select(place => place.Reference! with
    {
        From = replaced.Min(section => section.From),
        To = _to,
        Expired = kept.ExpiredUpTo(_to) is > 0 and var expired ? expired : null,
    })];

    public async Task WriteAsync(SectionPacker packer, CancellationToken cancellation)
    {
        var keys = await core.StreamKeys.GetForWritingAsync(source, stream, state.KeyEpoch, state.Live, cancellation);
        KeyEpoch = keys.Number;
        var reader = await GroupReader.OpenAsync(core, replaced, long.MaxValue, cancellation);
        reader.CoarsenTo(keys.Newest.Groups);
        var choice = new BlockCompressionChoice(core, source, stream);
        packer.Begin(stream, keys, await choice.ForMergeAsync(replaced, keys.Newest.Groups, state.Dictionaries ?? [], cancellation), _places);
        var lines = new BlockBuffer();
        await foreach (var versions in reader.ReadAsync(0, cancellation))
        {
            foreach (var (group, records) in Divide(versions, reader.GroupCount, keys.Newest.Groups))
                await WriteGroupAsync(packer, group, records, lines, cancellation);
        }

        packer.End();
    }

    /// <summary>
    /// Reads what was written, side by side with what it replaces: each kept snapshot must find the same version of each key in both. Equal
    /// versions of every key make equal state roots, so this holds the roots of all snapshots for the price of what was written.
    /// </summary>
    /// <exception cref="VaultException">It does not.</exception>
    public async Task VerifyAsync(CancellationToken cancellation)
    {
        var before = await GroupReader.OpenAsync(core, replaced, long.MaxValue, cancellation);
        var after = await GroupReader.OpenAsync(core, Written, long.MaxValue, cancellation);
        GroupReader.Align(before, after);
        await using var written = after.ReadAsync(0, cancellation).GetAsyncEnumerator(cancellation);
        var hasWritten = await written.MoveNextAsync();
        var rows = 0L;
        await foreach (var group in before.ReadAsync(0, cancellation))
        {
            var isThere = hasWritten && written.Current.Group == group.Group;
            MergeCheck.Check(stream, group, isThere ? written.Current : new GroupVersions(group.Group, []), kept, _isFromStart);
            if (!isThere) continue;
            rows += written.Current.Versions.Count;
            hasWritten = await written.MoveNextAsync();
        }

        if (hasWritten || rows != RowsWritten)
            throw new VaultException($"A compaction of stream {stream} of source {source} does not read back as it was written. Nothing was committed.");
    }

    /// <summary>The records of a group that was read, by the groups that are written: the same or finer ones.</summary>
    private IEnumerable<(int Group, List<Record> Records)> Divide(GroupVersions versions, int readGroups, int writtenGroups)
    {
        var records = RecordsOf(versions);
        if (readGroups == writtenGroups) return [(versions.Group, records)];
        var secrets = core.Secrets.Stream(source, stream);
        return records.GroupBy(record => (record.Survivors[0].Line.KeyHash ?? secrets.HashKey(record.Key)).Group(writtenGroups)).OrderBy(group => group.Key).Select(group => (group.Key, group.ToList()));
    }

    /// <summary>In the order of the keys' bytes, each with what survives of its versions.</summary>
    private List<Record> RecordsOf(GroupVersions group)
    {
        var records = new List<Record>();
        RowsRead += group.Versions.Count;
        foreach (var versions in group.OldestFirst().GroupBy(version => version.Line.Key, StringComparer.Ordinal))
        {
            var survivors = Survivors.Of([.. versions], kept, _isFromStart);
            if (survivors.Count > 0) records.Add(new Record(Encoding.UTF8.GetBytes(versions.Key), survivors));
        }

        records.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        return records;
    }

    private async Task WriteGroupAsync(SectionPacker packer, int group, List<Record> records, BlockBuffer lines, CancellationToken cancellation)
    {
        lines.Clear();
        var rows = 0;
        foreach (var version in records.SelectMany(record => record.Survivors))
        {
            if (lines.Length > LinesBytesMax)
            {
                await packer.AddAsync(group, rows, lines.WrittenMemory, cancellation);
                lines.Clear();
                rows = 0;
            }

            version.Line.WriteAgain(lines, version.Seq == _to ? null : version.Seq);
            rows++;
            RowsWritten++;
        }

        if (rows > 0) await packer.AddAsync(group, rows, lines.WrittenMemory, cancellation);
    }

    private sealed record Record(byte[] Key, List<StoredVersion> Survivors);
}
