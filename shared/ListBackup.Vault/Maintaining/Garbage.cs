using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Maintaining;

/// <summary>
/// Collects a source's garbage: segments and dictionaries that its newest manifest does not refer to (vault-format.md, "Garbage"). What makes it
/// safe is the chain and no clock: a plan is a commit, every later commit descends from it and refuses to refer to what it names. Ages and drafts
/// only decide how polite it is to runs that are at work.
/// </summary>
internal sealed class Garbage(VaultCore core, string source, TimeSpan grace)
{
    /// <summary>Names in one plan; the rest is the next one's.</summary>
    private const int PlannedMax = 10_000;

    /// <summary>A draft that old belongs to no run that still works.</summary>
    private static readonly TimeSpan s_draftAgeMax = TimeSpan.FromDays(30);

    /// <summary>Carries out the plan that is due, if there is one, and makes the next.</summary>
    public async Task<GarbageReport> CollectAsync(bool isDryRun, CancellationToken cancellation)
    {
        var newest = (await SourceView.OpenAsync(core, source, cancellation)).Newest;
        var report = new GarbageReport { ForgottenKeyFiles = await ForgetKeysAsync(newest.Manifest, isDryRun, cancellation) };
        if (newest.Manifest.GcPlan is { } pending)
        {
            var plan = (await core.Manifests.GetAsync(source, pending, cancellation)).Manifest;
            report = report with { PlanSeq = pending, Planned = plan.Maintenance!.Objects!, DueAt = plan.Time + grace };
            if (core.Options.Clock.GetUtcNow() < report.DueAt || isDryRun) return report;
            report = await DeleteAsync(newest.Manifest, plan, report, cancellation);
        }

        return isDryRun ? report with { Planned = await FindAsync(newest.Manifest, [], cancellation) } : await PlanAsync(report, cancellation);
    }

    /// <summary>
    /// Key files that hold what an erasure has forgotten: a put whose writer died may take effect when all files before the erasure's are deleted. The newest
    /// manifest names what is forgotten, so nothing that it refers to needs these keys, and no grace is due.
    /// </summary>
    private async Task<IReadOnlyList<string>> ForgetKeysAsync(Manifest newest, bool isDryRun, CancellationToken cancellation)
    {
        var found = new List<string>();
        foreach (var (stream, forgotten) in newest.Forgotten ?? [])
        {
            var late = await core.StreamKeys.FindForgottenAsync(source, stream, forgotten, cancellation);
            if (!isDryRun) foreach (var name in late) await core.Objects.DeleteAsync(name, cancellation);
            found.AddRange(late);
        }

        return found;
    }

    private async Task<GarbageReport> PlanAsync(GarbageReport report, CancellationToken cancellation)
    {
        IReadOnlyList<string> planned = [];
        var committed = await MaintenanceCommitter.CommitAsync(
            core,
            source,
            async parent =>
            {
                // Somebody else's plan is as good.
                planned = parent.Manifest.GcPlan is null ? await FindAsync(parent.Manifest, report.Kept, cancellation) : [];
                if (planned.Count == 0) return null;
                var next = MaintenanceCommitter.After(core, parent, new Maintenance { Kind = MaintenanceKind.GcPlan, Objects = planned });
                return next with { GcPlan = next.Seq };
            },
            cancellation);
        return committed is null
            ? report
            : report with { PlanSeq = committed.Manifest.Seq, Planned = planned, DueAt = committed.Manifest.Time + grace, Snapshot = Snapshots.Of(committed) };
    }

    /// <summary>Deletes first and says so then: a crash between leaves a plan whose objects are gone, and deleting again does nothing.</summary>
    private async Task<GarbageReport> DeleteAsync(Manifest newest, Manifest plan, GarbageReport report, CancellationToken cancellation)
    {
        var (referenced, deleted, kept) = (ReferencedObjects.Of(newest), new List<string>(), new List<string>());
        foreach (var name in plan.Maintenance!.Objects!)
        {
            // No commit can have done this; whoever did it anyway must not lose data for it.
            if (referenced.Contains(name)) throw new VaultException($"Snapshot {newest.Seq} of source {source} refers to {name}, which plan {plan.Seq} has given up. Nothing more is deleted.");
            try
            {
                await core.Objects.DeleteAsync(name, cancellation);
                deleted.Add(name);
            }
            catch (ObjectLockedException)
            {
                kept.Add(name);
            }
        }

        await DeleteOldDraftsAsync(cancellation);
        var committed = await MaintenanceCommitter.CommitAsync(
            core,
            source,
            parent => Task.FromResult(parent.Manifest.GcPlan != plan.Seq
                ? null
                : MaintenanceCommitter.After(core, parent, new Maintenance { Kind = MaintenanceKind.GcDone, Plan = plan.Seq, Kept = kept.Count == 0 ? null : kept }) with { GcPlan = null }),
            cancellation);
        return report with { Deleted = deleted, Kept = kept, PlanSeq = null, Planned = [], DueAt = null, Snapshot = committed is null ? null : Snapshots.Of(committed) };
    }

    /// <param name="manifest">The manifest behind which the plan is put.</param>
    /// <param name="locked">What the store has just refused to let go: another time.</param>
    /// <param name="cancellation">Cancels.</param>
    private async Task<IReadOnlyList<string>> FindAsync(Manifest manifest, IReadOnlyList<string> locked, CancellationToken cancellation)
    {
        var (referenced, youngest) = (ReferencedObjects.Of(manifest), core.Options.Clock.GetUtcNow() - grace);
        var found = new List<string>();
        foreach (var prefix in new[] { ObjectNames.SegmentsOf(source), ObjectNames.DictionariesOf(source) })
        {
            await foreach (var head in core.Objects.ListAsync(prefix, after: null, cancellation))
            {
                if (!referenced.Contains(head.Name) && head.Modified <= youngest) found.Add(head.Name);
            }
        }

        if (found.Count == 0) return found;
        var drafted = await DraftedAsync(cancellation);
        return [.. found.Where(name => !drafted.Contains(name)).Except(locked, StringComparer.Ordinal).Take(PlannedMax)];
    }

    /// <summary>What running backups have written and will commit.</summary>
    private async Task<HashSet<string>> DraftedAsync(CancellationToken cancellation)
    {
        var (drafts, drafted) = (new DraftStore(core), new HashSet<string>(StringComparer.Ordinal));
        var oldest = core.Options.Clock.GetUtcNow() - s_draftAgeMax;
        await foreach (var head in core.Objects.ListAsync(ObjectNames.DraftsOf(source), after: null, cancellation))
        {
            if (head.Modified < oldest || await drafts.TryReadHeaderAsync(head.Name, cancellation) is not { } header) continue;
            foreach (var section in header.Sections)
            {
                if (section.Reference is { } reference) drafted.Add(reference.Object);
            }
        }

        return drafted;
    }

    private async Task DeleteOldDraftsAsync(CancellationToken cancellation)
    {
        var oldest = core.Options.Clock.GetUtcNow() - s_draftAgeMax;
        var old = new List<string>();
        await foreach (var head in core.Objects.ListAsync(ObjectNames.DraftsOf(source), after: null, cancellation))
        {
            if (head.Modified < oldest) old.Add(head.Name);
        }

        await new DraftStore(core).DeleteAsync(old, cancellation);
    }
}
