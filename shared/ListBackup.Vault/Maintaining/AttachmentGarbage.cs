using ListBackup.Vault.Attachments;
using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Maintaining;

/// <summary>
/// Collects the attachments of the whole vault that no line of any source names (vault-format.md, "Garbage of attachments"). Safe by order and not by clocks: a plan
/// is published; then it is fenced in the chain of every source that may have attachments, whose later commits refuse to refer to what it names; only then it is
/// looked what is referred to, and the rest is deleted. A source that is not known by then has yet to read the plans, and finds this one.
/// </summary>
internal sealed class AttachmentGarbage(VaultCore core, TimeSpan grace)
{
    /// <summary>Names in one plan; the rest is the next one's.</summary>
    private const int PlannedMax = 10_000;

    /// <summary>A draft that old belongs to no run that still works.</summary>
    private static readonly TimeSpan s_draftAgeMax = TimeSpan.FromDays(30);

    private readonly AttachmentStore _store = new(core);

    /// <summary>Carries out the plan that is due, if there is one, and makes the next.</summary>
    public async Task<AttachmentGarbageReport> CollectAsync(bool isDryRun, CancellationToken cancellation)
    {
        var (state, report) = (await core.AttachmentPlans.ReadAsync(cancellation), new AttachmentGarbageReport());
        if (state.Pending is { } pending)
        {
            report = report with { PlanSeq = pending.Seq, Planned = pending.Names!, DueAt = pending.Time + grace };
            if (isDryRun || core.Options.Clock.GetUtcNow() < report.DueAt) return report;
            report = await DeleteAsync(state, pending, cancellation);
            state = await core.AttachmentPlans.ReadAsync(cancellation);
            // Somebody else's plan is as good.
            if (state.Pending is not null) return report;
        }

        var (found, isWaiting) = await FindAsync(report.Kept, cancellation);
        report = report with { IsWaitingForRuns = isWaiting };
        if (isDryRun || found.Count == 0) return report with { Planned = found };
        var plan = await core.AttachmentPlans.TryAppendAsync(state, AttachmentPlans.New(AttachmentPlanKind.Plan) with { Names = found }, cancellation);
        return plan is null ? report : report with { PlanSeq = plan.Plan.Seq, Planned = found, DueAt = plan.Plan.Time + grace };
    }

    /// <summary>Deletes first and says so then: a crash between leaves a plan whose attachments are gone, and deleting again does nothing.</summary>
    private async Task<AttachmentGarbageReport> DeleteAsync(AttachmentPlans.State state, AttachmentPlan plan, CancellationToken cancellation)
    {
        var referred = await ReferredAsync(source => FenceAsync(source, plan.Seq, cancellation), cancellation);
        var (deleted, kept) = (new List<string>(), new List<string>());
        foreach (var name in plan.Names!)
        {
            if (referred.Contains(name))
            {
                kept.Add(name);
                continue;
            }

            try
            {
                await core.Objects.DeleteAsync(ObjectNames.Attachment(name), cancellation);
                deleted.Add(name);
            }
            catch (ObjectLockedException)
            {
                kept.Add(name);
            }
        }

        await core.AttachmentPlans.TryAppendAsync(state, AttachmentPlans.New(AttachmentPlanKind.Done) with { Plan = plan.Seq, Kept = kept.Count == 0 ? null : kept }, cancellation);
        return new AttachmentGarbageReport { Deleted = deleted, Kept = kept };
    }

    /// <param name="locked">What has just been kept: another time.</param>
    /// <param name="cancellation">Cancels.</param>
    private async Task<(IReadOnlyList<string> Names, bool IsWaitingForRuns)> FindAsync(IReadOnlyList<string> locked, CancellationToken cancellation)
    {
        var youngest = core.Options.Clock.GetUtcNow() - grace;
        var old = new List<string>();
        await foreach (var head in core.Objects.ListAsync(ObjectNames.Attachments, after: null, cancellation))
        {
            if (head.Modified <= youngest) old.Add(head.Name[(head.Name.LastIndexOf('/') + 1)..]);
        }

        if (old.Count == 0) return ([], false);
        if (await IsRunAtWorkAsync(cancellation)) return ([], true);
        var referred = await ReferredAsync(async source => (await core.Manifests.FindNewestAsync(source, cancellation))?.Manifest, cancellation);
        return ([.. old.Where(name => !referred.Contains(name)).Except(locked, StringComparer.Ordinal).Take(PlannedMax)], false);
    }

