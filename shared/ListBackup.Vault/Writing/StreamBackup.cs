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
/// </remarks>
public sealed class StreamBackup : IAsyncDisposable
{
    internal StreamBackup() { }

    /// <summary>The committed cursor of this stream (and partition) in the newest snapshot: where an incremental read begins. JSON; null when there is none.</summary>
    public string? CommittedCursor => throw new NotImplementedException();

    /// <summary>The cursor of the draft from which this worker resumes: where the reading continues. JSON; null on a fresh start.</summary>
    public string? DraftCursor => throw new NotImplementedException();

    /// <summary>The outcome when this stream was finished already in this run (a repeated message): there is nothing left to read. Null otherwise.</summary>
    public StreamOutcome? Outcome => throw new NotImplementedException();

    /// <summary>What happened so far in this run, drafts of earlier workers included.</summary>
    public StreamCounts Counts => throw new NotImplementedException();

    /// <summary>Takes one record as the platform sent it: UTF-8 JSON. Its key is found by <see cref="StreamSettings.PrimaryKey"/>. The memory is free for reuse when the call returned.</summary>
    public ValueTask<RecordOutcome> WriteAsync(ReadOnlyMemory<byte> record, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>As the other, with a key that the caller made. One stream uses one of the two, always.</summary>
    public ValueTask<RecordOutcome> WriteAsync(string key, ReadOnlyMemory<byte> record, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The platform says that this record was deleted. An unknown or deleted key changes nothing (<see cref="RecordEffect.Unchanged"/>).</summary>
    public ValueTask<RecordOutcome> DeleteAsync(string key, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The key of these key parts, built as <see cref="StreamSettings.PrimaryKey"/> describes: for deletes and id lists.</summary>
    public string KeyOf(params ReadOnlySpan<string> parts) => throw new NotImplementedException();

    /// <summary>In an <see cref="ReadMode.IdSweep"/>: the platform's list of ids holds this key. Repetition is harmless.</summary>
    public void MarkLive(string key) => throw new NotImplementedException();

    /// <summary>
    /// Makes everything taken so far resumable, together with the position of the reading. Call it between two pages, seldom (it writes
    /// objects): before a worker's time ends, or every few minutes.
    /// </summary>
    /// <param name="cursor">Where the reading continues; any JSON value, opaque to the vault, at most 64 KiB.</param>
    /// <param name="cancellation">Cancels; the draft is then saved or not, never half.</param>
    /// <exception cref="DraftTakenException">Another worker has gone on from the same draft.</exception>
    public Task SaveDraftAsync(string cursor, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Ends the stream's part in the run and stores its outcome for the committer. Repeating it (by any worker) returns the stored outcome.</summary>
    public Task<StreamOutcome> FinishAsync(StreamFinish finish, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Frees memory. Unsaved work is lost, as if the worker had crashed.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>How the reading of a stream ended.</summary>
public sealed record StreamFinish
{
    /// <summary>
    /// The reading reached its end without a gap: every page of the sweep, every change since the cursor, every id. Only then does a
    /// sweep turn absent keys into <c>gone</c>. False keeps what arrived and makes the coverage partial.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>Why it is not complete, for people; null when it is.</summary>
    public string? IncompleteReason { get; init; }

    /// <summary>Where the next incremental read begins; JSON, at most 64 KiB. Null: keeps the committed one.</summary>
    public string? CursorOut { get; init; }

    /// <summary>What the reader saw of the platform.</summary>
    public CoverageEvidence Evidence { get; init; } = new();
}
