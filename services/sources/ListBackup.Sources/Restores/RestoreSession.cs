using System.Text.Json;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>What a delivery of a restore works with: the vault it reads, the platform it writes to, and the records as they are to be written.</summary>
public sealed class RestoreSession
{
    /// <summary>What the vault learns meanwhile, above all a no, counts after so long.</summary>
    private static readonly TimeSpan HistoryFreshFor = TimeSpan.FromSeconds(5);

    private readonly RestoreItems _items;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, HistoryReader> _histories = [];
    private long _historiesSince;
    private readonly SnapshotReader? _safety;
    private SnapshotReader? _base;

    private readonly OpenConnection _connection;

    private RestoreSession(Job job, BackupVault vault, SnapshotReader reader, SnapshotReader? safety, OpenConnection connection, IRestoreTarget target, RestoreItems items, TimeProvider clock)
    {
        Job = job;
        Vault = vault;
        Reader = reader;
        _safety = safety;
        _connection = connection;
        Target = target;
        _items = items;
        Referred = new(this, items);
        _clock = clock;
    }

    public Job Job { get; }

    public BackupVault Vault { get; }

    public SnapshotReader Reader { get; }

    public ConnectionId ConnectionId => _connection.Id;

    public IRestoreTarget Target { get; }

    /// <summary>Where the records live that others refer to.</summary>
    public ReferredRecords Referred { get; }

    public static async Task<RestoreSession> OpenAsync(
        Job job, Source source, AccountVaults vaults, IConnections connections, IPlatformWriter platform, RestoreItems items, TimeProvider clock, CancellationToken cancellation)
    {
        var detail = job.Restore!; // A restore job is made with it.
        var connection = await connections.OpenAsync(job.AccountId, detail.TargetConnectionId ?? source.ConnectionId, ConnectionUse.Urgent, cancellation);
        var target = await platform.OpenAsync(connection, cancellation);
        if (target.Streams.Count == 0) throw Problem.Conflict("This platform's connector cannot write records back.", "restore-not-supported");
        var vault = await vaults.OpenAsync(job.AccountId, cancellation);
        var reader = await vault.OpenSnapshotAsync(job.SourceId.ToString(), detail.Seq, cancellation);
        var safety = detail.SafetySeq is { } seq ? await vault.OpenSnapshotAsync(job.SourceId.ToString(), seq, cancellation) : null;
        return new(job, vault, reader, safety, connection, target, items, clock);
    }

    /// <summary>True when the restore was asked for sets as they were, without what was added since.</summary>
    public bool HasExactSets => Job.Restore!.AddedItems == AddedItems.Remove; // A restore job is made with it.

    /// <summary>
    /// Which fields of a stream stay as they are on the platform, also when the restore is taken back; null: none does for that reason. Where the consent of people lies
    /// in a stream of its own and what tells them apart may come back, the consent goes along: an address that said no must not take over the yes of another.
    /// </summary>
    public FieldPolicy? FieldsOf(string stream)
    {
        if (Job.Restore!.Fields?.ToPolicy() is not { } policy) return null; // As above.
        var isOthersConsent = Target.Streams.Any(owner => owner.With.Contains(stream) && owner.Match.SelectMany(rule => rule.Fields).Concat(owner.NeverWeaken.Select(rule => rule.Address).OfType<FieldPath>()).Any(field => !policy.IsKept(field)));
        return isOthersConsent ? policy.Without(InfoOf(stream).NeverWeaken.Select(rule => rule.Field)) : policy;
    }

    /// <summary>Who was erased, as the vault has it now: a person may be erased while a restore of them waits for approval.</summary>
    public async Task<ErasedPersons> ErasedAsync(CancellationToken cancellation) => new(await Vault.ReadErasedAsync(cancellation), Job.SourceId.ToString());

    /// <summary>How a stream is written. One that only the platform names may be gone since the plan was made.</summary>
    public RestoreStreamInfo InfoOf(string stream) =>
        Target.Streams.FirstOrDefault(s => s.Name == stream) ?? throw Problem.Conflict($"The platform has no stream {stream} any more. Plan again.", "stream-gone");

    public bool IsReferredTo(string stream) => Target.Streams.Any(s => s.References.Any(reference => reference.Stream == stream));

    /// <summary>A record as it is to be written: the snapshot's content, and what newer versions say of its consent.</summary>
    public async Task<PreparedRecord?> PrepareAsync(string stream, string key, CancellationToken cancellation) =>
        await Reader.FindAsync(stream, key, cancellation) is { } record ? await PrepareAsync(stream, key, record.Json, cancellation) : null;

    /// <summary>A record as far as it takes to find and delete it: without what newer versions say of its consent, which would cost reading its history.</summary>
    public async Task<RestoreRecord?> NamedAsync(string stream, string key, CancellationToken cancellation) =>
        await Reader.FindAsync(stream, key, cancellation) is { } record ? await WithIdsAsync(stream, key, record.Json, cancellation) : null;

