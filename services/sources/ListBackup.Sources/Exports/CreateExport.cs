using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed record CreateExportRequest(long Seq, ExportFormat Format)
{
    /// <summary>Absent: every stream of the snapshot.</summary>
    public IReadOnlyList<string>? Streams { get; init; }
}

/// <summary>Begins to write a snapshot's records as files.</summary>
public sealed class CreateExport(RunStore runs, SnapshotAccess snapshots, JobStore jobs, JobMessages messages, ActivityLog activities)
{
    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, CreateExportRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var snapshot = (await snapshots.OpenAsync(access.Account.Id, sourceId, request.Seq, cancellation)).Snapshot;
        if (request.Streams is { Count: 0 }) throw Problem.Invalid("streams", "Name at least one stream, or leave streams out to export all.");
        if (request.Streams?.FirstOrDefault(name => snapshot.Streams.All(s => s.Stream != name)) is { } unknown)
            throw Problem.Invalid("streams", $"Snapshot {request.Seq} has no stream {unknown}.");

        var job = jobs.New(source.Value, JobKind.Export, JobState.Queued, access.Caller.Actor) with
        {
            Export = new()
            {
                Seq = request.Seq,
                Format = request.Format,
                Streams = request.Streams?.Distinct(StringComparer.Ordinal).ToList() ?? [.. snapshot.Streams.Select(s => s.Stream)],
            },
        };
        await jobs.AddAsync(job, cancellation);
        await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        await activities.AppendAsync(job.AccountId, job.RequestedBy, "export.requested", job.Id.ToString(), cancellation, ("source", sourceId.ToString()), ("snapshot", request.Seq.ToString()));
        return TypedResults.Accepted($"/v1/accounts/{job.AccountId}/sources/{sourceId}/jobs/{job.Id}", JobView.Of(job));
    }
}
