using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Reading;

/// <summary>Reports of one partition each, of two files with two records each.</summary>
public sealed class JobReadingTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly ClockedWaits _waits;
    private readonly Dictionary<string, string> _orders = [];
    private FakePlatform _platform = null!;
    private Func<string, string> _state = _ => "done";
    private int _signature;
    private int _deleting = 200;

    public JobReadingTests() => _waits = new ClockedWaits(_clock);

    public async ValueTask InitializeAsync() => _platform = await FakePlatform.StartAsync(AnswerAsync);

    public async ValueTask DisposeAsync()
    {
        await _platform.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/');
        if (context.Request.Method == "POST" && path[1] == "reports")
        {
            var id = $"r{_orders.Count + 1}";
            _orders[id] = context.Query("kind");
            await context.Json($$"""{"id":"{{id}}"}""");
        }
        else if (path[1] == "reports" && context.Request.Method == "GET")
        {
            var kind = _orders.GetValueOrDefault(path[2]);
            await (kind is null
                ? context.Json("{}", 404)
                : context.Json($$"""{"state":"{{_state(path[2])}}","files":["http://{{context.Request.Host}}/files/{{kind}}1?s={{++_signature}}","http://{{context.Request.Host}}/files/{{kind}}2?s={{_signature}}"]}"""));
        }
        else if (path[1] == "files")
        {
            await context.Response.WriteAsync($"{{\"id\":\"{path[2]}a\"}}\n{{\"id\":\"{path[2]}b\"}}\n");
        }
        else
        {
            await context.Json("{}", context.Request.Method == "DELETE" ? _deleting : 200);
        }
    }

    private static string Manifest(string kinds = "x, y", string more = "", string root = "") => $$$"""
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        {{{root}}}
        streams:
          - type: DeclarativeStream
            name: items
            primary_key: id
            retriever:
              type: AsyncRetriever
              status_mapping: { type: AsyncJobStatusMap, running: [queued], completed: [done], failed: [broken], timeout: [late], skipped: [empty] }
              status_extractor: { type: DpathExtractor, field_path: [state] }
              download_target_extractor: { type: DpathExtractor, field_path: [files] }
              creation_requester: { type: HttpRequester, url: "{{ config['url'] }}/reports", http_method: POST }
              polling_requester: { type: HttpRequester, url: "{{ config['url'] }}/reports/{{ creation_response.id }}" }
              download_requester: { type: HttpRequester, url: "{{ download_target }}" }
              delete_requester: { type: HttpRequester, url: "{{ config['url'] }}/reports/{{ creation_response.id }}", http_method: DELETE }
              abort_requester: { type: HttpRequester, url: "{{ config['url'] }}/abort/{{ creation_response.id }}", http_method: POST }
              download_decoder: { type: JsonlDecoder }
              record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
              partition_router: { type: ListPartitionRouter, cursor_field: kind, values: [{{{kinds}}}], request_option: { type: RequestOption, inject_into: request_parameter, field_name: kind } }
        {{{Manifests.Indented(more, 6)}}}
        """;

    private Task<ReadResult> ReadAsync(string manifest, string? state = null, int batches = int.MaxValue, TimeSpan? waitMax = null) => ReadResult.Of(
        Connector.Load(manifest).ReadAsync(
            new ReadRequest { Stream = "items", Config = _platform.Config(new { jobs = 3 }), State = state is null ? null : StreamState.Parse(state) },
            Ports.For(_http, _waits) with { Clock = _clock, WaitMax = waitMax ?? TimeSpan.FromMinutes(5) }, default),
        batches);

    private static IEnumerable<string> Ids(params ReadResult[] reads) => reads.SelectMany(read => read.Records).Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetString()!);

    private int Count(string start) => _platform.Requests.Count(request => request.StartsWith(start, StringComparison.Ordinal));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_read_that_stops_goes_on_with_the_report_that_was_ordered_and_the_file_it_stopped_in(int batches)
    {
        var first = await ReadAsync(Manifest(), batches: batches);
        var rest = await ReadAsync(Manifest(), first.State);

        Ids(first, rest).ShouldBe(["x1a", "x1b", "x2a", "x2b", "y1a", "y1b", "y2a", "y2b"]);
        Count("POST /reports").ShouldBe(2, "no report is ordered twice");
        rest.Coverage!.Complete.ShouldBeTrue();
        first.State.ShouldNotContain("files/", customMessage: "addresses of downloads carry credentials");
    }

    [Fact]
    public async Task A_report_that_the_platform_has_thrown_away_is_ordered_anew()
    {
        var first = await ReadAsync(Manifest(), batches: 2);
        _orders.Remove("r1");
        _orders["other"] = "";

        var rest = await ReadAsync(Manifest(), first.State);

        Ids(first, rest).Distinct().ShouldBe(["x1a", "x1b", "x2a", "x2b", "y1a", "y1b", "y2a", "y2b"]);
        Count("POST /reports").ShouldBe(3);
    }

    [Fact]
    public async Task Reports_of_several_partitions_are_prepared_together_and_their_records_come_in_order()
    {
        var polls = 0;
        _state = id => id == "r1" && ++polls < 3 ? "queued" : "done";

        var read = await ReadAsync(Manifest("a, b, c, d", root: "max_concurrent_async_job_count: \"{{ config['jobs'] }}\""));

        Ids(read).ShouldBe("abcd".SelectMany(kind => (string[])[$"{kind}1a", $"{kind}1b", $"{kind}2a", $"{kind}2b"]));
        var requests = _platform.Requests.Select(request => request.Split('?')[0]).ToList();
        requests.Take(4).ShouldBe(["POST /reports", "POST /reports", "POST /reports", "GET /reports/r1"], customMessage: "three at a time");
        requests.FindLastIndex(request => request == "POST /reports").ShouldBeLessThan(requests.IndexOf("GET /reports/r2"));
        _orders.Values.ShouldBe(["a", "b", "c", "d"]);
    }

    [Fact]
    public async Task Reports_of_several_intervals_are_prepared_together_once_the_first_was_seen()
    {
        const string Cursor = "{ type: DatetimeBasedCursor, cursor_field: at, datetime_format: \"%Y-%m-%d\", start_datetime: \"2023-12-29\", step: P1D, cursor_granularity: P1D }";
        var manifest = Manifest("a", root: "max_concurrent_async_job_count: 2")
            .Replace("    primary_key: id", $"    primary_key: id\n    incremental_sync: {Cursor}", StringComparison.Ordinal);

        var read = await ReadAsync(manifest);

        read.Records.Count.ShouldBe(16);
        var requests = _platform.Requests.Select(request => request.Split('?')[0]).Where(request => request.Contains("/reports", StringComparison.Ordinal)).ToList();
        requests.Take(5).ShouldBe(["POST /reports", "GET /reports/r1", "DELETE /reports/r1", "POST /reports", "POST /reports"]);
        Count("POST /reports").ShouldBe(4);
    }

    [Fact]
    public async Task A_platform_that_takes_one_report_at_a_time_is_read_one_by_one()
    {
        var orders = 0;
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Method == "POST" && ++orders == 2 ? context.Json("{}", 409) : AnswerAsync(context));

        var read = await ReadResult.Of(Connector.Load(Manifest("a, b", root: "max_concurrent_async_job_count: 5")).ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, _waits) with { Clock = _clock }, default));

        Ids(read).ShouldBe(["a1a", "a1b", "a2a", "a2b", "b1a", "b1b", "b2a", "b2b"]);
        orders.ShouldBe(3);
    }

    [Fact]
    public async Task A_failed_report_is_ordered_again_after_the_wait_that_the_manifest_wants()
    {
        _state = id => id == "r1" ? "broken" : "done";

        Ids(await ReadAsync(Manifest("x", "failed_retry_wait_time_in_seconds: 90"))).ShouldBe(["x1a", "x1b", "x2a", "x2b"]);
        _waits.Waits.ShouldBe([(TimeSpan.FromSeconds(90), WaitReason.Retry)]);

        _orders.Clear();
        var exception = await Should.ThrowAsync<PlatformRateLimitedException>(() => ReadAsync(Manifest("x", "failed_retry_wait_time_in_seconds: 90"), waitMax: TimeSpan.FromSeconds(30)));
        exception.RetryAfter.ShouldBe(TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task A_report_that_takes_too_long_is_aborted_and_ordered_again()
    {
        _state = id => id == "r1" ? "queued" : "done";

        Ids(await ReadAsync(Manifest("x", "polling_job_timeout: 2"))).ShouldBe(["x1a", "x1b", "x2a", "x2b"]);

        Count("POST /abort/r1").ShouldBe(1);
        _waits.Waits.Sum(wait => wait.Delay.TotalSeconds).ShouldBeInRange(100, 200);
        Count("POST /reports").ShouldBe(2);
    }

    [Fact]
    public async Task A_platform_that_never_gets_ready_is_an_outage()
    {
        _state = _ => "queued";

        (await Should.ThrowAsync<PlatformTimedOutException>(() => ReadAsync(Manifest("x", "polling_job_timeout: 1")))).MayPassLater.ShouldBeTrue();
        Count("POST /abort").ShouldBe(3);
    }

    [Fact]
    public async Task A_report_may_take_hours_and_is_asked_about_once_a_minute()
    {
        var polls = 0;
        _state = _ => ++polls <= 200 ? "queued" : "done";

        Ids(await ReadAsync(Manifest("x", "polling_job_timeout: 600"))).ShouldBe(["x1a", "x1b", "x2a", "x2b"]);

        _waits.Waits.Count.ShouldBe(200);
        _waits.Waits.Max(wait => wait.Delay).ShouldBe(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_report_that_cannot_be_cleared_away_is_read_all_the_same()
    {
        _deleting = 403;

        var read = await ReadAsync(Manifest());

        Ids(read).ShouldBe(["x1a", "x1b", "x2a", "x2b", "y1a", "y1b", "y2a", "y2b"]);
        read.Coverage!.Complete.ShouldBeTrue();
        Count("DELETE /reports").ShouldBe(2);
    }

    [Fact]
    public async Task An_empty_partition_is_passed_over()
    {
        _state = id => id == "r1" ? "empty" : "done";

        var read = await ReadAsync(Manifest());

        Ids(read).ShouldBe(["y1a", "y1b", "y2a", "y2b"]);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task Answers_about_a_report_may_come_in_xml_and_name_their_downloads_elsewhere()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.Value switch
        {
            "/reports" => context.Response.WriteAsync("<report><id>7</id></report>"),
            "/reports/7" => context.Response.WriteAsync("<report><state>done</state></report>"),
            "/reports/7/files" => context.Response.WriteAsync($"<files><file>http://{context.Request.Host}/files/z1</file></files>"),
            _ => AnswerAsync(context),
        });
        var manifest = Manifest("z", """
            decoder: { type: XmlDecoder }
            download_target_requester: { type: HttpRequester, url: "{{ config['url'] }}/reports/{{ creation_response.report.id }}/files" }
            """)
            .Replace("{{ creation_response.id }}", "{{ creation_response.report.id }}", StringComparison.Ordinal)
            .Replace("field_path: [state]", "field_path: [report, state]", StringComparison.Ordinal)
            .Replace("field_path: [files]", "field_path: [files, file]", StringComparison.Ordinal);

        var read = await ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, _waits) with { Clock = _clock }, default));

        Ids(read).ShouldBe(["z1a", "z1b"]);
    }

    [Theory]
    [InlineData("", """{"id":"0042","n":"NA","e":null}""")]
    [InlineData(", preserve_na_values: true", """{"id":"0042","n":"NA","e":null}""")]
    [InlineData(", preserve_na_values: false", """{"id":"0042","n":null,"e":null}""")]
    public async Task A_table_of_any_size_is_read_from_a_file(string option, string record)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write("id,n,e\n0042,NA,\n");
            for (var row = 0; row < 20_000; row++)
                writer.Write($"{row},x{row},\n");
        }

        using var http = new ConnectorHttp(Ports.Loopback with { HeldBytesMax = 64 * 1024 });
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.StartsWithSegments("/files") ? context.Response.Body.WriteAsync(packed.ToArray()).AsTask() : AnswerAsync(context));
        var manifest = Manifest("x", $"download_extractor: {{ type: ResponseToFileExtractor{option} }}").Replace("field_path: [files]", "field_path: [files, '0']", StringComparison.Ordinal);

        var read = await ReadResult.Of(Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(http, _waits) with { Clock = _clock }, default));

        read.Records.Count.ShouldBe(20_001);
        read.Records[0].ShouldBe(record);
        read.States.Count.ShouldBeGreaterThan(5, "the file comes in parts");
        read.Coverage!.Evidence.Pages.ShouldBe(1);
    }

    [Theory]
    [InlineData("done", true)]
    [InlineData("odd", false)]
    public async Task A_check_reads_a_report_instead_of_only_ordering_it(string state, bool passes)
    {
        _state = _ => state;

        (await Connector.Load(Manifest()).CheckAsync(_platform.Config(), Ports.For(_http, _waits) with { Clock = _clock }, default)).Succeeded.ShouldBe(passes);
    }

    [Fact]
    public void A_state_with_two_meanings_is_a_mistake() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifest().Replace("failed: [broken]", "failed: [done]", StringComparison.Ordinal))).Message.ShouldContain("two meanings");
}
