using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Vault.Attachments;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault;

/// <summary>
/// The backup of one stream (or one partition of it) in one run by one worker. Made by <see cref="BackupVault.BackUpStreamAsync"/>,
/// which resumes where the last saved draft stopped.
/// </summary>
/// <remarks>
/// <para>Not safe for concurrent use: one worker, one record after the other. Nothing is visible to readers before
/// <see cref="BackupVault.CommitAsync"/>; a worker that vanishes leaves orphans that maintenance collects.</para>
/// <para>At-least-once delivery is expected. If the message arrives again after the work was finished, <see cref="Outcome"/> is set at once.
/// If two workers run it at the same time, one of them gets <see cref="DraftTakenException"/> from <see cref="SaveDraftAsync"/> or finds the
/// other's outcome at <see cref="FinishAsync"/>. Records that arrive twice are <see cref="RecordEffect.Repeated"/>.</para>
/// <para>When a call fails with an exception of the store, what is in memory and what is stored may differ: every further call is refused.
/// Open the stream's backup again; it resumes from the last saved draft.</para>
/// </remarks>
public sealed class StreamBackup : IAsyncDisposable
{
    private const int CursorBytesMax = 512 * 1024;
    private const int RefusedSamplesMax = 20;
    private const int RecordBytesUsual = 2_048;

    private readonly VaultCore _core;
    private readonly DraftStore _drafts;
    private readonly StreamBackupRequest _request;
    private readonly StreamSecrets _secrets;
    private readonly RecordScanner _scanner;
    private readonly string _attempt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly string _folder;
    private readonly RowSpool _spool;
    private readonly List<string> _draftNames = [];
    private readonly List<(DraftSection Section, byte[]? Inline)> _unsavedSections = [];
    private readonly List<RefusedRecord> _refusedSamples = [];
    private readonly SchemaTree _schema = new();
    private readonly ObservedSchemaSum _earlierSchema = new();
    private ChangeTable _changes = new();
    private KeyIndex _index;
    private KeyMarks _marks;
    private StreamState? _base;
    private long _baseSeq;
    private readonly List<DictionaryReference> _newDictionaries = [];
    private int _keyEpoch;
    private int _segmentPart;
    private long _refusedWithoutKey;
    private readonly HashSet<Hash128> _erasedArrivals = [];
    private IReadOnlySet<Hash128> _erased = new HashSet<Hash128>();
    private bool _hasAttachments;
    private bool _isKnownToHaveAttachments;
    private AttachmentPlans.State? _attachmentPlans;
    private long? _attachmentPlan;
    private bool _isBroken;
    private FinishedDraft? _finished;
    private Tally _tally = new();

    private StreamBackup(VaultCore core, StreamBackupRequest request)
    {
        _core = core;
        _drafts = new DraftStore(core);
        _request = request;
        _secrets = core.Secrets.Stream(request.Source, request.Stream);
        _scanner = new RecordScanner(FieldPaths.Parse(request.Settings.PrimaryKey, request.Settings.VolatileFields), _secrets.HashSalt);
        _folder = DraftStore.FolderOf(request);
        _spool = new RowSpool(core.Options.SpillFolder ?? Path.GetTempPath(), core.Options.BufferBytesMax);
        _index = KeyIndex.Empty;
        _marks = new KeyMarks(0);
    }

    /// <summary>The committed cursor of this stream (and partition) in the snapshot that this run compares with: where an incremental read begins. JSON; null when there is none.</summary>
    public string? CommittedCursor => _base?.Cursors.GetValueOrDefault(_request.Partition);

    /// <summary>The fields that the keys of the stream's records were made of in the snapshot that this run compares with; null when there is none. With others every record is another.</summary>
    public IReadOnlyList<string>? CommittedPrimaryKey => _base?.PrimaryKey;

    /// <summary>The cursor of the draft from which this worker resumes: where the reading continues. JSON; null on a fresh start.</summary>
    public string? DraftCursor { get; private set; }

    /// <summary>The outcome when this stream was finished already in this run (a repeated message): there is nothing left to read. Null otherwise.</summary>
    public StreamOutcome? Outcome { get; private set; }

