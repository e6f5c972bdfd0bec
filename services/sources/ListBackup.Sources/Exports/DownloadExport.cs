using ListBackup.Domain;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Hands out a file to whoever has its signed link.</summary>
public sealed class DownloadExport(JobStore jobs, ExportLinks links, ExportFiles files)
{
    public async Task<FileStreamHttpResult> RunAsync(
        HttpContext http, AccountId accountId, SourceId sourceId, JobId jobId, string file, string? expires, string? key, string? signature, CancellationToken cancellation)
    {
        await links.CheckAsync(accountId, sourceId, jobId, file, expires, key, signature, cancellation);
        var job = (await jobs.GetAsync(sourceId, jobId, JobKind.Export, cancellation)).Value;
        if (job.AccountId != accountId) throw Problem.NotFound("The file");
        var known = ExportRules.CheckFile(job, file, jobs.Now);
        try
        {
            var content = await files.OpenAsync(accountId, jobId, file, cancellation);
            http.Response.Headers.CacheControl = "private, no-store";
            http.Response.ContentLength = known.Bytes;
            return TypedResults.Stream(content, ExportRules.ContentType(file), file);
        }
        catch (ObjectNotFoundException)
        {
            throw Problem.NotFound("The file");
        }
    }
}
