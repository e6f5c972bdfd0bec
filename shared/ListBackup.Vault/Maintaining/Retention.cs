using ListBackup.Vault.Format;
using ListBackup.Vault.Reading;

namespace ListBackup.Vault.Maintaining;

/// <summary>Sets a source's policy and holds, and lets snapshots go (vault-format.md, "Maintenance").</summary>
internal sealed class Retention(VaultCore core, string source)
{
    // A larger manifest is worth shrinking; a stub is hardly smaller than what is below.
    private const long StubBytesUsual = 1_024;

    public async Task<Snapshot> SetPolicyAsync(RetentionPolicy? policy, CancellationToken cancellation)
    {
        if (policy is not null) Check(policy);
        return await SetAsync(MaintenanceKind.Retention, manifest => manifest.Retention == policy ? null : manifest with { Retention = policy }, cancellation);
    }

    public Task<Snapshot> PutHoldAsync(SnapshotHold hold, CancellationToken cancellation)
    {
        if (hold.Name.Length is 0 or > 80) throw new ArgumentException("A hold's name has 1 to 80 characters.", nameof(hold));
        return SetAsync(
            MaintenanceKind.Hold,
            manifest =>
            {
                if (hold.Seq is { } seq)
                {
                    if (seq < 1 || seq >= manifest.Seq) throw new VaultNotFoundException($"Source {source} has no snapshot {seq}.");
                    if (manifest.Expired?.Any(range => range.Contains(seq)) ?? false) throw new SnapshotExpiredException(source, seq);
                }

                var others = (manifest.Holds ?? []).Where(other => other.Name != hold.Name).ToList();
                return others.Count < (manifest.Holds?.Count ?? 0) && manifest.Holds!.Contains(hold) ? null : manifest with { Holds = [.. others, hold] };
            },
            cancellation);
    }

    public Task<Snapshot> LiftHoldAsync(string name, CancellationToken cancellation) => SetAsync(
        MaintenanceKind.Hold,
        manifest =>
        {
            var others = (manifest.Holds ?? []).Where(other => other.Name != name).ToList();
            return others.Count == (manifest.Holds?.Count ?? 0) ? null : manifest with { Holds = others.Count == 0 ? null : others };
        },
        cancellation);

    public async Task<RetentionPreview> PreviewAsync(RetentionPolicy? policy, CancellationToken cancellation)
    {
        if (policy is not null) Check(policy);
        var view = await SourceView.OpenAsync(core, source, cancellation);
        var (decisions, _) = await DecideAsync(view, policy ?? view.Newest.Manifest.Retention, cancellation);
        return new RetentionPreview(policy ?? view.Newest.Manifest.Retention, view.Newest.Manifest.Holds ?? [], decisions);
    }

    /// <summary>Lets go what the policy does not keep. The commit decides; the manifests shrink behind it, and the next call finishes what a crash left.</summary>
    public async Task<RetentionReport> ApplyAsync(CancellationToken cancellation)
    {
        IReadOnlyList<long> expired = [];
        var committed = await MaintenanceCommitter.CommitAsync(
            core,
            source,
            async parent =>
            {
                (var manifest, expired) = await ExpireAsync(parent, cancellation);
                return manifest;
            },
            cancellation);
        var view = await SourceView.OpenAsync(core, source, cancellation);
        await ShrinkAsync(view.Newest.Manifest, cancellation);
        return new RetentionReport(committed is null ? null : Snapshots.Of(committed), committed is null ? [] : expired);
    }

    private async Task<(Manifest? Manifest, IReadOnlyList<long> Expired)> ExpireAsync(CheckedManifest parent, CancellationToken cancellation)
    {
        var (decisions, maintenance) = await DecideAsync(new SourceView(parent), parent.Manifest.Retention, cancellation);
        var backups = decisions.Where(decision => !decision.IsKept).Select(decision => decision.Seq).ToList();
        // Commits of maintenance alone are not worth another one.
        if (backups.Count == 0 && maintenance.Count < RetentionPolicy.KeepAllDaysMin) return (null, []);
        IReadOnlyList<long> expired = [.. backups.Concat(maintenance).Order()];
        var next = MaintenanceCommitter.After(core, parent, new Maintenance { Kind = MaintenanceKind.Retention, Expired = KeptSnapshots.Join([], expired) });
        return (next with { Expired = KeptSnapshots.Join(parent.Manifest.Expired ?? [], expired) }, backups);
    }

