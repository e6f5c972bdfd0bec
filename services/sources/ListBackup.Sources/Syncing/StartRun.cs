using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Starts runs: one live run per source, claimed by a conditional write of source and run together.</summary>
public sealed class StartRun(RunStore runs, RunMessages messages, TimeProvider clock)
{
    /// <summary>Starts a run now. Refuses when one is live already.</summary>
    public async Task<Run> RunAsync(Stored<Source> source, Run run, CancellationToken cancellation)
    {
        if (source.Value.CurrentRunId is { } live)
            throw Problem.Conflict($"Run {live} of this source has not ended. Wait for it or cancel it.", "run-is-live");
        await ClaimAsync(source, source.Value with { CurrentRunId = run.Id }, run, cancellation);
        return run;
    }

    public Run New(Source source, RunTrigger trigger, string requestedBy) => new()
    {
        Id = RunId.New(clock),
        SourceId = source.Id,
        AccountId = source.AccountId,
        State = RunState.Queued,
        Trigger = trigger,
        RequestedBy = requestedBy,
        QueuedAt = clock.GetUtcNow(),
        Trace = WorkTrace.Begin(),
    };

    /// <summary>Writes both or, when somebody changed the source meanwhile, neither. A crash before the message is sent is made good by the sweeper.</summary>
    /// <exception cref="ConditionFailedException">The source was changed meanwhile.</exception>
    public async Task ClaimAsync(Stored<Source> source, Source changed, Run run, CancellationToken cancellation)
    {
        await runs.Items.TransactAsync(
        [
            ItemWrite.Putting(RunStore.SourceItem(changed), Condition.VersionIs(source.Version)),
            ItemWrite.Putting(runs.RunItem(run), Condition.Absent),
        ], cancellation);
        await messages.PlanAsync(run, TimeSpan.Zero, cancellation);
    }
}
