using ListBackup.Connectors;

namespace ListBackup.Connections.Tests;

public sealed class StreamsAtOnceTests
{
    private const int Pages = 4;

    [Theory]
    [InlineData(null, 2)]
    [InlineData(1, 1)]
    [InlineData(16, 16)]
    public void Where_the_connector_says_nothing_the_customer_decides(int? wanted, int streams) =>
        StreamsAtOnce.Of(wanted, own: null, Pages).ShouldBe(new(streams, Pages));

    [Theory]
    [InlineData(null, 4, 8, 2, 2)]
    [InlineData(null, 1, 1, 1, 4)] // The engine itself keeps to one page at a time.
    [InlineData(1, 4, 8, 1, 4)]
    [InlineData(4, 4, 8, 4, 1)]
    [InlineData(16, 4, 8, 8, 1)]
    [InlineData(3, 8, 8, 3, 2)]
    public void The_connectors_own_limit_wins_and_is_shared_by_the_pages_of_all_streams(int? wanted, int level, int max, int streams, int pages) =>
        StreamsAtOnce.Of(wanted, new(level, max), Pages).ShouldBe(new(streams, pages));

    [Fact]
    public void A_manifest_says_how_much_it_lets_be_read_at_once()
    {
        var now = TimeProvider.System;

        Load("").ConcurrencyOf(ConnectorConfig.Empty, now).ShouldBeNull();
        Load("concurrency_level: { type: ConcurrencyLevel, default_concurrency: 4 }").ConcurrencyOf(ConnectorConfig.Empty, now).ShouldBe(new(4, 4));
        var byConfig = Load("concurrency_level: { type: ConcurrencyLevel, default_concurrency: \"{{ config['workers'] }}\", max_concurrency: 8 }");
        byConfig.ConcurrencyOf(ConnectorConfig.Parse("""{"workers":20}"""), now).ShouldBe(new(8, 8));
        byConfig.ConcurrencyMax.ShouldBe(8);
        Should.Throw<ConfigException>(() => byConfig.ConcurrencyOf(ConnectorConfig.Empty, now));
    }

    private static Connector Load(string concurrency) => Connector.Load($$"""
        version: "1.0"
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [items] }
        streams:
          - type: DeclarativeStream
            name: items
            primary_key: id
            retriever:
              type: SimpleRetriever
              requester: { type: HttpRequester, url_base: "https://platform.example", path: /items }
              record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } }
        {{concurrency}}
        """);
}
