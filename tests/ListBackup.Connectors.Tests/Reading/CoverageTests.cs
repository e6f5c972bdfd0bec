using System.Text.Json;

namespace ListBackup.Connectors.Reading;

/// <summary>What a platform does is held against what it says, and people are told.</summary>
public sealed class CoverageTests
{
    private const string BelowLists = """
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
                  requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /lists }
                  record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } }
        """;

    private const string Offset = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: at }
          pagination_strategy: { type: OffsetIncrement, page_size: 2 }
        """;

    private const string ByToken = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: at }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}" }
        """;

    private const string Total = "x-listbackup: { streams: { items: { total: { in_page: [total] } } } }";

    private const string Dates = """
        incremental_sync:
          type: DatetimeBasedCursor
          cursor_field: at
          datetime_format: "%Y-%m-%dT%H:%M:%SZ"
          start_datetime: { type: MinMaxDatetime, datetime: "2024-01-01", datetime_format: "%Y-%m-%d" }
          end_datetime: { type: MinMaxDatetime, datetime: "2024-01-11", datetime_format: "%Y-%m-%d" }
          start_time_option: { type: RequestOption, inject_into: request_parameter, field_name: since }
        """;

    [Fact]
    public async Task Pages_that_end_before_the_platforms_own_total_are_not_complete_also_over_interruptions()
    {
        (int, string) Answer(string path, Func<string, string> query) => (200, query("at") is "" ? """{"items":[{"id":1},{"id":2}],"total":5,"next":"b"}""" : """{"items":[{"id":3}],"total":5}""");
        var manifest = Manifests.OneStream("/items", ByToken, more: Total);

        var whole = await ReadAsync(Answer, manifest);
        var first = await ReadAsync(Answer, manifest, batches: 1);
        var rest = await ReadAsync(Answer, manifest, first.State);

        foreach (var coverage in (Coverage[])[whole.Coverage!, rest.Coverage!])
        {
            coverage.Complete.ShouldBeFalse();
            coverage.Cut.ShouldBe(CutReason.TotalNotReached);
            coverage.Missing.ShouldBe("The platform says that it has more: 2 rows did not come.");
            coverage.Evidence.ReportedTotal.ShouldBe(5);
        }
    }

    [Theory]
    [InlineData(400, "", false)]
    [InlineData(422, "", false)]
    [InlineData(404, "", true)]
    [InlineData(404, ",\"total\":6", false)]
    [InlineData(400, ",\"total\":4", true)]
    public async Task A_refusal_behind_full_pages_that_the_manifest_passes_over_is_the_end_only_where_it_can_be(int status, string total, bool complete)
    {
        var manifest = Manifests.OneStream(
            "/items", Offset, more: Total, requester: $"error_handler: {{ type: DefaultErrorHandler, response_filters: [{{ type: HttpResponseFilter, http_codes: [{status}], action: IGNORE }}] }}");

        var read = await ReadAsync((_, query) => query("at") switch
        {
            "" => (200, $$"""{"items":[{"id":1},{"id":2}]{{total}}}"""),
            "2" => (200, $$"""{"items":[{"id":3},{"id":4}]{{total}}}"""),
            _ => (status, "{}"),
        }, manifest);

        read.Records.Count.ShouldBe(4);
        read.Coverage!.Complete.ShouldBe(complete);
    }

    [Fact]
    public async Task A_full_page_that_reaches_the_total_may_be_followed_by_a_refusal()
    {
        var read = await ReadAsync((_, query) => query("at") is "" ? (200, """{"items":[{"id":1},{"id":2}],"total":2}""") : (404, "{}"), Manifests.OneStream("/items", Offset, more: Total));

        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task Rows_that_come_twice_on_neighbouring_pages_are_counted_and_forbid_a_proof()
    {
        var read = await ReadAsync((_, query) => (200, query("at") switch
        {
            "" => """{"items":[{"id":1},{"id":2}],"total":4}""",
            "2" => """{"items":[{"n":2,"id":2},{"id":3}],"total":4}""",
            "4" => """{"items":[{"id":4}],"total":4}""",
            _ => """{"items":[],"total":4}""",
        }), Manifests.OneStream("/items", Offset, more: Total));

        read.Coverage!.Evidence.RowsRepeated.ShouldBe(1);
        read.Coverage.Complete.ShouldBeTrue();
        read.Coverage.Doubt.ShouldNotBeNull();
        read.Coverage.Warnings.ShouldContain(warning => warning.Note == CoverageNote.PagesMoved && warning.IsDoubt);
    }

    [Fact]
    public async Task A_total_that_falls_while_pages_are_counted_forbids_a_proof_and_holds_the_cursor()
    {
        var read = await ReadAsync((_, query) => (200, query("at") is ""
            ? """{"items":[{"id":1,"at":"2024-01-02T00:00:00Z"},{"id":2,"at":"2024-01-03T00:00:00Z"}],"total":4}"""
            : """{"items":[{"id":4,"at":"2024-01-05T00:00:00Z"}],"total":3}"""), Manifests.OneStream("/items", Offset, Dates, more: Total));

        read.Coverage!.Warnings.ShouldContain(warning => warning.Note == CoverageNote.TotalFell && warning.IsDoubt);
        read.State.ShouldBe("{}");
    }

    [Fact]
    public async Task A_filter_that_is_ignored_is_told_and_is_no_gap()
    {
        var read = await ReadAsync(
            (_, _) => (200, """{"items":[{"id":1,"at":"2023-01-02T00:00:00Z"},{"id":2,"at":"2023-01-03T00:00:00Z"},{"id":3,"at":"2024-01-03T00:00:00Z"},{"id":4,"at":"soon"},{"id":5}]}"""),
            Manifests.OneStream("/items", stream: Dates));

        read.Records.Count.ShouldBe(5);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.RowsOutsideInterval.ShouldBe(2);
        read.Coverage.Evidence.RowsWithoutCursor.ShouldBe(2);
        read.Coverage.Warnings.Select(warning => warning.Note).ShouldBe([CoverageNote.IntervalIgnored, CoverageNote.RowsWithoutCursor]);
        read.Coverage.Doubt.ShouldBeNull();
    }

    [Fact]
    public async Task Rows_of_another_partition_are_counted_where_rows_name_theirs()
    {
        const string Router = "partition_router: { type: ListPartitionRouter, cursor_field: list, values: ['7', '8'] }";

        var ignored = await ReadAsync((_, _) => (200, """{"items":[{"id":1,"list":7},{"id":2,"list":7},{"id":3,"list":8}]}"""), Manifests.OneStream("/{{ stream_partition.list }}", Router));
        var byChance = await ReadAsync((_, _) => (200, """{"items":[{"id":1,"list":"red"}]}"""), Manifests.OneStream("/{{ stream_partition.list }}", Router));

        ignored.Coverage!.Evidence.RowsOfOtherPartitions.ShouldBe(3);
        ignored.Coverage.Warnings.Single().Note.ShouldBe(CoverageNote.PartitionIgnored);
        byChance.Coverage!.Evidence.RowsOfOtherPartitions.ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"items":[{"uid":1},{"uid":2}]}""", 2, true)]
    [InlineData("""{"items":[1,2,3]}""", 3, true)]
    [InlineData("""{"items":[{"id":1},{"uid":2}]}""", 1, false)]
    [InlineData("""{"items":[]}""", 0, false)]
    public async Task Parents_that_all_lack_their_key_make_the_emptiness_below_them_doubtful(string parents, int without, bool isDoubtful)
    {
        var read = await ReadAsync((path, _) => (200, path == "/lists" ? parents : """{"items":[{"id":1}]}"""), Manifests.OneStream("/lists/{{ stream_partition.list }}", BelowLists));

        read.Coverage!.Evidence.ParentsWithoutKey.ShouldBe(without);
        read.Coverage.Warnings.Any(warning => warning.Note == CoverageNote.ParentsWithoutKey).ShouldBe(isDoubtful);
        (read.Coverage.Doubt is not null).ShouldBe(isDoubtful);
    }

    [Fact]
    public void What_was_counted_before_a_read_was_resumed_is_not_forgotten()
    {
        var sum = new PageEvidence { RowsPartial = 1, RequestsInVain = 2, ParentsWithoutKey = 3 }.Plus(new PageEvidence { RowsPartial = 10, RequestsInVain = 20, ParentsWithoutKey = 2 });

        (sum.RowsPartial, sum.RequestsInVain, sum.ParentsWithoutKey).ShouldBe((11, 22, 3));
    }

    [Fact]
    public async Task One_refused_partition_does_not_end_the_stream_and_its_cursor_stays()
    {
        var manifest = Manifests.OneStream("/{{ stream_partition.list }}", "partition_router: { type: ListPartitionRouter, cursor_field: list, values: [a, b, c] }", Dates);
        const string State = """{"states":[{"partition":{"list":"b"},"cursor":{"at":"2024-01-02T00:00:00Z"}}]}""";
        (int, string) Answer(string path, Func<string, string> query) => path == "/b" ? (403, "{}") : (200, """{"items":[{"id":1,"at":"2024-01-09T00:00:00Z"}]}""");

        var whole = await ReadAsync(Answer, manifest, State);
        var first = await ReadAsync(Answer, manifest, State, batches: 2);
        var rest = await ReadAsync(Answer, manifest, first.State);

        whole.Records.Count.ShouldBe(2);
        whole.Coverage!.Cut.ShouldBe(CutReason.PartitionsRefused);
        whole.Coverage.Missing.ShouldBe("The platform refused 1 of 3 partitions; grant access to them, or leave them out.");
        whole.Coverage.Evidence.PartitionsRefused.ShouldBe(1);
        whole.State.ShouldBe("""{"use_global_cursor":false,"states":[{"partition":{"list":"a"},"cursor":{"at":"2024-01-09T00:00:00Z"}},{"partition":{"list":"b"},"cursor":{"at":"2024-01-02T00:00:00Z"}},{"partition":{"list":"c"},"cursor":{"at":"2024-01-09T00:00:00Z"}}]}""");
        rest.Coverage!.Missing.ShouldBe(whole.Coverage.Missing);
        rest.State.ShouldBe(whole.State);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(500, 100)]
    public async Task A_stream_of_which_no_partition_may_be_read_fails(int partitions, int requests)
    {
        var platform = new MemoryPlatform((_, _) => (403, "{}"));
        using var http = platform.Http();
        var manifest = Manifests.OneStream("/{{ stream_partition.list }}", $"partition_router: {{ type: ListPartitionRouter, cursor_field: list, values: [{string.Join(", ", Enumerable.Range(0, partitions))}] }}");

        await Should.ThrowAsync<PlatformForbiddenException>(() => ReadResult.Of(
            Connector.Load(manifest).ReadAsync(new ReadRequest { Stream = "items", Config = MemoryPlatform.Config }, Ports.For(http), default)));

        platform.Requests.Count.ShouldBe(requests);
    }

    [Fact]
    public async Task A_page_that_is_passed_over_in_the_middle_holds_the_cursor_and_is_told_by_its_status_also_after_a_pause()
    {
        var manifest = Manifests.OneStream("/items", ByToken, Dates, "error_handler: { type: DefaultErrorHandler, response_filters: [{ type: HttpResponseFilter, http_codes: [403, 404], action: IGNORE }] }");
        (int, string) Answer(string path, Func<string, string> query) => query("at") is "" ? (200, """{"items":[{"id":1,"at":"2024-01-09T00:00:00Z"}],"next":"b"}""") : (403, "{}");

        var whole = await ReadAsync(Answer, manifest);
        var first = await ReadAsync(Answer, manifest, batches: 2);
        var rest = await ReadAsync(Answer, manifest, first.State);

        whole.State.ShouldBe("{}");
        whole.Coverage!.Cut.ShouldBe(CutReason.AnswersIgnored);
        whole.Coverage.Evidence.IgnoredByStatus.ShouldBe([new(403, 1)]);
        whole.Coverage.Missing.ShouldBe("1 answers with an error status were passed over as the manifest says (1 × 403).");
        rest.Coverage!.Cut.ShouldBe(CutReason.AnswersIgnored);
        rest.State.ShouldBe("{}");
    }

    [Fact]
    public async Task Partitions_that_the_state_knows_and_the_platform_has_no_more_are_counted()
    {
        var read = await ReadAsync(
            (_, _) => (200, """{"items":[]}"""), Manifests.OneStream("/{{ stream_partition.list }}", "partition_router: { type: ListPartitionRouter, cursor_field: list, values: [a] }", Dates),
            """{"states":[{"partition":{"list":"b"},"cursor":{"at":"2024-01-02T00:00:00Z"}},{"partition":{"list":"a"},"cursor":{"at":"2024-01-02T00:00:00Z"}}]}""");

        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.PartitionsGone.ShouldBe(1);
    }

    [Fact]
    public async Task Only_the_chosen_partitions_are_read_and_the_cursors_of_others_stay()
    {
        var manifest = Manifests.OneStream("/{{ stream_partition.list }}", "partition_router: { type: ListPartitionRouter, cursor_field: list, values: [a, b] }", Dates);
        var platform = new MemoryPlatform((_, _) => (200, """{"items":[{"id":1,"at":"2024-01-09T00:00:00Z"}]}"""));
        using var http = platform.Http();
        var request = new ReadRequest
        {
            Stream = "items", Config = MemoryPlatform.Config, Only = [Json("""{"list":"b"}"""), Json("""{"list":"x"}""")],
            State = StreamState.Parse("""{"states":[{"partition":{"list":"a"},"cursor":{"at":"2024-01-02T00:00:00Z"}}]}"""),
        };

        var read = await ReadResult.Of(Connector.Load(manifest).ReadAsync(request, Ports.For(http), default));

        platform.Requests.Count.ShouldBe(1);
        read.State.ShouldBe("""{"use_global_cursor":false,"states":[{"partition":{"list":"a"},"cursor":{"at":"2024-01-02T00:00:00Z"}},{"partition":{"list":"b"},"cursor":{"at":"2024-01-09T00:00:00Z"}}]}""");
        read.Coverage!.Cut.ShouldBe(CutReason.PartitionsMissing);
        read.Coverage.Warnings.ShouldContain(warning => warning.Note == CoverageNote.Selection && warning.IsDoubt);
    }

    [Fact]
    public async Task Only_the_chosen_intervals_are_read_and_no_cursor_passes_over_the_others()
    {
        var platform = new MemoryPlatform((_, query) => (200, $$"""{"items":[{"id":1,"at":"{{query("since")}}"}]}"""));
        using var http = platform.Http();
        var request = new ReadRequest { Stream = "items", Config = MemoryPlatform.Config, Only = [Json("""{"start_time":"2024-01-05T00:00:00Z"}""")] };

        var read = await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", stream: Dates + "\n  step: P4D\n  cursor_granularity: PT1S")).ReadAsync(request, Ports.For(http), default));

        platform.Requests.ShouldBe(["/items?since=2024-01-05T00:00:00Z"]);
        read.State.ShouldBe("{}");
    }

    [Fact]
    public async Task Rows_that_cannot_be_records_make_a_read_incomplete_and_hold_its_cursor_also_after_a_pause()
    {
        var manifest = Manifests.OneStream("/items", ByToken, Dates);
        (int, string) Answer(string path, Func<string, string> query) => (200, query("at") is ""
            ? """{"items":[{"id":1,"at":"2024-01-08T00:00:00Z"},7],"next":"b"}"""
            : """{"items":[{"id":2,"at":"2024-01-09T00:00:00Z"}]}""");

        var whole = await ReadAsync(Answer, manifest);
        var first = await ReadAsync(Answer, manifest, batches: 1);
        var rest = await ReadAsync(Answer, manifest, first.State);

        whole.Records.Count.ShouldBe(2);
        whole.Coverage!.Complete.ShouldBeFalse();
        whole.Coverage.Cut.ShouldBe(CutReason.RowsRefused);
        whole.Coverage.Missing.ShouldBe("1 rows were not JSON objects and could not be kept.");
        whole.State.ShouldBe("{}");
        rest.Coverage!.Missing.ShouldBe(whole.Coverage.Missing);
        rest.State.ShouldBe(whole.State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_parents_row_that_cannot_be_a_record_makes_what_is_below_the_others_incomplete(int concurrency)
    {
        var read = await ReadAsync((path, _) => (200, path == "/lists" ? """{"items":[{"id":1},7]}""" : """{"items":[{"id":1}]}"""), Manifests.OneStream("/lists/{{ stream_partition.list }}", BelowLists, more: $"concurrency_level: {{ type: ConcurrencyLevel, default_concurrency: {concurrency} }}"));

        read.Records.Count.ShouldBe(1);
        read.Coverage!.Complete.ShouldBeFalse();
        read.Coverage.Cut.ShouldBe(CutReason.ParentsRefused);
    }

    [Theory]
    [InlineData("transformations: [{ type: AddFields, fields: [{ path: [day], value: \"{{ format_datetime(record['made'], '%Y-%m-%d') }}\" }] }]", "")]
    [InlineData("", "record_filter: { type: RecordFilter, condition: \"{{ format_datetime(record['made'], '%Y') == '2024' }}\" }")]
    public async Task A_time_that_cannot_be_read_costs_neither_its_record_nor_those_behind_it(string stream, string filter)
    {
        var manifest = Manifests.OneStream("/items", stream: stream).Replace("record_selector:", "record_selector:\n        " + filter, StringComparison.Ordinal);

        var read = await ReadAsync((_, _) => (200, """{"items":[{"id":1,"made":"2024-01-02T00:00:00Z"},{"id":2,"made":"soon"},{"id":3,"made":"2024-01-03T00:00:00Z"}]}"""), manifest);

        read.Records.Count.ShouldBe(3);
        read.Records[1].ShouldBe("""{"id":2,"made":"soon"}""");
        read.Records[2].Contains("\"day\":\"2024-01-03\"", StringComparison.Ordinal).ShouldBe(stream.Length > 0);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.RowsUncomputed.ShouldBe(1);
        read.Coverage.Warnings.Single().ShouldSatisfyAllConditions(warning => warning.Note.ShouldBe(CoverageNote.RowsUncomputed), warning => warning.IsDoubt.ShouldBeTrue());
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    private static async Task<ReadResult> ReadAsync(Func<string, Func<string, string>, (int, string)> answer, string manifest, string? state = null, int batches = int.MaxValue)
    {
        var platform = new MemoryPlatform(answer);
        using var http = platform.Http();

        return await ReadResult.Of(Connector.Load(manifest).ReadAsync(
            new ReadRequest { Stream = "items", Config = MemoryPlatform.Config, State = state is null ? null : StreamState.Parse(state) }, Ports.For(http), default), batches);
    }
}
