using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Authentication;

public sealed class TokenQuotaTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly Dictionary<string, (int Left, DateTimeOffset Reset)> _quotas = [];
    private readonly List<string> _used = [];
    private readonly ClockedWaits _waits;
    private FakePlatform _platform = null!;
    private int _quotaStatus = 200;
    private bool _tellsHeaders = true;
    private string? _spentByOthers;
    private int _given;

    public TokenQuotaTests() => _waits = new ClockedWaits(_clock);

    private DateTimeOffset Now => _clock.GetUtcNow();

    public async ValueTask InitializeAsync() => _platform = await FakePlatform.StartAsync(AnswerAsync);

    public async ValueTask DisposeAsync()
    {
        await _platform.DisposeAsync();
        _http.Dispose();
    }

    /// <summary>A platform that counts by token, as it says on /quota.</summary>
    private Task AnswerAsync(HttpContext context)
    {
        var token = context.Request.Headers.Authorization.ToString().Replace("token ", "", StringComparison.Ordinal);
        var (left, reset) = _quotas[token];
        if (reset <= Now)
            (left, reset) = (100, Now.AddHours(1));
        if (context.Request.Path == "/quota")
        {
            _quotas[token] = (left, reset);
            return context.Json($$$"""{"core":{"left":{{{left}}},"reset":{{{reset.ToUnixTimeSeconds()}}},"limit":100}}""", _quotaStatus);
        }

        _used.Add(token);
        if (left == 0 || token == _spentByOthers)
        {
            if (_tellsHeaders)
                context.Response.Headers["X-Left"] = "0";
            return context.Json("{}", 429);
        }

        _quotas[token] = (left - 1, reset);
        context.Response.Headers["X-Left"] = _tellsHeaders ? $"{left - 1}" : null;
        return context.Json($$"""{"items":[{"id":{{_used.Count}}}],"more":{{(++_given < 5 ? "true" : "false")}}}""");
    }

    private Task<ReadResult> ReadAsync(string more = "budget_reserve_fraction: 0, budget_min_reserve: 0", string quota = "remaining_header: X-Left, exhaustion_status_codes: [429]", TimeSpan? waitMax = null) =>
        ReadResult.Of(Connector.Load(Manifests.OneStream("/items", """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.items[0].id }}", stop_condition: "{{ not response.more }}" }
            """, requester: $$$"""
            authenticator:
              type: RateLimitedMultipleTokenAuthenticator
              tokens: "{{ config['tokens'] }}"
              auth_method: token
              quota_status_source: { type: QuotaStatusSource, url: "{{ config['url'] }}/quota", unavailable_status_codes: [404] }
              quotas: [{ type: TokenQuota, name: core, remaining_path: [core, left], reset_path: [core, reset], limit_path: [core, limit], {{{quota}}} }]
              {{{string.Join("\n  ", more.Split(", "))}}}
            """)).ReadAsync(
                new ReadRequest { Stream = "items", Config = _platform.Config(new { tokens = "a, b" }) },
                Ports.For(_http, _waits) with { Clock = _clock, WaitMax = waitMax ?? TimeSpan.FromHours(3) }, default));

    private void Quota(string token, int left, double minutes = 30) => _quotas[token] = (left, Now.AddMinutes(minutes));

    [Fact]
    public async Task The_next_token_is_used_when_one_is_spent()
    {
        Quota("a", 2);
        Quota("b", 100);

        var read = await ReadAsync();

        read.Records.Count.ShouldBe(5);
        _used.ShouldBe(["a", "a", "b", "b", "b"]);
        _waits.Waits.ShouldBeEmpty();
        read.Coverage!.Evidence.Retries.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_that_others_have_spent_is_left_at_once_when_the_platform_refuses_it(bool tellsHeaders)
    {
        Quota("a", 50);
        Quota("b", 100);
        _tellsHeaders = tellsHeaders;
        _spentByOthers = "a";

        var read = await ReadAsync();

        read.Records.Count.ShouldBe(5);
        _used.ShouldBe(["a", "b", "b", "b", "b", "b"]);
        _waits.Waits.ShouldBeEmpty();
        read.Coverage!.Evidence.Retries.ShouldBe(1);
    }

    [Fact]
    public async Task When_all_are_spent_the_soonest_new_window_is_waited_for_and_the_counts_are_asked_again()
    {
        Quota("a", 1, minutes: 30);
        Quota("b", 1, minutes: 20);

        var read = await ReadAsync();

        read.Records.Count.ShouldBe(5);
        _used.ShouldBe(["a", "b", "b", "b", "b"]);
        _waits.Waits.ShouldBe([(TimeSpan.FromMinutes(20), WaitReason.Budget)]);
        _platform.Requests.Count(request => request.EndsWith("/quota", StringComparison.Ordinal)).ShouldBe(4);
    }

    [Theory]
    [InlineData("max_wait_time: PT10M", 180)]
    [InlineData("max_wait_time: PT2H", 5)]
    public async Task A_window_that_is_too_far_away_is_told_to_the_caller(string more, int waitMaxMinutes)
    {
        Quota("a", 0, minutes: 30);
        Quota("b", 0, minutes: 20);

        var exception = await Should.ThrowAsync<PlatformRateLimitedException>(() => ReadAsync(more, waitMax: TimeSpan.FromMinutes(waitMaxMinutes)));

        exception.RetryAfter.ShouldBe(TimeSpan.FromMinutes(20));
        exception.MayPassLater.ShouldBeTrue();
        exception.ToString().ShouldNotContain("token a");
        _used.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_calls_of_all_tokens_are_spread_over_their_window()
    {
        Quota("a", 5, minutes: 1);
        Quota("b", 5, minutes: 1);

        await ReadAsync("budget_reserve_fraction: 0.1, budget_min_reserve: 0");

        _waits.Waits.Count.ShouldBe(5);
        _waits.Waits.ShouldAllBe(wait => wait.Reason == WaitReason.Budget && wait.Delay > TimeSpan.FromSeconds(5) && wait.Delay <= TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_platform_without_quotas_is_read_without_counting()
    {
        Quota("a", 100);
        Quota("b", 100);
        _quotaStatus = 404;

        (await ReadAsync()).Records.Count.ShouldBe(5);

        _used.Distinct().ShouldBe(["a"]);
    }

    [Theory]
    [InlineData(401, typeof(PlatformUnauthorizedException))]
    [InlineData(500, typeof(PlatformServerException))]
    public async Task A_quota_that_is_refused_is_a_failure(int status, Type type)
    {
        Quota("a", 100);
        Quota("b", 100);
        _quotaStatus = status;

        (await Should.ThrowAsync<PlatformException>(() => ReadAsync())).ShouldBeOfType(type);
    }
}