    public async Task<PreparedRecord> PrepareAsync(string stream, string key, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var record = await WithIdsAsync(stream, key, json, cancellation);
        var oldId = OldId(stream, key, json);
        return new(record with
        {
            Newer = InfoOf(stream).NeedsNewer ? await NewerAsync(stream, key, record.Ids.Find(stream, oldId), cancellation) : [],
            HasExactSets = HasExactSets,
            Fields = FieldsOf(stream),
            BringsConsentBack = Job.Restore!.ConsentOfDeleted == DeletedConsent.BringBack, // A restore job is made with it.
        }, oldId);
    }

    /// <summary>The record as it was just before the restore, which is taken back with it; null when there was none.</summary>
    public async Task<RestoreRecord?> BeforeAsync(string stream, string key, CancellationToken cancellation) =>
        _safety is not null && _safety.Snapshot.Streams.Any(s => s.Stream == stream) && await _safety.FindAsync(stream, key, cancellation) is { } before
            ? await WithIdsAsync(stream, key, before.Json, cancellation) with { Fields = FieldsOf(stream), Undone = (await Reader.FindAsync(stream, key, cancellation))?.Json ?? default }
            : null;

    /// <summary>The record's content in the newest snapshot when the restore was planned; null when it was not there or every record is looked up.</summary>
    public async Task<ReadOnlyMemory<byte>?> InBaseAsync(string stream, string key, CancellationToken cancellation)
    {
        if (Job.Restore!.BaseSeq is not { } seq) return null; // A restore job is made with it.
        _base ??= await Vault.OpenSnapshotAsync(Job.SourceId.ToString(), seq, cancellation);
        return _base.Snapshot.Streams.Any(s => s.Stream == stream) ? (await _base.FindAsync(stream, key, cancellation))?.Json : null;
    }

    /// <summary>True when the snapshot has the stream.</summary>
    public bool HasSeen(string stream) => Reader.Snapshot.Streams.Any(s => s.Stream == stream);

    /// <summary>The content of a record of the snapshot's streams, else of the newest one; null when neither has it.</summary>
    public async Task<ReadOnlyMemory<byte>?> LastSeenAsync(string stream, string key, CancellationToken cancellation) =>
        (await Reader.FindAsync(stream, key, cancellation))?.Json ?? await InBaseAsync(stream, key, cancellation);

    /// <summary>A record with the ids that it and what it refers to live under now.</summary>
    public async Task<RestoreRecord> WithIdsAsync(string stream, string key, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(json);
        var names = new List<RecordName> { new(stream, OldId(stream, key, json)) };
        foreach (var reference in InfoOf(stream).References)
            names.AddRange(References.Ids(document.RootElement, reference).Select(id => new RecordName(reference.Stream, id)));
        return new(json, await _items.IdsAsync(Job.SourceId, ConnectionId, names, cancellation));
    }

    /// <summary>
    /// What the vault saw of a record after the snapshot, newest first; and of what an earlier restore made of it, which lives under an id of its own: whoever said
    /// no there said it as the same person.
    /// </summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> NewerAsync(string stream, string key, string? newId, CancellationToken cancellation)
    {
        var seq = Job.Restore!.Seq;
        var versions = new List<RecordVersion>(await HistoryAsync(stream, key, cancellation));
        if (newId is not null && newId != key && Job.Restore.TargetConnectionId is null) versions.AddRange(await HistoryAsync(stream, newId, cancellation));
        return [.. versions.Where(v => v.Seq > seq && v.Json is not null).OrderByDescending(v => v.Seq).Select(v => v.Json!.Value)];
    }

    private async Task<IReadOnlyList<RecordVersion>> HistoryAsync(string stream, string key, CancellationToken cancellation)
    {
        if (_histories.Count > 0 && _clock.GetElapsedTime(_historiesSince) > HistoryFreshFor) _histories.Clear();
        if (_histories.Count == 0) _historiesSince = _clock.GetTimestamp();
        if (!_histories.TryGetValue(stream, out var reader)) reader = _histories[stream] = await Vault.OpenHistoryAsync(Job.SourceId.ToString(), stream, cancellation);
        return await reader.ReadAsync(key, cancellation);
    }

    /// <summary>The id under which other records refer to this one: the text of its single key field, else its vault key.</summary>
    public string OldId(string stream, string key, ReadOnlyMemory<byte> json)
    {
        if (InfoOf(stream).Key is not { Count: 1 } path) return key;
        using var document = JsonDocument.Parse(json);
        return RecordFields.Text(document.RootElement, path[0]) ?? key;
    }
}

/// <summary>A record ready to be looked up and written.</summary>
/// <param name="Record">Content and ids.</param>
/// <param name="OldId">The id that it had when it was backed up.</param>
public sealed record PreparedRecord(RestoreRecord Record, string OldId);
