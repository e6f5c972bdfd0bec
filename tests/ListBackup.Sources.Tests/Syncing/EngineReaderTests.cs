using System.Collections.Concurrent;
using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>How often the steps of a sync ask a platform that alone knows its streams.</summary>
public sealed class EngineReaderTests : IAsyncLifetime
{
    private const string Manifest = """
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, dynamic_streams_check_configs: [{ type: DynamicStreamCheckConfig, dynamic_stream_name: tables }] }
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            stream_template: { type: DeclarativeStream, name: "", retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /items }, record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } } } }
            components_resolver:
              type: HttpComponentsResolver
              retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /tables }, record_selector: { extractor: { field_path: [tables] } } }
              components_mapping: [{ type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values['name'] }}" }]
        """;

    private readonly ConcurrentQueue<string> _requests = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ConnectorHttp _http = new(new HttpLimits { AllowPrivateNetworks = true });
    private readonly ConnectionId _id = ConnectionId.New(TimeProvider.System);
    private readonly Connector _connector = Connector.Load(Manifest);
    private WebApplication _platform = null!; // Set by InitializeAsync.

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int Asked => _requests.Count(path => path == "/tables");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _platform = builder.Build();
        _platform.Run(context =>
        {
            _requests.Enqueue(context.Request.Path);
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(context.Request.Path == "/tables" ? """{"tables":[{"name":"a"},{"name":"b"}]}""" : """{"items":[{"id":1}]}""");
        });
        await _platform.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _platform.StopAsync(new CancellationToken(canceled: true));
        await _platform.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task All_parts_of_a_run_ask_for_the_streams_once()
    {
        var reader = new EngineReader(_clock);
        var connection = Connection();

        await reader.StreamsAsync(connection, Cancellation);
        await Task.WhenAll(PartAsync(reader, connection, "a"), PartAsync(reader, connection, "b"));

        Asked.ShouldBe(1);
        _requests.Count(path => path == "/items").ShouldBe(2);
    }

    [Fact]
    public async Task A_plan_asks_anew()
    {
        var reader = new EngineReader(_clock);
        var connection = Connection();

        await reader.StreamsAsync(connection, Cancellation);
        await reader.StreamsAsync(connection, Cancellation);

        Asked.ShouldBe(2);
    }

    [Fact]
    public async Task Another_configuration_manifest_or_connection_has_streams_of_its_own()
    {
        var reader = new EngineReader(_clock);
        await PartAsync(reader, Connection(), "a");

        await PartAsync(reader, Connection(more: ", \"since\": 1"), "a");
        Asked.ShouldBe(2);
        await PartAsync(reader, Connection() with { ConnectorVersion = "2" }, "a");
        Asked.ShouldBe(3);
        await PartAsync(reader, Connection() with { Id = ConnectionId.New(TimeProvider.System) }, "a");
        Asked.ShouldBe(4);
        await PartAsync(reader, Connection(), "a");
        Asked.ShouldBe(4);
    }

    private OpenConnection Connection(string more = "") => new()
    {
        Id = _id,
        Platform = "tables",
        Connector = _connector,
        ConnectorVersion = "1",
        Config = ConnectorConfig.Parse($$"""{"url": "{{_platform.Urls.First()}}"{{more}}}"""),
        Ports = new() { Http = _http },
    };

    /// <summary>What a worker does for one stream.</summary>
    private static async Task PartAsync(EngineReader reader, OpenConnection connection, string stream)
    {
        (await reader.KnownStreamsAsync(connection, Cancellation)).ShouldContain(known => known.Name == stream);
        await foreach (var batch in reader.ReadAsync(connection, new ReadRequest { Stream = stream, Config = connection.Config }, Cancellation))
            batch.Dispose();
    }
}
