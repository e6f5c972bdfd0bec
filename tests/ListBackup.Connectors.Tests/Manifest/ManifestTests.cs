using System.Text;

namespace ListBackup.Connectors.Manifest;

public class ManifestTests
{
    [Theory]
    [InlineData("type: RecordSelector", "type: RecordSelector\n        record_filtre: x", "streams[0].retriever.record_selector.record_filtre", ManifestProblemKind.Invalid)]
    [InlineData("type: HttpRequester", "type: HttpRequester\n        httpMethod: GET", "streams[0].retriever.requester.httpMethod", ManifestProblemKind.Invalid)]
    [InlineData("version: 6.0.0", "version: 6.0.0\napi_budgets: {}", "api_budgets", ManifestProblemKind.Invalid)]
    [InlineData("type: DpathExtractor", "type: DpathExtraktor", "streams[0].retriever.record_selector.extractor", ManifestProblemKind.Invalid)]
    [InlineData("type: DpathExtractor", "type: CustomRecordExtractor, class_name: a.b", "streams[0].retriever.record_selector.extractor", ManifestProblemKind.NeedsCode)]
    [InlineData("{{ config['url'] }}", "{{ config['url' }}", "streams[0].retriever.requester.url_base", ManifestProblemKind.Invalid)]
    [InlineData("{{ config['url'] }}", "{{ configuration.url }}", "streams[0].retriever.requester.url_base", ManifestProblemKind.Invalid)]
    [InlineData("type: HttpRequester", "type: HttpRequester\n        http_method: FETCH", "streams[0].retriever.requester.http_method", ManifestProblemKind.Invalid)]
    [InlineData("stream_names: [items]", "stream_names: [others]", "check.stream_names", ManifestProblemKind.Invalid)]
    [InlineData("primary_key: id", "primary_key: id\n    file_uploader: { a: b }", "streams[0].file_uploader.requester", ManifestProblemKind.Invalid)]
    [InlineData("version: 6.0.0", "version: 6.0.0\nx-listbackup: { titel: x }", "x-listbackup.titel", ManifestProblemKind.Invalid)]
    [InlineData("version: 6.0.0", "version: 6.0.0\nx-listbackup: { streams: { nobody: {} } }", "x-listbackup.streams.nobody", ManifestProblemKind.Invalid)]
    [InlineData("path: \"/items\"", "path: {$ref: '#/definitions/nothing'}", "streams[0].retriever.requester.path", ManifestProblemKind.Invalid)]
    public void A_mistake_is_named_with_its_path_and_kind(string right, string wrong, string path, ManifestProblemKind kind)
    {
        var exception = Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items").Replace(right, wrong, StringComparison.Ordinal)));

        exception.Problems.ShouldContain(problem => problem.Path == path && problem.Kind == kind, exception.Message);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var manifest = Manifests.OneStream("/items").Replace("version: 6.0.0", "version: 6.0.0\nnonsense: 1", StringComparison.Ordinal)
            .Replace("type: HttpRequester", "type: HttpRequester\n        a: 1\n        b: 2", StringComparison.Ordinal);

        Should.Throw<ManifestException>(() => Connector.Load(manifest, new LoadOptions { Strict = true })).Problems.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("type: DpathExtractor", "type: DpathExtractor, class_name: a.b", "streams[0].retriever.record_selector.extractor.class_name")]
    [InlineData("type: RecordSelector", "type: RecordSelector\n        paginator: {}", "streams[0].retriever.record_selector.paginator")]
    [InlineData("type: RecordSelector", "type: RecordSelector\n        schema_normalization: Default", "streams[0].retriever.record_selector.schema_normalization")]
    [InlineData("version: 6.0.0", "version: 6.0.0\nnonsense: 1", "nonsense")]
    public void What_changes_nothing_is_a_warning_and_an_error_for_whoever_is_strict(string plain, string changed, string path)
    {
        var manifest = Manifests.OneStream("/items").Replace(plain, changed, StringComparison.Ordinal);

        var connector = Connector.Load(manifest);
        var strict = Should.Throw<ManifestException>(() => Connector.Load(manifest, new LoadOptions { Strict = true }));

        connector.Warnings.Select(warning => warning.Path).ShouldBe([path]);
        strict.Problems.ShouldBe(connector.Warnings);
    }