    /// <summary>What happened so far in this run, drafts of earlier workers included.</summary>
    public StreamCounts Counts => _tally.ToCounts();

    internal static async Task<StreamBackup> OpenAsync(VaultCore core, StreamBackupRequest request, CancellationToken cancellation)
    {
        if (request.PartitionCount < 1) throw new ArgumentException("A stream has at least one partition.", nameof(request));
        var backup = new StreamBackup(core, request);
        if (request.IsInOneProcess)
        {
            await backup.StartAsync(cancellation);
            return backup;
        }

        var names = await backup._drafts.ListAsync(backup._folder, cancellation);
        if (names.Count > 0 && DraftStore.IsFinal(names[^1]) && await backup._drafts.TryReadHeaderAsync(names[^1], cancellation) is { Outcome: { } outcome })
        {
            backup.Outcome = outcome;
            return backup;
        }

        if (!await backup.TryResumeAsync(names, cancellation)) await backup.StartAsync(cancellation);
        return backup;
    }

    /// <summary>Takes one record as the platform sent it: UTF-8 JSON. Its key is found by <see cref="StreamSettings.PrimaryKey"/>. The memory is free for reuse when the call returned.</summary>
    public ValueTask<RecordOutcome> WriteAsync(ReadOnlyMemory<byte> record, CancellationToken cancellation) => WriteAsync(null, record, cancellation);

    /// <summary>As the other, with a key that the caller made. One stream uses one of the two, always.</summary>
    public ValueTask<RecordOutcome> WriteAsync(string? key, ReadOnlyMemory<byte> record, CancellationToken cancellation) => WriteAsync(key, record, [], cancellation);

    /// <summary>
    /// Stores a file that belongs to a record, to be named when the record is written. Streams in bounded memory; a content that the vault has
    /// already is not stored again. One that no record names in the end is garbage.
    /// </summary>
    /// <param name="path">Where in the record it belongs; see <see cref="Attachment.Path"/>.</param>
    /// <param name="content">Read to its end and left open.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<Attachment> WriteAttachmentAsync(string path, Stream content, CancellationToken cancellation)
    {
        ThrowIfFinished();
        if (_attachmentPlans is null)
        {
            if (!_isKnownToHaveAttachments) await _core.AttachmentPlans.RegisterAsync(_request.Source, cancellation);
            _attachmentPlans = await _core.AttachmentPlans.ReadAsync(cancellation);
            // The worker before may have named files under an earlier plan.
            _attachmentPlan ??= _attachmentPlans.Seq;
        }

        return await new AttachmentStore(_core).PutAsync(path, content, _attachmentPlans, cancellation);
    }

    /// <summary>As the others, with all files that belong to the record now. A record whose files changed has changed.</summary>
    public ValueTask<RecordOutcome> WriteAsync(string? key, ReadOnlyMemory<byte> record, IReadOnlyList<Attachment> attachments, CancellationToken cancellation)
    {
        ThrowIfFinished();
        cancellation.ThrowIfCancellationRequested();
        var outcome = Take(key, record.Span, attachments);
        _tally.Count(outcome, record.Length);
        return _spool.ByteCount < _core.Options.SpillBytesMax ? ValueTask.FromResult(outcome) : FlushAsync(outcome, cancellation);
    }

    /// <summary>The platform says that this record was deleted. An unknown or deleted key changes nothing (<see cref="RecordEffect.Unchanged"/>).</summary>
    public async ValueTask<RecordOutcome> DeleteAsync(string key, CancellationToken cancellation)
    {
        ThrowIfFinished();
        cancellation.ThrowIfCancellationRequested();
        var bytes = Encoding.UTF8.GetBytes(key);
        var keyHash = _secrets.HashKey(bytes);
        var position = _index.Find(keyHash);
        if (position >= 0) _marks.MarkArrived(position);
        var isLive = _changes.TryGet(keyHash, out var earlier) ? earlier is not null : position >= 0;
        if (!isLive || _erased.Contains(keyHash)) return new RecordOutcome(RecordEffect.Unchanged, Key: key);
        AddRow(keyHash, bytes, null, RecordOperation.Delete, [], []);
        _tally.Deleted++;
        if (_spool.ByteCount >= _core.Options.SpillBytesMax) await FlushAsync(isLast: false, cancellation);
        return new RecordOutcome(RecordEffect.Changed, Key: key);
    }

