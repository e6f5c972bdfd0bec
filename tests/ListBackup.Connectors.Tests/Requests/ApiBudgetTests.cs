using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Requests;

public sealed class ApiBudgetTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private ApiBudget Budget(string policies) =>
        Components.Parse($"{{ type: HTTPAPIBudget, policies: [{policies}] }}", ApiBudgetSpec.Parse).Open(new ExpressionContext(_clock).Set(Variable.Config, ValueJson.Parse("""{"n":3}""")));

    private static double Take(ApiBudget budget, string url = "https://x.test/a", string method = "GET", string? header = null)
    {
        var parts = new RequestParts { Method = HttpMethod.Parse(method), Url = url };
        if (header is not null)
            parts.SetHeader("X-Kind", header);

        return budget.Take(parts, new Uri(url)).TotalSeconds;
    }

    private void Pass(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_fixed_window_is_new_all_at_once()
    {
        var budget = Budget("{ type: FixedWindowCallRatePolicy, call_limit: 2, period: PT10S, matchers: [] }");

        Take(budget).ShouldBe(0);
        Pass(6);
        Take(budget).ShouldBe(0);
        Take(budget).ShouldBe(4);
        Pass(4);
        Take(budget).ShouldBe(0);
        Take(budget).ShouldBe(0);
        Take(budget).ShouldBe(10);
    }

    [Fact]
    public void A_moving_window_gives_back_call_by_call()
    {
        var budget = Budget("{ type: MovingWindowCallRatePolicy, rates: [{ type: Rate, limit: 2, interval: PT10S }, { type: Rate, limit: \"{{ config['n'] }}\", interval: PT1M }], matchers: [] }");

        Take(budget).ShouldBe(0);
        Pass(6);
        Take(budget).ShouldBe(0);
        Take(budget).ShouldBe(4);
        Pass(4);
        Take(budget).ShouldBe(0);
        Take(budget).ShouldBe(50);
    }

    [Fact]
    public void A_heavy_request_takes_more_and_one_heavier_than_the_limit_goes_alone()
    {
        var budget = Budget("{ type: MovingWindowCallRatePolicy, rates: [{ limit: 5, interval: PT10S }], matchers: [{ url_path_pattern: ^/heavy, weight: 4 }, { url_path_pattern: ^/huge, weight: \"{{ 9 }}\" }, {}] }");

        Take(budget, "https://x.test/a").ShouldBe(0);
        Take(budget, "https://x.test/heavy").ShouldBe(0);
        Take(budget, "https://x.test/a").ShouldBe(10);
        Take(budget, "https://x.test/huge").ShouldBe(10);
        Pass(10);
        Take(budget, "https://x.test/huge").ShouldBe(0);
        Take(budget, "https://x.test/a").ShouldBe(10);
    }

    [Fact]
    public void The_first_policy_that_fits_a_request_holds_for_it()
    {
        var budget = Budget("""
            { type: UnlimitedCallRatePolicy, matchers: [{ method: GET, url_base: "https://free.test" }, { params: { q: "a b" } }, { headers: { X-Kind: free } }] },
            { type: FixedWindowCallRatePolicy, call_limit: 1, period: PT1M, matchers: [{ method: POST }] }
            """);

        Take(budget, method: "POST").ShouldBe(0);
        Take(budget, method: "POST").ShouldBe(60);
        Take(budget, "https://free.test/x").ShouldBe(0);
        Take(budget, "https://free.test.evil/x", "POST").ShouldBe(60);
        Take(budget, "https://x.test/a?p=1&q=a%20b", "POST").ShouldBe(0);
        Take(budget, "https://x.test/a?pq=a%20b", "POST").ShouldBe(60);
        Take(budget, method: "POST", header: "free").ShouldBe(0);
        Take(budget).ShouldBe(0);
    }

    [Theory]
    [InlineData(200, "0", "1704067220", 20)]
    [InlineData(403, null, "20", 20)]
    [InlineData(403, null, null, 60)]
    [InlineData(200, "3", "20", 0)]
    [InlineData(429, null, "20", 0)]
    public async Task The_headers_and_statuses_that_the_manifest_names_hold_requests_back(int status, string? remaining, string? reset, int wait)
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            if (++calls > 1)
                return context.Json("""{"items":[]}""");
            context.Response.Headers["X-Left"] = remaining;
            context.Response.Headers["X-New"] = reset;
            return context.Json("""{"items":[{"id":1}]}""", status);
        });
        var waits = new ClockedWaits(_clock);
        var budget = new ReportedBudget();
        var connector = Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: PageIncrement, page_size: 1 }
            """, requester: """
            error_handler:
              type: DefaultErrorHandler
              backoff_strategies: [{ type: ConstantBackoffStrategy, backoff_time_in_seconds: 0 }]
              response_filters: [{ http_codes: [403], action: RETRY }]
            """, more: """
            api_budget:
              type: HTTPAPIBudget
              ratelimit_remaining_header: X-Left
              ratelimit_reset_header: X-New
              status_codes_for_ratelimit_hit: [403]
              policies: [{ type: FixedWindowCallRatePolicy, call_limit: 100, period: PT1M, matchers: [] }]
            """));

        await ReadResult.Of(connector.ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config() },
            Ports.For(_http, waits) with { Clock = _clock, RateBudget = budget, WaitMax = TimeSpan.FromHours(1) }, default));

        platform.Requests.Count.ShouldBe(2);
        waits.Waits.Sum(each => each.Reason == WaitReason.Budget ? each.Delay.TotalSeconds : 0).ShouldBe(wait);
        budget.Reports.Count.ShouldBe(1);
        budget.Reports[0].Limited.ShouldBe(status != 200);
    }

    [Fact]
    public async Task A_request_that_the_callers_budget_holds_back_is_counted_once_in_the_manifests()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":1}]}"""));
        var waits = new ClockedWaits(_clock);
        var connector = Connector.Load(Manifests.OneStream("/items", more: """
            api_budget:
              type: HTTPAPIBudget
              policies: [{ type: FixedWindowCallRatePolicy, call_limit: 1, period: PT1H, matchers: [] }]
            """));

        await ReadResult.Of(connector.ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config() },
            Ports.For(_http, waits) with { Clock = _clock, RateBudget = new HoldingBudget(), WaitMax = TimeSpan.FromHours(2) }, default));

        waits.Waits.Select(wait => wait.Delay.TotalSeconds).ShouldBe([3]);
    }

    [Fact]
    public async Task The_day_limit_that_an_answer_tells_is_reported_and_nothing_else_is_made_of_it()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            context.Response.Headers["X-Day-Limit"] = "250000";
            return context.Json("""{"items":[{"id":1}]}""");
        });
        var budget = new ReportedBudget();
        var connector = Connector.Load(Manifests.OneStream("/items", more: "x-listbackup: { daily_quota: { limit_header: X-Day-Limit, time_zone: Asia/Tokyo } }"));

        await ReadResult.Of(connector.ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, new ClockedWaits(_clock)) with { Clock = _clock, RateBudget = budget }, default));

        budget.Reports.ShouldBe([new RateReport(null, null, Limited: false, DailyLimit: 250_000)]);
        connector.Info.DailyQuota!.TimeZone.Id.ShouldBe("Asia/Tokyo");
    }

    [Fact]
    public async Task A_day_that_is_spent_is_never_waited_for_and_says_until_when_and_why()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":1}]}"""));
        var waits = new RememberedWaits();
        var connector = Connector.Load(Manifests.OneStream("/items"));
        var budget = new SpentBudget(new(TimeSpan.FromSeconds(1), new(40, 100_000, 250_000, new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero))));

        var held = await Should.ThrowAsync<PlatformDailyCeilingException>(() => ReadResult.Of(
            connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, waits) with { RateBudget = budget }, default)));

        (held.RetryAfter, held.MayPassLater).ShouldBe((TimeSpan.FromSeconds(1), true));
        held.Message.ShouldContain("until 2026-11-26 00:00 UTC");
        held.Message.ShouldContain("40 % of its daily quota, 100,000 of 250,000 requests");
        waits.Waits.ShouldBeEmpty();
        platform.Requests.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("{}", "requests")]
    [InlineData("{ requests: 0 }", "requests")]
    [InlineData("{ requests: many }", "requests")]
    [InlineData("{ requests: 5, time_zone: Mars/Olympus }", "time_zone")]
    [InlineData("{ requests: 5, reset: noon }", "reset")]
    public void A_daily_quota_that_says_nothing_is_refused(string quota, string path) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", more: $"x-listbackup: {{ daily_quota: {quota} }}")))
            .Problems.ShouldHaveSingleItem().Path.ShouldBe($"x-listbackup.daily_quota.{path}");

    private sealed class SpentBudget(BudgetWait answer) : IRateBudget
    {
        public ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation) => new(answer);

        public ValueTask ReportAsync(RateReport report, CancellationToken cancellation) => ValueTask.CompletedTask;
    }

    /// <summary>Holds the first request back for three seconds.</summary>
    private sealed class HoldingBudget : IRateBudget
    {
        private bool _hasHeld;

        public ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation)
        {
            var wait = _hasHeld ? TimeSpan.Zero : TimeSpan.FromSeconds(3);
            _hasHeld = true;

            return new(new BudgetWait(wait));
        }

        public ValueTask ReportAsync(RateReport report, CancellationToken cancellation) => ValueTask.CompletedTask;
    }

    private sealed class ReportedBudget : IRateBudget
    {
        public List<RateReport> Reports { get; } = [];

        public ValueTask<BudgetWait> TakeAsync(int requests, CancellationToken cancellation) => new(BudgetWait.None);

        public ValueTask ReportAsync(RateReport report, CancellationToken cancellation)
        {
            Reports.Add(report);

            return ValueTask.CompletedTask;
        }
    }
}
