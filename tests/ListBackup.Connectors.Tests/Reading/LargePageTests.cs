using System.IO.Compression;
using System.Text;
using ListBackup.Connectors.Requests;
using ListBackup.Testing;

namespace ListBackup.Connectors.Reading;

/// <summary>Pages that are larger than what is held in memory; here that is little.</summary>
public sealed class LargePageTests : IDisposable
{
    private const int Held = 64 * 1024;
    private const int Rows = 5_000;

    private readonly TempFolder _folder = new();
    private readonly CountingPool _pool = new();
    private readonly ConnectorHttp _http;

    public LargePageTests() => _http = new ConnectorHttp(
        Ports.Loopback with { HeldBytesMax = Held, AnswerBytesMax = 4_000_000, RecordBytesMax = 300_000, TemporaryFolder = _folder.Path }) { Pool = _pool };

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private static string Row(int id) => $$"""{"id":{{id}},"big":9007199254740993,"price":1.10,"text":"{{new string('x', 100)}}"}""";

    private static string Page(int from, int count, string more = "") => $$"""{"items":[{{string.Join(',', Enumerable.Range(from, count).Select(Row))}}]{{more}}}""";

    private const string ByCursor = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}", stop_condition: "{{ last_record.id == 9999 }}" }
        """;

    private Task<ReadResult> ReadAsync(FakePlatform platform, string manifest, string? state = null, int batches = int.MaxValue, long? recordsMax = null) => ReadResult.Of(
        Connector.Load(manifest).ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config(), State = state is null ? null : StreamState.Parse(state), RecordsMax = recordsMax }, Ports.For(_http), default), batches);

    private static Task<FakePlatform> TwoPages() => FakePlatform.StartAsync(context =>
        context.Json(context.Query("after") == "n" ? Page(Rows, Rows, ",\"next\":\"end\"") : Page(0, Rows, ",\"next\":\"n\"")));

    [Fact]
    public async Task A_large_page_comes_in_several_batches_with_the_same_records_and_little_memory()
    {
        await using var platform = await TwoPages();

        var read = await ReadAsync(platform, Manifests.OneStream("/items", ByCursor));

        read.Records.ShouldBe(Enumerable.Range(0, 2 * Rows).Select(Row));
        read.States.Count.ShouldBeGreaterThan(20);
        read.State.ShouldBe("{}");
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.Pages.ShouldBe(2);
        read.Coverage.Evidence.RowsArrived.ShouldBe(2 * Rows);
        platform.Requests.ShouldBe(["GET /items", "GET /items?after=n"]);
        _pool.BytesMax.ShouldBeLessThan(30 * Held, "the pages have ten times that");
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task The_state_of_a_part_reads_its_page_again_so_that_nothing_is_lost()
    {
        await using var platform = await TwoPages();
        var manifest = Manifests.OneStream("/items", ByCursor);
        var all = await ReadAsync(platform, manifest);

        foreach (var batches in (int[])[1, 2, 15, all.States.Count - 2, all.States.Count - 1])
        {
            var first = await ReadAsync(platform, manifest, batches: batches);
            var rest = await ReadAsync(platform, manifest, first.State);

            first.Records.Concat(rest.Records).Distinct().Order().ShouldBe(all.Records.Order(), $"after {batches} batches");
            rest.Records.Count.ShouldBe(first.Records.Count < Rows ? 2 * Rows : first.Records.Count < 2 * Rows ? Rows : 0);
        }

        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_limit_of_records_that_is_reached_inside_a_page_ends_after_the_page()
    {
        await using var platform = await TwoPages();

        var read = await ReadAsync(platform, Manifests.OneStream("/items", ByCursor), recordsMax: 10);

        read.Records.Count.ShouldBe(Rows);
        read.Coverage!.Cut.ShouldBe(CutReason.RecordsMax);
        read.State.ShouldContain("\"token\":\"n\"");
    }

    [Fact]
    public async Task Filters_transformations_and_cursors_work_on_parts()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(
            $$"""{"items":[{{string.Join(',', Enumerable.Range(0, Rows).Select(id => $$"""{"id":{{id}},"at":"2024-01-01T{{id / 3600 % 24:00}}:{{id / 60 % 60:00}}:{{id % 60:00}}Z","drop":"{{new string('x', 50)}}"}"""))}}]}"""));
        var manifest = Manifests.OneStream("/items", stream: """
            transformations: [{ type: RemoveFields, field_pointers: [[drop]] }, { type: AddFields, fields: [{ path: [double], value: "{{ record.id * 2 }}" }] }]
            incremental_sync: { type: DatetimeBasedCursor, cursor_field: at, datetime_format: "%Y-%m-%dT%H:%M:%SZ", start_datetime: "2024-01-01T00:00:00Z" }
            """).Replace("type: RecordSelector", "type: RecordSelector\n        record_filter: { type: RecordFilter, condition: \"{{ record.id % 2 == 0 }}\" }", StringComparison.Ordinal);

        var read = await ReadAsync(platform, manifest);

        read.Records.Count.ShouldBe(Rows / 2);
        read.Records[^1].ShouldBe($$"""{"id":4998,"at":"2024-01-01T01:23:18Z","double":9996}""");
        read.State.ShouldBe("""{"at":"2024-01-01T01:23:18Z"}""");
        _pool.Out.ShouldBe(0);
    }

    [Theory]
    [InlineData("{ type: JsonlDecoder }", false, false)]
    [InlineData("{ type: GzipDecoder, decoder: { type: JsonlDecoder } }", true, false)]
    [InlineData("{ type: ZipfileDecoder, decoder: { type: JsonlDecoder } }", false, true)]
    public async Task Lines_of_any_length_of_file_are_read_in_parts(string decoder, bool gzip, bool zip)
    {
        var lines = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, Rows).Select(Row)));
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            var packed = new MemoryStream();
            if (gzip)
            {
                await using var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true);
                stream.Write(lines);
            }
            else if (zip)
            {
                using var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true);
                foreach (var name in (string[])["1", "2"])
                {
                    await using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                    stream.Write(lines);
                }
            }
            else
            {
                packed.Write(lines);
            }

            await context.Response.Body.WriteAsync(packed.ToArray());
        });

        var read = await ReadAsync(platform, Manifests.OneStream("/items", $"decoder: {decoder}", selector: "field_path: []"));

        read.Records.ShouldBe(zip ? [.. Enumerable.Range(0, Rows).Select(Row), .. Enumerable.Range(0, Rows).Select(Row)] : Enumerable.Range(0, Rows).Select(Row));
        read.States.Count.ShouldBeGreaterThan(10);
        _pool.BytesMax.ShouldBeLessThan(30 * Held);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_table_of_any_length_is_read_in_parts()
    {
        await using var platform = await FakePlatform.StartAsync(context =>
            context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("id,name\n" + string.Join('\n', Enumerable.Range(0, 20_000).Select(id => $"{id},\"name, {id}\"")))).AsTask());

        var read = await ReadAsync(platform, Manifests.OneStream("/items", "decoder: { type: CsvDecoder }", selector: "field_path: []"));

        read.Records.Count.ShouldBe(20_000);
        read.Records[^1].ShouldBe("""{"id":"19999","name":"name, 19999"}""");
        read.States.Count.ShouldBeGreaterThan(10);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_page_that_breaks_off_is_an_error_of_the_platform()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Page(0, Rows)[..^2]));

        (await Should.ThrowAsync<PlatformNotReadableException>(() => ReadAsync(platform, Manifests.OneStream("/items")))).Page.ShouldBe(1);

        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_record_beyond_its_limit_is_told_as_such()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json($$"""{"items":[{"id":1,"text":"{{new string('x', 500_000)}}"}]}"""));

        (await Should.ThrowAsync<PlatformTooLargeException>(() => ReadAsync(platform, Manifests.OneStream("/items")))).Message.ShouldContain("300,000 bytes in one record");

        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_page_without_end_is_refused_and_nothing_is_left_of_it()
    {
        var chunk = Encoding.UTF8.GetBytes(new string(' ', 100_000));
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        });

        await Should.ThrowAsync<PlatformTooLargeException>(() => ReadAsync(platform, Manifests.OneStream("/items")));

        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Files_of_large_pages_have_no_name_while_they_are_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows deletes them on closing.");
        await using var platform = await TwoPages();

        await foreach (var batch in Connector.Load(Manifests.OneStream("/items", ByCursor))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), default))
        {
            using (batch)
                Directory.GetFiles(_folder.Path).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_our_failure_and_not_the_platforms()
    {
        await using var platform = await TwoPages();
        using var http = new ConnectorHttp(Ports.Loopback with { HeldBytesMax = Held, TemporaryFolder = Path.Combine(_folder.Path, "absent") });

        await Should.ThrowAsync<TemporarySpaceException>(() => ReadResult.Of(Connector.Load(Manifests.OneStream("/items"))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(http), default)));
    }

    [Fact]
    public async Task A_page_asked_for_ahead_that_does_not_fit_the_folder_is_asked_for_once_more_at_its_turn()
    {
        var folder = Path.Combine(_folder.Path, "full");
        var asked = 0;
        await using var platform = await FakePlatform.StartAsync(context =>
        {
            if (context.Query("after") != "n")
                return context.Json(Page(0, 1, ",\"next\":\"n\""));

            // There is room once nothing else is held.
            if (++asked == 2)
                Directory.CreateDirectory(folder);
            return context.Json(Page(1, Rows));
        });
        using var http = new ConnectorHttp(Ports.Loopback with { HeldBytesMax = Held, AnswerBytesMax = 4_000_000, TemporaryFolder = folder }) { Pool = _pool };

        var read = await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", ByCursor, more: "concurrency_level: { type: ConcurrencyLevel, default_concurrency: 4 }"))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(http) with { PagesAtOnceMax = 4 }, default));

        read.Records.Count.ShouldBe(Rows + 1);
        read.Coverage!.Complete.ShouldBeTrue();
        asked.ShouldBe(2);
        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_page_that_takes_several_requests_and_is_too_large_to_be_merged_is_refused()
    {
        const string Chunked = """
            request_parameters:
              props:
                type: QueryProperties
                property_list: [a, b]
                property_chunking: { type: PropertyChunking, property_limit_type: property_count, property_limit: 1, record_merge_strategy: { type: GroupByKeyMergeStrategy, key: id } }
            """;
        await using var platform = await FakePlatform.StartAsync(context => context.Json(Page(0, Rows)));

        await Should.ThrowAsync<PlatformTooLargeException>(() => ReadAsync(platform, Manifests.OneStream("/items", requester: Chunked)));

        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_that_stops_inside_a_page_leaves_nothing_behind()
    {
        await using var platform = await TwoPages();

        await ReadAsync(platform, Manifests.OneStream("/items", ByCursor), batches: 3);

        _pool.Out.ShouldBe(0);
    }

    [Fact]
    public async Task Words_of_an_error_are_found_wherever_they_stand()
    {
        var calls = 0;
        await using var platform = await FakePlatform.StartAsync(context => ++calls == 1
            ? context.Json($$"""{"padding":"{{new string('x', 200_000)}}","error":"over quota"}""", 400)
            : context.Json("""{"items":[{"id":1}]}"""));

        var read = await ReadAsync(platform, Manifests.OneStream("/items", requester: """
            error_handler: { type: DefaultErrorHandler, response_filters: [{ type: HttpResponseFilter, error_message_contains: over quota, action: RETRY }] }
            """));

        read.Records.Count.ShouldBe(1);
    }
}