    /// <summary>The key of these key parts, built as <see cref="StreamSettings.PrimaryKey"/> describes: for deletes and id lists.</summary>
    public string KeyOf(params ReadOnlySpan<string> parts) => RecordKey.Of(parts);

    /// <summary>The platform lists this key as live: in an <see cref="ReadMode.IdSweep"/>, or when a record is known to be there and was not read. It will not be <c>gone</c>. Repetition is harmless.</summary>
    public void MarkLive(string key)
    {
        ThrowIfFinished();
        var position = _index.Find(_secrets.HashKey(key));
        if (position >= 0) _marks.MarkListed(position);
    }

    /// <summary>
    /// Makes everything taken so far resumable, together with the position of the reading. Call it between two pages, seldom (it writes
    /// objects): before a worker's time ends, or every few minutes.
    /// </summary>
    /// <param name="cursor">Where the reading continues; any JSON value, opaque to the vault, at most 512 KiB.</param>
    /// <param name="cancellation">Cancels; the draft is then saved or not, never half.</param>
    /// <exception cref="DraftTakenException">Another worker has gone on from the same draft.</exception>
    public async Task SaveDraftAsync(string cursor, CancellationToken cancellation)
    {
        ThrowIfFinished();
        CheckCursor(cursor);
        await FlushAsync(isLast: false, cancellation);
        _isBroken = true;
        var name = DraftStore.PartName(_folder, _draftNames.Count + 1);
        var standing = await PutPartAsync(name, cursor, outcome: null, cancellation);
        if (standing.Attempt != _attempt)
            throw new DraftTakenException($"Another worker has gone on with stream {_request.Stream} of run {_request.Run}; its work stands.");
        _draftNames.Add(name);
        _changes.MarkSaved();
        _unsavedSections.Clear();
        DraftCursor = cursor;
        _isBroken = false;
    }

    /// <summary>Ends the stream's part in the run and stores its outcome for the committer. Repeating it (by any worker) returns the stored outcome.</summary>
    public async Task<StreamOutcome> FinishAsync(StreamFinish finish, CancellationToken cancellation)
    {
        if (Outcome is not null) return Outcome;
        ThrowIfFinished();
        if (finish.CursorOut is not null) CheckCursor(finish.CursorOut);
        await FlushAsync(isLast: true, cancellation);
        _isBroken = true;
        var name = DraftStore.FinalPartName(_folder);
        if (_request.IsInOneProcess && _draftNames.Count == 0)
        {
            Outcome = OutcomeOf(finish, draftObjects: []);
            Offer(name, HeaderOf(finish.CursorOut, Outcome), isStored: false);
            _isBroken = false;
            Release();
            return Outcome;
        }

        var standing = await PutPartAsync(name, finish.CursorOut, OutcomeOf(finish, [.. _draftNames, name]), cancellation);
        Outcome = standing.Outcome ?? throw new DraftTakenException($"The final draft {name} has no outcome.");
        _isBroken = false;
        if (standing.Attempt == _attempt && _draftNames.Count == 0) Offer(name, standing, isStored: true);
        Release();
        return Outcome;
    }

    /// <summary>Frees memory. Unsaved work is lost, as if the worker had crashed.</summary>
    public ValueTask DisposeAsync()
    {
        Release();
        if (_finished is not null) _core.Finished.Forget(DraftStore.FinalPartName(_folder));
        _finished = null;
        return ValueTask.CompletedTask;
    }

    /// <summary>Leaves what is in memory to a committer in this process.</summary>
    private void Offer(string name, DraftHeader header, bool isStored)
    {
        _finished = new FinishedDraft(DraftPart.InMemory(header, _marks, [.. InlineSections()]), _changes, isStored);
        _core.Finished.Offer(name, _finished);
    }

