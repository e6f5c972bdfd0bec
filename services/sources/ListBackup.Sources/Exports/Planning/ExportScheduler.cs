using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>Begins planned exports: those whose time has come, and those that waited for a snapshot.</summary>
public sealed class ExportScheduler(ExportPlanStore plans, RunStore runs, JobStore jobs, JobMessages messages, ILogger<ExportScheduler> log)
{
    private const int PageSize = 100;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        var due = new ItemQuery { Table = Table.Sources, ByIndex = true, Partition = SourceKeys.ExportDuePartition, SortTo = SourceKeys.TimeText(jobs.Now) + "~", Limit = PageSize };
        await foreach (var item in plans.Items.AllAsync(due, cancellation))
        {
            // What is left stays due, and the next tick takes it.
            if (jobs.Now > deadline - Margin) return;
            if (await plans.Items.FindAsync(item.Key, SourceItemsJson.Default.ExportPlan, cancellation) is { } plan) await TakeAsync(plan, cancellation);
        }
    }

    /// <summary>A snapshot was made: plans that wait for one are due. Repetition is harmless.</summary>
    public async Task SnapshotMadeAsync(SourceId source, CancellationToken cancellation)
    {
        foreach (var plan in await plans.OfAsync(source, cancellation))
        {
            if (plan is { Schedule: null, IsPaused: false, NextAt: null })
                await plans.UpdateAsync(source, plan.Id, p => p is { Schedule: null, NextAt: null } ? p with { NextAt = jobs.Now } : null, cancellation);
        }
    }

    private async Task TakeAsync(Stored<ExportPlan> stored, CancellationToken cancellation)
    {
        var plan = stored.Value;
        // The index may lag behind: the item itself says whether it is due.
        if (plan.DueIndex is null || plan.NextAt > jobs.Now) return;
        var next = plan with { NextAt = plan.Schedule?.NextRun(jobs.Now, plan.NextAt, plan.SourceId) };
        try
        {
            if (await runs.FindSourceAsync(plan.AccountId, plan.SourceId, cancellation) is not { Value.DeletedAt: null } source)
            {
                await plans.Items.PutAsync(ExportPlanStore.ItemOf(plan with { NextAt = null, IsPaused = true }), Condition.VersionIs(stored.Version), cancellation);
                return;
            }
            if (plan.LastJobId is { } last && await jobs.FindAsync(plan.SourceId, last, cancellation) is { Value.IsLive: true })
            {
                // One that waits for snapshots takes the newest when the export before has ended; one by the clock leaves this turn out.
                if (plan.Schedule is not null) await plans.Items.PutAsync(ExportPlanStore.ItemOf(next), Condition.VersionIs(stored.Version), cancellation);
                return;
            }
            if (await NewestAsync(plan, cancellation) is not { } snapshot || (plan.Schedule is null && snapshot.Seq <= plan.LastSeq))
            {
                await plans.Items.PutAsync(ExportPlanStore.ItemOf(next), Condition.VersionIs(stored.Version), cancellation);
                return;
            }
            await StartAsync(stored, next, source.Value, snapshot.Seq, "system", cancellation);
        }
        catch (ConditionFailedException)
        {
            // Another scheduler, or a person, was faster. If the plan is still due, the next tick takes it.
            log.LogDebug("Export plan {Plan} was changed while it was taken", plan.Id);
        }
    }

    /// <summary>Writes plan and job together. A crash before the message is sent is made good by the sweeper.</summary>
    /// <exception cref="ConditionFailedException">The plan was changed meanwhile.</exception>
    public async Task<Job> StartAsync(Stored<ExportPlan> before, ExportPlan plan, Source source, long seq, string actor, CancellationToken cancellation)
    {
        var job = jobs.New(source, JobKind.Export, JobState.Queued, actor) with
        {
            Export = new()
            {
                Seq = seq,
                Format = plan.Format,
                // Which of them the snapshot has, and which it has at all, its reader tells.
                Streams = plan.Streams ?? [],
                Mask = plan.Mask,
                Filter = plan.Filter,
                Q = plan.Q,
                IsArchive = plan.IsArchive,
                PlanId = plan.Id,
            },
        };
        await plans.Items.TransactAsync(
        [
            ItemWrite.Putting(ExportPlanStore.ItemOf(plan with { LastJobId = job.Id, LastSeq = seq }), Condition.VersionIs(before.Version)),
            ItemWrite.Putting(jobs.Item(job), Condition.Absent),
        ], cancellation);
        await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        return job;
    }

    /// <summary>The newest snapshot that is good enough; the newest hundred are looked at.</summary>
    public async Task<SourceSnapshot?> NewestAsync(ExportPlan plan, CancellationToken cancellation)
    {
        var page = await plans.Items.QueryAsync(
            new() { Table = Table.Sources, Partition = SourceKeys.Partition(plan.SourceId), SortPrefix = SourceKeys.SnapshotPrefix, Descending = true, Limit = PageSize }, cancellation);
        return page.Items.Select(item => ItemJson.Read(item, SourceItemsJson.Default.SourceSnapshot).Value).FirstOrDefault(s => s.Level <= plan.CoverageMin);
    }
}
