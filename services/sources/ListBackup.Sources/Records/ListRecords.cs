using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>The records of a stream as they were at a snapshot.</summary>
public sealed class ListRecords(SnapshotAccess snapshots)
{
    private const int FiltersMax = 10;

    public async Task<Ok<RecordPageView>> RunAsync(
        HttpContext http, SourceId sourceId, long seq, string stream, string? q, string[]? filter, int? limit, string? cursor, CancellationToken cancellation)
    {
        var query = new RecordQuery
        {
            Limit = Paging.Limit(limit),
            Cursor = cursor,
            Contains = string.IsNullOrWhiteSpace(q) ? null : q,
            Filters = FiltersOf(filter ?? []),
        };
        var reader = await snapshots.OpenAsync(http.GetAccess().Account.Id, sourceId, seq, stream, cancellation);
        var page = await reader.QueryAsync(stream, query, cancellation);
        return TypedResults.Ok(new RecordPageView([.. page.Records.Select(RecordView.Of)], page.NextCursor, page.Examined));
    }

    /// <summary><c>/field:comparison:value</c>, such as <c>/status:equals:subscribed</c>. The value may contain colons.</summary>
    private static IReadOnlyList<FieldFilter> FiltersOf(string[] filters)
    {
        if (filters.Length > FiltersMax) throw Problem.Invalid("filter", $"At most {FiltersMax} filters.");
        return [.. filters.Select(FilterOf)];
    }

    private static FieldFilter FilterOf(string text)
    {
        var parts = text.Split(':', 3);
        if (parts.Length < 2 || !FieldExclusion.IsPointer(parts[0]) || !Enum.TryParse<FieldComparison>(parts[1], ignoreCase: true, out var comparison) || !char.IsLetter(parts[1][0]))
            throw Problem.Invalid("filter", "Write /field:comparison:value with equals, notEquals, contains, startsWith, greaterThan, lessThan or exists.");
        return new(parts[0], comparison, parts.Length > 2 ? parts[2] : "");
    }
}
