using System.Globalization;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>What a restore plans for each record, and what became of it.</summary>
public sealed class ListPlanItems(RunStore runs, JobStore jobs, RestoreItems items)
{
    public async Task<Ok<Page<PlanItem>>> RunAsync(HttpContext http, SourceId sourceId, JobId jobId, int? limit, string? cursor, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var job = await jobs.GetAsync(sourceId, jobId, JobKind.Restore, cancellation);
        var from = 0L;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, null, out from)) throw Problem.Invalid("cursor", "Is not a cursor of this list.");
        var count = job.Value.Restore!.Plan.Items;
        var page = await items.PageAsync(jobId, from, (int)Math.Min(Paging.Limit(limit), Math.Max(1, count - from)), cancellation);
        // Numbers at or above the count belong to a step that was cut off and will be written again.
        var shown = page.Where(item => item.Number < count).ToList();
        var next = from + shown.Count;
        return TypedResults.Ok(new Page<PlanItem>(shown, shown.Count > 0 && next < count ? next.ToString() : null));
    }
}
