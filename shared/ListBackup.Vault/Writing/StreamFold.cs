using ListBackup.Vault.Erasing;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Writing;

/// <summary>One stream's new state: what a commit writes of it.</summary>
/// <param name="State">The state, its new sections not yet placed in objects.</param>
/// <param name="Index">Its key index.</param>
/// <param name="NewSections">What this run adds, in order.</param>
/// <param name="Replaced">Objects of the run that nothing refers to, now that an erasure came between.</param>
/// <param name="AttachmentPlan">The newest plan under g/ that the names of the run's attachments heed; null when it has none.</param>
internal sealed record FoldedStream(StreamState State, NextIndex Index, IReadOnlyList<NewSection> NewSections, IReadOnlyList<string> Replaced, long? AttachmentPlan);

/// <summary>A section on its way into a manifest: placed already, or bytes that wait to be packed.</summary>
internal sealed record NewSection(SectionTable Table, byte[]? Blocks, SectionReference? Reference);

/// <summary>Folds the drafts of a stream's partitions onto its state in the parent manifest.</summary>
internal sealed class StreamFold(VaultCore core, string source, string stream, IReadOnlyList<StreamOutcome> outcomes)
{
    private readonly DraftStore _drafts = new(core);
    private List<NewSection> _sections = [];
    private ObservedSchemaSum _schema = new();
    private ChangeTable _changes = new();
    private List<(StreamOutcome Outcome, KeyMarks Marks)> _sweeps = [];
    private List<DictionaryReference> _dictionaries = [];
    private long _refusedWithoutKey;
    private int _keyEpoch;
    private bool _hasAttachments;
    private long? _attachmentPlan;

    private IReadOnlyList<string> VolatileFields => outcomes[0].VolatileFields;

    /// <summary>The stream in the manifest after the parent. May be called again with a newer parent; it then reads the drafts again rather than keep them.</summary>
    public async Task<FoldedStream> FoldAsync(Manifest? parent, CancellationToken cancellation)
    {
        (_sections, _schema, _changes, _sweeps, _dictionaries, _refusedWithoutKey, _keyEpoch) = ([], new(), new(), [], [], 0, 0);
        await ReadDraftsAsync(cancellation);
        var erased = await core.Ledger.KeysOfAsync(parent, source, stream, cancellation);
        var scrubbed = await new RunScrub(core, source, stream, erased, parent?.Forgotten?.GetValueOrDefault(stream) ?? [], (parent?.Seq ?? 0) + 1).ScrubAsync(_sections, _changes, cancellation);
        (_sections, _changes) = ([.. scrubbed.Sections], scrubbed.Changes);
        foreach (var section in _sections) _keyEpoch = Math.Max(_keyEpoch, section.Table.KeyEpoch);
        var seq = (parent?.Seq ?? 0) + 1;
        var state = parent?.Streams.GetValueOrDefault(stream);
        var index = await core.Indexes.GetAsync(source, stream, parent, VolatileFields, cancellation);
        var isComplete = outcomes.All(outcome => outcome.IsComplete) && outcomes.Count == outcomes[0].PartitionCount;
        if (isComplete && outcomes[0].Mode != ReadMode.Incremental && _refusedWithoutKey == 0)
            await AddGoneAsync(index, state, cancellation);

        var counts = Count(index, _changes);
        var newIndex = new NextIndex(index, _changes);
        (_changes, _sweeps) = (new(), []);
        var schema = new ObservedSchemaSum();
        if (state is not null) schema.Add(state.Schema);
        schema.Add(_schema.ToSchema(seq));
        return new FoldedStream(
            new StreamState
            {
                ReadSeq = seq,
                Live = newIndex.Count,
                Added = counts.Added,
                Changed = counts.Changed,
                Deleted = counts.Deleted,
                Root = newIndex.Root,
                KeyEpoch = Math.Max(state?.KeyEpoch ?? 0, _keyEpoch),
                Coverage = CoverageJudge.Judge(outcomes, isComplete, newIndex.Count, erased.Count, scrubbed.Lost),
                // What was lost is still behind the cursor that the run began at.
                Cursors = scrubbed.Lost > 0 ? state?.Cursors ?? [] : CursorsAfter(state),
                PrimaryKey = outcomes[0].PrimaryKey,
                VolatileFields = VolatileFields,
                Schema = schema.ToSchema(seq),
                Sections = state?.Sections ?? [],
                HasAttachments = state?.HasAttachments == true || _hasAttachments ? true : null,
                Dictionaries = DictionariesAfter(state) is { Count: > 0 } dictionaries ? dictionaries : null,
            },
            newIndex,
            _sections,
            scrubbed.Replaced,
            _attachmentPlan);
    }

