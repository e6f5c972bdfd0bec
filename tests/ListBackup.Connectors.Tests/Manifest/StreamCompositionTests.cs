using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Manifest;

public class StreamCompositionTests
{
    private const string Stream = "{ type: DeclarativeStream, name: NAME, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: \"{{ config['url'] }}\", path: /NAME }, record_selector: { extractor: { field_path: [items] } } } }";

    [Fact]
    public async Task A_configuration_has_the_streams_whose_condition_it_meets()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[{"id":1}]}"""));
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest("""
            - { type: ConditionalStreams, $parameters: { kind: big }, condition: "{{ config['plan'] == parameters['kind'] }}", streams: [BIG, BOTH] }
            - { type: ConditionalStreams, condition: "{{ config['plan'] != 'big' }}", streams: [SMALL, BOTH] }
            """, check: "{ type: CheckStream, stream_names: [big, small] }"));
        var (big, small) = (platform.Config(new { plan = "big" }), platform.Config(new { plan = "small" }));

        var ofBig = await connector.DiscoverAsync(big, Ports.For(http), TestContext.Current.CancellationToken);
        var ofSmall = await connector.DiscoverAsync(small, Ports.For(http), TestContext.Current.CancellationToken);
        var check = await connector.CheckAsync(small, Ports.For(http), TestContext.Current.CancellationToken);

        (connector.StreamsDependOnConfig, connector.HasDynamicStreams).ShouldBe((true, false));
        ofBig.Select(stream => stream.Name).ShouldBe(["big", "both"]);
        ofSmall.Select(stream => stream.Name).ShouldBe(["small", "both"]);
        check.Succeeded.ShouldBeTrue(check.Reason);
        platform.Requests.ShouldBe(["GET /small"]);
        await Should.ThrowAsync<UnknownStreamException>(() => ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "big", Config = small }, Ports.For(http), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Two_streams_of_one_name_under_one_configuration_are_told()
    {
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifest("""
            - { type: ConditionalStreams, condition: "{{ config['a'] }}", streams: [BOTH] }
            - { type: ConditionalStreams, condition: "{{ config['b'] }}", streams: [BOTH] }
            """));

        var exception = await Should.ThrowAsync<ConfigException>(() => connector.DiscoverAsync(ConnectorConfig.Parse("""{"a":1,"b":1}"""), Ports.For(http), TestContext.Current.CancellationToken));

        exception.Message.ShouldContain("'both'");
    }

    [Fact]
    public void Streams_know_the_groups_that_are_read_one_at_a_time()
    {
        var connector = Connector.Load(Manifest("- BIG\n- SMALL", more: "stream_groups: { session: { streams: [BIG], action: { type: BlockSimultaneousSyncsAction } } }"));

        connector.Streams.Select(stream => string.Join(' ', stream.Groups)).ShouldBe(["session", ""]);
    }

    [Theory]
    [InlineData("stream_groups: { session: { streams: [SMALL], action: { type: BlockSimultaneousSyncsAction } } }", "no stream called 'small'")]
    [InlineData("stream_groups: { session: { streams: [BIG], action: { type: Dance } } }", "'Dance' is not known here")]
    [InlineData("stream_groups: { session: { streams: [BIG] } }", "required")]
    [InlineData("concurrency_level: { type: ConcurrencyLevel }", "required")]
    [InlineData("check: { type: CheckDynamicStream }", "required")]
    public void What_a_manifest_says_of_all_its_streams_is_proved(string more, string reason) =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifest("- BIG", more: more))).Message.ShouldContain(reason);

    [Theory]
    [InlineData("default_concurrency: 7", "{}", 7)]
    [InlineData("default_concurrency: \"{{ config.get('workers', 4) }}\", max_concurrency: 20", "{}", 4)]
    [InlineData("default_concurrency: \"{{ config['workers'] }}\", max_concurrency: 20", """{"workers":50}""", 20)]
    [InlineData("default_concurrency: \"{{ config['workers'] }}\", max_concurrency: 20", """{"workers":-1}""", 1)]
    [InlineData("default_concurrency: 1000", "{}", 100)]
    public void Concurrency_is_a_number_within_bounds(string level, string config, int wanted) =>
        Level(level).Evaluate(new ExpressionContext(TimeProvider.System).Set(Variable.Config, ValueJson.Parse(config))).ShouldBe(wanted);

    [Fact]
    public void A_configuration_that_makes_concurrency_no_number_is_refused() =>
        Should.Throw<ConfigException>(() => Level("default_concurrency: \"{{ config['workers'] }}\"").Evaluate(new ExpressionContext(TimeProvider.System).Set(Variable.Config, ValueJson.Parse("""{"workers":"many"}"""))));

    [Fact]
    public async Task A_step_may_be_made_of_the_configuration()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"items":[]}"""));
        using var http = new ConnectorHttp(Ports.Loopback);
        var connector = Connector.Load(Manifests.OneStream("/items", stream: """
            incremental_sync: { type: DatetimeBasedCursor, cursor_field: at, datetime_format: "%Y-%m-%d", start_datetime: "2024-01-01", end_datetime: "2024-01-04", step: "P{{ config['days'] }}D", cursor_granularity: P1D }
            """));

        await ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(new { days = 2 }) }, Ports.For(http), TestContext.Current.CancellationToken));

        platform.Requests.Count.ShouldBe(2);
        await Should.ThrowAsync<ConfigException>(() => ReadResult.Of(connector.ReadAsync(
            new ReadRequest { Stream = "items", Config = platform.Config(new { days = 0 }) }, Ports.For(http), TestContext.Current.CancellationToken)));
    }

    private static Reading.ConcurrencyLevel Level(string level) =>
        Connector.Load(Manifest("- BIG", more: $"concurrency_level: {{ type: ConcurrencyLevel, {level} }}")).Program.Concurrency!;

    private static string Manifest(string streams, string? check = null, string more = "") => $"""
        version: 6.0.0
        type: DeclarativeSource
        {(more.StartsWith("check", StringComparison.Ordinal) ? "" : $"check: {check ?? "{ type: CheckStream, stream_names: [] }"}")}
        {more}
        streams:
        {Manifests.Indented(streams, 2)}
        """.Replace("BIG", Stream.Replace("NAME", "big", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("SMALL", Stream.Replace("NAME", "small", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("BOTH", Stream.Replace("NAME", "both", StringComparison.Ordinal), StringComparison.Ordinal);
}
