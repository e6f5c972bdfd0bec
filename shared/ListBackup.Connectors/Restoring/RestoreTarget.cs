using System.Runtime.CompilerServices;

namespace ListBackup.Connectors.Restoring;

/// <summary>Writes records back through one connection. Planning asks <see cref="FindAsync"/>, applying calls <see cref="WriteAsync"/>; neither remembers anything.</summary>
public sealed class RestoreTarget
{
    private readonly RestoreExecution _execution;

    internal RestoreTarget(RestoreProgram program, ConnectorConfig config, ConnectorPorts ports) =>
        _execution = new RestoreExecution(program, config, ports);

    /// <summary>Looks for the live counterpart of a backed up record, by each of the stream's match rules in turn.</summary>
    /// <exception cref="PlatformException">The platform did not tell. Not found is a result.</exception>
    public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation) =>
        _execution.FindAsync(stream, record, cancellation);

    /// <summary>
    /// The same for many records of a stream, in as few requests as the platform allows: what is found, missing or unknown is what <see cref="FindAsync"/> of each would tell.
    /// </summary>
    /// <exception cref="PlatformException">The platform did not tell of one of them.</exception>
    public Task<LiveCounterparts> FindManyAsync(string stream, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation) =>
        _execution.FindManyAsync(stream, records, cancellation);

    /// <summary>Writes one record.</summary>
    /// <returns>What happened to it. A record that the platform refuses is an outcome; an outage is an exception, after which the same write (same idempotency key) may be repeated.</returns>
    /// <exception cref="PlatformException">The platform failed for reasons that are not this record's.</exception>
    public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation) => _execution.WriteAsync(request, cancellation);

    /// <summary>
    /// Writes many records, those that follow one another in a stream and kind in as few requests as the platform's batches allow, and tells the outcome of each
    /// in the order given. Outcomes that were yielded stand; of the others any may have been written when this throws, and <see cref="FindAsync"/> tells.
    /// </summary>
    /// <exception cref="PlatformException">
    /// See <see cref="WriteAsync"/>. One that tells of a limit or of missing rights means that no record without an outcome was written.
    /// </exception>
    public async IAsyncEnumerable<WriteOutcome> WriteManyAsync(
        IAsyncEnumerable<WriteRequest> requests, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var together = new List<WriteRequest>();
        await foreach (var request in requests.WithCancellation(cancellation))
        {
            if (together.Count > 0 && (together[0].Stream != request.Stream || together[0].Kind != request.Kind || together.Count == _execution.BatchSize(request.Stream, request.Kind)))
            {
                await foreach (var outcome in _execution.WriteManyAsync(together, cancellation))
                    yield return outcome;
                together.Clear();
            }

            together.Add(request);
        }

        if (together.Count == 0)
            yield break;
        await foreach (var outcome in _execution.WriteManyAsync(together, cancellation))
            yield return outcome;
    }
}

/// <summary>A record out of a backup.</summary>
/// <param name="Json">The record as it was backed up, a JSON object in UTF-8.</param>
/// <param name="Ids">Old ids → new ids of what was written before it.</param>
public sealed record RestoreRecord(ReadOnlyMemory<byte> Json, IIdMap Ids)
{
    /// <summary>The versions of the record that were seen after this one, newest first: a no that they hold is kept as if it were live.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Newer { get; init; } = [];

    /// <summary>
    /// When the record is made anew: true brings it back with the consent that it had (or the stricter one of <see cref="Newer"/>). False, without a yes: what
    /// somebody said between the last backup and their deletion nobody knows.
    /// </summary>
    public bool BringsConsentBack { get; init; }

    /// <summary>True when sets (tags) become exactly what the record has; false, when what was added to the live record stays.</summary>
    public bool HasExactSets { get; init; }

    /// <summary>Which fields stay as they are on the platform; null: none does for that reason.</summary>
    public FieldPolicy? Fields { get; init; }

    /// <summary>The version of the record that is taken back by writing this one: what only it has in its sets is taken out. Empty: none is.</summary>
    public ReadOnlyMemory<byte> Undone { get; init; }
}

/// <summary>Translates ids of backed up records into the ids that they live under now.</summary>
public interface IIdMap
{
    /// <summary>The new id, or null when the record kept its id or was not restored.</summary>
    string? Find(string stream, string oldId);
}

/// <summary>An id map for records that kept their ids.</summary>
public sealed class SameIds : IIdMap
{
    public static readonly SameIds Instance = new();

    private SameIds()
    {
    }

