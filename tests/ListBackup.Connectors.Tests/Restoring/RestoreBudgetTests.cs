using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Restoring;

public sealed class RestoreBudgetTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_manifests_budget_counts_the_requests_of_all_records_together()
    {
        var clock = new FakeTimeProvider();
        var waits = new ClockedWaits(clock);
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}", 404));
        var connector = Connector.Load(Manifests.OneStream("/items", more: """
            api_budget:
              type: HTTPAPIBudget
              policies: [{ type: MovingWindowCallRatePolicy, rates: [{ limit: 2, interval: PT10S }], matchers: [] }]
            """));
        var target = RestoreManifest
            .Load("""
                version: 1
                streams:
                  items: { find: [{ by: live_id, path: "/items/{{ record.id }}" }] }
                """, connector)
            .Target(platform.Config(), Ports.For(_http, waits) with { Clock = clock });

        for (var id = 1; id <= 5; id++)
            await target.FindAsync("items", new RestoreRecord(System.Text.Encoding.UTF8.GetBytes($$"""{"id":{{id}}}"""), SameIds.Instance), TestContext.Current.CancellationToken);

        platform.Requests.Count.ShouldBe(5);
        waits.Waits.ShouldBe([(TimeSpan.FromSeconds(10), WaitReason.Budget), (TimeSpan.FromSeconds(10), WaitReason.Budget)]);
    }
}
