using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>The audit log as one JSON object per line, oldest first: whole and unfiltered, so that whoever gets it can check the chain themselves.</summary>
public sealed class ExportActivities(IItemStore items)
{
    public PushStreamHttpResult Run(HttpContext http, CancellationToken cancellation)
    {
        var account = http.GetAccess().Account.Id;
        var query = new ItemQuery { Table = Table.Activities, Partition = AccountKeys.Partition(account), SortPrefix = "A#", Limit = ItemQuery.LimitMax };
        return TypedResults.Stream(async body =>
        {
            await foreach (var item in items.AllAsync(query, cancellation))
            {
                await JsonSerializer.SerializeAsync(body, ItemJson.Read(item, ActivityJson.Default.Activity).Value, ActivityJson.Default.Activity, cancellation);
                await body.WriteAsync("\n"u8.ToArray(), cancellation);
            }
        }, "application/x-ndjson", $"activities-{account}.ndjson");
    }
}
