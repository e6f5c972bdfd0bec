using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Tells people what a run, or a schedule, came to, through the account's channels. Repeating it is harmless: each event has one id.</summary>
public sealed class RunNotices(RunStore runs, Notifications notifications)
{
    public const string RunFailed = "run.failed";
    public const string RunPartial = "run.partial";
    public const string Quarantined = "snapshot.quarantined";
    public const string Unusual = "snapshot.anomaly";
    public const string Drifted = "schema.drift";
    public const string ScheduleMissed = "schedule.missed";

    /// <summary>What is worth telling of an ended run. A plain success, or what a person cancelled, is not.</summary>
    public async Task TellAsync(Run run, CancellationToken cancellation)
    {
        if (run.State is not (RunState.Failed or RunState.Partial) && run.Anomalies.Count == 0 && run.Drift.Count == 0) return;
        if (await runs.FindSourceAsync(run.AccountId, run.SourceId, cancellation) is not { Value: { DeletedAt: null } source }) return;
        if (run is { State: RunState.Failed, Reason: { } failed })
            await SendAsync(source, run, RunFailed, $"The backup of {source.Name} failed", Sentences(failed), cancellation);
        if (run is { State: RunState.Partial, Reason: { } missing })
            await SendAsync(source, run, RunPartial, $"The backup of {source.Name} is incomplete", Sentences(missing), cancellation);
        if (run.Anomalies.Count > 0) await TellAnomaliesAsync(source, run, cancellation);
        if (run.Drift.Count > 0)
            await SendAsync(source, run, Drifted, $"Fields of {source.Name} changed", SchemaDrifts.Describe(run.Drift), cancellation, ("fields", $"{run.Drift.Count}"));
    }

    /// <summary>A turn of the schedule did not happen when it should have.</summary>
    public Task TellMissedAsync(Source source, MissedTurn missed, CancellationToken cancellation) => notifications.SendAsync(
        source.AccountId, ScheduleMissed, source.Id.ToString(), $"{source.Name} missed its schedule", missed.Message,
        NotificationId.Of($"{ScheduleMissed} {source.Id} {missed.DueAt:O}").ToString(), cancellation,
        ("source", source.Id.ToString()), ("dueAt", missed.DueAt.UtcDateTime.ToString("O")), ("turns", $"{missed.Turns}"), (Notification.Link, $"/sources/{source.Id}"));

    private async Task TellAnomaliesAsync(Source source, Run run, CancellationToken cancellation)
    {
        var isSevere = run.Anomalies.Any(a => a.Severity == AnomalySeverity.Severe);
        var (@event, title) = isSevere
            ? (Quarantined, $"Look at {source.Name}: snapshot {run.SnapshotSeq} is in quarantine")
            : (Unusual, $"Something about {source.Name} is unusual");
        var decide = isSevere ? "\nNo older snapshot is let go until somebody accepts it or keeps the one before." : "";
        await SendAsync(source, run, @event, title, string.Join("\n", run.Anomalies.Take(20).Select(a => a.Message)) + decide, cancellation,
            [("anomalies", $"{run.Anomalies.Count}"), .. run.Anomalies.Take(20).Select((a, i) => ($"anomaly{i + 1}", $"{a.Code} {a.Stream}: {a.Before} → {a.After}"))]);
    }

    private Task SendAsync(Source source, Run run, string @event, string title, string text, CancellationToken cancellation, params (string, string)[] details) => notifications.SendAsync(
        run.AccountId, @event, run.Id.ToString(), title, text, NotificationId.Of($"{@event} {run.Id}").ToString(), cancellation,
        [
            ("source", run.SourceId.ToString()),
            .. run.SnapshotSeq is { } seq ? [("snapshot", $"{seq}")] : Array.Empty<(string, string)>(),
            (Notification.Link, run.SnapshotSeq is { } made ? $"/sources/{run.SourceId}/snapshots/{made}" : $"/sources/{run.SourceId}/runs/{run.Id}"),
            .. details,
        ]);

    private static string Sentences(Reason reason) => reason.Action is null ? reason.Message : $"{reason.Message} {reason.Action}";
}
