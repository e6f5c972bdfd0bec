using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

public sealed class AsyncJobTests : IDisposable
{
    private const string Manifest = """
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        streams:
          - type: DeclarativeStream
            name: items
            primary_key: id
            retriever:
              type: AsyncRetriever
              status_mapping: { type: AsyncJobStatusMap, running: [queued], completed: [done], failed: [broken], timeout: [late], skipped: [empty] }
              status_extractor: { type: DpathExtractor, field_path: [state] }
              download_target_extractor: { type: DpathExtractor, field_path: [files] }
              creation_requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /reports, http_method: POST }
              polling_requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: "/reports/{{ creation_response.id }}" }
              download_requester: { type: HttpRequester, url: "{{ download_target }}" }
              delete_requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: "/reports/{{ creation_response.id }}", http_method: DELETE }
              download_decoder: { type: JsonlDecoder }
              record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly RememberedWaits _waits = new();

    public void Dispose() => _http.Dispose();

    private Task<ReadResult> ReadAsync(FakePlatform platform) => ReadResult.Of(
        Connector.Load(Manifest).ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http, _waits), default));

    [Fact]
    public async Task A_report_is_ordered_awaited_downloaded_and_cleared_away()
    {
        var polls = 0;
        await using var platform = await FakePlatform.StartAsync(context => (context.Request.Method, context.Request.Path.Value) switch
        {
            ("POST", _) => context.Json("""{"id":"r1"}"""),
            ("GET", "/reports/r1") when ++polls < 3 => context.Json("""{"state":"queued"}"""),
            ("GET", "/reports/r1") => context.Json($$"""{"state":"done","files":["http://{{context.Request.Host}}/a","http://{{context.Request.Host}}/b"]}"""),
            ("GET", "/a") => context.Response.WriteAsync("{\"id\":1}\n{\"id\":2}\n"),
            ("GET", "/b") => context.Response.WriteAsync("{\"id\":3}"),
            _ => context.Json("{}"),
        });

        var read = await ReadAsync(platform);

        read.Records.ShouldBe(["{\"id\":1}", "{\"id\":2}", "{\"id\":3}"]);
        read.Coverage!.Complete.ShouldBeTrue();
        _waits.Waits.ShouldAllBe(wait => wait.Reason == WaitReason.Poll);
        _waits.Waits.Count.ShouldBe(2);
        platform.Requests.Last().ShouldBe("DELETE /reports/r1");
    }

    [Fact]
    public async Task A_report_that_keeps_failing_is_ordered_thrice_and_then_an_outage()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"id":"r1","state":"broken"}"""));

        await Should.ThrowAsync<PlatformServerException>(() => ReadAsync(platform));

        platform.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task A_state_that_the_manifest_does_not_know_is_not_taken_for_done()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"id":"r1","state":"odd"}"""));

        await Should.ThrowAsync<PlatformNotReadableException>(() => ReadAsync(platform));
    }

    [Fact]
    public async Task A_report_without_content_is_a_complete_read()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"id":"r1","state":"empty"}"""));

        var read = await ReadAsync(platform);

        read.Records.ShouldBeEmpty();
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData(",\"files\":null", false, true)]
    [InlineData(",\"files\":[]", false, false)]
    public async Task Only_an_empty_list_of_downloads_is_plainly_an_empty_report(string files, bool isCut, bool isDoubtful)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json($$"""{"id":"r1","state":"done"{{files}}}"""));

        var read = await ReadAsync(platform);

        read.Records.ShouldBeEmpty();
        read.Coverage!.Cut.ShouldBe(isCut ? CutReason.DownloadsMissing : null);
        (read.Coverage.Doubt is not null).ShouldBe(isDoubtful);
        read.Coverage.Complete.ShouldBe(!isCut);
    }
}
