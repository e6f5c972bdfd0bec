using System.Text;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

public sealed class FailureTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback with { AnswerBytesMax = 1_000_000 });
    private readonly RememberedWaits _waits = new();

    public void Dispose() => _http.Dispose();

    private async Task<ReadResult> ReadAsync(FakePlatform platform, string requester = "", ConnectorHttp? http = null) => await ReadResult.Of(
        Connector.Load(Manifests.OneStream("/items", requester: requester))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(new { api_key = "very-secret-key" }) }, Ports.For(http ?? _http, _waits), default));

    [Theory]
    [InlineData(401, typeof(PlatformUnauthorizedException))]
    [InlineData(403, typeof(PlatformForbiddenException))]
    [InlineData(404, typeof(PlatformRefusedException))]
    [InlineData(500, typeof(PlatformServerException))]
    [InlineData(503, typeof(PlatformServerException))]
    [InlineData(429, typeof(PlatformRateLimitedException))]
    public async Task A_refusal_is_an_exception_of_its_kind_that_holds_no_secret(int status, Type type)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"error":"record content"}""", status));

        var exception = await Should.ThrowAsync<PlatformException>(() => ReadAsync(platform, "authenticator: { type: BearerAuthenticator, api_token: \"{{ config['api_key'] }}\" }"));

        exception.ShouldBeOfType(type);
        ((int)exception.Status!).ShouldBe(status);
        exception.Stream.ShouldBe("items");
        exception.Page.ShouldBe(1);
        exception.ToString().ShouldNotContain("very-secret-key");
        exception.ToString().ShouldNotContain("record content");
    }

    [Fact]
    public async Task A_server_that_recovers_is_retried_with_growing_waits()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context => ++calls < 4 ? context.Json("{}", 500) : context.Json("""{"items":[{"id":1}]}"""));

        var read = await ReadAsync(platform);

        read.Records.ShouldBe(["""{"id":1}"""]);
        read.Coverage!.Evidence.Retries.ShouldBe(3);
        read.Coverage.Evidence.Requests.ShouldBe(4);
        _waits.Waits.Select(wait => wait.Delay.TotalSeconds).ShouldBe([1, 2, 4]);
    }

    [Fact]
    public async Task Retry_After_is_obeyed()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            if (++calls > 1)
                return context.Json("""{"items":[]}""");
            context.Response.Headers.RetryAfter = "7";
            return context.Json("{}", 429);
        });

        await ReadAsync(platform);

        _waits.Waits.ShouldBe([(TimeSpan.FromSeconds(7), WaitReason.RateLimit)]);
    }

    [Fact]
    public async Task A_long_wait_is_told_to_the_caller_instead_of_slept()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return context.Json("{}", 429);
        });

        var exception = await Should.ThrowAsync<PlatformRateLimitedException>(() => ReadAsync(platform));

        exception.RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        exception.MayPassLater.ShouldBeTrue();
        _waits.Waits.ShouldBeEmpty();
        platform.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_manifest_decides_what_an_answer_means()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context => ++calls switch
        {
            1 => context.Json("""{"error":{"code":"throttled"}}""", 400),
            _ => context.Json("""{"items":[{"id":1}]}"""),
        });

        var read = await ReadAsync(platform, """
            error_handler:
              type: DefaultErrorHandler
              backoff_strategies: [{ type: ConstantBackoffStrategy, backoff_time_in_seconds: 3 }]
              response_filters:
                - { type: HttpResponseFilter, predicate: "{{ response.error.code == 'throttled' }}", action: RETRY }
            """);

        read.Records.Count.ShouldBe(1);
        _waits.Waits.ShouldBe([(TimeSpan.FromSeconds(3), WaitReason.Retry)]);
    }

    [Theory]
    [InlineData(404, true)]
    [InlineData(403, false)]
    public async Task An_ignored_refusal_makes_coverage_incomplete_unless_it_says_that_nothing_is_there(int status, bool complete)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}", status));

        var read = await ReadAsync(platform, $$"""
            error_handler: { type: DefaultErrorHandler, response_filters: [{ type: HttpResponseFilter, http_codes: [{{status}}], action: IGNORE }] }
            """);

        read.Records.ShouldBeEmpty();
        read.Coverage!.Complete.ShouldBe(complete);
    }

    [Theory]
    [InlineData("<html>Service unavailable</html>")]
    [InlineData("{\"items\":[{\"id\":1},")]
    [InlineData("{\"items\":[]} trailing")]
    [InlineData("{\"items\":[{\"id\":01}]}")]
    public async Task Garbage_is_not_mistaken_for_an_empty_page(string body)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(body));

        await Should.ThrowAsync<PlatformNotReadableException>(() => ReadAsync(platform));
    }

    [Fact]
    public async Task Json_without_bottom_is_refused()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json($"{{\"items\":{new string('[', 50_000)}"));

        await Should.ThrowAsync<PlatformNotReadableException>(() => ReadAsync(platform));
    }

    [Fact]
    public async Task Rows_that_are_no_records_are_counted_and_do_not_stop_the_read()
    {
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes("""{"items":[{"id":1},7,"text",null,{"id":2,"name":"caf"""));
            await context.Response.Body.WriteAsync(new byte[] { 0xE9 });
            await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes("""{"id":3}]}""".Insert(0, "\"},")));
        });

        var read = await ReadAsync(platform);

        read.Records.ShouldBe(["""{"id":1}""", """{"id":3}"""]);
        read.Coverage!.Evidence.RowsRefused.ShouldBe(4);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        using var http = new ConnectorHttp(Ports.Loopback with { AnswerTimeout = TimeSpan.FromMilliseconds(200) });
        await using var platform = await FakePlatform.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));

        await Should.ThrowAsync<PlatformTimedOutException>(() => ReadAsync(platform, "error_handler: { type: DefaultErrorHandler, max_retries: 1 }", http));

        platform.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_of_a_gigabyte_is_refused_before_it_is_held(bool declared)
    {
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            if (declared)
                context.Response.ContentLength = 1_000_000_000;
            var chunk = new byte[100_000];
            try
            {
                for (var sent = 0; sent < 10_000; sent++)
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The engine hung up, which is what the test is about.
            }
        });

        await Should.ThrowAsync<PlatformTooLargeException>(() => ReadAsync(platform));
    }

    [Fact]
    public async Task Nobody_there_is_unreachable()
    {
        FakePlatform platform;
        await using (platform = await FakePlatform.StartAsync(context => context.Json("{}")))
        {
        }

        var config = ConnectorConfig.Parse("""{"url":"http://127.0.0.1:1"}""");
        var exception = await Should.ThrowAsync<PlatformUnreachableException>(() => ReadResult.Of(
            Connector.Load(Manifests.OneStream("/items")).ReadAsync(new ReadRequest { Stream = "items", Config = config }, Ports.For(_http, _waits), default)));

        exception.MayPassLater.ShouldBeTrue();
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("http://localhost:9/")]
    [InlineData("http://[::1]:9/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://[::ffff:192.168.1.1]/")]
    [InlineData("http://2130706433/")]
    public async Task A_private_address_is_not_reached(string url)
    {
        using var http = new ConnectorHttp(new HttpLimits());
        var config = ConnectorConfig.Parse($$"""{"url":"{{url}}"}""");

        await Should.ThrowAsync<PlatformAddressException>(() => ReadResult.Of(
            Connector.Load(Manifests.OneStream("/items")).ReadAsync(new ReadRequest { Stream = "items", Config = config }, Ports.For(http, _waits), default)));
    }

    [Fact]
    public async Task A_redirect_to_another_host_loses_the_credentials()
    {
        string? seen = null;
        await using var other = await FakePlatform.StartAsync(context =>
        {
            seen = context.Request.Headers.Authorization;
            return context.Json("""{"items":[]}""");
        });
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = other.Url + "/items";
            return Task.CompletedTask;
        });

        await ReadAsync(platform, "authenticator: { type: BearerAuthenticator, api_token: \"{{ config['api_key'] }}\" }");

        other.Requests.Count.ShouldBe(1);
        seen.ShouldBeNullOrEmpty();
    }

    [Fact]
    public async Task Redirects_end()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = "/items";
            return Task.CompletedTask;
        });

        await Should.ThrowAsync<PlatformUnreachableException>(() => ReadAsync(platform, "error_handler: { type: DefaultErrorHandler, max_retries: 0 }"));

        platform.Requests.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Cancellation_is_cancellation()
    {
        using var stop = new CancellationTokenSource();
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Should.ThrowAsync<OperationCanceledException>(() => ReadResult.Of(Connector.Load(Manifests.OneStream("/items"))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, _waits), stop.Token)));
    }
}