    private async Task ReadDraftsAsync(CancellationToken cancellation)
    {
        // In the order of their names: of two partitions with one key, the later one's record stands, at every attempt alike.
        foreach (var outcome in outcomes.OrderBy(outcome => outcome.Partition, StringComparer.Ordinal))
        {
            DraftPart? last = null;
            if (outcome.DraftObjects.Count == 0)
            {
                var inMemory = core.Finished.Take(DraftStore.FinalPartName(DraftStore.FolderOf(source, outcome.Run, stream, outcome.Partition)))
                    ?? throw new VaultNotFoundException($"The backup of stream {stream} in run {outcome.Run} was kept in the memory of one process and is gone; the run cannot be committed.");
                TakeChanges(inMemory.Changes);
                TakeSections(last = inMemory.Part);
            }

            foreach (var name in outcome.DraftObjects)
            {
                if (outcome.DraftObjects.Count == 1 && core.Finished.Take(name) is { } finished)
                {
                    TakeChanges(finished.Changes);
                    last = finished.Part;
                }
                else
                {
                    last = await _drafts.TryReadAsync(name, cancellation)
                        ?? throw new VaultNotFoundException($"The draft {name} of run {outcome.Run} is gone or damaged; the run cannot be committed.");
                    last.ReplayInto(_changes);
                }

                TakeSections(last);
            }

            _schema.Add(last!.Header.Schema);
            _refusedWithoutKey += last.Header.RefusedWithoutKey;
            _hasAttachments |= last.Header.HasAttachments;
            if (last.Header.HasAttachments) _attachmentPlan = Math.Min(_attachmentPlan ?? long.MaxValue, last.Header.AttachmentPlan ?? 0);
            _dictionaries.AddRange(last.Header.NewDictionaries);
            _sweeps.Add((outcome, last.Marks));
        }
    }

    private void TakeChanges(ChangeTable changes)
    {
        if (_changes.Count == 0) _changes = changes;
        else changes.ReplayInto(_changes);
    }

    private void TakeSections(DraftPart part)
    {
        var inline = 0;
        foreach (var section in part.Header.Sections)
        {
            _sections.Add(new NewSection(section.Table, section.Reference is null ? part.InlineSections[inline++] : null, section.Reference));
        }
    }

    /// <summary>
    /// Adds a <c>gone</c> for every key that every partition knew and none saw. Where the parent moved on meanwhile, only keys that did
    /// not change with it can be judged: somebody saw the others more recently than we.
    /// </summary>
    private async Task AddGoneAsync(KeyIndex index, StreamState? state, CancellationToken cancellation)
    {
        var bases = new List<(KeyIndex Index, KeyMarks Marks)>();
        foreach (var (outcome, marks) in _sweeps) bases.Add((await BaseIndexAsync(outcome, cancellation), marks));
        using var rows = new RowSpool(core.Options.SpillFolder ?? Path.GetTempPath(), core.Options.BufferBytesMax);
        for (var position = 0; position < bases[0].Index.Count; position++)
        {
            // Nearly every record arrived, and its place says so.
            if (bases[0].Marks.IsMarked(position)) continue;
            var keyHash = bases[0].Index.KeyHashAt(position);
            if (_changes.TryGet(keyHash, out _) || !IsUnseenByAll(bases, keyHash)) continue;
            var present = index.Find(keyHash);
            if (present < 0 || index.RecordHashAt(present) != bases[0].Index.RecordHashAt(position)) continue;
            _changes.Set(keyHash, null, index.KeyAt(present));
            rows.Add(keyHash, index.KeyAt(present), RecordOperation.Gone, [], []);
        }

        if (rows.RowCount == 0) return;
        var keys = await core.StreamKeys.GetForWritingAsync(source, stream, Math.Max(_keyEpoch, state?.KeyEpoch ?? 0), index.Count, cancellation);
        _keyEpoch = Math.Max(_keyEpoch, keys.Newest.Epoch);
        var (compression, dictionary) = await new BlockCompressionChoice(core, source, stream)
            .ChooseAsync(rows, keys.Newest.Groups, DictionariesAfter(state), baseSeq: 0, cancellation);
        if (dictionary is not null) _dictionaries.Add(dictionary);
        foreach (var built in rows.Build(source, stream, keys, compression))
        {
            var (table, blocks) = built.Segment.TakeOnlySection();
            _sections.Add(new NewSection(table, blocks, null));
        }
    }

    private List<DictionaryReference> DictionariesAfter(StreamState? state) => [.. (state?.Dictionaries ?? []).Concat(_dictionaries).DistinctBy(dictionary => dictionary.Hash)];

    // A loop: a lambda would cost an object for each record.
    private static bool IsUnseenByAll(List<(KeyIndex Index, KeyMarks Marks)> bases, Hash128 keyHash)
    {
        foreach (var (index, marks) in bases)
        {
            var position = index.Find(keyHash);
            if (position < 0 || marks.IsMarked(position)) return false;
        }

        return true;
    }

    private async Task<KeyIndex> BaseIndexAsync(StreamOutcome outcome, CancellationToken cancellation)
    {
        if (outcome.BaseSeq == 0) return KeyIndex.Empty;
        var manifest = await core.Manifests.GetAsync(source, outcome.BaseSeq, cancellation);
        return await core.Indexes.GetAsync(source, stream, manifest.Manifest, VolatileFields, cancellation);
    }

    private static (long Added, long Changed, long Deleted) Count(KeyIndex index, ChangeTable changes)
    {
        var (added, changed, deleted) = (0L, 0L, 0L);
        for (var i = 0; i < changes.Count; i++)
        {
            var position = index.Find(changes.KeyHashAt(i));
            if (changes.RecordHashAt(i) is not { } recordHash) deleted += position >= 0 ? 1 : 0;
            else if (position < 0) added++;
            else if (index.RecordHashAt(position) != recordHash) changed++;
        }

        return (added, changed, deleted);
    }

    private SortedDictionary<string, string> CursorsAfter(StreamState? state)
    {
        var cursors = new SortedDictionary<string, string>(state?.Cursors ?? [], StringComparer.Ordinal);
        foreach (var outcome in outcomes)
        {
            if (outcome.CursorOut is not null) cursors[outcome.Partition] = outcome.CursorOut;
        }

        return cursors;
    }
}