    private async Task<(IReadOnlyList<RetentionDecision> Backups, IReadOnlyList<long> Maintenance)> DecideAsync(
        SourceView view, RetentionPolicy? policy, CancellationToken cancellation)
    {
        var newest = view.Newest.Manifest;
        var (candidates, maintenance) = (new List<RetentionCandidate>(), new List<(long Seq, DateTimeOffset ReplacedAt)>());
        DateTimeOffset? replacedAt = null;
        for (var seq = newest.Seq; seq > 0; seq--)
        {
            if (view.IsExpired(seq)) continue;
            var manifest = (await view.GetManifestAsync(core, seq, cancellation)).Manifest;
            if (manifest.Maintenance is null) candidates.Insert(0, CandidateOf(manifest, replacedAt));
            else if (replacedAt is { } time && seq != newest.GcPlan) maintenance.Add((seq, time));
            replacedAt = manifest.Time;
        }

        var holds = newest.Holds ?? [];
        var decisions = RetentionRules.Decide(candidates, policy, holds, core.Options.Clock.GetUtcNow());
        if (policy is null || candidates.Count == 0) return (decisions, []);
        return (decisions, [.. maintenance.Where(commit => IsDone(commit.Seq, commit.ReplacedAt)).Select(commit => commit.Seq)]);

        // A hold on everything, or on this very commit, holds it too.
        bool IsDone(long seq, DateTimeOffset replaced) =>
            RetentionRules.MayExpire(replaced, Earlier(candidates[^1].Time, core.Options.Clock.GetUtcNow())) && !holds.Any(hold => hold.Seq is null || hold.Seq == seq);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static RetentionCandidate CandidateOf(Manifest manifest, DateTimeOffset? replacedAt)
    {
        var complete = manifest.Streams.Where(stream => stream.Value.Coverage.Level != CoverageLevel.Partial).Select(stream => stream.Key).ToHashSet(StringComparer.Ordinal);
        return new RetentionCandidate(manifest.Seq, manifest.Time, complete, complete.Count == manifest.Streams.Count, replacedAt);
    }

    private async Task ShrinkAsync(Manifest newest, CancellationToken cancellation)
    {
        var kept = KeptSnapshots.Of(newest);
        await foreach (var head in core.Objects.ListAsync(ObjectNames.ManifestsOf(source), after: null, cancellation))
        {
            if (head.Size > StubBytesUsual && ObjectNames.ParseManifest(head.Name) is { } parsed && !kept.Any(parsed.Seq, parsed.Seq + 1))
                await core.Manifests.ShrinkAsync(source, parsed.Seq, newest.Seq, cancellation);
        }
    }

    private async Task<Snapshot> SetAsync(MaintenanceKind kind, Func<Manifest, Manifest?> change, CancellationToken cancellation)
    {
        var committed = await MaintenanceCommitter.CommitAsync(
            core,
            source,
            parent => Task.FromResult(change(MaintenanceCommitter.After(core, parent, new Maintenance { Kind = kind }))),
            cancellation);
        return Snapshots.Of(committed ?? (await SourceView.OpenAsync(core, source, cancellation)).Newest);
    }

    private static void Check(RetentionPolicy policy)
    {
        if (policy.KeepAllDays < RetentionPolicy.KeepAllDaysMin)
            throw new ArgumentException($"All snapshots of at least {RetentionPolicy.KeepAllDaysMin} days are kept: a run that has begun must find its base.", nameof(policy));
        if (policy.KeepAllDays > RetentionPolicy.CountMax || policy.MinSnapshots < 1
            || new[] { policy.Daily, policy.Weekly, policy.Monthly, policy.Yearly, policy.MinSnapshots }.Any(count => count is < 0 or > RetentionPolicy.CountMax))
            throw new ArgumentException($"The numbers of a retention policy are 0 to {RetentionPolicy.CountMax}, the minimum of snapshots at least 1.", nameof(policy));
    }
}
