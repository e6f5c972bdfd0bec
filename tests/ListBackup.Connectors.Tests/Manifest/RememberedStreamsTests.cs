using System.Globalization;
using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Manifest;

/// <summary>Streams that only the platform knows are asked for once by the steps of one sync.</summary>
public class RememberedStreamsTests
{
    private const string Manifest = """
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, dynamic_streams_check_configs: [{ type: DynamicStreamCheckConfig, dynamic_stream_name: tables }] }
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            stream_template: { type: DeclarativeStream, name: "", retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: "" }, record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } } } }
            components_resolver:
              type: HttpComponentsResolver
              retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /tables }, record_selector: { extractor: { field_path: [tables] } } }
              components_mapping:
                - { type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values['name'] }}" }
                - { type: ComponentMappingDefinition, field_path: [retriever, requester, path], value: "/items/{{ components_values['name'] }}" }
        """;

    private static readonly Connector Connector = Connector.Load(Manifest);

    private readonly FakeTimeProvider _clock = new();
    private string _tables = """{"tables":[{"name":"a"}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_that_follow_one_another_ask_once()
    {
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var ports = Remembering(http, new RememberedStreams(_clock).Of("one"));

        await Connector.DiscoverAsync(platform.Config(), ports, Cancellation);
        await ReadAsync(platform, ports, "a");
        await ReadAsync(platform, ports, "a");

        platform.Requests.ShouldBe(["GET /tables", "GET /items/a", "GET /items/a"]);
    }

    [Fact]
    public async Task Reads_at_the_same_time_ask_once()
    {
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var ports = Remembering(http, new RememberedStreams(_clock).Of("one"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(platform, ports, "a")));

        Asked(platform).ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_is_newer_than_what_is_remembered_is_found()
    {
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var ports = Remembering(http, new RememberedStreams(_clock).Of("one"));
        await ReadAsync(platform, ports, "a");

        _tables = """{"tables":[{"name":"a"},{"name":"b"}]}""";
        var read = await ReadAsync(platform, ports, "b");

        read.Records.ShouldHaveSingleItem();
        Asked(platform).ShouldBe(2);
        await Should.ThrowAsync<UnknownStreamException>(() => ReadAsync(platform, ports, "c"));
        Asked(platform).ShouldBe(3);
    }

    [Fact]
    public async Task What_was_told_some_time_ago_is_asked_for_again()
    {
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var ports = Remembering(http, new RememberedStreams(_clock).Of("one"));
        await ReadAsync(platform, ports, "a");

        _clock.Advance(RememberedStreams.AgeMax);
        await ReadAsync(platform, ports, "a");

        Asked(platform).ShouldBe(2);
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var ports = Remembering(http, new RememberedStreams(_clock).Of("one"));
        _tables = "<html>";
        await Should.ThrowAsync<PlatformException>(() => ReadAsync(platform, ports, "a"));

        _tables = """{"tables":[{"name":"a"}]}""";
        (await ReadAsync(platform, ports, "a")).Records.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_wrong_with_a_list_is_told_by_those_who_did_not_ask_as_well()
    {
        _tables = """{"tables":[{"name":"a"},7]}""";
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var ports = Remembering(http, new RememberedStreams(_clock).Of("one"));

        var first = await ReadAsync(platform, ports, "a");
        var next = await ReadAsync(platform, ports, "a");

        Asked(platform).ShouldBe(1);
        next.Coverage!.Doubt.ShouldNotBeNull().ShouldBe(first.Coverage!.Doubt);
    }

    [Fact]
    public async Task Lists_that_were_not_used_for_long_are_forgotten()
    {
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var remembered = new RememberedStreams(_clock);
        await ReadAsync(platform, Remembering(http, remembered.Of("one")), "a");

        for (var other = 1; other < RememberedStreams.ListsMax; other++)
            remembered.Of(other.ToString(CultureInfo.InvariantCulture));
        await ReadAsync(platform, Remembering(http, remembered.Of("one")), "a");
        Asked(platform).ShouldBe(1);

        for (var other = 0; other < RememberedStreams.ListsMax; other++)
            remembered.Of($"next {other}");
        await ReadAsync(platform, Remembering(http, remembered.Of("one")), "a");
        Asked(platform).ShouldBe(2);
    }

    [Fact]
    public async Task Many_streams_are_not_held_for_many_connections()
    {
        const int Streams = (RememberedStreams.StreamsMax / 2) + 1;
        _tables = $$"""{"tables":[{{string.Join(',', Enumerable.Range(0, Streams).Select(number => $$"""{"name":"s{{number}}"}"""))}}]}""";
        await using var platform = await StartAsync();
        using var http = new ConnectorHttp(Ports.Loopback);
        var remembered = new RememberedStreams(_clock);

        await ReadAsync(platform, Remembering(http, remembered.Of("one")), "s1");
        await ReadAsync(platform, Remembering(http, remembered.Of("two")), "s1");
        await ReadAsync(platform, Remembering(http, remembered.Of("two")), "s1");
        Asked(platform).ShouldBe(2);
        await ReadAsync(platform, Remembering(http, remembered.Of("one")), "s1");
        Asked(platform).ShouldBe(3);
    }

    private static int Asked(FakePlatform platform) => platform.Requests.Count(request => request == "GET /tables");

    private static Task<ReadResult> ReadAsync(FakePlatform platform, ConnectorPorts ports, string stream) =>
        ReadResult.Of(Connector.ReadAsync(new ReadRequest { Stream = stream, Config = platform.Config() }, ports, Cancellation));

    private static ConnectorPorts Remembering(ConnectorHttp http, StreamMemory memory) => Ports.For(http) with { Streams = memory };

    private Task<FakePlatform> StartAsync() => FakePlatform.StartAsync(context =>
        context.Json(context.Request.Path == "/tables" ? _tables : """{"items":[{"id":1}]}"""));
}
