using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>A restore, export or verification with its progress; poll with ETag.</summary>
public sealed class GetJob(RunStore runs, JobStore jobs)
{
    public async Task<Results<Ok<JobView>, StatusCodeHttpResult>> RunAsync(HttpContext http, SourceId sourceId, JobId jobId, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var job = await jobs.GetAsync(sourceId, jobId, null, cancellation);
        return http.IsNotModified(job.Version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(JobView.Of(job.Value));
    }
}
