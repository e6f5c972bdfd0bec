using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>All sources below an account, in numbers that are counted when they are asked for.</summary>
public sealed class GetFleetSummary(FleetReader fleet)
{
    /// <summary>An API gateway gives up after 29 seconds; so many sources are counted in a few.</summary>
    public const int SourcesMax = 5_000;

    public async Task<Ok<FleetSummaryView>> RunAsync(HttpContext http, int? withinHours, CancellationToken cancellation)
    {
        var hours = FleetRules.WithinHours(withinHours);
        var (accounts, views, quarantined, isComplete) = (0, new List<FleetSourceView>(), 0, true);
        await foreach (var account in fleet.AccountsAsync(http.GetAccess().Account, after: null, cancellation))
        {
            if (!isComplete) break;
            accounts++;
            await foreach (var source in fleet.SourcesAsync(account.Id, after: null, cancellation))
            {
                if (views.Count == SourcesMax)
                {
                    isComplete = false;
                    break;
                }
                views.Add(await fleet.ViewAsync(account, source, TimeSpan.FromHours(hours), cancellation));
                if (source.Quarantine is not null) quarantined++;
            }
        }
        return TypedResults.Ok(new FleetSummaryView(
            fleet.Now, hours, accounts, views.Count, views.Sum(v => v.Records ?? 0), CountBy(views, v => v.Protection), CountBy(views, v => v.Health), quarantined, isComplete));
    }

    private static Dictionary<string, int> CountBy<TEnum>(IEnumerable<FleetSourceView> views, Func<FleetSourceView, TEnum> by)
        where TEnum : struct, Enum
    {
        var counts = views.CountBy(by).ToDictionary(c => c.Key, c => c.Value);
        return Enum.GetValues<TEnum>().ToDictionary(ApiText.Of, value => counts.GetValueOrDefault(value), StringComparer.Ordinal);
    }
}
