using System.Globalization;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Which entries of the audit log to show; what is absent matches all.</summary>
/// <param name="Action">Exact, or all that start so when it ends in <c>*</c>: <c>member.*</c>.</param>
/// <param name="Actor">A user id, an API key id, or <c>system</c>.</param>
/// <param name="Subject">The id of what it happened to.</param>
/// <param name="From">At or after.</param>
/// <param name="To">Before.</param>
public sealed record ActivityFilter(string? Action, string? Actor, string? Subject, DateTimeOffset? From, DateTimeOffset? To)
{
    public bool Matches(Activity activity) =>
        (Action is null || (Action.EndsWith('*') ? activity.Action.StartsWith(Action[..^1], StringComparison.Ordinal) : activity.Action == Action))
        && (Actor is null || activity.Actor == Actor)
        && (Subject is null || activity.Subject == Subject)
        && (From is null || activity.At >= From)
        && (To is null || activity.At < To);
}

/// <summary>The audit log, newest first. A page may be short, even empty, and still have a next: a filter looks at so many entries at a time.</summary>
public sealed class ListActivities(IItemStore items)
{
    private const int EntriesReadMax = 2000;

    public async Task<Ok<Page<Activity>>> RunAsync(HttpContext http, ActivityFilter filter, int? limit, string? cursor, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        var (wanted, read, last) = (Paging.Limit(limit), 0, Before(cursor));
        var found = new List<Activity>();
        var query = new ItemQuery
        {
            Table = Table.Activities,
            Partition = AccountKeys.Partition(account),
            SortFrom = ActivityLog.EntryKey(account, 0).Sort,
            SortTo = ActivityLog.EntryKey(account, last - 1).Sort,
            Descending = true,
            Limit = 200,
        };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            if (found.Count == wanted || read == EntriesReadMax) return Page(found, last);
            var activity = ItemJson.Read(item, ActivityJson.Default.Activity).Value;
            (read, last) = (read + 1, activity.Number);
            // Newest first: before the wanted time there is nothing more to find.
            if (filter.From is { } from && activity.At < from) break;
            if (filter.Matches(activity)) found.Add(activity);
        }
        return Page(found, null);
    }

    private static Ok<Page<Activity>> Page(IReadOnlyList<Activity> found, long? last) =>
        TypedResults.Ok(new Page<Activity>(found, last?.ToString(CultureInfo.InvariantCulture)));

    // The number that the page before ended with. One past the largest number that an entry's key can hold when there was none.
    private static long Before(string? cursor) => cursor switch
    {
        null => 9_999_999_999_999_999,
        _ when long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 9_999_999_999_999_999 => number,
        _ => throw Problem.Invalid("cursor", "Use the nextCursor of the page before."),
    };
}
