using System.Text.Json;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Reads one stream, phase by phase and page by page, into the vault. Knows nothing of items, queues and leases.</summary>
public sealed class PartReading(
    IPlatformReader platform, OpenConnection connection, StreamInfo stream, ReadMode mode, FieldExclusion? exclusion, StreamBackup backup, Func<CancellationToken, Task<long?>> liveUnlessMayBeEmpty)
{
    /// <summary>How the reason of a reading begins that ended whole and without a single record, though the stream had some.</summary>
    public const string EmptyReason = "It arrived empty, though it had records";

    /// <summary>Cursors of some 1,300 partitions. A draft's cursor has room for two such states, the place of a read, and what this class keeps besides.</summary>
    private const int StateBytesMax = 128 * 1024;

    private readonly DeleteDetection _deletes = stream.Extensions.Deletes;
    private readonly FieldTally _tally = new(ReadPosition.Parse(backup.DraftCursor).Fill);
    private ReadPosition _position = ReadPosition.Parse(backup.DraftCursor);
    private PageEvidence _before = PageEvidence.Nothing;
    private StreamState? _stateAfter;

    /// <summary>Where the reading stands after the last page that was taken whole. Written out only when somebody asks, since few pages are saved.</summary>
    public ReadPosition Position => _position with { State = _stateAfter is null ? _position.State : ParseJson(_stateAfter.ToJson()), Fill = Fill };

    /// <summary>How often the fields of what arrived had values.</summary>
    public FieldFill Fill => _tally.ToFill();

    /// <summary>Pages that this delivery took.</summary>
    public int PagesTaken { get; private set; }

    public PartCounts Counts => PartCounts.Of(backup.Counts, _position.Evidence);

    /// <summary>
    /// Reads on from the position. After each page <paramref name="goOn"/> is asked; when it says no, reading stops there and false is returned. True: every
    /// phase was read to its end.
    /// </summary>
    /// <exception cref="PlatformException">The platform failed; <see cref="Position"/> stands at the last page that arrived whole.</exception>
    public async Task<bool> ReadAsync(Func<ValueTask<bool>> goOn, CancellationToken cancellation)
    {
        while (_position.Phase != ReadPhase.End)
        {
            if (!await ReadPhaseAsync(goOn, cancellation)) return false;
        }
        return true;
    }

    /// <summary>How many records were live before a reading that ended without any; null when it brought some, or may be empty. Known once it has finished.</summary>
    public long? SuddenlyEmptyOf { get; private set; }

    /// <summary>Ends the part in the vault. <paramref name="failure"/> says why reading could not go on; gaps found while reading are told as well.</summary>
    public async Task<StreamOutcome> FinishAsync(string? failure, CancellationToken cancellation)
    {
        var total = failure is null ? await TotalAsync(cancellation) : _position.Evidence.ReportedTotal;
        var gap = failure ?? _position.Gap ?? Shortfall(total) ?? await EmptinessAsync(total, cancellation);
        return await backup.FinishAsync(new()
        {
            IsComplete = gap is null,
            IncompleteReason = gap,
            CursorOut = stream.SyncModes.HasFlag(SyncModes.Incremental) && (gap is null || (failure is null && _position.GapIsInState)) ? _position.RecordsState?.GetRawText() : null,
            Evidence = new()
            {
                ReportedTotal = total,
                Pages = _position.Evidence.Pages,
                Requests = _position.Evidence.Requests,
                RequestsRefused = _position.Evidence.AnswersIgnored + _position.Evidence.PartitionsRefused,
                RequestsFailed = failure is null ? 0 : 1,
                CapsHit = _position.Gap is { } cap ? [cap] : [],
                Doubts = _position.Doubts,
            },
        }, cancellation);
    }

    /// <summary>
    /// A sweep that brought fewer records than the platform says it has was not a whole one, whatever its last page looked like: what did not arrive must not be
    /// taken for gone.
    /// </summary>
    private string? Shortfall(long? total)
    {
        var arrived = backup.Counts.Arrived - backup.Counts.Repeated - backup.Counts.Superseded;
        return mode == ReadMode.FullSweep && arrived < total ? $"The platform says that it has {total:N0} records; {arrived:N0} arrived." : null;
    }

    /// <summary>
    /// A sweep that looked at everything and saw nothing, while the platform does not say that there is nothing: far more often a right or a scope was lost than that
    /// somebody deleted everything. It must not be taken for the latter.
    /// </summary>
    private async Task<string?> EmptinessAsync(long? total, CancellationToken cancellation)
    {
        var sawNothing = mode switch
        {
            ReadMode.FullSweep => backup.Counts.Arrived == 0,
            ReadMode.IdSweep => _position.IdsArrived == 0,
            _ => false, // An incremental reading without changes takes nothing for gone.
        };
        if (!sawNothing || total is not null) return null;
        if (await liveUnlessMayBeEmpty(cancellation) is not { } live || live == 0) return null;
        SuddenlyEmptyOf = live;
        return $"{EmptyReason} ({live:N0}), and the platform does not say how many there are. They are not taken for deleted.";
    }

    private async Task<bool> ReadPhaseAsync(Func<ValueTask<bool>> goOn, CancellationToken cancellation)
    {
        var phase = _position.Phase;
        _before = _position.Evidence;
        var request = new ReadRequest
        {
            Stream = phase == ReadPhase.Records ? stream.Name : _deletes.Stream ?? stream.Name,
            Config = connection.Config,
            State = StateOf(phase),
            FullRefresh = phase != ReadPhase.Records || mode == ReadMode.FullSweep,
            StateBytesMax = StateBytesMax,
        };
        await foreach (var batch in platform.ReadAsync(connection, request, cancellation))
        {
            using (batch)
            {
                await TakeAsync(phase, batch, cancellation);
                if (batch.Coverage is { } coverage)
                {
                    EndPhase(phase, coverage);
                    return true;
                }
            }
            PagesTaken++;
            if (!await goOn()) return false;
        }
        throw new InvalidDataException($"The connector ended stream {stream.Name} without saying whether it is complete.");
    }

    private StreamState? StateOf(ReadPhase phase)
    {
        if (_position.State is { } state) return StreamState.Parse(state.GetRawText());
        return phase == ReadPhase.Records && mode != ReadMode.FullSweep && backup.CommittedCursor is { } cursor ? StreamState.Parse(cursor) : null;
    }

    private async Task TakeAsync(ReadPhase phase, RecordBatch batch, CancellationToken cancellation)
    {
        foreach (var record in batch.Records)
        {
            if (phase == ReadPhase.Records) await WriteAsync(record, cancellation);
            else await MarkAsync(phase, record, cancellation);
        }
        _stateAfter = batch.StateAfter;
        var evidence = _before.Plus(batch.Evidence);
        // Only the records' own total says how many records there are.
        _position = _position with
        {
            Evidence = phase == ReadPhase.Records ? evidence : evidence with { ReportedTotal = _before.ReportedTotal },
            IdsArrived = _position.IdsArrived + (phase == ReadPhase.Ids ? batch.Records.Count : 0),
        };
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> record, CancellationToken cancellation)
    {
        if (_deletes.Kind == DeleteDetectionKind.Field && DeletedKey(record) is { } deleted)
        {
            await backup.DeleteAsync(deleted, cancellation);
            return;
        }
        var kept = exclusion is null ? record : exclusion.Apply(record);
        _tally.Add(kept.Span);
        await backup.WriteAsync(kept, cancellation);
    }

    private string? DeletedKey(ReadOnlyMemory<byte> record)
    {
        try
        {
            using var document = JsonDocument.Parse(record);
            return RecordFields.IsDeleted(document.RootElement, _deletes) && RecordFields.KeyParts(document.RootElement, stream.PrimaryKey) is { } parts
                ? backup.KeyOf(parts)
                : null;
        }
        catch (JsonException)
        {
            return null; // The vault refuses it, counts it and says why.
        }
    }

    private async Task MarkAsync(ReadPhase phase, ReadOnlyMemory<byte> record, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(record);
        var parts = _deletes.IdField is { } field
            ? RecordFields.Text(document.RootElement, field) is { } id ? [id] : null
            : RecordFields.KeyParts(document.RootElement, stream.PrimaryKey);
        if (parts is null)
        {
            _position = _position with { Gap = _position.Gap ?? $"A row of {_deletes.Stream} has no id, so deletions cannot be told for certain." };
            return;
        }
        if (phase == ReadPhase.Deletes) await backup.DeleteAsync(backup.KeyOf(parts), cancellation);
        else backup.MarkLive(backup.KeyOf(parts));
    }

    private void EndPhase(ReadPhase phase, Connectors.Coverage coverage)
    {
        var gap = coverage.Missing;
        var state = phase == ReadPhase.Records ? Position.State : _position.RecordsState;
        _position = _position with
        {
            Phase = StreamPlan.Next(phase, stream, mode),
            RecordsState = state,
            State = null,
            Gap = _position.Gap ?? gap,
            GapIsInState = gap is null ? _position.GapIsInState : _position.Gap is null && phase == ReadPhase.Records && IsInState(coverage, state),
            Doubts = coverage.Doubt is { } doubt ? [.. _position.Doubts, doubt] : _position.Doubts,
        };
        _stateAfter = null;
    }

    /// <summary>
    /// Whether the next run may go on from here although something is missing: the cursors of what is missing stand where they stood, so only that is read again.
    /// Otherwise the next run reads again from where this one began: reading twice loses nothing.
    /// </summary>
    private bool IsInState(Connectors.Coverage coverage, JsonElement? state)
    {
        if (coverage.Complete || state is null) return false;
        // A sweep begins without cursors. Where partitions have their own, those that were read to their end have one.
        return mode != ReadMode.FullSweep
            || (state.Value.TryGetProperty("states", out _) && coverage.Reasons.All(reason => reason is CutReason.PartitionsRefused or CutReason.AnswersIgnored));
    }

    private static JsonElement ParseJson(string json) => JsonSerializer.Deserialize(json, SourceItemsJson.Default.JsonElement);

    /// <summary>What the platform says it has, where that is comparable with what we hold.</summary>
    private async Task<long?> TotalAsync(CancellationToken cancellation)
    {
        // The pages of an incremental read count what changed, not what there is.
        var evidence = _position.Evidence;
        // A total that counts rows which the manifest filters out cannot be compared with what is kept.
        if (evidence.RowsKept < evidence.RowsArrived - evidence.RowsRefused) return null;
        var fromPages = mode == ReadMode.FullSweep ? evidence.ReportedTotal : null;
        if (fromPages is not null || !stream.Extensions.TellsTotal) return fromPages;
        try
        {
            return await platform.ProbeTotalAsync(connection, stream.Name, cancellation);
        }
        catch (PlatformException)
        {
            return null; // Without a number the coverage is consistent instead of proven; that is the truth.
        }
    }
}
