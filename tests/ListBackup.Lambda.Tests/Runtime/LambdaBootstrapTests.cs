using System.Text;
using System.Text.Json;
using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;

namespace ListBackup.Lambda.Tests.Runtime;

public sealed class LambdaBootstrapTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private FakeRuntimeApi _api = null!; // set before each test
    private HttpClient _client = null!; // likewise
    private Task _loop = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeRuntimeApi.StartAsync();
        _client = _api.Client();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ContinueWith(_ => { }, TaskScheduler.Default); // a test that expects the loop to fail has awaited it
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task An_event_is_answered_with_what_the_handler_returns()
    {
        Start(async (input, _) => new MemoryStream(Encoding.UTF8.GetBytes($"\"heard {await new StreamReader(input).ReadToEndAsync()}\"")));

        var answer = await _api.InvokeAsync("17");

        answer.Body.ShouldBe("\"heard 17\"");
    }

    [Fact]
    public async Task What_a_handler_throws_is_reported_as_an_error_of_that_event_alone()
    {
        Start((input, _) => throw new InvalidOperationException("no such list", new TimeoutException("slow")));

        var first = await _api.InvokeAsync("{}");
        var second = await _api.InvokeAsync("{}");

        first.Error.ShouldNotBeNull().Type.ShouldBe("Function.InvalidOperationException");
        var error = JsonDocument.Parse(first.Error.Body).RootElement;
        error.GetProperty("errorType").GetString().ShouldBe("InvalidOperationException");
        error.GetProperty("errorMessage").GetString().ShouldBe("no such list");
        error.GetProperty("stackTrace")[0].GetString().ShouldNotBeNull().ShouldStartWith("at ");
        error.GetProperty("cause").GetProperty("errorType").GetString().ShouldBe("TimeoutException");
        second.Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_context_says_which_invocation_it_is_and_how_long_it_may_take()
    {
        ILambdaContext? seen = null;
        Start((_, context) => Answer(seen = context));

        await _api.InvokeAsync("{}", timeLeft: TimeSpan.FromSeconds(20));

        seen.ShouldNotBeNull();
        Guid.TryParse(seen.AwsRequestId, out _).ShouldBeTrue();
        seen.InvokedFunctionArn.ShouldEndWith(":function:test");
        seen.RemainingTime.ShouldBeInRange(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task The_trace_of_each_event_stands_in_the_environment_while_it_is_handled()
    {
        List<string?> seen = [];
        Start((_, context) =>
        {
            seen.Add(Environment.GetEnvironmentVariable("_X_AMZN_TRACE_ID"));
            return Answer(context);
        });

        await _api.InvokeAsync("{}", traceId: "Root=1-a-b");
        await _api.InvokeAsync("{}", traceId: "Root=1-c-d");

        seen.ShouldBe(["Root=1-a-b", "Root=1-c-d"]);
    }

    [Fact]
    public async Task An_idle_loop_stops_at_once()
    {
        Start((_, context) => Answer(context));
        await _api.FirstNext;

        await _stop.CancelAsync();

        await _loop.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stop_lets_the_running_invocation_end_and_be_answered()
    {
        var taken = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        Start(async (_, context) =>
        {
            taken.SetResult();
            await finish.Task;
            return await Answer(context);
        });
        var answer = _api.InvokeAsync("{}");
        await taken.Task;

        await _stop.CancelAsync();
        finish.SetResult();

        (await answer).Error.ShouldBeNull();
        await _loop.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_the_initializer_throws_is_reported_and_ends_the_loop()
    {
        using var bootstrap = LambdaBootstrapBuilder.Create((_, context) => Answer(context))
            .UseHttpClient(_client)
            .UseBootstrapHandler(() => throw new InvalidOperationException("TABLE_PREFIX is not set"))
            .Build();

        await Should.ThrowAsync<InvalidOperationException>(() => bootstrap.RunAsync(_stop.Token));

        var report = await _api.InitError.WaitAsync(TimeSpan.FromSeconds(10));
        report.Body.ShouldContain("TABLE_PREFIX is not set");
    }

    [Fact]
    public async Task A_Runtime_API_that_refuses_ends_the_loop_with_an_error()
    {
        _api.RefuseNext = 500;
        Start((_, context) => Answer(context));

        var failure = await Should.ThrowAsync<Exception>(_loop.WaitAsync(TimeSpan.FromSeconds(10)));

        failure.Message.ShouldBe("The Runtime API answered 500 to 'next': refused");
    }

    private void Start(Func<Stream, ILambdaContext, Task<Stream>> handler)
    {
        var bootstrap = LambdaBootstrapBuilder.Create(handler).UseHttpClient(_client).Build();
        _loop = bootstrap.RunAsync(_stop.Token);
    }

    private static Task<Stream> Answer(ILambdaContext? _) => Task.FromResult<Stream>(new MemoryStream("{}"u8.ToArray()));
}
