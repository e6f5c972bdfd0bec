using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Ends the backup of a source. Its history stays in the vault; nothing that was backed up is removed by this.</summary>
public sealed class DeleteSource(RunStore runs, CancelRun cancel, ActivityLog activities, TimeProvider clock)
{
    public async Task<NoContent> RunAsync(HttpContext http, SourceId sourceId, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var source = await runs.GetSourceAsync(access.Account.Id, sourceId, cancellation);
        http.RequireMatch(source.Version, "The source");
        await runs.UpdateSourceAsync(access.Account.Id, sourceId, s => s with { DeletedAt = s.DeletedAt ?? clock.GetUtcNow(), NextRunAt = null }, cancellation);
        if (source.Value.CurrentRunId is { } live) await cancel.CancelAsync(access.Account.Id, sourceId, live, access.Caller.Actor, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "source.deleted", sourceId.ToString(), cancellation, ("name", source.Value.Name));
        return TypedResults.NoContent();
    }
}
