using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The log of a run and of its streams, oldest first; bounded, and without record content.</summary>
public sealed class GetRunLogs(RunStore runs)
{
    public async Task<Ok<Page<RunLogLine>>> RunAsync(HttpContext http, SourceId sourceId, RunId runId, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var run = await runs.FindRunAsync(sourceId, runId, cancellation) ?? throw Problem.NotFound("The run");
        var parts = await runs.PartsAsync(sourceId, runId, cancellation);
        return TypedResults.Ok(new Page<RunLogLine>([.. run.Value.Log.Concat(parts.SelectMany(p => p.Value.Log)).OrderBy(line => line.At)], null));
    }
}
