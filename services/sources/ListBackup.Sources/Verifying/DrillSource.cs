using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <param name="Seq">The snapshot to restore into nothing; absent: the newest.</param>
public sealed record DrillSourceRequest(long? Seq = null);

/// <summary>A restore drill now: everything in a snapshot is restored into nothing, and compared with what its signed manifest says. The job's answer carries the report.</summary>
public sealed class DrillSource(RunStore runs, JobStore jobs, JobMessages messages)
{
    public async Task<Accepted<JobView>> RunAsync(HttpContext http, SourceId sourceId, DrillSourceRequest? request, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var seq = request?.Seq ?? source.Value.LastSnapshotSeq ?? throw Problem.Conflict("The source has no snapshot yet.", "no-snapshot");
        if (await runs.Items.FindAsync(SourceKeys.Snapshot(sourceId, seq), SourceItemsJson.Default.SourceSnapshot, cancellation) is null) throw Problem.NotFound($"Snapshot {seq}");
        var job = jobs.New(source.Value, JobKind.Verify, JobState.Queued, access.Caller.Actor) with { Verify = new(VerifyLevel.Restore, seq) };
        await jobs.AddAsync(job, cancellation);
        await messages.SendAsync(job, TimeSpan.Zero, cancellation);
        return TypedResults.Accepted($"/v1/accounts/{job.AccountId}/sources/{job.SourceId}/jobs/{job.Id}", JobView.Of(job));
    }
}