    /// <summary>Names that any stored version of any source refers to, by the manifests that are asked for.</summary>
    private async Task<HashSet<string>> ReferredAsync(Func<string, Task<Manifest?>> manifestOf, CancellationToken cancellation)
    {
        var referred = new HashSet<string>(StringComparer.Ordinal);
        foreach (var source in await SourcesAsync(cancellation))
        {
            if (await manifestOf(source) is { } manifest) referred.UnionWith(await _store.ReferredAsync(manifest, cancellation));
        }

        return referred;
    }

    /// <summary>The sources that may have attachments: whose newest manifest says so, and who have made themselves known.</summary>
    private async Task<SortedSet<string>> SourcesAsync(CancellationToken cancellation)
    {
        var (sources, all) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        await foreach (var head in core.Objects.ListAsync(ObjectNames.AttachmentSources, after: null, cancellation)) sources.Add(ObjectNames.ParseAttachmentSource(head.Name));
        await foreach (var head in core.Objects.ListAsync(ObjectNames.Manifests, after: null, cancellation))
        {
            if (ObjectNames.ParseManifest(head.Name) is { } parsed) all.Add(parsed.Source);
        }

        foreach (var source in all.Except(sources, StringComparer.Ordinal))
        {
            if (await core.Manifests.FindNewestAsync(source, cancellation) is { } newest && newest.Manifest.Streams.Values.Any(state => state.HasAttachments == true)) sources.Add(source);
        }

        return sources;
    }

    /// <summary>The source's newest manifest, with the plan standing in its chain.</summary>
    private async Task<Manifest?> FenceAsync(string source, long plan, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= core.Options.CommitAttemptsMax; attempt++)
        {
            if (await core.Manifests.FindNewestAsync(source, cancellation) is null)
            {
                // A first run is at work: it meets the plan in the chain that is begun for it here.
                await core.Manifests.TryPutAsync(First(source, plan), cancellation);
                continue;
            }

            await MaintenanceCommitter.CommitAsync(
                core,
                source,
                parent => Task.FromResult(parent.Manifest.AttachmentPlan >= plan
                    ? null
                    : MaintenanceCommitter.After(core, parent, new Maintenance { Kind = MaintenanceKind.AttachmentPlan }) with { AttachmentPlan = plan }),
                cancellation);
            return (await core.Manifests.FindNewestAsync(source, cancellation))?.Manifest;
        }

        throw new CommitContendedException($"The chain of source {source} could not be begun. Nothing was deleted; try again later.");
    }

    private Manifest First(string source, long plan) => new()
    {
        Vault = core.Secrets.Vault,
        Source = source,
        Seq = 1,
        Attempt = MaintenanceCommitter.NewId(),
        Run = MaintenanceCommitter.NewId(),
        Trigger = "maintenance",
        Time = core.Options.Clock.GetUtcNow(),
        SegmentBytes = 0,
        Streams = new(StringComparer.Ordinal),
        Maintenance = new Maintenance { Kind = MaintenanceKind.AttachmentPlan },
        AttachmentPlan = plan,
    };

    /// <summary>Whether a draft says that its run has attachments: what they are, nothing says but its lines. Courtesy: a run that is overtaken is refused, and loses its work.</summary>
    private async Task<bool> IsRunAtWorkAsync(CancellationToken cancellation)
    {
        var (drafts, oldest) = (new DraftStore(core), core.Options.Clock.GetUtcNow() - s_draftAgeMax);
        await foreach (var head in core.Objects.ListAsync(ObjectNames.Drafts, after: null, cancellation))
        {
            if (head.Modified >= oldest && await drafts.TryReadHeaderAsync(head.Name, cancellation) is { AttachmentPlan: not null } or { HasAttachments: true }) return true;
        }

        return false;
    }
}