    [Fact]
    public void A_slip_of_the_pen_is_told_with_what_was_meant() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", retriever: "recordSelector: {}\npaginatr: {}")))
            .Message.ShouldContain("'paginator' was probably meant");

    [Fact]
    public void Streams_of_one_name_are_refused_unless_conditions_tell_them_apart()
    {
        const string Stream = "{ name: items, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: 'http://x' }, record_selector: { extractor: { field_path: [] } } } }";
        static string Two(string one, string other) => $$"""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [items] }
            streams:
              - { type: ConditionalStreams, condition: "{{one}}", streams: [{{Stream}}] }
              - { type: ConditionalStreams, condition: "{{other}}", streams: [{{Stream}}] }
            """;

        Connector.Load(Two("{{ config.test }}", "{{ not config.test }}")).Streams.Count.ShouldBe(1);
        Should.Throw<ManifestException>(() => Connector.Load(Two("{{ config.test }}", "{{ config.test }}"))).Message.ShouldContain("There are two streams");
    }

    [Theory]
    [InlineData("definitions: { a: { $ref: '#/definitions/b' }, b: { $ref: '#/definitions/a' } }", "back to itself")]
    [InlineData("definitions: { a: { x: '#/definitions/a' } }", "back to itself")]
    [InlineData("definitions: &a [*a]", "names nothing before it")]
    [InlineData("definitions: [[", "not valid YAML")]
    public void A_manifest_that_leads_nowhere_is_refused(string more, string reason) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", more: more))).Message.ShouldContain(reason);

    [Fact]
    public void A_bomb_of_aliases_or_references_costs_nothing()
    {
        var aliases = new StringBuilder("definitions:\n  a0: &a0 [x, x]\n");
        var references = new StringBuilder("definitions:\n  a0: { x: 1 }\n");
        for (var level = 1; level < 60; level++)
        {
            aliases.Append($"  a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n");
            references.Append($"  a{level}: {{ l: '#/definitions/a{level - 1}', r: {{ $ref: '#/definitions/a{level - 1}' }} }}\n");
        }

        Connector.Load(Manifests.OneStream("/items", more: aliases.ToString())).Streams.Count.ShouldBe(1);
        Connector.Load(Manifests.OneStream("/items", more: references.ToString())).Streams.Count.ShouldBe(1);
    }

