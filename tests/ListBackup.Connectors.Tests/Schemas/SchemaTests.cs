using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Schemas;

public class SchemaTests
{
    [Fact]
    public async Task A_platform_that_describes_its_fields_is_asked_on_discovery()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""
            {"fields":[{"name":"Id","kind":{"type":"int"}},{"name":"Made At","kind":{"type":"date"}},{"name":"tags","kind":{"type":"multi"}},{"name":"link","kind":{"type":"ref","many":true}},{"name":"odd","kind":{"type":"new"}},{"name":"mixed","kind":{"type":["string","null"]}},{"name":"_internal"}]}
            """));
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifests.OneStream("/items", stream: """
            schema_loader:
              - { type: InlineSchemaLoader, schema: { type: object, properties: { id: { type: string } } } }
              - type: DynamicSchemaLoader
                retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /fields }, record_selector: { extractor: { field_path: [] } } }
                schema_type_identifier:
                  schema_pointer: [fields]
                  key_pointer: [name]
                  type_pointer: [kind, type]
                  types_mapping:
                    - { type: TypesMap, current_type: int, target_type: integer }
                    - { type: TypesMap, current_type: date, target_type: timestamp_with_timezone }
                    - { type: TypesMap, current_type: multi, target_type: { field_type: array, items: { field_type: array, items: string } } }
                    - { type: TypesMap, current_type: ref, target_type: array, condition: "{{ raw_schema.kind.many }}" }
                    - { type: TypesMap, current_type: [string, "null"], target_type: [string, number] }
                schema_filter: { type: RecordFilter, condition: "{{ '_internal' not in record }}" }
                schema_transformations: [{ type: KeysToSnakeCase }]
            """));

        var stream = (await connector.DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken)).Single();
        var cheap = (await connector.DiscoverAsync(platform.Config(), Ports.For(http), new DiscoverOptions { AskForSchemas = false }, TestContext.Current.CancellationToken)).Single();

        var properties = stream.Schema.GetProperty("properties");
        properties.EnumerateObject().Select(property => $"{property.Name} {property.Value.GetRawText()}").ShouldBe(
        [
            """id {"type":"string"}""",
            """made_at {"type":["null","string"],"format":"date-time"}""",
            """tags {"type":["null","array"],"items":{"type":["null","array"],"items":{"type":["null","string"]}}}""",
            """link {"type":["null","array"]}""",
            """odd {}""",
            """mixed {"oneOf":[{"type":["null","string"]},{"type":["null","number"]}]}""",
        ]);
        cheap.Schema.GetProperty("properties").EnumerateObject().Count().ShouldBe(1);
        platform.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_without_a_schema_gets_one_from_its_records_when_somebody_asks()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""
            {"items":[
              {"id":1,"mail":"a@example.com","at":"2024-01-01T00:00:00Z","day":"2024-01-01","n":1,"tags":["x"],"address":{"city":"A"},"gone":null},
              {"id":2,"mail":"b@example.com","at":"2024-01-01T00:00:00.5+02:00","day":"later","n":1.5,"tags":[],"address":{"city":null,"zip":"1"},"gone":null}]}
            """));
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifests.OneStream("/items"));

        var plain = (await connector.DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken)).Single();
        var inferred = (await connector.DiscoverAsync(platform.Config(), Ports.For(http), new DiscoverOptions { InferSchemas = true }, TestContext.Current.CancellationToken)).Single();

        plain.Schema.GetRawText().ShouldBe("{}");
        plain.SchemaIsInferred.ShouldBeFalse();
        inferred.SchemaIsInferred.ShouldBeTrue();
        inferred.Schema.GetProperty("properties").EnumerateObject().Select(property => $"{property.Name} {property.Value.GetRawText()}").ShouldBe(
        [
            """id {"type":"integer"}""",
            """mail {"type":"string","format":"email"}""",
            """at {"type":"string","format":"date-time"}""",
            """day {"type":"string"}""",
            """n {"type":"number"}""",
            """tags {"type":"array","items":{"type":"string"}}""",
            """address {"type":"object","properties":{"city":{"type":["null","string"]},"zip":{"type":"string"}},"additionalProperties":true}""",
            """gone {"type":"null"}""",
        ]);
        platform.Requests.Count.ShouldBe(1, "a discovery that nobody asked to infer sends nothing");
    }

    [Fact]
    public async Task What_may_not_be_read_has_no_schema_and_does_not_hide_the_others()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}", 403));
        using var http = new ConnectorHttp(Ports.Loopback);

        var stream = (await Connector.Load(Manifests.OneStream("/items")).DiscoverAsync(
            platform.Config(), Ports.For(http), new DiscoverOptions { InferSchemas = true }, TestContext.Current.CancellationToken)).Single();

        stream.SchemaIsInferred.ShouldBeFalse();
    }

    [Fact]
    public void Keys_that_are_data_are_described_as_a_dictionary()
    {
        var inference = new SchemaInference();
        for (var record = 0; record < 3; record++)
        {
            var members = string.Join(',', Enumerable.Range(record * 400, 400).Select(id => $$"""
                "{{id}}": { "n": {{id}} }
                """));
            inference.Add(Expressions.ValueJson.Parse("{\"by\":{" + members + "}}"));
        }

        Expressions.ValueJson.ToText(inference.Schema()).ShouldContain(
            """
            "by":{"type":"object","additionalProperties":{"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":true}}
            """);
    }

    [Fact]
    public void A_schema_file_is_found_by_the_parameters_of_its_stream()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "schemas"));
            File.WriteAllText(Path.Combine(folder.FullName, "schemas", "things.json"), """{"properties":{"a":{}}}""");
            File.WriteAllText(Path.Combine(folder.FullName, "manifest.yaml"), Manifests.OneStream("/items", stream: """
                $parameters: { file: things }
                schema_loader: { type: JsonFileSchemaLoader, file_path: "./schemas/{{ parameters['file'] }}.json" }
                """));

            Connector.LoadFile(Path.Combine(folder.FullName, "manifest.yaml")).Streams[0].Schema.GetRawText().ShouldBe("""{"properties":{"a":{}}}""");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
