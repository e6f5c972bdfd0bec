using System.Runtime.CompilerServices;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Walks the sources of an account and of everything below it, account by account in the order of the tree.</summary>
public sealed class FleetReader(IItemStore items, TimeProvider clock)
{
    /// <summary>How many snapshots back a proven one is looked for.</summary>
    public const int SnapshotsMax = 30;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The account and those below it that are not being deleted. On AWS the index may lag behind a change by seconds.</summary>
    /// <param name="top">Where to begin.</param>
    /// <param name="after">Path text of the last account seen; null: from the top.</param>
    /// <param name="cancellation">Cancels.</param>
    public async IAsyncEnumerable<Account> AccountsAsync(Account top, string? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var index = AccountKeys.PathIndex(top.Path);
        var query = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = index.Partition, SortPrefix = index.Sort, Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var account = ItemJson.Read(item, AccessJson.Default.Account).Value;
            if (account.DeletedAt is null && (after is null || string.CompareOrdinal(AccountKeys.PathText(account.Path), after) > 0)) yield return account;
        }
    }

    /// <summary>The sources of one account, by id.</summary>
    public async IAsyncEnumerable<Source> SourcesAsync(AccountId account, SourceId? after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(account), SortPrefix = "SRC#", Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var source = ItemJson.Read(item, SourceItemsJson.Default.Source).Value;
            if (source.DeletedAt is null && (after is null || string.CompareOrdinal(source.Id.ToString(), after.ToString()) > 0)) yield return source;
        }
    }

    /// <summary>How one source is protected.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="source">It.</param>
    /// <param name="within">How old a snapshot may be to count.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<FleetSourceView> ViewAsync(Account account, Source source, TimeSpan within, CancellationToken cancellation)
    {
        var snapshots = source.LastSnapshotSeq is null ? [] : await SnapshotsAsync(source.Id, cancellation);
        var newest = snapshots.Count == 0 ? null : snapshots[0];
        var view = SourceView.Of(source);
        return new()
        {
            AccountId = account.Id,
            AccountName = account.Name,
            SourceId = source.Id,
            Name = source.Name,
            Platform = source.Platform,
            Health = view.Health,
            Protection = ProtectionOf(snapshots, Now - within),
            ProvenAt = snapshots.FirstOrDefault(s => s.Level == CoverageLevel.Proven)?.At,
            LastSnapshotAt = newest?.At,
            LastLevel = newest is null ? null : ApiText.Of(newest.Level),
            Records = newest?.Live,
            NextRunAt = view.NextRunAt,
            Reason = source.LastReason,
            Anomalies = newest?.Anomalies ?? [],
        };
    }

    // The best that was made within the time: an incomplete run after a proven one takes nothing away from it.
    private static Protection ProtectionOf(IReadOnlyList<SourceSnapshot> snapshots, DateTimeOffset since)
    {
        if (snapshots.Count == 0) return Protection.None;
        var recent = snapshots.Where(s => s.At >= since).ToList();
        if (recent.Count == 0) return Protection.Stale;
        return recent.Min(s => s.Level) switch
        {
            CoverageLevel.Proven => Protection.Proven,
            CoverageLevel.Consistent => Protection.Consistent,
            _ => Protection.Partial,
        };
    }

    private async Task<IReadOnlyList<SourceSnapshot>> SnapshotsAsync(SourceId source, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(
            new() { Table = Table.Sources, Partition = SourceKeys.Partition(source), SortPrefix = "SNAP#", Descending = true, Limit = SnapshotsMax }, cancellation);
        return [.. page.Items.Select(item => ItemJson.Read(item, SourceItemsJson.Default.SourceSnapshot).Value)];
    }
}
