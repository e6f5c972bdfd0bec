using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// Deletes an account's sources, their runs, jobs and snapshots, its exports and its vault, when its days of grace are over. Sources go last of their own
/// items: a repetition after a crash finds what is left through them. The keys go after all of it, so copies that lie elsewhere become unreadable too.
/// </summary>
public sealed class SourceShredder(IItemStore items, IObjectStores stores, AccountVaults vaults) : IAccountShredder
{
    public async Task ShredAsync(AccountId account, CancellationToken cancellation)
    {
        await foreach (var source in items.AllAsync(SourceKeys.SourcesOf(account), cancellation))
        {
            if (ItemJson.Read(source, SourceItemsJson.Default.Source).Value is { Id: var id }) await DeletePartitionAsync(SourceKeys.Partition(id), cancellation);
            await items.DeleteAsync(source.Key, Condition.None, cancellation);
        }
        await DeletePartitionAsync(SourceKeys.Partition(account), cancellation);
        vaults.Forget(account);
        await DeleteObjectsAsync(stores.Bucket(ExportFiles.Bucket), $"{account}/", cancellation);
        await DeleteObjectsAsync(stores.Bucket(AccountVaults.BucketOf(account)), "", cancellation);
    }

    private async Task DeletePartitionAsync(string partition, CancellationToken cancellation)
    {
        var all = new ItemQuery { Table = Table.Sources, Partition = partition, Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(all, cancellation))
        {
            if (item.Key.Sort.StartsWith("JOB#", StringComparison.Ordinal) && JobId.TryParse(item.Key.Sort["JOB#".Length..], out var job))
                await DeletePartitionAsync(SourceKeys.Partition(job), cancellation);
            await items.DeleteAsync(item.Key, Condition.None, cancellation);
        }
    }

    private static async Task DeleteObjectsAsync(IObjectStore objects, string prefix, CancellationToken cancellation)
    {
        await foreach (var found in objects.ListAsync(prefix, after: null, cancellation)) await objects.DeleteAsync(found.Name, cancellation);
    }
}

/// <summary>What an account's sources use: how many there are, what their newest snapshots and the vault hold, and what this month's runs took.</summary>
public sealed class SourceMeter(IItemStore items, IObjectStores stores, TimeProvider clock) : IAccountMeter
{
    public async Task<IReadOnlyList<UsageMeasure>> MeasureAsync(AccountId account, CancellationToken cancellation)
    {
        var (all, bytes) = (new List<Source>(), 0L);
        await foreach (var item in items.AllAsync(SourceKeys.SourcesOf(account), cancellation)) all.Add(ItemJson.Read(item, SourceItemsJson.Default.Source).Value);
        await foreach (var found in stores.Bucket(AccountVaults.BucketOf(account)).ListAsync("", after: null, cancellation)) bytes += found.Size;
        // What a deleted source took this month was taken all the same.
        var live = all.Where(source => source.DeletedAt is null).ToList();
        var month = MonthUsage.Of(clock.GetUtcNow());
        var used = all.Select(source => source.Usage?.FirstOrDefault(m => m.Month == month)).OfType<MonthUsage>().ToList();
        return
        [
            new("sources", live.Count, "sources"),
            new("records", live.Sum(source => source.LastRecords ?? 0), "records"),
            new("storedBytes", bytes, "bytes"),
            new("runsThisMonth", used.Sum(m => m.Runs), "runs"),
            new("requestsThisMonth", used.Sum(m => m.Requests), "requests"),
            new("recordsReadThisMonth", used.Sum(m => m.Records), "records"),
            new("bytesReadThisMonth", used.Sum(m => m.BytesRead), "bytes"),
        ];
    }
}
