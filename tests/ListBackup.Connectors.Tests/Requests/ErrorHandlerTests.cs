using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Requests;

public sealed class ErrorHandlerTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly RememberedWaits _waits = new();

    public void Dispose() => _http.Dispose();

    /// <summary>Reads one page of a platform whose first answer is as told and whose later ones are good.</summary>
    private async Task<(ReadResult? Read, PlatformException? Refusal)> ReadAsync(string handler, string body, int status, params (string Name, string Value)[] headers)
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            if (++calls > 1)
                return context.Json("""{"items":[{"id":1}]}""");
            foreach (var (name, value) in headers)
                context.Response.Headers[name] = value;
            return context.Json(body, status);
        });
        try
        {
            return (await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", requester: $"error_handler: {handler}")).ReadAsync(
                new ReadRequest { Stream = "items", Config = platform.Config(new { secret = "hush" }) },
                Ports.For(_http, _waits) with { Clock = _clock, WaitMax = TimeSpan.FromHours(2) }, default)), null);
        }
        catch (PlatformException exception)
        {
            return (null, exception);
        }
    }

    [Theory]
    [InlineData("{ type: WaitTimeFromHeader, header: X-Wait }", "7", 7)]
    [InlineData("{ type: WaitTimeFromHeader, header: X-Wait, regex: \"in ([0-9]+) s\" }", "come in 7 s", 7)]
    [InlineData("{ type: WaitTimeFromHeader, header: X-Wait, max_waiting_time_in_seconds: 8 }", "7", 7)]
    [InlineData("{ type: WaitUntilTimeFromHeader, header: X-Wait }", "1704067207", 7)]
    [InlineData("{ type: WaitUntilTimeFromHeader, header: X-Wait, min_wait: 9 }", "1704067207", 9)]
    [InlineData("{ type: WaitUntilTimeFromHeader, header: X-Other, min_wait: 9 }", "1704067207", 9)]
    [InlineData("{ type: WaitUntilTimeFromHeader, header: X-Wait }", "1704067000", 1)]
    [InlineData("{ type: ConstantBackoffStrategy, backoff_time_in_seconds: \"{{ 2 + 3 }}\" }", "", 5)]
    [InlineData("{ type: ExponentialBackoffStrategy }", "", 10)]
    [InlineData("{ type: ExponentialBackoffStrategy, factor: 3 }", "", 6)]
    [InlineData("{ type: WaitTimeFromHeader, header: X-Other }, { type: ConstantBackoffStrategy, backoff_time_in_seconds: 4 }", "7", 4)]
    public async Task A_retry_waits_as_the_manifest_says(string strategies, string header, double seconds)
    {
        await ReadAsync($"{{ type: DefaultErrorHandler, backoff_strategies: [{strategies}] }}", "{}", 503, ("X-Wait", header));

        _waits.Waits.Select(wait => wait.Delay.TotalSeconds).ShouldBe([seconds]);
    }

    [Theory]
    [InlineData("WaitTimeFromHeader", "8", 8)]
    [InlineData("WaitTimeFromHeader", "3600", 3600)]
    [InlineData("WaitUntilTimeFromHeader", "1704067208", 8)]
    public async Task From_the_manifests_limit_on_it_is_not_waited(string strategy, string header, double seconds)
    {
        var (_, refusal) = await ReadAsync($"{{ type: DefaultErrorHandler, backoff_strategies: [{{ type: {strategy}, header: X-Wait, max_waiting_time_in_seconds: 8 }}] }}", "{}", 429, ("X-Wait", header));

        refusal.ShouldBeOfType<PlatformRateLimitedException>().RetryAfter!.Value.TotalSeconds.ShouldBe(seconds);
        _waits.Waits.ShouldBeEmpty();
    }

    [Fact]
    public void A_jitter_only_lengthens_a_wait()
    {
        var strategy = Components.Parse("{ type: ConstantBackoffStrategy, backoff_time_in_seconds: 10, jitter_range_in_seconds: 2 }", BackoffStrategy.Parse);

        var waits = Enumerable.Range(0, 200).Select(_ => strategy.Wait(null, 0, new ExpressionContext(_clock))!.Value.Wait.TotalSeconds).ToList();

        waits.ShouldAllBe(wait => wait >= 10 && wait <= 14);
        waits.Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData("[{ http_codes: [400], action: FAIL }]", "[{ http_codes: [400], action: IGNORE }]", true)]
    [InlineData("[{ http_codes: [400], action: IGNORE }]", "[{ http_codes: [400], action: FAIL }]", true)]
    [InlineData("[{ http_codes: [400], action: RETRY }]", "[{ http_codes: [400], action: FAIL }]", true)]
    [InlineData("[{ http_codes: [422], action: IGNORE }]", "[{ http_codes: [409], action: IGNORE }]", false)]
    [InlineData("[{ http_codes: [400], action: FAIL }]", "[{ http_codes: [409], action: IGNORE }]", false)]
    public async Task Of_several_handlers_the_first_decides_and_a_failure_may_be_overruled(string first, string second, bool passes)
    {
        var (read, _) = await ReadAsync(
            $"{{ type: CompositeErrorHandler, error_handlers: [{{ type: DefaultErrorHandler, response_filters: {first} }}, {{ type: DefaultErrorHandler, response_filters: {second} }}] }}", "{}", 400);

        (read is not null).ShouldBe(passes);
    }

    [Theory]
    [InlineData("""{"error":{"message":"too many \u00fcs"}}""", 400, "ms: too many üs", false)]
    [InlineData("""{"error":{"message":"too many \u00fcs"}}""", 400, "too many üs", true)]
    [InlineData("""{"errors":[{"message":"slow down"}]}""", 200, "slow down", true)]
    [InlineData("plain words: slow down", 400, "slow down", true)]
    [InlineData("""{"items":[{"id":7,"message":"slow down"}]}""", 200, "slow down", false)]
    [InlineData("""{"items":[],"messages":[{"message":"slow down"}]}""", 200, "slow down", false)]
    public async Task Words_are_looked_for_where_errors_are_told_and_never_in_records(string body, int status, string words, bool isFound)
    {
        await ReadAsync($"{{ type: DefaultErrorHandler, response_filters: [{{ error_message_contains: \"{words}\", action: RETRY }}] }}", body, status);

        _waits.Waits.Count.ShouldBe(isFound ? 1 : 0);
    }

    [Theory]
    [InlineData("Ask {{ config['secret'] }} for {{ response.detail }}.", "Ask … for ….")]
    [InlineData("{{ response.detail }}", null)]
    [InlineData("The scope contacts.read is missing.", "The scope contacts.read is missing.")]
    public async Task The_manifests_words_are_told_and_what_they_would_compute_is_not(string message, string? told)
    {
        var (_, refusal) = await ReadAsync($"{{ type: DefaultErrorHandler, response_filters: [{{ http_codes: [403], action: FAIL, error_message: \"{message}\" }}] }}", """{"detail":"a record"}""", 403);

        refusal!.Failure.ManifestMessage.ShouldBe(told);
        refusal.ToString().ShouldNotContain("hush");
        refusal.ToString().ShouldNotContain("a record");
    }

    [Fact]
    public async Task A_predicate_that_makes_no_sense_for_an_answer_does_not_hold()
    {
        var (read, _) = await ReadAsync("{ type: DefaultErrorHandler, response_filters: [{ predicate: \"{{ response.error.code + 1 > 3 }}\", action: FAIL }] }", """{"items":[]}""", 200);

        read.ShouldNotBeNull();
    }
}
