using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed record CreateExportRequest(long Seq, ExportFormat Format)
{
    /// <summary>Absent: every stream of the snapshot.</summary>
    public IReadOnlyList<string>? Streams { get; init; }

    /// <summary>Only what changed since that snapshot, record by record with its content before and after; 0: since there was nothing.</summary>
    public long? FromSeq { get; init; }

    /// <summary>pii: personal data becomes pseudonyms. An export without a mask needs more rights.</summary>
    public ExportMask Mask { get; init; }

    /// <summary>Only records that match all: <c>/field:comparison:value</c>, as when they are listed.</summary>
    public IReadOnlyList<string>? Filter { get; init; }

    /// <summary>Only records with this text in some value.</summary>
    public string? Q { get; init; }

    /// <summary>True: one zip of all files with a <c>manifest.json</c> that tells what they are, and their SHA-256.</summary>
    public bool Archive { get; init; }
}

/// <summary>Begins to write a snapshot's records as files.</summary>
public sealed class CreateExport(RunStore runs, SnapshotAccess snapshots, JobStore jobs, JobMessages messages, ActivityLog activities)
{
    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, CreateExportRequest request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        ExportRules.CheckMask(access, request.Mask);
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var snapshot = (await snapshots.OpenAsync(access.Account.Id, sourceId, request.Seq, cancellation)).Snapshot;
        Check(request, snapshot);
        if (request.FromSeq is > 0 and var from) await snapshots.OpenAsync(access.Account.Id, sourceId, from, cancellation);

        var job = jobs.New(source.Value, JobKind.Export, JobState.Queued, access.Caller.Actor) with
        {
            Export = new()
            {
                Seq = request.Seq,
                FromSeq = request.FromSeq,
                Format = request.Format,
                Streams = request.Streams?.Distinct(StringComparer.Ordinal).ToList() ?? [.. snapshot.Streams.Select(s => s.Stream)],
                Mask = request.Mask,
                Filter = request.Filter ?? [],
                Q = string.IsNullOrWhiteSpace(request.Q) ? null : request.Q,
                IsArchive = request.Archive,
            },
        };
        await jobs.AddAsync(job, cancellation);
        await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        await activities.AppendAsync(job.AccountId, job.RequestedBy, "export.requested", job.Id.ToString(), cancellation,
            ("source", sourceId.ToString()), ("snapshot", request.Seq.ToString()), ("mask", ApiText.Of(request.Mask)));
        return TypedResults.Accepted($"/v1/accounts/{job.AccountId}/sources/{sourceId}/jobs/{job.Id}", JobView.Of(job));
    }

    private static void Check(CreateExportRequest request, Snapshot snapshot)
    {
        if (request.Streams is { Count: 0 }) throw Problem.Invalid("streams", "Name at least one stream, or leave streams out to export all.");
        if (request.Streams?.FirstOrDefault(name => snapshot.Streams.All(s => s.Stream != name)) is { } unknown)
            throw Problem.Invalid("streams", $"Snapshot {request.Seq} has no stream {unknown}.");
        RecordFilters.Parse(request.Filter ?? []);
        if (request.FromSeq is not { } from) return;
        if (from < 0 || from >= request.Seq) throw Problem.Invalid("fromSeq", $"Name a snapshot before {request.Seq}, or 0.");
        if (request.Filter is { Count: > 0 } || !string.IsNullOrWhiteSpace(request.Q)) throw Problem.Invalid("fromSeq", "Differences cannot be filtered.");
    }
}
