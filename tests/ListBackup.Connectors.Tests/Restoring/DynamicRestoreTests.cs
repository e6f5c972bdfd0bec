using System.Text;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Restoring;

/// <summary>Streams that only the platform names are written as restore.yaml says of all of them.</summary>
public sealed class DynamicRestoreTests : IDisposable
{
    private const string Manifest = """
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [people] }
        definitions:
          requester: { type: HttpRequester, url_base: "{{ config['url'] }}" }
          rows: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
        streams:
          - type: DeclarativeStream
            name: people
            primary_key: id
            schema_loader: { type: InlineSchemaLoader, schema: {} }
            retriever: { type: SimpleRetriever, requester: { $ref: "#/definitions/requester", path: /people }, record_selector: { $ref: "#/definitions/rows" } }
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            stream_template:
              type: DeclarativeStream
              name: ""
              primary_key: ""
              retriever: { type: SimpleRetriever, requester: { $ref: "#/definitions/requester", path: "" }, record_selector: { $ref: "#/definitions/rows" } }
            components_resolver:
              type: HttpComponentsResolver
              retriever: { type: SimpleRetriever, requester: { $ref: "#/definitions/requester", path: /tables }, record_selector: { $ref: "#/definitions/rows" } }
              components_mapping:
                - { type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values.name }}" }
                - { type: ComponentMappingDefinition, field_path: [primary_key], value: "{{ components_values.key }}", create_or_update: true }
                - { type: ComponentMappingDefinition, field_path: [retriever, requester, path], value: "/rows/{{ components_values.name }}" }
        """;

    private const string Restore = """
        version: 1
        streams:
          people:
            create: { path: /people }
        dynamic_streams:
          tables:
            after: [people]
            find:
              - { by: live_id, path: "/rows/{{ stream.name }}/{{ record[stream.key] | urlencode }}" }
            create: { path: "/rows/{{ stream.name }}" }
            update: { path: "/rows/{{ stream.name }}/{{ live_id }}", headers: { X-Table: "{{ stream.name }}" } }
            read_only: [seen]
            references_from:
              - { path: /relations, records: [], of: "{{ result.table }}", field: "{{ result.field }}", stream: "{{ result.to or '' }}" }
            read_only_from:
              - { path: /columns, records: [columns], of: "{{ result.table }}", field: "{{ result.name if result.computed else '' }}" }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly List<string> _writes = [];

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_platform_tells_the_streams_their_keys_what_they_refer_to_and_what_it_sets_itself()
    {
        await using var platform = await StartAsync();
        var manifest = Load();

        var filled = await manifest.ForAsync(platform.Config(), Ports.For(_http), TestContext.Current.CancellationToken);

        manifest.HasDynamicStreams.ShouldBeTrue();
        manifest.Streams.Select(stream => stream.Name).ShouldBe(["people"]);
        filled.HasDynamicStreams.ShouldBeFalse();
        // Orders refer to goods and to one another; "elsewhere" is nothing that is restored.
        filled.Streams.Select(stream => stream.Name).ShouldBe(["people", "goods", "orders"]);
        filled.Streams[2].References.Select(reference => $"{reference.Field} {reference.Stream}").ShouldBe(["good goods", "first orders", "buyer people"]);
        filled.Streams[2].ReadOnly.Select(field => field.ToString()).ShouldBe(["seen", "total"]);
        filled.Streams[2].Key.Select(field => field.ToString()).ShouldBe(["number"]);
        filled.Streams[1].ReadOnly.Select(field => field.ToString()).ShouldBe(["seen"]);
        platform.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_record_is_found_and_written_under_its_own_streams_name_and_key()
    {
        await using var platform = await StartAsync();
        var filled = await Load().ForAsync(platform.Config(), Ports.For(_http), TestContext.Current.CancellationToken);
        var target = filled.Target(platform.Config(), Ports.For(_http));
        var record = new RestoreRecord("""{"number":"7 a","good":3,"total":9,"seen":1}"""u8.ToArray(), SameIds.Instance);

        var found = await target.FindAsync("orders", record, TestContext.Current.CancellationToken);
        await target.WriteAsync(new() { Stream = "orders", Kind = WriteKind.Update, Record = record, LiveId = found.LiveId, LiveJson = found.Json, IdempotencyKey = "1" }, TestContext.Current.CancellationToken);
        await target.WriteAsync(new() { Stream = "goods", Kind = WriteKind.Create, Record = record, IdempotencyKey = "2" }, TestContext.Current.CancellationToken);

        found.Differences.Select(field => field.ToString()).ShouldBe(["good"]);
        _writes.ShouldBe(["""PATCH /rows/orders/7%20a orders {"number":"7 a","good":3}""", """POST /rows/goods  {"number":"7 a","good":3,"total":9}"""]);
    }

    [Fact]
    public async Task An_answer_that_is_no_list_is_no_answer()
    {
        await using var platform = await StartAsync(relations: "{}");

        await Should.ThrowAsync<PlatformNotReadableException>(() => Load().ForAsync(platform.Config(), Ports.For(_http), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("tables:", "tabels:", "restore.dynamic_streams.tabels: The connector has no dynamic stream of this name.")]
    [InlineData("references_from:", "reference_from:", "restore.dynamic_streams.tables.reference_from: This option is not known; 'references_from' was probably meant.")]
    [InlineData("after: [people]", "after: [persons]", "restore.dynamic_streams.tables.after: There is no stream 'persons' here.")]
    [InlineData("of: \"{{ result.table }}\", field: \"{{ result.field }}\"", "field: \"{{ result.field }}\"", "references_from[0].of: This option is required.")]
    [InlineData("stream: \"{{ result.to or '' }}\"", "to: x", "references_from[0].stream: This option is required.")]
    [InlineData("records: [columns], of", "of", "read_only_from[0].records: This option is required.")]
    [InlineData("create: { path: \"/rows/{{ stream.name }}\" }", "create: { path: /rows, batch: { size: 2, path: /batch } }", "Records of this stream refer to one another")]
    public void A_mistake_is_told_when_it_is_loaded(string right, string wrong, string problem)
    {
        var restore = Restore.Replace(right, wrong, StringComparison.Ordinal);
        restore.ShouldNotBe(Restore);

        Should.Throw<ManifestException>(() => RestoreManifest.Load(restore, Connector.Load(Manifest))).Message.ShouldContain(problem);
    }

    private static RestoreManifest Load() => RestoreManifest.Load(Restore, Connector.Load(Manifest));

    private Task<FakePlatform> StartAsync(string? relations = null) => FakePlatform.StartAsync(async context =>
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            using var body = new StreamReader(context.Request.Body, Encoding.UTF8);
            _writes.Add($"{context.Request.Method} {context.Request.Path} {context.Request.Headers["X-Table"]} {await body.ReadToEndAsync()}");
        }

        await context.Json(context.Request.Path.Value switch
        {
            "/tables" => """[{"name":"orders","key":"number"},{"name":"goods","key":"id"}]""",
            "/relations" => relations ?? """
                [{"table":"orders","field":"good","to":"goods"},{"table":"orders","field":"first","to":"orders"},{"table":"orders","field":"buyer","to":"people"},
                 {"table":"orders","field":"any","to":null},{"table":"orders","field":"other","to":"elsewhere"},{"table":"gone","field":"x","to":"goods"}]
                """,
            "/columns" => """{"columns":[{"table":"orders","name":"total","computed":true},{"table":"orders","name":"good","computed":false}]}""",
            _ => """{"number":"7 a","good":4,"total":10}""",
        });
    });
}
