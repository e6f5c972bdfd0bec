using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.Extensions.Logging;

namespace ListBackup.Sources;

/// <summary>Makes a complete run a snapshot: commits the vault, compares with the snapshot before, ends the run, notes the activity.</summary>
public sealed class SyncCommitter(RunStore runs, RunEnding ending, AccountVaults vaults, StreamHistories histories, RunFollowUps followUps, QuarantineHold hold, MaintenanceQueue maintenance, TimeProvider clock, ILogger<SyncCommitter> log) : IMessageHandler
{
    public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
    {
        var commit = RunMessages.Read(message, SourceItemsJson.Default.CommitMessage);
        if (await runs.FindRunAsync(commit.SourceId, commit.RunId, cancellation) is not { } run) return;
        if (run.Value.State != RunState.Committing && !run.Value.HasEnded) return;
        using var step = WorkTrace.Step("commit run", run.Value.Trace, ("listbackup.source", commit.SourceId), ("listbackup.run", commit.RunId));

        var ended = run.Value.HasEnded ? run.Value : await CommitAsync(run.Value, cancellation);
        await followUps.SendAsync(ended, cancellation);
        if (ended.SnapshotSeq is not null) await maintenance.EnsureAsync(ended.AccountId, ended.SourceId, cancellation);
        await ending.NoteAsync(ended, cancellation);
    }

    private async Task<Run> CommitAsync(Run run, CancellationToken cancellation)
    {
        var parts = (await runs.PartsAsync(run.SourceId, run.Id, cancellation)).Select(p => p.Value).Where(p => run.Streams.Contains(p.Stream)).ToList();
        var vault = await vaults.OpenAsync(run.AccountId, cancellation);
        var outcomes = await vault.FindOutcomesAsync(run.SourceId.ToString(), run.Id.ToString(), cancellation);
        if (parts.TrueForAll(p => p.State == PartState.Failed)) return await FailAsync(run, parts, vault, cancellation);

        var snapshot = await vault.CommitAsync(new()
        {
            Source = run.SourceId.ToString(),
            Run = run.Id.ToString(),
            Outcomes = outcomes,
            Connector = run.Connector,
            Trigger = run.Trigger.ToString().ToLowerInvariant(),
        }, cancellation);
        var before = snapshot.Seq > 1 ? (await vault.OpenSnapshotAsync(snapshot.Source, snapshot.Seq - 1, cancellation)).Snapshot : null;
        var anomalies = await histories.JudgeAsync(run.SourceId, before, snapshot, parts, cancellation);
        var drift = await SchemaDrifts.FindAsync(vault, before, snapshot, cancellation);
        var entry = Entry(run, snapshot, anomalies);
        // Before anybody sees the snapshot: nothing older may be let go from now on.
        if (entry.Quarantine is not null) await hold.PutAsync(run.AccountId, run.SourceId, snapshot.Time, cancellation);
        var ended = await ending.EndAsync(run.AccountId, run.SourceId, run.Id, r => Ended(r, parts, snapshot, anomalies, drift), cancellation, entry);
        log.LogInformation("Run {Run} of source {Source} made snapshot {Seq}", run.Id, run.SourceId, snapshot.Seq);
        return ended ?? throw new InvalidOperationException($"Run {run.Id} vanished while it was committed.");
    }

    private async Task<Run> FailAsync(Run run, IReadOnlyList<RunPart> parts, BackupVault vault, CancellationToken cancellation)
    {
        await vault.AbandonAsync(run.SourceId.ToString(), run.Id.ToString(), cancellation);
        var ended = await ending.EndAsync(run.AccountId, run.SourceId, run.Id, r => r with
        {
            State = RunState.Failed,
            Reason = parts.Select(p => p.Reason).FirstOrDefault(reason => reason is not null),
            FinishedAt = clock.GetUtcNow(),
        }, cancellation);
        return ended ?? throw new InvalidOperationException($"Run {run.Id} vanished while it was ended.");
    }

    private Run Ended(Run run, IReadOnlyList<RunPart> parts, Snapshot snapshot, IReadOnlyList<Anomaly> anomalies, IReadOnlyList<FieldDriftEvent> drift)
    {
        var missing = MissingIn(run, parts, snapshot);
        return (run with
        {
            State = missing.Count == 0 ? RunState.Succeeded : RunState.Partial,
            Reason = missing.Count == 0 ? null : Missing(missing),
            FinishedAt = clock.GetUtcNow(),
            SnapshotSeq = snapshot.Seq,
            Anomalies = anomalies,
            Drift = drift,
            FullSweeps = [.. parts.Where(p => p is { State: PartState.Complete, Mode: ReadMode.FullSweep }).Select(p => p.Stream)],
        }).Logged(clock.GetUtcNow(), $"Committed snapshot {snapshot.Seq}.");
    }

    /// <summary>
    /// What keeps the run from being a success: parts that did not read to their end, and parts that did while the certificate says that something is missing all the
    /// same, such as fewer records than the platform says it has. Last, streams of which nobody could tell what they are.
    /// </summary>
    private static IReadOnlyList<(string Stream, Reason Reason)> MissingIn(Run run, IReadOnlyList<RunPart> parts, Snapshot snapshot) =>
    [
        .. parts.Where(p => p.State != PartState.Complete).Select(p => (p.Stream, p.Reason ?? new("incomplete", $"Stream {p.Stream} was not read to its end."))),
        .. from part in parts
           where part.State == PartState.Complete
           let coverage = snapshot.Streams.FirstOrDefault(s => s.Stream == part.Stream)?.Coverage
           where coverage?.Level == CoverageLevel.Partial
           select (part.Stream, new Reason("coverage-partial", $"Stream {part.Stream}: {coverage.Reason}", "Look at the stream's certificate; if it lasts, tell us what the platform shows.")),
        .. run.StreamsDoubt is { } doubt ? [("streams that were not named", new Reason("streams-unlisted", doubt, "Look at what the platform lists; the streams that it named are backed up."))]
            : Array.Empty<(string, Reason)>(),
    ];

    private static Reason Missing(IReadOnlyList<(string Stream, Reason Reason)> missing) => missing.Count == 1
        ? missing[0].Reason
        : new("incomplete", $"{missing.Count} streams are incomplete: {string.Join(", ", missing.Take(5).Select(m => m.Stream))}{(missing.Count > 5 ? " …" : "")}. First: {missing[0].Reason.Message}",
            missing[0].Reason.Action);

    private static SourceSnapshot Entry(Run run, Snapshot snapshot, IReadOnlyList<Anomaly> anomalies)
    {
        var read = snapshot.Streams.Where(s => s.ReadSeq == snapshot.Seq).ToList();
        return new()
        {
            Seq = snapshot.Seq,
            At = snapshot.Time,
            RunId = run.Id,
            Trigger = run.Trigger,
            Level = snapshot.Streams.Select(s => s.Coverage.Level).DefaultIfEmpty(CoverageLevel.Partial).Max(),
            Live = snapshot.Streams.Sum(s => s.Live),
            Added = read.Sum(s => s.Added),
            Changed = read.Sum(s => s.Changed),
            Deleted = read.Sum(s => s.Deleted),
            BytesAdded = snapshot.BytesAdded,
            ManifestSha256 = snapshot.ManifestSha256,
            Anomalies = anomalies,
            Quarantine = anomalies.Any(a => a.Severity == AnomalySeverity.Severe) ? new(QuarantineState.Open) : null,
        };
    }
}
