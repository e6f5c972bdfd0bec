using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

public sealed class ListSources(IItemStore items)
{
    public async Task<Ok<Page<SourceView>>> RunAsync(HttpContext http, int? limit, string? cursor, string? tag, string? group, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(new()
        {
            Table = Table.Sources,
            Partition = SourceKeys.Partition(http.GetAccess().Account.Id),
            SortPrefix = "SRC#",
            Limit = Paging.Limit(limit),
            Cursor = cursor,
        }, cancellation);
        var sources = page.Items.Select(item => ItemJson.Read(item, SourceItemsJson.Default.Source).Value)
            .Where(s => s.DeletedAt is null && (tag is null || s.Tags.Contains(tag)) && (group is null || s.Group == group));
        return TypedResults.Ok(new Page<SourceView>([.. sources.Select(SourceView.Of)], page.Next));
    }
}
