using System.Text.Json;
using CsCheck;

namespace ListBackup.Connectors.Paging;

/// <summary>A platform that gives fewer rows to a page than it is asked for makes every page look like the last.</summary>
public sealed class PageSizeTests
{
    [Theory]
    [InlineData("PageIncrement", 250, 100)]
    [InlineData("OffsetIncrement", 250, 100)]
    [InlineData("OffsetIncrement", 200, 100)]
    [InlineData("PageIncrement", 101, 100)]
    [InlineData("OffsetIncrement", 7, 1)]
    public async Task A_platform_that_caps_pages_below_what_is_asked_is_read_to_its_end(string strategy, int rows, int cap)
    {
        var platform = Numbered(rows, cap, strategy);

        var read = await ReadAsync(platform, Manifest(strategy, 500));

        Ids(read).ShouldBe(Enumerable.Range(0, rows));
        read.Coverage!.Complete.ShouldBeTrue(read.Coverage.Detail);
        read.Coverage.Evidence.PageSizeCap.ShouldBe(cap);
        read.Coverage.Warnings.Single().Note.ShouldBe(CoverageNote.PageSizeCapped);
        read.Coverage.Doubt.ShouldBeNull();
    }

    [Theory]
    [InlineData(250, 100, 3, 0)]
    [InlineData(200, 100, 3, 0)]
    [InlineData(30, 100, 2, 1)]
    [InlineData(0, 100, 1, 0)]
    public async Task A_short_page_is_believed_once_a_full_one_came_and_probed_before(int rows, int size, int requests, int probes)
    {
        var platform = Numbered(rows, size, "OffsetIncrement");

        var read = await ReadAsync(platform, Manifest("OffsetIncrement", size));

        read.Records.Count.ShouldBe(rows);
        platform.Requests.Count.ShouldBe(requests);
        read.Coverage!.Evidence.Probes.ShouldBe(probes);
        read.Coverage.Evidence.PageSizeCap.ShouldBeNull();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(416)]
    public async Task A_platform_that_refuses_the_page_behind_the_last_has_no_more(int status)
    {
        var platform = new MemoryPlatform((_, query) => query("at") is "" ? (200, Items(0, 3)) : (status, "{}"));

        var read = await ReadAsync(platform, Manifest("OffsetIncrement", 100));

        read.Records.Count.ShouldBe(3);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.Probes.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_after_a_full_page_is_no_end()
    {
        var platform = new MemoryPlatform((_, query) => query("at") is "" ? (200, Items(0, 3)) : (400, "{}"));

        await Should.ThrowAsync<PlatformRefusedException>(() => ReadAsync(platform, Manifest("OffsetIncrement", 3)));
    }

    [Fact]
    public async Task A_platform_that_fails_over_the_page_behind_the_last_leaves_it_unknown_and_what_came_stays()
    {
        var platform = new MemoryPlatform((_, query) => query("at") is "" ? (200, Items(0, 3)) : (500, "{}"));

        var read = await ReadAsync(platform, Manifest("OffsetIncrement", 100));

        read.Records.Count.ShouldBe(3);
        read.Coverage!.Cut.ShouldBe(CutReason.ProbeFailed);
    }

    [Fact]
    public async Task A_platform_that_has_one_page_and_ignores_its_number_is_read_once()
    {
        var platform = new MemoryPlatform((_, _) => (200, Items(0, 3)));

        var read = await ReadAsync(platform, Manifest("PageIncrement", 100));

        Ids(read).ShouldBe([0, 1, 2]);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.RowsRepeated.ShouldBe(0);
        platform.Requests.Count.ShouldBe(2);
    }

    private static string Alike(int rows) => $$"""{"items":[{{string.Join(',', Enumerable.Repeat("""{"word":"a"}""", rows))}}]}""";

    [Theory]
    [InlineData("PageIncrement", 100, 2)]
    [InlineData("OffsetIncrement", 2, 1)]
    public async Task Pages_of_rows_without_keys_may_be_alike_by_right(string strategy, int asked, int stopAfter)
    {
        string[] pages = [Alike(2), Alike(2), """{"items":[{"word":"b"}]}"""];
        var platform = new MemoryPlatform((_, query) =>
        {
            var page = query("at").Length == 0 ? 0 : int.Parse(query("at")) / (strategy == "OffsetIncrement" ? 2 : 1);
            return (200, page < pages.Length ? pages[page] : Alike(0));
        });

        var read = await ReadAsync(platform, Manifest(strategy, asked));
        var first = await ReadAsync(platform, Manifest(strategy, asked), batches: stopAfter);
        var rest = await ReadAsync(platform, Manifest(strategy, asked), first.State);

        read.Records.Count.ShouldBe(5);
        read.Coverage!.Complete.ShouldBeTrue(read.Coverage.Detail);
        (first.Records.Count + rest.Records.Count).ShouldBe(5);
        rest.Coverage!.Complete.ShouldBeTrue(rest.Coverage.Detail);
    }

    [Fact]
    public async Task A_platform_that_ignores_the_page_number_is_found_out_without_keys_too()
    {
        var platform = new MemoryPlatform((_, _) => (200, Alike(3)));

        var read = await ReadAsync(platform, Manifest("PageIncrement", 100));

        read.Coverage!.Complete.ShouldBeTrue(read.Coverage.Detail);
        platform.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Pages_that_begin_and_end_alike_are_not_the_same_page()
    {
        string[] pages = ["""{"items":[{"id":1},{"id":2},{"id":9}]}""", """{"items":[{"id":1},{"id":3},{"id":9}]}"""];
        var platform = new MemoryPlatform((_, query) => (200, query("at") switch { "" => pages[0], "1" => pages[1], _ => Items(0, 0) }));

        var read = await ReadAsync(platform, Manifest("PageIncrement", 100));

        Ids(read).ShouldContain(3);
    }

    [Fact]
    public async Task Rows_that_move_over_while_a_read_is_stopped_are_noticed()
    {
        var platform = new MemoryPlatform((_, query) => (200, query("at") switch { "" => Items(0, 3), "3" => Items(2, 3), _ => Items(0, 0) }));

        var first = await ReadAsync(platform, Manifest("OffsetIncrement", 3), batches: 1);
        var rest = await ReadAsync(platform, Manifest("OffsetIncrement", 3), first.State);

        rest.Coverage!.Evidence.RowsRepeated.ShouldBe(1);
        rest.Coverage.Doubt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_platform_that_takes_rows_out_of_its_pages_is_read_until_a_page_is_empty()
    {
        int[] lengths = [97, 100, 95, 3, 99, 0];
        var platform = new MemoryPlatform((_, query) =>
        {
            var page = query("at").Length == 0 ? 0 : int.Parse(query("at"));
            return (200, Items(page * 100, page < lengths.Length ? lengths[page] : 0));
        });

        var read = await ReadAsync(platform, Manifest("PageIncrement", 100));

        read.Records.Count.ShouldBe(lengths.Sum());
    }

    [Fact]
    public async Task Thousands_of_small_partitions_cost_few_probes()
    {
        var platform = new MemoryPlatform((path, query) =>
        {
            var part = int.Parse(path.Split('/')[^1]);
            return (200, query("at") is "" ? Items(part * 100, 1 + (part % 7)) : Items(0, 0));
        });

        var read = await ReadAsync(platform, Manifest("OffsetIncrement", 100, 3_000));

        read.Records.Count.ShouldBe(Enumerable.Range(0, 3_000).Sum(part => 1 + (part % 7)));
        read.Coverage!.Evidence.Probes.ShouldBeLessThan(50);
    }

    [Fact]
    public Task What_is_asked_capped_and_there_never_decides_what_arrives() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6], Gen.Int[0, 14].Array[1, 6], Gen.Bool, Gen.Bool).SampleAsync(async (asked, cap, partitions, isOffset, tellsTotal) =>
        {
            var strategy = isOffset ? "OffsetIncrement" : "PageIncrement";
            var platform = new MemoryPlatform((path, query) =>
            {
                var part = int.Parse(path.Split('/')[^1]);
                var size = Math.Min(asked, cap);
                var at = query("at").Length == 0 ? 0 : int.Parse(query("at")) * (isOffset ? 1 : size);
                return (200, Items((part * 100) + at, Math.Clamp(partitions[part] - at, 0, size), tellsTotal ? partitions[part] : null));
            });

            var read = await ReadAsync(platform, Manifest(strategy, asked, partitions.Length));

            Ids(read).ShouldBe(partitions.SelectMany((count, part) => Enumerable.Range(part * 100, count)));
            read.Coverage!.Complete.ShouldBeTrue(read.Coverage.Detail);
        }, iter: 300);

    [Fact]
    public async Task An_empty_page_that_names_a_next_one_is_not_the_end_and_endless_ones_are_cut()
    {
        var gap = new MemoryPlatform((_, query) => (200, query("at") switch { "" => Items(0, 2, null, ",\"next\":\"a\""), "a" => Items(0, 0, null, ",\"next\":\"b\""), _ => Items(2, 2) }));
        var next = 0;
        var endless = new MemoryPlatform((_, _) => (200, Items(0, 0, null, $",\"next\":\"{++next}\"")));
        var manifest = Manifest("CursorPagination, cursor_value: \"{{ response.next }}\"", 100);

        Ids(await ReadAsync(gap, manifest)).ShouldBe([0, 1, 2, 3]);
        (await ReadAsync(endless, manifest)).Coverage!.Cut.ShouldBe(CutReason.EmptyPages);
        endless.Requests.Count.ShouldBe(1_000);
    }

    [Fact]
    public async Task A_platform_that_ignores_the_page_number_is_cut_also_when_the_read_stops_after_every_page()
    {
        var platform = new MemoryPlatform((_, _) => (200, Items(0, 2)));
        string? state = null;
        Coverage? coverage = null;

        var parts = 0;
        for (; parts < 10 && coverage is null; parts++)
        {
            var read = await ReadAsync(platform, Manifest("PageIncrement", 2), state, batches: 1);
            (state, coverage) = (read.State, read.Coverage);
        }

        coverage!.Cut.ShouldBe(CutReason.RepeatedPageToken);
        parts.ShouldBe(3, "two pages, and the end");
    }

    private static MemoryPlatform Numbered(int rows, int cap, string strategy) => new((_, query) =>
    {
        var at = query("at").Length == 0 ? 0 : int.Parse(query("at")) * (strategy == "PageIncrement" ? cap : 1);
        return (200, Items(at, Math.Clamp(rows - at, 0, cap)));
    });

    private static string Items(int from, int count, int? total = null, string more = "") =>
        $$"""{"items":[{{string.Join(',', Enumerable.Range(from, count).Select(id => $$"""{"id":{{id}}}"""))}}]{{(total is null ? "" : $",\"total\":{total}")}}{{more}}}""";

    private static string Manifest(string strategy, int size, int partitions = 0) => Manifests.OneStream(
        partitions == 0 ? "/items" : "/items/{{ stream_partition.part }}",
        (partitions == 0 ? "" : $"partition_router: {{ type: ListPartitionRouter, cursor_field: part, values: [{string.Join(", ", Enumerable.Range(0, partitions))}] }}\n") + $$"""
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: at }
          pagination_strategy: { type: {{strategy}}, page_size: {{size}} }
        """,
        more: "x-listbackup: { streams: { items: { total: { in_page: [total] } } } }");

    private static IEnumerable<int> Ids(ReadResult read) => read.Records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetInt32());

    private static async Task<ReadResult> ReadAsync(MemoryPlatform platform, string manifest, string? state = null, int batches = int.MaxValue)
    {
        using var http = platform.Http();

        return await ReadResult.Of(Connector.Load(manifest).ReadAsync(
            new ReadRequest { Stream = "items", Config = MemoryPlatform.Config, State = state is null ? null : StreamState.Parse(state) }, Ports.For(http), default), batches);
    }
}
