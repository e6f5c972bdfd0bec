using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Requests;

public sealed class RetryBudgetTests
{
    [Fact]
    public void Retries_are_a_fifth_of_the_requests_above_what_is_always_allowed()
    {
        var budget = new RetryBudget();
        for (var sent = 0; sent < 100; sent++)
            budget.Sent();

        var taken = 0;
        while (budget.TryTake())
            taken++;

        taken.ShouldBe(RetryBudget.AlwaysAllowed + 20);
        for (var sent = 0; sent < RetryBudget.RequestsPerRetry; sent++)
            budget.Sent();
        budget.TryTake().ShouldBeTrue();
        budget.TryTake().ShouldBeFalse();
    }

    [Fact]
    public async Task A_platform_that_fails_every_other_time_is_left_alone_before_it_is_asked_twice_as_much_and_what_came_stands()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context => ++calls % 2 == 0
            ? context.Json($$"""{"items":[{"id":{{calls}}}],"next":{{calls}}}""")
            : context.Json("{}", 503));
        using var http = new ConnectorHttp(Ports.Loopback);
        var batches = 0;
        string? state = null;

        var exception = await Should.ThrowAsync<PlatformServerException>(async () =>
        {
            await foreach (var batch in Paged().ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken))
            {
                using (batch)
                    state = batch.StateAfter.ToJson();
                batches++;
            }
        });

        // Page n takes a request and a retry: 30 + n / 5 retries are spent at page 38, and one page may have been under way.
        batches.ShouldBeInRange(36, 38);
        calls.ShouldBeLessThan(80);
        exception.MayPassLater.ShouldBeTrue();
        state.ShouldNotBeNull().ShouldContain("x-listbackup");
    }

    [Fact]
    public async Task Waits_that_the_platform_asks_for_do_not_count()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "1";

            return ++calls % 2 == 0
                ? context.Json($$"""{"items":[{"id":{{calls}}}],"next":{{(calls < 100 ? $"{calls}" : "null")}}}""")
                : context.Json("{}", 429);
        });
        using var http = new ConnectorHttp(Ports.Loopback);

        var read = await ReadResult.Of(Paged().ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken));

        read.Records.Count.ShouldBe(50);
        read.Coverage!.Evidence.Retries.ShouldBe(50);
    }

    private static Connector Paged() => Connector.Load(Manifests.OneStream("/items", retriever: """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}" }
        """));
}
