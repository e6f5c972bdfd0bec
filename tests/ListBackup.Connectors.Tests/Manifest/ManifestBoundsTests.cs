using System.Text;

namespace ListBackup.Connectors.Manifest;

/// <summary>Anybody may bring a manifest, so each of these ends soon and says why.</summary>
public class ManifestBoundsTests
{
    public static TheoryData<string, string> Bombs => new()
    {
        { "nodes", "more than 300,000 nodes" },
        { "merges", "more than 300,000 nodes" },
        { "references", "take over more than" },
        { "parameters", "more than 2,000,000 parameters" },
        { "schema", "expands to more than" },
        { "body", "expands to more than" },
        { "spec", "expands to more than" },
        { "flow nesting", "nested deeper than" },
        { "length", "longer than" },
        { "long cycle", "back to itself" },
        { "long chain", "too deep" },
        { "tower of aliases", "deeper than 400" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_bomb_is_refused_before_it_takes_much(string kind, string reason)
    {
        var manifest = Bomb(kind);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var exception = Should.Throw<ManifestException>(() => Connector.Load(manifest));

        exception.Message.ShouldContain(reason, Case.Insensitive);

        // Work is bounded with what is allocated, and a busy machine does not change it as it does time. Most of it is garbage at once.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2L * 1024 * 1024 * 1024);
    }

    [Fact]
    public void What_nobody_refers_to_may_be_as_large_as_it_likes() =>
        Connector.Load(Manifests.OneStream("/items", more: Doubling("definitions", "x"))).Streams.Count.ShouldBe(1);

    [Fact]
    public async Task A_bomb_in_a_configuration_is_refused_too()
    {
        var connector = Connector.Load("""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckDynamicStream, stream_count: 1 }
            dynamic_streams:
              - type: DynamicDeclarativeStream
                stream_template: { type: DeclarativeStream, name: "", retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: "http://x" }, record_selector: { extractor: { field_path: [] } } }, schema_loader: { type: InlineSchemaLoader, schema: {} } }
                components_resolver: { type: ConfigComponentsResolver, stream_config: { configs_pointer: [all] }, components_mapping: [{ field_path: [name], value: a }, { field_path: [schema_loader, schema], value: "{{ components_values['schema'] }}" }] }
            """);
        using var http = new Requests.ConnectorHttp(Ports.Loopback);
        var bomb = "a0: &a0 [1]\n" + string.Concat(Enumerable.Range(1, 60).Select(level => $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n"));
        var config = ConnectorConfig.Parse(System.Text.Json.JsonSerializer.Serialize(new { all = new[] { new { schema = bomb } } }));

        var exception = await Should.ThrowAsync<ConfigException>(() => connector.DiscoverAsync(config, Ports.For(http), TestContext.Current.CancellationToken));

        exception.Message.ShouldContain("more than 200,000 values");
    }

    [Fact]
    public void A_schema_nested_as_deep_as_yaml_goes_loads_or_is_refused_as_a_manifest()
    {
        var schema = string.Concat(Enumerable.Repeat("{ properties: { a: ", 40)) + "{}" + string.Concat(Enumerable.Repeat("} }", 40));

        Connector.Load(Manifests.OneStream("/items", stream: $"schema_loader: {{ type: InlineSchemaLoader, schema: {schema} }}")).Streams.Count.ShouldBe(1);
    }

    private static string Bomb(string kind) => kind switch
    {
        "nodes" => Manifests.OneStream("/items", more: $"definitions: [{string.Concat(Enumerable.Repeat("x,", 1_000_001))}]"),
        "merges" => Manifests.OneStream("/items", more: $$"""
            definitions:
              a: &a { {{string.Join(", ", Enumerable.Range(0, 20_000).Select(key => $"k{key}: 1"))}} }
              b: [{{string.Concat(Enumerable.Repeat("{ <<: *a },", 100_000))}}]
            """),
        "references" => Manifests.OneStream("/items", more: $$"""
            definitions:
              a: { {{string.Join(", ", Enumerable.Range(0, 5_000).Select(key => $"k{key}: 1"))}} }
              b: [{{string.Concat(Enumerable.Repeat("{ $ref: '#/definitions/a' },", 2_000))}}]
            """),
        "parameters" => Manifests.OneStream("/items", stream: $$"""
            $parameters: { {{string.Join(", ", Enumerable.Range(0, 20_000).Select(key => $"k{key}: 1"))}} }
            transformations: [{{string.Concat(Enumerable.Repeat("{ type: KeysToLower, $parameters: { a: 1 } },", 5_000))}}]
            """),
        "schema" => Manifests.OneStream("/items", stream: "schema_loader: { type: InlineSchemaLoader, schema: { $ref: '#/definitions/a59' } }", more: Doubling("definitions", "x")),
        "body" => Manifests.OneStream("/items", requester: "request_body_json: { $ref: '#/definitions/a59' }", more: Doubling("definitions", "x")),
        "spec" => Manifests.OneStream("/items", more: Doubling("definitions", "oneOf") + "\nspec: { type: Spec, connection_specification: { $ref: '#/definitions/a59' } }"),
        "flow nesting" => Manifests.OneStream("/items", more: $"definitions: {new string('[', 2_000_000)}"),
        "length" => Manifests.OneStream("/items", more: $"# {new string('x', 8 * 1024 * 1024)}"),
        "long cycle" => Manifests.OneStream("/items", more: Chain(300) + "  c300: { $ref: '#/definitions/c0' }\n"),
        "long chain" => Manifests.OneStream("/items", more: Chain(5_000) + "  c5000: {}\n"),
        "tower of aliases" => Manifests.OneStream("/items", more: "definitions:\n  a0: &a0 [1]\n" + string.Concat(Enumerable.Range(1, 100_000).Select(level => $"  a{level}: &a{level} [*a{level - 1}]\n"))),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string Chain(int length) => "definitions:\n" + string.Concat(Enumerable.Range(0, length).Select(link => $"  c{link}: {{ $ref: '#/definitions/c{link + 1}' }}\n"));

    private static string Doubling(string root, string key)
    {
        var text = new StringBuilder($"{root}:\n  a0: {{ {key}: [1] }}\n");
        for (var level = 1; level < 60; level++)
            text.Append($"  a{level}: {{ {key}: ['#/definitions/a{level - 1}', '#/definitions/a{level - 1}'] }}\n");

        return text.ToString();
    }
}