    private IEnumerable<byte[]> InlineSections() => _unsavedSections.Where(item => item.Inline is not null).Select(item => item.Inline!);

    private void Release()
    {
        _spool.Dispose();
        _unsavedSections.Clear();
        _changes = new ChangeTable();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        var newest = await _core.Manifests.FindNewestAsync(_request.Source, cancellation);
        await CompareWithAsync(newest?.Manifest, cancellation);
    }

    /// <summary>Goes on from the drafts; false when there are none, or when one cannot be read: then the work begins anew behind them.</summary>
    private async Task<bool> TryResumeAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var parts = new List<DraftPart>();
        foreach (var name in names)
        {
            if (await _drafts.TryReadAsync(name, cancellation) is not { } part)
                throw new DraftTakenException($"The draft {name} cannot be read. Abandon run {_request.Run} and start another.");
            parts.Add(part);
        }

        if (parts.Count == 0) return false;
        var header = parts[^1].Header;
        await CompareWithAsync(header.BaseSeq == 0 ? null : (await _core.Manifests.GetAsync(_request.Source, header.BaseSeq, cancellation)).Manifest, cancellation);
        foreach (var part in parts) part.ReplayInto(_changes);
        _changes.MarkSaved();
        _draftNames.AddRange(names);
        _earlierSchema.Add(header.Schema);
        _marks = parts[^1].Marks;
        _tally = new Tally(header.Counts);
        _refusedSamples.AddRange(header.RefusedSamples);
        _refusedWithoutKey = header.RefusedWithoutKey;
        _hasAttachments = header.HasAttachments;
        _attachmentPlan = header.HasAttachments ? header.AttachmentPlan ?? 0 : header.AttachmentPlan;
        _erasedArrivals.UnionWith(header.ErasedArrivals.Select(Hash128.Parse));
        _newDictionaries.AddRange(header.NewDictionaries);
        DraftCursor = header.Cursor;
        return true;
    }

    private async Task CompareWithAsync(Manifest? manifest, CancellationToken cancellation)
    {
        _baseSeq = manifest?.Seq ?? 0;
        _base = manifest?.Streams.GetValueOrDefault(_request.Stream);
        _isKnownToHaveAttachments = manifest?.Streams.Values.Any(state => state.HasAttachments == true) == true;
        _erased = await _core.Ledger.KeysOfAsync(manifest, _request.Source, _request.Stream, cancellation);
        _keyEpoch = _base?.KeyEpoch ?? 0;
        _index = await _core.Indexes.GetAsync(_request.Source, _request.Stream, manifest, _request.Settings.VolatileFields, cancellation);
        _marks = new KeyMarks(_index.Count);
    }

    private RecordOutcome Take(string? givenKey, ReadOnlySpan<byte> json, IReadOnlyList<Attachment> attachments)
    {
        if (json.Length > _core.Options.RecordBytesMax) return Refuse(RecordProblem.TooLarge, givenKey is null ? null : Encoding.UTF8.GetBytes(givenKey));
        // On a first backup every record is new, and one pass does for both.
        var observes = _index.Count == 0;
        var problem = _scanner.Scan(json, observes ? _schema : null);
        // What stands before the place where a text breaks off may be cut itself, such as 12 of 123: it must not pass for a record that arrived.
        var key = givenKey is not null ? Encoding.UTF8.GetBytes(givenKey) : problem == RecordProblem.InvalidJson ? null : _scanner.Key();
        if (problem != RecordProblem.None) return Refuse(problem, key);
        var recordHash = attachments.Count == 0 ? _scanner.Hash() : AttachmentList.Hash(_secrets.HashSalt, _scanner.Hash(), attachments);
        if (key is null && _request.Settings.PrimaryKey.Count == 0) key = Encoding.ASCII.GetBytes($"{recordHash.High:x16}{recordHash.Low:x16}");
        if (key is null || key.Length == 0) return Refuse(RecordProblem.MissingKey, null);
        if (key.Length > RecordLimits.KeyBytesMax) return Refuse(RecordProblem.KeyTooLong, null);

        var keyHash = _secrets.HashKey(key);
        if (_erased.Contains(keyHash)) return Leave(keyHash);
        var effect = EffectOf(keyHash, recordHash);
        if (effect is RecordEffect.Added or RecordEffect.Changed or RecordEffect.Superseded)
        {
            AddRow(keyHash, key, recordHash, RecordOperation.Put, attachments.Count == 0 ? [] : AttachmentList.Write(attachments), json);
            _hasAttachments |= attachments.Count > 0;
            if (!observes) _scanner.Scan(json, _schema);
        }

        return new RecordOutcome(effect, Key: Encoding.UTF8.GetString(key));
    }

    /// <summary>An erased record. Where its erasure is not committed yet it is live, and it is the erasure that ends it, not its absence.</summary>
    private RecordOutcome Leave(Hash128 keyHash)
    {
        if (_index.Find(keyHash) is >= 0 and var position) _marks.MarkArrived(position);
        return new RecordOutcome(_erasedArrivals.Add(keyHash) ? RecordEffect.Erased : RecordEffect.Repeated);
    }

    private RecordEffect EffectOf(Hash128 keyHash, Hash128 recordHash)
    {
        var position = _index.Find(keyHash);
        var isFirst = position >= 0 && _marks.MarkArrived(position);
        if (_changes.TryGet(keyHash, out var earlier)) return earlier == recordHash ? RecordEffect.Repeated : RecordEffect.Superseded;
        if (position < 0) return RecordEffect.Added;
        if (_index.RecordHashAt(position) == recordHash) return isFirst ? RecordEffect.Unchanged : RecordEffect.Repeated;
        return isFirst ? RecordEffect.Changed : RecordEffect.Superseded;
    }

    private void AddRow(Hash128 keyHash, ReadOnlySpan<byte> key, Hash128? recordHash, RecordOperation operation, ReadOnlySpan<byte> attachments, ReadOnlySpan<byte> json)
    {
        _changes.Set(keyHash, recordHash, key);
        _spool.Add(keyHash, key, operation, attachments, json);
    }

    private RecordOutcome Refuse(RecordProblem problem, byte[]? key)
    {
        // The record is there at the platform, so a sweep must not take it for gone.
        if (key is null) _refusedWithoutKey++;
        else if (_index.Find(_secrets.HashKey(key)) is >= 0 and var position) _marks.MarkListed(position);
        var text = key is null || _erased.Contains(_secrets.HashKey(key)) ? null : Encoding.UTF8.GetString(key);
        if (_refusedSamples.Count < RefusedSamplesMax) _refusedSamples.Add(new RefusedRecord(_tally.Arrived + 1, problem, text));
        return new RecordOutcome(RecordEffect.Refused, problem, text);
    }

    private async ValueTask<RecordOutcome> FlushAsync(RecordOutcome outcome, CancellationToken cancellation)
    {
        await FlushAsync(isLast: false, cancellation);
        return outcome;
    }

    /// <summary>Turns what is held into sections: objects of their own when large, carried by the draft when small.</summary>
    private async Task FlushAsync(bool isLast, CancellationToken cancellation)
    {
        if (_spool.RowCount == 0) return;
        _isBroken = true;
        var keys = await _core.StreamKeys.GetForWritingAsync(_request.Source, _request.Stream, _keyEpoch, RecordsExpected(isLast), cancellation);
        _keyEpoch = keys.Newest.Epoch;
        var (compression, dictionary) = await new BlockCompressionChoice(_core, _request.Source, _request.Stream)
            .ChooseAsync(_spool, keys.Newest.Groups, [.. _base?.Dictionaries ?? [], .. _newDictionaries], _baseSeq, cancellation);
        if (dictionary is not null) _newDictionaries.Add(dictionary);
        foreach (var built in _spool.Build(_request.Source, _request.Stream, keys, compression))
        {
            if (built.Segment.Length <= _core.Options.PackedSectionBytesMax)
            {
                var (table, blocks) = built.Segment.TakeOnlySection();
                _unsavedSections.Add((new DraftSection { Table = table }, blocks));
            }
            else
            {
                // The reference leads to the table in the segment.
                _unsavedSections.Add((new DraftSection { Table = built.Table with { Blocks = [] }, Reference = await PutAsync(built, cancellation) }, null));
            }
        }

        _isBroken = false;
    }

    private async Task<SectionReference> PutAsync(BuiltSection built, CancellationToken cancellation)
    {
        var finished = built.Segment.Finish(ObjectNames.Segment(_request.Source, _baseSeq + 1, _attempt, ++_segmentPart), _core.Options.FooterPageBlocks);
        // The name is random, so nobody else's object is replaced, and a repeated put after a lost reply is none the worse.
        await _core.Objects.PutAsync(finished.Name, finished.Content, PutCondition.Replace, cancellation);
        return finished.ReferenceTo(built.Table.Id);
    }

    /// <summary>How many records the stream may grow to, for the number of its groups. Before the end of a first backup that is a guess; large records count for several.</summary>
    private long RecordsExpected(bool isLast)
    {
        var known = Math.Max((long)_index.Count + _changes.Count, _spool.ByteCount / RecordBytesUsual);
        if (!isLast && _index.Count == 0) known *= 4;
        return Math.Max(known * (_index.Count == 0 ? _request.PartitionCount : 1), _request.Settings.ExpectedRecords ?? 0);
    }

    private Task<DraftHeader> PutPartAsync(string name, string? cursor, StreamOutcome? outcome, CancellationToken cancellation) =>
        _drafts.PutAsync(name, HeaderOf(cursor, outcome), _changes, _marks, [.. InlineSections()], cancellation);

    private DraftHeader HeaderOf(string? cursor, StreamOutcome? outcome)
    {
        var schema = new ObservedSchemaSum();
        schema.Add(_earlierSchema.ToSchema());
        schema.Add(_schema.ToSchema(firstSeq: 0));
        return new DraftHeader
        {
            Attempt = _attempt,
            BaseSeq = _baseSeq,
            BaseRoot = _index.Root,
            Cursor = cursor,
            Counts = Counts,
            Schema = schema.ToSchema(),
            Sections = [.. _unsavedSections.Select(item => item.Section)],
            RefusedSamples = _refusedSamples,
            RefusedWithoutKey = _refusedWithoutKey,
            HasAttachments = _hasAttachments,
            AttachmentPlan = _attachmentPlan,
            ErasedArrivals = [.. _erasedArrivals.Select(hash => hash.ToString())],
            NewDictionaries = _newDictionaries,
            Outcome = outcome,
        };
    }

    private StreamOutcome OutcomeOf(StreamFinish finish, IReadOnlyList<string> draftObjects) => new()
    {
        Source = _request.Source,
        Run = _request.Run,
        Stream = _request.Stream,
        Partition = _request.Partition,
        PartitionCount = _request.PartitionCount,
        Mode = _request.Mode,
        IsComplete = finish.IsComplete,
        IncompleteReason = finish.IncompleteReason,
        BaseSeq = _baseSeq,
        Counts = Counts,
        Evidence = finish.Evidence,
        CursorOut = finish.CursorOut,
        PrimaryKey = _request.Settings.PrimaryKey,
        VolatileFields = _request.Settings.VolatileFields,
        DraftObjects = draftObjects,
        RefusedSamples = [.. _refusedSamples],
    };

    private static void CheckCursor(string cursor)
    {
        if (Encoding.UTF8.GetByteCount(cursor) > CursorBytesMax) throw new ArgumentException($"A cursor has at most {CursorBytesMax} bytes.", nameof(cursor));
        try
        {
            using var _ = JsonDocument.Parse(cursor);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException("A cursor is a JSON value.", nameof(cursor), exception);
        }
    }

    private void ThrowIfFinished()
    {
        if (Outcome is not null) throw new InvalidOperationException($"The backup of stream {_request.Stream} in run {_request.Run} is finished.");
        if (_isBroken) throw new InvalidOperationException($"A request of the backup of stream {_request.Stream} failed. Open it again: it resumes from the last draft.");
    }
}
