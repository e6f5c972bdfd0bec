using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Finds records of a snapshot by what a person types, in one stream or in all of them, live or deleted ones.</summary>
public sealed class SearchRecords(SnapshotAccess snapshots)
{
    private const int TextMax = 500;

    public async Task<Ok<SearchPageView>> RunAsync(
        HttpContext http, SourceId sourceId, long seq, string q, string? stream, string? scope, int? limit, string? cursor, CancellationToken cancellation)
    {
        if (q.Length > TextMax) throw Problem.Invalid("q", $"At most {TextMax} characters.");
        var account = http.GetAccess().Account.Id;
        var vault = await snapshots.VaultAsync(account, sourceId, cancellation);
        var snapshot = (await snapshots.OpenAsync(account, sourceId, seq, cancellation)).Snapshot;
        if (stream is not null && snapshot.Streams.All(s => s.Stream != stream)) throw Problem.NotFound($"Stream {stream} in snapshot {seq}");
        var streams = stream is not null ? [stream] : snapshot.Streams.Select(s => s.Stream).Order(StringComparer.Ordinal).ToList();
        var query = new SearchQuery { Text = q, Seq = seq, Scope = ScopeOf(scope), Limit = Paging.Limit(limit) };
        var (first, inner) = PlaceOf(cursor, streams);

        // A page is of one stream: where one ends, the next page begins another.
        var page = await SearchAsync(vault, sourceId, streams[first], query with { Cursor = inner }, cancellation);
        var next = page.NextCursor is not null ? $"{first}:{page.NextCursor}" : first + 1 < streams.Count ? $"{first + 1}:" : null;
        return TypedResults.Ok(new SearchPageView([.. page.Hits.Select(hit => SearchHitView.Of(streams[first], hit))], next, page.Examined, ApiText.Of(page.Access)));
    }

    private static async Task<SearchPage> SearchAsync(BackupVault vault, SourceId source, string stream, SearchQuery query, CancellationToken cancellation)
    {
        try
        {
            return await vault.SearchAsync(source.ToString(), stream, query, cancellation);
        }
        catch (ArgumentException wrong)
        {
            throw Problem.Invalid(query.Cursor is null ? "q" : "cursor", wrong.Message);
        }
    }

    private static SearchScope ScopeOf(string? scope) => scope switch
    {
        null or "live" => SearchScope.Live,
        "deleted" => SearchScope.Deleted,
        "all" => SearchScope.All,
        _ => throw Problem.Invalid("scope", "Is live, deleted or all."),
    };

    private static (int Stream, string? Inner) PlaceOf(string? cursor, IReadOnlyList<string> streams)
    {
        if (streams.Count == 0) throw Problem.NotFound("A stream in the snapshot");
        if (cursor is null) return (0, null);
        var parts = cursor.Split(':', 2);
        return parts.Length == 2 && int.TryParse(parts[0], System.Globalization.NumberStyles.None, null, out var stream) && stream < streams.Count
            ? (stream, parts[1].Length == 0 ? null : parts[1])
            : throw Problem.Invalid("cursor", "Is not a cursor of this list.");
    }
}

/// <summary>A page of what was found. It may be short, even empty, and have a next one.</summary>
/// <param name="Items">In the vault's order within a stream.</param>
/// <param name="NextCursor">Absent at the end.</param>
/// <param name="Examined">How many records were looked at for this page.</param>
/// <param name="Access">How: <c>index</c>, <c>indexTooCommon</c> (what is asked for is in most records), or <c>scan</c> (there is no index of this state yet).</param>
public sealed record SearchPageView(IReadOnlyList<SearchHitView> Items, string? NextCursor, long Examined, string Access);

/// <param name="Seq">The snapshot in which this content came.</param>
/// <param name="Content">The platform's own JSON; of a deleted record the last.</param>
/// <param name="DeletedAt">When the snapshot was made in which it was no longer there; absent when it is live.</param>
public sealed record SearchHitView(string Stream, string Key, long Seq, RawJson Content, DateTimeOffset? DeletedAt)
{
    public static SearchHitView Of(string stream, SearchHit hit) => new(stream, hit.Key, hit.Seq, new(hit.Json), hit.Deletion?.Time);
}