    public string? Find(string stream, string oldId) => null;
}

/// <summary>What a record looks like on the platform now.</summary>
public sealed record LiveCounterpart
{
    public required LiveState State { get; init; }

    /// <summary>Its id on the platform; null when missing.</summary>
    public string? LiveId { get; init; }

    /// <summary>The live record as the platform sent it; empty when missing.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The rule that found it.</summary>
    public MatchKind? FoundBy { get; init; }

    /// <summary>Fields that a restore would change. Read-only and volatile fields are not compared.</summary>
    public IReadOnlyList<FieldPath> Differences { get; init; } = [];

    /// <summary>Consent fields whose live value, or that of a newer version, is stricter than the backup's and would stay; addresses that stay because of consent.</summary>
    public IReadOnlyList<FieldPath> Kept { get; init; } = [];

    /// <summary>Sets (tags) in which the live record has elements that the backup has not, and that stay.</summary>
    public IReadOnlyList<FieldPath> Stayed { get; init; } = [];

    /// <summary>Consent fields that have a yes in the backup and would come back without it, since the record is made anew.</summary>
    public IReadOnlyList<FieldPath> Withheld { get; init; } = [];

    /// <summary>Consent fields that would come back with their yes though the record is made anew, because the restore was asked for that.</summary>
    public IReadOnlyList<FieldPath> Granted { get; init; } = [];

    /// <summary>Of a missing record: fields that it would be made without, because <see cref="RestoreRecord.Fields"/> says so.</summary>
    public IReadOnlyList<FieldPath> LeftOut { get; init; } = [];

    /// <summary>Of a missing record: fields that it would be made with though <see cref="RestoreRecord.Fields"/> says otherwise, since it cannot be without them.</summary>
    public IReadOnlyList<FieldPath> WrittenAnyway { get; init; } = [];

    /// <summary>Why a missing record must not be created, for people; null when it may be.</summary>
    public string? NeverCreated { get; init; }

    /// <summary>Of a missing record: true when the lookup would find it under a new id as well, so that a creation whose answer was lost can be told from one that did not happen.</summary>
    public bool IsFoundUnderNewId { get; init; }
}

/// <summary>The live counterparts of many records.</summary>
/// <param name="Records">In the order in which they were asked for.</param>
/// <param name="Requests">What it took, repetitions included.</param>
public sealed record LiveCounterparts(IReadOnlyList<LiveCounterpart> Records, long Requests);

public enum LiveState
{
    /// <summary>There is no such record: restoring creates it.</summary>
    Missing,

    /// <summary>It is there and equal in all that can be written: nothing to do.</summary>
    Same,

    /// <summary>It is there and differs: restoring updates it.</summary>
    Differs,
}

/// <summary>One write.</summary>
public sealed record WriteRequest
{
    public required string Stream { get; init; }

    public required WriteKind Kind { get; init; }

    public required RestoreRecord Record { get; init; }

    /// <summary>The id to write to; needed for update and delete.</summary>
    public string? LiveId { get; init; }

    /// <summary>The live record as <see cref="RestoreTarget.FindAsync"/> brought it, so that consent is not weakened without asking again. Read anew when empty.</summary>
    public ReadOnlyMemory<byte> LiveJson { get; init; }

    /// <summary>The same for every repetition of this write. Sent where the platform takes one.</summary>
    public required string IdempotencyKey { get; init; }
}

public enum WriteKind
{
    Create,
    Update,
    Upsert,
    Delete,
}

/// <summary>What happened to one write.</summary>
public sealed record WriteOutcome
{
    public required WriteResult Result { get; init; }

    /// <summary>The id under which the record lives now; null when it does not.</summary>
    public string? NewId { get; init; }

    /// <summary>The record as the platform answered it, where it did.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Consent fields that were left stricter than the backup has them.</summary>
    public IReadOnlyList<FieldPath> Kept { get; init; } = [];

    /// <summary>References whose target is neither mapped nor known, by field. The old id was sent.</summary>
    public IReadOnlyList<FieldPath> Unmapped { get; init; } = [];

    /// <summary>Why not, for people, when refused. Names no content.</summary>
    public string? Reason { get; init; }

    /// <summary>The platform's failure behind a refusal.</summary>
    public PlatformException? Failure { get; init; }
}

public enum WriteResult
{
    Created,
    Updated,
    Deleted,

    /// <summary>Nothing was sent, because nothing may or need change (or the record to delete was gone already).</summary>
    Unchanged,

    /// <summary>The platform took everything but this record.</summary>
    Refused,
}
