using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>What the services measure of this account itself, without those below it.</summary>
public sealed class GetUsage(IEnumerable<IAccountMeter> meters, TimeProvider clock)
{
    public async Task<Ok<UsageAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account;
        var measures = new List<UsageMeasure>();
        foreach (var meter in meters) measures.AddRange(await meter.MeasureAsync(account.Id, cancellation));
        return TypedResults.Ok(new UsageAnswer(clock.GetUtcNow(), measures) { Limits = account.Limits });
    }
}

/// <summary>What this service itself counts.</summary>
public sealed class AccountMeter(IItemStore items) : IAccountMeter
{
    public async Task<IReadOnlyList<UsageMeasure>> MeasureAsync(AccountId account, CancellationToken cancellation)
    {
        var head = await items.FindAsync(ActivityLog.HeadKey(account), ActivityJson.Default.ActivityHead, cancellation);
        return
        [
            new("members", await CountAsync(account, "MEMBER#", cancellation), "people"),
            new("children", await CountAsync(account, "CHILD#", cancellation), "accounts"),
            new("activities", head?.Value.Number ?? 0, "entries"),
        ];
    }

    private async Task<int> CountAsync(AccountId account, string prefix, CancellationToken cancellation)
    {
        var count = 0;
        var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = prefix, Limit = ItemQuery.LimitMax };
        await foreach (var _ in items.AllAsync(query, cancellation)) count++;
        return count;
    }
}
