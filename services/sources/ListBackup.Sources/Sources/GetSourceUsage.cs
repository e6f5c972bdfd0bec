using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <param name="Records">Live records in the newest snapshot; absent before the first.</param>
/// <param name="Months">What its runs used, newest month first, at most thirteen.</param>
public sealed record SourceUsageView(long? Records, IReadOnlyList<MonthUsage> Months);

/// <summary>What a source uses.</summary>
public sealed class GetSourceUsage(RunStore runs)
{
    public async Task<Ok<SourceUsageView>> RunAsync(HttpContext http, SourceId sourceId, CancellationToken cancellation)
    {
        var source = (await runs.GetSourceAsync(http.GetAccess().Account.Id, sourceId, cancellation)).Value;
        return TypedResults.Ok(new SourceUsageView(source.LastRecords, source.Usage ?? []));
    }
}
