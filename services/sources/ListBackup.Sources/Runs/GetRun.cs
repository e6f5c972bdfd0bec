using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>A run with the progress of each stream. Its ETag moves with every progress, so polling costs next to nothing while nothing happens.</summary>
public sealed class GetRun(RunStore runs)
{
    public async Task<Results<Ok<RunView>, StatusCodeHttpResult>> RunAsync(HttpContext http, SourceId sourceId, RunId runId, CancellationToken cancellation)
    {
        var (view, version) = await ReadAsync(http.GetAccess().Account.Id, sourceId, runId, cancellation);
        return http.IsNotModified(version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(view);
    }

    public async Task<(RunView View, long Version)> ReadAsync(AccountId account, SourceId sourceId, RunId runId, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(account, sourceId, cancellation);
        var run = await runs.FindRunAsync(sourceId, runId, cancellation) ?? throw Problem.NotFound("The run");
        var parts = await runs.PartsAsync(sourceId, runId, cancellation);
        // Versions only grow, so their sum tells any two states apart.
        return (RunView.Of(run.Value, [.. parts.Select(p => p.Value)]), run.Version + parts.Sum(p => p.Version));
    }
}
