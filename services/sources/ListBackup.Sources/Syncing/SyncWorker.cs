using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// Reads one stream of a run into the vault, as far as its time goes; then saves a draft and sends itself a follow-up. Every message may arrive twice or
/// late: the part's lease lets one delivery work at a time, and the vault's drafts and outcomes make repetition harmless.
/// </summary>
public sealed class SyncWorker(
    RunStore runs, RunMessages messages, ConnectionPlaces places, PartEnding partEnding, StreamHistories histories, IConnections connections, IPlatformReader platform, AccountVaults vaults, SyncOptions options, TimeProvider clock) : IMessageHandler
{
    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var sync = RunMessages.Read(message, SourceItemsJson.Default.SyncMessage);
        var token = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        await WorkAsync(sync, token, deadline, cancellation);
        if (await runs.FindSourceAsync(sync.AccountId, sync.SourceId, cancellation) is not { } source) return;
        await places.GiveBackAsync(source.Value.ConnectionId, sync, token, cancellation);
        await places.CallAsync(source.Value.ConnectionId, cancellation);
    }

    private async Task WorkAsync(SyncMessage sync, string token, DateTimeOffset deadline, CancellationToken cancellation)
    {
        if (await runs.FindRunAsync(sync.SourceId, sync.RunId, cancellation) is not { Value.HasEnded: false } run) return;
        using var step = WorkTrace.Step("read stream", run.Value.Trace, ("listbackup.source", sync.SourceId), ("listbackup.run", sync.RunId), ("listbackup.stream", sync.Stream));

        if (await BlockedAsync(run.Value, sync, cancellation) is { } blocked)
        {
            await messages.SyncAsync(blocked, options.GroupPause, cancellation);
            return;
        }
        var (lease, part) = await PartLease.TakeAsync(runs, options, sync, token, cancellation);
        if (part is null) return;
        if (lease is null)
        {
            if (part.HasEnded) await partEnding.CallCommitterAsync(run.Value, cancellation);
            else await messages.SyncAsync(part, Later(part.LeaseUntil, part.NotBefore), cancellation);
            return;
        }
        try
        {
            await WorkAsync(run.Value, lease, sync, deadline, cancellation);
        }
        catch (DraftTakenException)
        {
            // Another delivery went on from the same draft after this one's lease had run out. Its work stands, this one's is void.
        }
    }

    /// <summary>
    /// The part, when another of its group has to be read before it. The run's own order decides, so that no two can wait for each other; a part that
    /// waits for its platform keeps the group, as it is in the middle of what they share.
    /// </summary>
    private async Task<RunPart?> BlockedAsync(Run run, SyncMessage sync, CancellationToken cancellation)
    {
        if (await runs.FindPartAsync(sync.SourceId, sync.RunId, sync.Stream, cancellation) is not { Value: { Groups.Count: > 0, HasEnded: false } part }) return null;
        var before = run.Streams.TakeWhile(name => name != part.Stream).ToHashSet(StringComparer.Ordinal);
        var others = await runs.PartsAsync(sync.SourceId, sync.RunId, cancellation);
        return others.Any(o => !o.Value.HasEnded && before.Contains(o.Value.Stream) && o.Value.Groups.Intersect(part.Groups).Any()) ? part : null;
    }

    private async Task WorkAsync(Run run, PartLease lease, SyncMessage sync, DateTimeOffset deadline, CancellationToken cancellation)
    {
        if (lease.Part.Failures > options.FailuresMax)
        {
            await partEnding.EndAsync(lease.Part, PartState.Failed, null, new("no-progress", $"Stream {lease.Part.Stream} was tried {options.FailuresMax} times without getting a page.",
                "Look at the run's log; retry the run when the cause is gone."), cancellation);
            return;
        }
        if (await runs.FindSourceAsync(run.AccountId, run.SourceId, cancellation) is not { } source) return;
        try
        {
            var connection = await connections.OpenAsync(run.AccountId, source.Value.ConnectionId, run.Use, cancellation);
            if (!await places.TakeAsync(connection, sync, lease.Token, cancellation))
            {
                await WaitForPlaceAsync(connection, lease, sync, cancellation);
                return;
            }
            var streams = await platform.KnownStreamsAsync(connection, cancellation);
            var stream = streams.FirstOrDefault(s => s.Name == lease.Part.Stream);
            if (stream is null)
            {
                streams = await platform.StreamsAsync(connection, cancellation);
                stream = streams.FirstOrDefault(s => s.Name == lease.Part.Stream);
            }
            if (stream is not null)
                await ReadAsync(source.Value, run, lease, sync, connection, stream, deadline, cancellation);
            else if (streams.Doubt is { } doubt)
                await partEnding.EndAsync(lease.Part, PartState.Failed, null, new("stream-unlisted", $"The platform did not name the stream {lease.Part.Stream}. {doubt}",
                    "Look at what the platform lists, then retry the run. What was backed up of it stays."), cancellation);
            else
                await partEnding.EndAsync(lease.Part, PartState.Failed, null, new("stream-missing", $"The platform has no stream {lease.Part.Stream} any more.",
                    "Choose the source's streams again. What was backed up of it stays."), cancellation);
        }
        catch (PlatformException failure)
        {
            await FailedBeforeReadingAsync(source.Value, run, lease, failure, cancellation);
        }
        catch (Problem problem)
        {
            await partEnding.EndAsync(lease.Part, PartState.Failed, null, new(problem.Code, problem.Message, "Connect the source to a working connection."), cancellation);
        }
        catch (ConfigException refused)
        {
            await partEnding.EndAsync(lease.Part, PartState.Failed, null, new("connection-settings", refused.Message, "Correct the connection's settings."), cancellation);
        }
        catch (ObjectStoreFullException full)
        {
            await partEnding.EndAsync(lease.Part, PartState.Failed, null, new("storage-full", full.Message, "Make room where the backups are kept, then retry the run."), cancellation);
        }
    }

    /// <summary>The part is given free before the stream is noted, so that whoever is sent for it finds it free.</summary>
    private async Task WaitForPlaceAsync(OpenConnection connection, PartLease lease, SyncMessage sync, CancellationToken cancellation)
    {
        if (!await lease.PutBackAsync(cancellation)) return;
        if (!await places.NoteAsync(connection.Id, sync, lease.Token, cancellation)) await messages.SyncAsync(sync, options.GroupPause, cancellation);
    }

    private async Task ReadAsync(Source source, Run run, PartLease lease, SyncMessage sync, OpenConnection connection, StreamInfo stream, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var vault = await vaults.OpenAsync(source.AccountId, cancellation);
        await using var backup = await vault.BackUpStreamAsync(new()
        {
            Source = source.Id.ToString(),
            Run = lease.Part.RunId.ToString(),
            Stream = stream.Name,
            Mode = lease.Part.Mode,
            Settings = StreamPlan.Settings(stream),
        }, cancellation);
        if (backup.Outcome is { } done)
        {
            var isEmpty = done.IncompleteReason?.StartsWith(PartReading.EmptyReason, StringComparison.Ordinal) == true;
            await EndAsync(lease.Part with { SuddenlyEmptyOf = isEmpty ? await LiveAsync(vault, source, stream.Name, cancellation) : null }, done, lease.Part.Counts, null, cancellation);
            return;
        }

        var exclusion = FieldExclusion.Of(source.Streams?.FirstOrDefault(s => s.Name == stream.Name)?.ExcludedFields);
        var reading = new PartReading(platform, connection, stream, lease.Part.Mode, exclusion, backup, async token => await MayBeEmptyAsync(source, stream.Name, token) ? null : await LiveAsync(vault, source, stream.Name, token));
        var isLost = false;
        var pace = new ReadingPace(runs, options, clock, lease, reading, backup, deadline, cancellation);
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var work = reading.ReadAsync(pace.GoOnAsync, stop.Token);
            try
            {
                isLost = !await lease.HoldAsync(work, () => places.RenewAsync(connection.Id, sync, lease.Token, cancellation), clock, cancellation);
            }
            catch
            {
                // The store does not answer. The reading ends before what it writes into is closed; the next delivery goes on from the draft.
                await stop.CancelAsync();
                await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
            if (isLost) await stop.CancelAsync();
            if (await work)
                await FinishAsync(lease.Part, reading, null, cancellation);
            else if (!pace.IsLost && !isLost)
                await PauseAsync(lease, reading, backup, null, TimeSpan.Zero, cancellation);
        }
        catch (OperationCanceledException) when (isLost && !cancellation.IsCancellationRequested)
        {
            // Another delivery took the part over while a page hung.
        }
        catch (PlatformDailyCeilingException held) when (MayHold(run, held))
        {
            await runs.HoldAsync(run, held, cancellation);
            await PauseAsync(lease, reading, backup, held, held.RetryAfter!.Value, cancellation); // It always says until when.
        }
        catch (PlatformException failure) when (failure.MayPassLater && failure is not PlatformDailyCeilingException && !IsLastTry(lease, reading))
        {
            await PauseAsync(lease, reading, backup, failure, Backoff.Delay(lease.Part.Failures, failure.RetryAfter), cancellation);
        }
        catch (PlatformException failure)
        {
            await MarkIfNeededAsync(source, failure, cancellation);
            await FinishAsync(lease.Part, reading, failure, cancellation);
        }
    }

    private async Task FinishAsync(RunPart part, PartReading reading, PlatformException? failure, CancellationToken cancellation)
    {
        var outcome = await reading.FinishAsync(failure?.Message, cancellation);
        var reason = failure is not null ? Reasons.Of(failure) : reading.SuddenlyEmptyOf is not null ? Reasons.SuddenlyEmpty(outcome.IncompleteReason ?? "") : null;
        await EndAsync(part with { Fill = reading.Fill, SuddenlyEmptyOf = reading.SuddenlyEmptyOf }, outcome, reading.Counts, reason, cancellation);
    }

    /// <summary>A person said so, or it was empty between two times that it was not: then empty is how the stream is.</summary>
    private async Task<bool> MayBeEmptyAsync(Source source, string stream, CancellationToken cancellation) =>
        source.MayBeEmpty.Contains(stream) || (await histories.FindAsync(source.Id, stream, cancellation)).Points.Count(p => p is { Live: 0, Before: > 0 }) >= 2;

    private static async Task<long?> LiveAsync(BackupVault vault, Source source, string stream, CancellationToken cancellation) =>
        (await vault.FindNewestSnapshotAsync(source.Id.ToString(), cancellation))?.Streams.FirstOrDefault(s => s.Stream == stream)?.Live;

    /// <summary>Saves what was read, gives the part free and sends the follow-up, in this order: a crash in between costs time, never data.</summary>
    private async Task PauseAsync(PartLease lease, PartReading reading, StreamBackup backup, PlatformException? failure, TimeSpan delay, CancellationToken cancellation)
    {
        if (reading.PagesTaken > 0) await backup.SaveDraftAsync(reading.Position.ToJson(), cancellation);
        if (await lease.ReleaseAsync(reading.Counts, reading.PagesTaken > 0, failure, delay, cancellation))
            await messages.SyncAsync(lease.Part, delay, cancellation);
    }

    private async Task FailedBeforeReadingAsync(Source source, Run run, PartLease lease, PlatformException failure, CancellationToken cancellation)
    {
        if (failure is PlatformDailyCeilingException held ? MayHold(run, held) : failure.MayPassLater && lease.Part.Failures < options.FailuresMax)
        {
            if (failure is PlatformDailyCeilingException ceiling) await runs.HoldAsync(run, ceiling, cancellation);
            var delay = Backoff.Delay(lease.Part.Failures, failure.RetryAfter);
            if (await lease.ReleaseAsync(null, hasProgress: false, failure, delay, cancellation)) await messages.SyncAsync(lease.Part, delay, cancellation);
            return;
        }
        await MarkIfNeededAsync(source, failure, cancellation);
        await partEnding.EndAsync(lease.Part, PartState.Failed, null, Reasons.Of(failure), cancellation);
    }

    /// <summary>The stream's own state follows from what arrived: nothing at all is a failure, some is an incomplete read.</summary>
    private Task EndAsync(RunPart part, StreamOutcome outcome, PartCounts counts, Reason? reason, CancellationToken cancellation)
    {
        var isNothing = outcome.Evidence.Pages == 0 && part.SuddenlyEmptyOf is null;
        var state = outcome.IsComplete ? PartState.Complete : isNothing ? PartState.Failed : PartState.Incomplete;
        reason ??= outcome.IsComplete ? null : new("incomplete", outcome.IncompleteReason ?? "The stream was not read to its end.");
        return partEnding.EndAsync(part, state, counts, reason, cancellation);
    }

    private async Task MarkIfNeededAsync(Source source, PlatformException failure, CancellationToken cancellation)
    {
        if (Reasons.NeedsReconnect(failure)) await connections.MarkUnhealthyAsync(source.AccountId, source.ConnectionId, failure.Message, cancellation);
    }

    /// <summary>Whether the run has time for the platform's next day.</summary>
    private bool MayHold(Run run, PlatformDailyCeilingException held) => held.Ceiling.Until - run.QueuedAt <= options.HeldMax;

    private bool IsLastTry(PartLease lease, PartReading reading) => reading.PagesTaken == 0 && lease.Part.Failures >= options.FailuresMax;

    private TimeSpan Later(DateTimeOffset? lease, DateTimeOffset? notBefore)
    {
        var until = lease > notBefore || notBefore is null ? lease : notBefore;
        return until is { } at && at > clock.GetUtcNow() ? at - clock.GetUtcNow() : TimeSpan.Zero;
    }
}
