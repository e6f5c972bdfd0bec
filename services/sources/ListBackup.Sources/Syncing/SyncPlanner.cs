using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Takes a queued run: opens the connection, fixes the streams and how each is read, and sends one message per stream.</summary>
public sealed class SyncPlanner(RunStore runs, RunMessages messages, RunEnding ending, IConnections connections, IPlatformReader platform, AccountVaults vaults, AccountPlan plans, SyncOptions options, TimeProvider clock)
    : IMessageHandler
{
    private const int FailuresMax = 8;

    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var plan = RunMessages.Read(message, SourceItemsJson.Default.PlanMessage);
        var run = await runs.UpdateRunAsync(plan.SourceId, plan.RunId, r => r.State == RunState.Queued
            ? r with { State = RunState.Planning, StartedAt = clock.GetUtcNow() }
            : null, cancellation);
        if (run is null || run.Value.HasEnded) return;
        using var step = WorkTrace.Step("plan run", run.Value.Trace, ("listbackup.source", plan.SourceId), ("listbackup.run", plan.RunId));
        if (run.Value.State != RunState.Planning)
        {
            // Planned by an earlier delivery that may have died before it sent everything.
            await FanOutAsync(run.Value, cancellation);
            return;
        }
        if (await runs.FindSourceAsync(plan.AccountId, plan.SourceId, cancellation) is not { } source) return;
        // What a restore is about to change is made safe whatever the plan.
        if (run.Value.Trigger != RunTrigger.Restore && await plans.RefusalAsync(plan.AccountId, cancellation) is { } refusal)
        {
            await FailAsync(run.Value, refusal, cancellation);
            return;
        }
        try
        {
            await FanOutAsync(await PlanAsync(source.Value, run.Value, cancellation), cancellation);
        }
        catch (PlatformDailyCeilingException held) when (held.Ceiling.Until - run.Value.QueuedAt <= options.HeldMax)
        {
            await runs.HoldAsync(run.Value, held, cancellation);
            await TryLaterAsync(run.Value, held, cancellation);
        }
        catch (PlatformException failure) when (failure.MayPassLater && failure is not PlatformDailyCeilingException && run.Value.PlanFailures < FailuresMax)
        {
            await TryLaterAsync(run.Value, failure, cancellation);
        }
        catch (PlatformException failure)
        {
            if (Reasons.NeedsReconnect(failure))
                await connections.MarkUnhealthyAsync(plan.AccountId, source.Value.ConnectionId, failure.Message, cancellation);
            await FailAsync(run.Value, Reasons.Of(failure), cancellation);
        }
        catch (Problem problem)
        {
            await FailAsync(run.Value, new(problem.Code, problem.Message, "Connect the source to a working connection."), cancellation);
        }
        catch (ConfigException refused)
        {
            await FailAsync(run.Value, new("connection-settings", refused.Message, "Correct the connection's settings."), cancellation);
        }
    }

    private async Task<Run> PlanAsync(Source source, Run run, CancellationToken cancellation)
    {
        var connection = await connections.OpenAsync(source.AccountId, source.ConnectionId, run.Use, cancellation);
        var vault = await vaults.OpenAsync(source.AccountId, cancellation);
        var newest = await vault.FindNewestSnapshotAsync(source.Id.ToString(), cancellation);
        var known = await platform.StreamsAsync(connection, cancellation);

        var wanted = StreamPlan.Wanted(source, run, known);
        if (wanted.Count == 0) throw Problem.Invalid("streams", $"The connection has no stream to back up.{(known.Doubt is null ? "" : $" {known.Doubt}")}");

        // Whoever chose streams is told by name when one of them is not listed; a backup of everything lacks what nobody could name.
        var doubt = run.OnlyStreams is null && source.Streams is null ? known.Doubt : null;
        foreach (var name in wanted) await WritePartAsync(source, run, name, known.FirstOrDefault(s => s.Name == name), newest, cancellation);

        var planned = await runs.UpdateRunAsync(run.SourceId, run.Id, r => r.State != RunState.Planning ? null : (r with
        {
            State = RunState.Reading,
            Streams = wanted,
            StreamsDoubt = doubt,
            Connector = new(connection.Platform, connection.ConnectorVersion),
        }).Logged(clock.GetUtcNow(), $"Planned {wanted.Count} streams.{(doubt is null ? "" : $" {doubt}")}"), cancellation);
        return planned!.Value; // It was there at the start, and runs are not deleted.
    }

    private async Task WritePartAsync(Source source, Run run, string name, StreamInfo? stream, Snapshot? newest, CancellationToken cancellation)
    {
        var hasCursor = newest?.Streams.FirstOrDefault(s => s.Stream == name)?.Cursors.Count > 0;
        var part = new RunPart
        {
            RunId = run.Id,
            SourceId = run.SourceId,
            AccountId = run.AccountId,
            Stream = name,
            State = PartState.Waiting,
            Groups = stream?.Groups ?? [],
            // A stream that the platform no longer has is reported by its worker.
            Mode = stream is null ? ReadMode.Incremental : StreamPlan.Mode(stream, source, hasCursor, run.IsFullSweep, clock.GetUtcNow()),
        };
        try
        {
            await runs.Items.PutAsync(RunStore.PartItem(part), Condition.Absent, cancellation);
        }
        catch (ConditionFailedException)
        {
            // An earlier delivery planned it; how it is read stays as it was decided.
        }
    }

    /// <summary>Sends what is left to do; too many messages do no harm.</summary>
    private async Task FanOutAsync(Run run, CancellationToken cancellation)
    {
        if (run.State == RunState.Committing) await messages.CommitAsync(run, TimeSpan.Zero, cancellation);
        if (run.State != RunState.Reading) return;
        foreach (var part in await runs.PartsAsync(run.SourceId, run.Id, cancellation))
        {
            if (part.Value.State == PartState.Waiting && run.Streams.Contains(part.Value.Stream))
                await messages.SyncAsync(part.Value, TimeSpan.Zero, cancellation);
        }
    }

    private async Task TryLaterAsync(Run run, PlatformException failure, CancellationToken cancellation)
    {
        var later = await runs.UpdateRunAsync(run.SourceId, run.Id, r => r.HasEnded
            ? null
            : failure is PlatformDailyCeilingException
                ? r with { State = RunState.Queued }
                : (r with { State = RunState.Queued, PlanFailures = r.PlanFailures + 1 }).Logged(clock.GetUtcNow(), failure.Message), cancellation);
        await messages.PlanAsync(run, Backoff.Delay(later!.Value.PlanFailures, failure.RetryAfter), cancellation);
    }

    private async Task FailAsync(Run run, Reason reason, CancellationToken cancellation)
    {
        var ended = await ending.EndAsync(run.AccountId, run.SourceId, run.Id, r => r with
        {
            State = RunState.Failed,
            Reason = reason,
            FinishedAt = clock.GetUtcNow(),
        }, cancellation);
        if (ended is not null) await ending.NoteAsync(ended, cancellation);
    }
}
