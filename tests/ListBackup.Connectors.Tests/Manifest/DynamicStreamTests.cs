using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Manifest;

public class DynamicStreamTests
{
    private const string Retriever = """
        { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: "" }, record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } } }
        """;

    private const string Tables = """
        { type: HttpComponentsResolver, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /tables }, record_selector: { extractor: { field_path: [tables] } } }, components_mapping: [
            { type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values['name'] }}" },
            { type: ComponentMappingDefinition, field_path: [retriever, requester, path], value: "/tables/{{ components_values['id'] }}" },
            { type: ComponentMappingDefinition, field_path: [primary_key], value: "{{ components_values['key'] }}", create_or_update: true } ] }
        """;

    [Fact]
    public async Task Streams_that_only_the_platform_knows_are_found_read_and_checked()
    {
        await using var platform = await TablesAsync("""{"tables":[{"id":7,"name":"Contacts","key":"id"},{"id":8,"name":"123","key":""}]}""");
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest(Tables, check: "{ type: CheckDynamicStream, stream_count: 5 }"));

        var streams = await connector.DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken);
        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "Contacts", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken));
        var check = await connector.CheckAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken);

        connector.HasDynamicStreams.ShouldBeTrue();
        connector.Streams.ShouldBeEmpty();
        streams.Select(stream => (stream.Name, string.Join(' ', stream.PrimaryKey))).ShouldBe([("Contacts", "id"), ("123", "")]);
        read.Records.ShouldBe(["""{"from":"/tables/7"}"""]);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.RowsKept.ShouldBe(1);
        check.Succeeded.ShouldBeTrue(check.Reason);
        platform.Requests.Count(request => request.EndsWith("/tables/8", StringComparison.Ordinal)).ShouldBe(1, "the check reads every stream");
    }

    [Fact]
    public async Task One_read_asks_for_the_streams_once()
    {
        await using var platform = await TablesAsync("""{"tables":[{"id":7,"name":"Contacts","key":"id"}]}""");
        using var http = new ConnectorHttp(Ports.Loopback);

        await ReadResult.Of(Connector.Load(Manifest(Tables)).ReadAsync(new ReadRequest { Stream = "Contacts", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken));

        platform.Requests.ShouldBe(["GET /tables", "GET /tables/7"]);
    }

    [Fact]
    public async Task An_entry_of_the_list_that_is_no_object_is_told_and_hinders_no_other_stream()
    {
        await using var platform = await TablesAsync("""{"tables":[{"id":7,"name":"Contacts","key":"id"},"oops"]}""");
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest(Tables, more: $"streams: [{{ name: static, retriever: {Retriever} }}]"));

        var streams = await connector.DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken);
        var read = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "Contacts", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken));
        var other = await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "static", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken));

        streams.Select(stream => stream.Name).ShouldBe(["static", "Contacts"]);
        streams.Doubt.ShouldNotBeNull().ShouldSatisfyAllConditions(doubt => doubt.ShouldContain("(1)"), doubt => doubt.ShouldNotContain("oops"));
        read.Records.ShouldBe(["""{"from":"/tables/7"}"""]);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Doubt.ShouldBe(streams.Doubt);
        read.Coverage.Warnings.ShouldContain(warning => warning.Note == CoverageNote.DescriptionsRefused && warning.IsDoubt);
        other.Coverage!.Doubt.ShouldBeNull("nobody asked for the list");
        (await connector.CheckAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken)).ShouldSatisfyAllConditions(
            check => check.Succeeded.ShouldBeTrue(check.Reason), check => check.Doubt.ShouldBe(streams.Doubt));
    }

    [Fact]
    public async Task A_list_without_such_entries_is_not_doubted()
    {
        await using var platform = await TablesAsync("""{"tables":[{"id":7,"name":"Contacts","key":"id"}]}""");
        using var http = new ConnectorHttp(Ports.Loopback);

        (await Connector.Load(Manifest(Tables)).DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken)).Doubt.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_that_the_platform_no_longer_has_is_unknown()
    {
        await using var platform = await TablesAsync("""{"tables":[]}""");
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest(Tables));

        await Should.ThrowAsync<UnknownStreamException>(() => ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "Contacts", Config = platform.Config() }, Ports.For(http), TestContext.Current.CancellationToken)));
        (await connector.CheckAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken)).Succeeded.ShouldBeFalse("a check that reads nothing proves nothing");
    }

    [Theory]
    [InlineData("""{"tables":[{"id":7,"name":"A"},{"id":8,"name":"A"}]}""", "'A' twice")]
    [InlineData("""{"tables":[{"id":7,"name":"static"}]}""", "'static' twice")]
    [InlineData("""{"tables":[{"id":7,"name":""}]}""", "names no stream")]
    [InlineData("""{"tables":[{"id":7,"name":"A","key":[[]]}]}""", "does not fit the stream template 'tables' at dynamic_streams[0].stream_template.primary_key")]
    public async Task A_list_of_streams_that_makes_no_streams_is_told(string tables, string reason)
    {
        await using var platform = await TablesAsync(tables);
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest(Tables, more: $"streams: [{{ name: static, retriever: {Retriever} }}]"));

        var exception = await Should.ThrowAsync<PlatformNotReadableException>(() => connector.DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken));

        exception.Message.ShouldContain(reason);
    }

    [Fact]
    public async Task What_cannot_be_filled_in_is_told_without_quoting_it()
    {
        var connector = Connector.Load(Manifest("""
            { type: ConfigComponentsResolver, stream_config: { configs_pointer: [tables] }, components_mapping: [{ field_path: [name], value: "{{ components_values['name'] | regex_search(components_values['name']) }}" }] }
            """));
        using var http = new ConnectorHttp(Ports.Loopback);

        var exception = await Should.ThrowAsync<ConfigException>(() => connector.DiscoverAsync(
            ConnectorConfig.Parse("""{"url":"http://127.0.0.1:1","tables":[{"name":"(secret"}]}"""), Ports.For(http), TestContext.Current.CancellationToken));

        exception.Message.ShouldContain("stream template 'tables'");
        exception.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task The_configuration_tells_streams_and_several_lists_multiply()
    {
        var connector = Connector.Load(Manifest("""
            { type: ConfigComponentsResolver, stream_config: [
                { type: StreamConfig, configs_pointer: [reports], default_values: [{ report: daily }] },
                { type: StreamConfig, configs_pointer: [accounts] } ], components_mapping: [
                { field_path: [name], value: "{{ components_values['report'] }}_{{ components_values['source_config_1'][1] }}" },
                { field_path: [primary_key], value: "{{ components_values.get('key', '') }}", create_or_update: true },
                { field_path: ["**", path], value: "/{{ components_values['report'] }}", condition: "{{ components_values['report'] == 'hourly' }}" } ] }
            """));
        using var http = new ConnectorHttp(Ports.Loopback);
        var config = ConnectorConfig.Parse("""{"url":"http://127.0.0.1:1","reports":[{"report":"hourly","key":"[a, b]"}],"accounts":["x","y"]}""");

        var streams = await connector.DiscoverAsync(config, Ports.For(http), TestContext.Current.CancellationToken);

        streams.Select(stream => (stream.Name, string.Join(' ', stream.PrimaryKey))).ShouldBe([("hourly_x", "a b"), ("hourly_y", "a b"), ("daily_x", ""), ("daily_y", "")]);
    }

    [Fact]
    public async Task A_configuration_that_names_a_stream_twice_is_refused()
    {
        var connector = Connector.Load(Manifest("""
            { type: ConfigComponentsResolver, stream_config: { type: StreamConfig, configs_pointer: [tables] }, components_mapping: [{ field_path: [name], value: "{{ components_values['name'] }}" }] }
            """));
        using var http = new ConnectorHttp(Ports.Loopback);

        var exception = await Should.ThrowAsync<ConfigException>(() => connector.DiscoverAsync(
            ConnectorConfig.Parse("""{"url":"http://127.0.0.1:1","tables":[{"name":"A"},{"name":"A"}]}"""), Ports.For(http), TestContext.Current.CancellationToken));

        exception.Message.ShouldContain("'A' twice");
    }

    [Fact]
    public void Streams_that_the_manifest_fills_by_itself_are_streams_like_all_others()
    {
        var connector = Connector.Load(Manifest("""
            { type: ParametrizedComponentsResolver, stream_parameters: { type: StreamParametersDefinition, list_of_parameters_for_stream: [{ name: a, path: /x }, { name: b, path: /y }] }, components_mapping: [
                { field_path: [name], value: "{{ components_values['name'] }}" }, { field_path: [retriever, requester, path], value: "{{ components_values['path'] }}" } ] }
            """, check: "{ type: CheckStream, stream_names: [a], dynamic_streams_check_configs: [{ type: DynamicStreamCheckConfig, dynamic_stream_name: tables, stream_count: 1 }] }",
            more: "x-listbackup: { streams: { a: { title: One }, tables: { title: All } } }"));

        connector.HasDynamicStreams.ShouldBeFalse();
        connector.Streams.Select(stream => (stream.Name, stream.Extensions.Title)).ShouldBe([("a", "One"), ("b", "All")]);
    }

    [Theory]
    [InlineData(true, "outer")]
    [InlineData(false, "inner")]
    public void The_outer_parameters_win_in_a_template_unless_it_says_otherwise(bool outerWins, string key)
    {
        var connector = Connector.Load($$$"""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [] }
            dynamic_streams:
              - type: DynamicDeclarativeStream
                use_parent_parameters: {{{(outerWins ? "true" : "false")}}}
                $parameters: { primary_key: outer }
                stream_template: { type: DeclarativeStream, name: x, $parameters: { primary_key: inner }, retriever: {{{Retriever.Trim()}}} }
                components_resolver: { type: ParametrizedComponentsResolver, stream_parameters: { list_of_parameters_for_stream: [{ name: a }] }, components_mapping: [{ field_path: [name], value: "{{ components_values['name'] }}" }] }
            """);

        connector.Streams.Single().PrimaryKey.ShouldBe([FieldPath.Of(key)]);
    }

    [Theory]
    [InlineData("type: SimpleRetriever", "type: SimpleRetriver", "dynamic_streams[0].stream_template.retriever")]
    [InlineData("path: \"\"", "path: \"{{ nonsense.x }}\"", null)]
    [InlineData("url_base: \"{{ config['url'] }}\", path: \"\"", "path: \"\"", "dynamic_streams[0].stream_template.retriever.requester.url")]
    [InlineData("configs_pointer: [tables]", "pointer: [tables]", "dynamic_streams[0].components_resolver.stream_config.configs_pointer")]
    [InlineData("use_parent_parameters: true", "use_parent_parameters: maybe", "dynamic_streams[0].use_parent_parameters")]
    public void What_no_filling_can_mend_is_told_when_the_manifest_is_loaded(string right, string wrong, string? path)
    {
        var manifest = Manifest("""
            { type: ConfigComponentsResolver, stream_config: { type: StreamConfig, configs_pointer: [tables] }, components_mapping: [
                { field_path: [name], value: "{{ components_values['name'] }}" }, { field_path: [retriever, requester, path], value: "{{ components_values['path'] }}" } ] }
            """).Replace("stream_template", "use_parent_parameters: true\n    stream_template", StringComparison.Ordinal);

        var load = () => Connector.Load(manifest.Replace(right, wrong, StringComparison.Ordinal));

        if (path is null)
            load().HasDynamicStreams.ShouldBeTrue("the path is filled in");
        else
            Should.Throw<ManifestException>(load).Problems.ShouldContain(problem => problem.Path == path);
    }

    [Fact]
    public async Task What_is_said_of_a_dynamic_stream_holds_for_each_of_its_streams_and_of_one_for_that_one()
    {
        await using var platform = await TablesAsync("""{"tables":[{"id":7,"name":"A"},{"id":8,"name":"B/C"}]}""");
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest(Tables, more: "x-listbackup: { streams: { tables: { title: Table }, tables/B/C: { title: Special } } }"));

        var streams = await connector.DiscoverAsync(platform.Config(), Ports.For(http), TestContext.Current.CancellationToken);

        streams.Select(stream => stream.Extensions.Title).ShouldBe(["Table", "Special"]);
        Should.Throw<ManifestException>(() => Connector.Load(Manifest(Tables, more: "x-listbackup: { streams: { table: { title: x } } }"))).Message.ShouldContain("no stream of this name");
    }

    [Fact]
    public void A_connector_whose_streams_are_all_dynamic_still_tells_how_tokens_are_refreshed()
    {
        const string OAuth = "authenticator: { type: OAuthAuthenticator, token_refresh_endpoint: 'http://127.0.0.1/token', client_id: a, client_secret: b, refresh_token: c }, path: \"\"";
        using var http = new ConnectorHttp(Ports.Loopback);

        Connector.Load(Manifest(Tables).Replace("path: \"\"", OAuth, StringComparison.Ordinal)).TokenRefresher(ConnectorConfig.Empty, Ports.For(http)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Streams_without_end_are_refused()
    {
        var connector = Connector.Load(Manifest("""
            { type: ConfigComponentsResolver, stream_config: [{ configs_pointer: [a] }, { configs_pointer: [a] }, { configs_pointer: [a] }], components_mapping: [
                { field_path: [name], value: "{{ components_values['source_config_0'][0] }} {{ components_values['source_config_1'][0] }} {{ components_values['source_config_2'][0] }}" } ] }
            """));
        using var http = new ConnectorHttp(Ports.Loopback);
        var config = ConnectorConfig.Parse($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 500))}}]}""");

        var exception = await Should.ThrowAsync<ConfigException>(() => connector.DiscoverAsync(config, Ports.For(http), TestContext.Current.CancellationToken));

        exception.Message.ShouldContain("more than 5,000 streams");
    }

    private static Task<FakePlatform> TablesAsync(string tables) => FakePlatform.StartAsync(context =>
        context.Json(context.Request.Path == "/tables" ? tables : $$"""{"items":[{"from":"{{context.Request.Path}}"}]}"""));

    private static string Manifest(string resolver, string check = "{ type: CheckStream, dynamic_streams_check_configs: [{ type: DynamicStreamCheckConfig, dynamic_stream_name: tables }] }", string more = "") => $"""
        version: 6.0.0
        type: DeclarativeSource
        check: {check}
        {more}
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            stream_template: {"{"} type: DeclarativeStream, name: "", retriever: {Retriever.Trim()} {"}"}
            components_resolver: {resolver.Trim().ReplaceLineEndings(" ")}
        """;
}