    [Fact]
    public void Parents_that_multiply_are_refused()
    {
        var manifest = new StringBuilder("""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [s0] }
            streams: ['#/definitions/s0', '#/definitions/s30']
            definitions:
              s0: { type: DeclarativeStream, name: s0, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: x }, record_selector: { extractor: { field_path: [] } } } }

            """);
        for (var level = 1; level <= 30; level++)
        {
            var parent = $"{{ parent_key: id, partition_field: p, stream: '#/definitions/s{level - 1}' }}";
            manifest.Append($"  s{level}: {{ $ref: '#/definitions/s0', name: s{level}, retriever: {{ $ref: '#/definitions/s0/retriever', partition_router: {{ type: SubstreamPartitionRouter, parent_stream_configs: [{parent}, {parent}] }} }} }}\n");
        }

        Should.Throw<ManifestException>(() => Connector.Load(manifest.ToString())).Message.ShouldContain("expands to more than");
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items", more: $"definitions: {new string('[', 5000)}")));

    [Fact]
    public void Parameters_flow_down_and_own_values_win()
    {
        var connector = Connector.Load("""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [a] }
            definitions:
              base:
                type: DeclarativeStream
                retriever:
                  type: SimpleRetriever
                  requester: { type: HttpRequester, url_base: "https://{{ parameters.host }}", path: "{{ parameters['path'] }}" }
                  record_selector: { extractor: { field_path: [] } }
            streams:
              - { $ref: '#/definitions/base', $parameters: { name: a, primary_key: id, host: x, path: /p } }
              - { $ref: '#/definitions/base', name: b, $parameters: { name: a, primary_key: [id, of], host: x, path: /q } }
            """);

        connector.Streams.Select(stream => (stream.Name, string.Join(' ', stream.PrimaryKey))).ShouldBe([("a", "id"), ("b", "id of")]);
    }

    /// <summary>A part of something that refers to another and has that part itself; and one that only the other has.</summary>
    [Theory]
    [InlineData("derived/primary_key", "own")]
    [InlineData("derived/schema_loader/schema/title", "base title")]
    [InlineData("twice/primary_key", "own")]
    public void A_reference_into_what_refers_to_another_finds_what_stands_there_before_what_it_refers_to(string reference, string key)
    {
        var connector = Connector.Load($$"""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [a] }
            definitions:
              base:
                type: DeclarativeStream
                name: a
                primary_key: base
                schema_loader: { type: InlineSchemaLoader, schema: { title: base title } }
                retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "https://x.example.com", path: / }, record_selector: { extractor: { field_path: [] } } }
              derived: { $ref: '#/definitions/base', primary_key: own }
              twice: { $ref: '#/definitions/derived' }
            streams:
              - { $ref: '#/definitions/base', primary_key: '#/definitions/{{reference}}' }
            """);

        connector.Streams.Single().PrimaryKey.ShouldBe([FieldPath.Of(key)]);
    }

    [Fact]
    public void What_a_manifest_says_about_itself_is_told()
    {
        var connector = Connector.Load(Manifests.OneStream("/items", more: """
            spec:
              type: Spec
              connection_specification:
                type: object
                properties:
                  url: { type: string }
                  credentials: { type: object, oneOf: [{ properties: { token: { type: string, airbyte_secret: true } } }] }
            x-listbackup:
              title: Items
              category: crm
              streams:
                items:
                  label: name
                  volatile: [seen_at, [stats, "*"]]
                  deletes: { by: field, field: archived, values: ["true"] }
                  total: { in_page: [meta, total] }
                  relations: [{ field: [parents, "*"], stream: items }]
                  classes: { personal: [email], consent: [status] }
                  attachments: [{ url: file_url, needs_credentials: true }]
            """));

        connector.Info.Title.ShouldBe("Items");
        connector.Spec.SecretFields.ShouldBe([FieldPath.Of("credentials", "token")]);
        var extensions = connector.Streams[0].Extensions;
        extensions.Volatile.ShouldBe([FieldPath.Of("seen_at"), FieldPath.Of("stats", "*")]);
        extensions.Deletes.Kind.ShouldBe(DeleteDetectionKind.Field);
        extensions.Relations[0].ShouldBe(new Relation(FieldPath.Of("parents", "*"), "items", null));
        extensions.Classes.ShouldBe([new FieldClass(FieldPath.Of("email"), PrivacyClass.Personal), new FieldClass(FieldPath.Of("status"), PrivacyClass.Consent)]);
        extensions.Attachments[0].NeedsCredentials.ShouldBeTrue();
        extensions.TellsTotal.ShouldBeTrue();
    }

    [Fact]
    public void Yaml_is_read_as_its_first_version_has_it()
    {
        var value = ManifestYaml.Parse("""{ a: yes, b: "yes", c: 017, d: 0x1F, e: 1.50, f: 2024-01-01, g: ~, h: 12345678901234567890, i: '007', j: 1_000 }""");

        Expressions.ValueJson.ToText(value).ShouldBe("""{"a":true,"b":"yes","c":15,"d":31,"e":1.50,"f":"2024-01-01","g":null,"h":12345678901234567890,"i":"007","j":1000}""");
    }
}
