using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The restores, exports and verifications of a source, newest first.</summary>
public sealed class ListJobs(RunStore runs)
{
    public async Task<Ok<Page<JobView>>> RunAsync(HttpContext http, SourceId sourceId, int? limit, string? cursor, CancellationToken cancellation)
    {
        await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation);
        var page = await runs.Items.QueryAsync(new()
        {
            Table = Table.Sources,
            Partition = SourceKeys.Partition(sourceId),
            SortPrefix = "JOB#",
            Descending = true,
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        return TypedResults.Ok(new Page<JobView>([.. page.Items.Select(item => JobView.Of(ItemJson.Read(item, SourceItemsJson.Default.Job).Value))], page.Next));
    }
}
