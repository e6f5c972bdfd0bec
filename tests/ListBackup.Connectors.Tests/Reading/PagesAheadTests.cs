using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CsCheck;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Reading;

public sealed class PagesAheadTests : IDisposable
{
    private const string Concurrent = "concurrency_level: { type: ConcurrencyLevel, default_concurrency: 8 }";

    private readonly CountingPool _pool = new();
    private readonly ConnectorHttp _http;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 20, 0, 0, 0, TimeSpan.Zero));

    public PagesAheadTests() => _http = new ConnectorHttp(Ports.Loopback with { AnswerTimeout = TimeSpan.FromSeconds(15) }) { Pool = _pool };

    public void Dispose() => _http.Dispose();

    private static string Paginator(string strategy) => $"""
        paginator:
          type: DefaultPaginator
          page_token_option: [type: RequestOption, inject_into: request_parameter, field_name: page]
          pagination_strategy: [{strategy}]
        """.Replace('[', '{').Replace(']', '}');

    private static string ByPage(int size) => Paginator($"type: PageIncrement, page_size: {size}, inject_on_first_request: true");

    private static string Rows(int from, int count, string more = "") =>
        $$"""{"items":[{{string.Join(',', Enumerable.Range(from, Math.Max(0, count)).Select(id => $$"""{"id":{{id}},"at":"2024-01-0{{(id % 9) + 1}}T00:00:00Z"}"""))}}]{{more}}}""";

    private static int Number(HttpContext context, string name) => int.TryParse(context.Query(name), out var number) ? number : 0;

    private Task<ReadResult> ReadAsync(FakePlatform platform, string manifest, int atOnce = 4, IWaiting? waits = null) => ReadResult.Of(Connector.Load(manifest)
        .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, waits) with { PagesAtOnceMax = atOnce }, default));

    /// <summary>What a caller sees of a read, batch by batch.</summary>
    private async Task<List<string>> SeenAsync(FakePlatform platform, string manifest, int atOnce)
    {
        var seen = new List<string>();
        try
        {
            await foreach (var batch in Connector.Load(manifest).ReadAsync(
                new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http) with { PagesAtOnceMax = atOnce, RetriesMax = 0, Clock = _clock }, default))
            {
                using (batch)
                {
                    var evidence = batch.Evidence with { RequestsInVain = 0, IgnoredByStatus = PageEvidence.Nothing.IgnoredByStatus };
                    seen.Add($"{string.Join(',', batch.Records.Select(record => Encoding.UTF8.GetString(record.Span)))} {batch.Partition} {batch.StateAfter} {evidence} {batch.Coverage?.Cut}");
                }
            }
        }
        catch (PlatformException exception)
        {
            seen.Add($"{exception.GetType().Name} {exception.Message} {exception.Page} {exception.Failure.Evidence with { RequestsInVain = 0, IgnoredByStatus = PageEvidence.Nothing.IgnoredByStatus }}");
        }

        return seen;
    }

    private async Task AheadIsLikeOneByOneAsync(FakePlatform platform, string manifest, int atOnce)
    {
        var ahead = await SeenAsync(platform, manifest, atOnce);
        var oneByOne = await SeenAsync(platform, manifest, 1);

        for (var at = 0; at < Math.Min(ahead.Count, oneByOne.Count); at++)
            ahead[at].ShouldBe(oneByOne[at], $"batch {at}");
        ahead.Count.ShouldBe(oneByOne.Count);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Answers_that_come_in_the_wrong_order_are_handed_on_in_the_right_one()
    {
        // Each page behind the first two answers only after the one behind it was asked for, which a reader one after the other would never do.
        var asked = Enumerable.Range(0, 20).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            var page = Number(context, "page");
            asked[page].TrySetResult();
            if (page is > 0 and < 9)
                await asked[page + 1].Task.WaitAsync(context.RequestAborted);
            await context.Json(Rows(page * 2, page < 10 ? 2 : 0, ",\"total\":20"));
        });
        var manifest = Manifests.OneStream("/items", ByPage(2), more: Concurrent + "\nx-listbackup: { streams: { items: { total: { in_page: [total] } } } }");

        var read = await ReadAsync(platform, manifest);

        read.Records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetInt32()).ShouldBe(Enumerable.Range(0, 20));
        read.Coverage!.Evidence.Requests.ShouldBe(11, "a full page is never taken for the last one");
        read.Coverage.Evidence.RequestsInVain.ShouldBe(0);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public void Whatever_comes_when_a_caller_sees_the_same_as_one_after_the_other()
    {
        var strategy = Gen.OneOf(
            Gen.Const("type: PageIncrement, page_size: 3, inject_on_first_request: true"),
            Gen.Const("type: OffsetIncrement, page_size: 3, inject_on_first_request: true"),
            Gen.Const("type: CursorPagination, cursor_value: \"{{ response.next }}\""));

        Gen.Select(strategy, Gen.Int[0, 40].Array[1, 6], Gen.Int[2, 8], Gen.Bool, Gen.Int[-1, 12], Gen.Int[0, 100]).Sample((paging, counts, atOnce, tellsTotal, failing, seed) =>
        {
            RunAsync().GetAwaiter().GetResult();

            async Task RunAsync()
            {
                var random = new Random(seed);
                await using var platform = await FakePlatform.StartAsync(async context =>
                {
                    int yields;
                    lock (random)
                        yields = random.Next(200);
                    while (yields-- > 0)
                        await Task.Yield();
                    context.Response.Headers.Date = "Sat, 20 Jan 2024 00:00:00 GMT";
                    var partition = int.Parse(context.Request.Path.Value!.Split('/')[^1]);
                    var place = paging.Contains("Offset") ? Number(context, "page") / 3 : Number(context, "page");
                    if (place == failing && partition == counts.Length - 1)
                    {
                        await context.Json("{}", 500);
                        return;
                    }

                    var rest = counts[partition] - (place * 3);
                    await context.Json(Rows(
                        (partition * 1000) + (place * 3), Math.Min(3, rest), (tellsTotal ? $",\"total\":{counts[partition]}" : "") + (rest > 3 ? $",\"next\":{place + 1}" : "")));
                });
                var manifest = Manifests.OneStream(
                    "/items/{{ stream_partition.part }}",
                    $"partition_router: {{ type: ListPartitionRouter, cursor_field: part, values: [{string.Join(", ", counts.Select((_, at) => $"\"{at}\""))}] }}\n" + Paginator(paging),
                    stream: "incremental_sync: { type: DatetimeBasedCursor, cursor_field: at, datetime_format: \"%Y-%m-%dT%H:%M:%SZ\", start_datetime: \"2024-01-01T00:00:00Z\", end_datetime: \"2024-01-20T00:00:00Z\", step: P10D, cursor_granularity: PT1S }",
                    more: Concurrent + "\nx-listbackup: { streams: { items: { total: { in_page: [total] } } } }");

                await AheadIsLikeOneByOneAsync(platform, manifest, atOnce);
            }
        }, iter: 20, threads: 1);
    }

    [Fact]
    public async Task Children_of_a_parent_are_asked_for_ahead_and_counted_at_their_turn()
    {
        var under = 0;
        var most = 0;
        var counting = new Lock();
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            context.Response.Headers.Date = "Sat, 20 Jan 2024 00:00:00 GMT";
            if (context.Request.Path == "/lists")
            {
                await context.Json($$"""{"items":[{"id":{{Number(context, "page") * 2}}},{"id":{{(Number(context, "page") * 2) + 1}}}],"more":{{(Number(context, "page") < 4 ? "true" : "false")}}}""");
                return;
            }

            lock (counting)
                most = Math.Max(most, ++under);
            for (var yields = 0; yields < 50; yields++)
                await Task.Yield();
            lock (counting)
                under--;
            await context.Json($$"""{"items":[{"id":"{{context.Request.Path}}"}]}""");
        });
        var manifest = Manifests.OneStream("/lists/{{ stream_slice.list }}", """
            partition_router:
              type: SubstreamPartitionRouter
              parent_stream_configs:
                - type: ParentStreamConfig
                  parent_key: id
                  partition_field: list
                  stream:
                    type: DeclarativeStream
                    name: lists
                    retriever:
                      type: SimpleRetriever
                      paginator:
                        type: DefaultPaginator
                        page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
                        pagination_strategy: { type: CursorPagination, cursor_value: "{{ (next_page_token.next_page_token | default(0) | int) + 1 }}", stop_condition: "{{ not response.more }}" }
                      requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /lists }
                      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } }
            """, more: Concurrent);

        await AheadIsLikeOneByOneAsync(platform, manifest, 4);

        most.ShouldBeInRange(2, 4);
    }

    [Fact]
    public async Task Pages_behind_the_end_are_neither_errors_nor_gaps()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
            Number(context, "page") < 20 ? context.Json(Rows(Number(context, "page") * 2, 2)) : Number(context, "page") == 20 ? context.Json(Rows(40, 1)) : context.Json("{}", 403));

        var read = await ReadAsync(platform, Manifests.OneStream("/items", ByPage(2), more: Concurrent));

        read.Records.Count.ShouldBe(41);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.Requests.ShouldBe(21);
        read.Coverage.Evidence.AnswersIgnored.ShouldBe(0);
        read.Coverage.Evidence.RequestsInVain.ShouldBeInRange(1, 3);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_word_of_the_manifest_a_platform_sees_one_request_at_a_time()
    {
        var under = 0;
        var most = 0;
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            most = Math.Max(most, Interlocked.Increment(ref under));
            for (var yields = 0; yields < 20; yields++)
                await Task.Yield();
            Interlocked.Decrement(ref under);
            await context.Json(Rows(Number(context, "page") * 2, Number(context, "page") < 20 ? 2 : 0));
        });

        await ReadAsync(platform, Manifests.OneStream("/items", ByPage(2)));

        most.ShouldBe(1);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task No_more_pages_are_asked_for_than_allowed(int atOnce)
    {
        var under = 0;
        var most = 0;
        var locked = new Lock();
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            lock (locked)
                most = Math.Max(most, ++under);
            for (var yields = 0; yields < 20; yields++)
                await Task.Yield();
            lock (locked)
                under--;
            await context.Json(Rows(Number(context, "page") * 2, Number(context, "page") < 40 ? 2 : 0));
        });

        await ReadAsync(platform, Manifests.OneStream("/items", ByPage(2), more: Concurrent), atOnce);

        most.ShouldBeLessThanOrEqualTo(atOnce);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task The_caller_sets_the_pace()
    {
        var asked = new ConcurrentQueue<int>();
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            asked.Enqueue(Number(context, "page"));
            return context.Json(Rows(Number(context, "page") * 2, 2));
        });

        await using var batches = Connector.Load(Manifests.OneStream("/items", ByPage(2), more: Concurrent))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http) with { PagesAtOnceMax = 3 }, default).GetAsyncEnumerator();
        for (var page = 0; page < 30; page++)
        {
            await batches.MoveNextAsync();
            batches.Current.Dispose();
        }

        asked.Max().ShouldBeLessThanOrEqualTo(29 + 2, "nobody has taken the pages behind these");
    }

    [Fact]
    public async Task Pages_that_were_read_are_not_remembered()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Rows(Number(context, "page") * 2, Number(context, "page") < 200 ? 2 : 0)));
        var program = Connector.Load(Manifests.OneStream("/items", ByPage(2))).Program;
        var session = program.OpenSession(platform.Config(), Ports.For(_http) with { PagesAtOnceMax = 4 }, "items");
        await using var ahead = new PagesAhead(session, atOnce: 4);
        var reading = new PageReading(await program.FindAsync("items", session, default), session) { Ahead = ahead };

        var most = 0;
        await foreach (var page in reading.PagesAsync(Partitions.Partition.Whole, Cursors.CursorSlice.Everything, Expressions.Value.None, null, default))
        {
            page.Dispose();
            most = Math.Max(most, reading.Behind);
        }

        session.Evidence.Pages.ShouldBe(201);
        most.ShouldBeLessThan(10);
    }

    [Fact]
    public async Task Nothing_is_asked_for_behind_the_limit_of_records()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Rows(Number(context, "page") * 2, 2)));

        await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", ByPage(2))).ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config(), RecordsMax = 6 }, Ports.For(_http), default));

        platform.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_limit_of_records_also_ends_a_read_of_many_small_partitions()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json($$"""{"items":[{"id":"{{context.Request.Path.Value![1..]}}"}]}"""));
        var connector = Connector.Load(Manifests.OneStream("/{{ stream_partition.kind }}", "partition_router: { type: ListPartitionRouter, cursor_field: kind, values: [a, b, c, d, e] }"));
        Task<ReadResult> Read(string? state, int? recordsMax) => ReadResult.Of(connector.ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config(), State = state is null ? null : StreamState.Parse(state), RecordsMax = recordsMax }, Ports.For(_http), default));

        var first = await Read(null, 2);
        var second = await Read(first.State, 2);
        var rest = await Read(second.State, null);

        first.Coverage!.Cut.ShouldBe(CutReason.RecordsMax);
        second.Coverage!.Cut.ShouldBe(CutReason.RecordsMax);
        rest.Coverage!.Complete.ShouldBeTrue();
        new[] { first.Records.Count, second.Records.Count, rest.Records.Count }.ShouldBe([2, 2, 1]);
        first.Records.Concat(second.Records).Concat(rest.Records).ShouldBe("abcde".Select(id => $$"""{"id":"{{id}}"}"""));
    }

    [Fact]
    public async Task A_reader_that_stops_or_is_cancelled_leaves_nothing_behind()
    {
        using var stop = new CancellationTokenSource();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            if (Number(context, "page") > 8)
            {
                waiting.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await context.Json(Rows(Number(context, "page") * 2, 2));
        });
        var connector = Connector.Load(Manifests.OneStream("/items", ByPage(2), more: Concurrent));
        var request = new ReadRequest { Stream = "items", Config = platform.Config() };

        await ReadResult.Of(connector.ReadAsync(request, Ports.For(_http), default), batchesMax: 7);
        _pool.Out.ShouldBe(0, "after a stop");

        var cancelled = ReadResult.Of(connector.ReadAsync(request, Ports.For(_http), stop.Token));
        await waiting.Task;
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        _pool.Out.ShouldBe(0, "after a cancellation");
    }

    [Fact]
    public async Task A_refusal_for_rate_slows_all_that_follows()
    {
        var (under, most, refused) = (0, 0, false);
        var locked = new Lock();
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            var page = Number(context, "page");
            bool refuse;
            lock (locked)
            {
                under++;
                refuse = page == 12 && !refused;
                refused |= refuse;
                most = page > 18 ? Math.Max(most, under) : 0;
            }

            for (var yields = 0; yields < 50; yields++)
                await Task.Yield();
            lock (locked)
                under--;
            if (refuse)
                await context.Json("{}", 429);
            else
                await context.Json(Rows(page * 2, page < 60 ? 2 : 0));
        });
        var waits = new RememberedWaits();

        var read = await ReadAsync(platform, Manifests.OneStream("/items", ByPage(2), more: Concurrent), waits: waits);

        read.Records.Count.ShouldBe(120);
        waits.Waits.Select(wait => wait.Reason).ShouldBe([WaitReason.RateLimit]);
        most.ShouldBe(1, "half of what was allowed: one page that is worked on, and one that is asked for");
    }

    [Fact]
    public async Task Nobody_sends_while_one_waits_for_the_platform()
    {
        var pace = new Pace();
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        pace.PassAsync(default).IsCompleted.ShouldBeTrue();

        var holds = new[] { pace.HoldAsync(() => first.Task), pace.HoldAsync(() => second.Task) };
        var passing = pace.PassAsync(default);
        first.SetResult();
        await holds[0];
        passing.IsCompleted.ShouldBeFalse();
        second.SetResult();
        await holds[1];
        await passing;

        pace.PassAsync(default).IsCompleted.ShouldBeTrue();
        pace.AtOnceMax.ShouldBe(int.MaxValue);
        pace.Slow(6);
        pace.Slow(6);
        pace.AtOnceMax.ShouldBe(1);
    }
}
