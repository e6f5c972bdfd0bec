using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <param name="Url">Relative to this API; whoever has it can load the file until it expires.</param>
public sealed record ExportLinkView(string Url, DateTimeOffset ExpiresAt);

/// <summary>Makes a link to a finished file of an export.</summary>
public sealed class CreateExportLink(RunStore runs, JobStore jobs, ExportLinks links, ActivityLog activities)
{
    public async Task<Ok<ExportLinkView>> RunAsync(HttpContext http, SourceId sourceId, JobId jobId, string file, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        var job = (await jobs.GetAsync(sourceId, jobId, JobKind.Export, cancellation)).Value;
        ExportRules.CheckFile(job, file, jobs.Now);
        ExportRules.CheckMask(access, job.Export!.Mask); // The file is an export's, so there is one.
        var (query, expires) = await links.SignAsync(access.Account.Id, sourceId, jobId, file, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "export.linked", jobId.ToString(), cancellation, ("file", file));
        return TypedResults.Ok(new ExportLinkView($"/v1/accounts/{access.Account.Id}/sources/{sourceId}/exports/{jobId}/files/{file}?{query}", expires));
    }
}

/// <summary>Who may export what, and when a file of an export is handed out.</summary>
public static class ExportRules
{
    /// <summary>Who reads records may take masked ones along; the rest takes a role that runs exports.</summary>
    public static void CheckMask(Access access, ExportMask mask) => access.Require(mask == ExportMask.None ? Permission.ExportsCreate : Permission.ExportsCreateMasked);

    /// <summary>By the file's name.</summary>
    public static string ContentType(string file) => Path.GetExtension(file) switch
    {
        ".csv" => "text/csv; charset=utf-8",
        ".xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".parquet" => "application/vnd.apache.parquet",
        ".sqlite" => "application/vnd.sqlite3",
        ".zip" => "application/zip",
        _ => "application/x-ndjson",
    };

    public static ExportFile CheckFile(Job job, string file, DateTimeOffset now) =>
        job is { State: JobState.Succeeded, Export: { } export } && export.ExpiresAt > now && export.Files.FirstOrDefault(f => f.Name == file) is { } found
            ? found
            : throw Problem.NotFound("The file");
}
