using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Partitions;

public sealed class PartitionRouterTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private const string Parents = "{ type: DeclarativeStream, name: PARENT, retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url: \"{{ config['url'] }}/PARENT\" }, record_selector: { extractor: { type: DpathExtractor, field_path: [items] } } } }";

    private static string Parent(string name, string more = "") => $"{{ type: ParentStreamConfig, parent_key: id, partition_field: pid, stream: {Parents.Replace("PARENT", name, StringComparison.Ordinal)}{more} }}";

    /// <summary>Reads the children of two parent streams, shops (1, 2) and users (7); tells what was asked for about children.</summary>
    private async Task<(ReadResult Read, List<string> Requests)> ReadAsync(string router, string path = "/items/{{ stream_partition.pid }}", string retriever = "")
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path.Value switch
        {
            "/shops" => context.Json("""{"items":[{"id":1,"a/b":"slash","meta":{"key":"k1","tags":["x"]},"lines":{"items":[{"id":11}],"next":"2"}},{"id":2,"meta":{"key":"k2"},"lines":"none"},{"name":"no id"}]}"""),
            "/users" => context.Json("""{"items":[{"id":7},{"id":1}]}"""),
            _ => context.Json($$"""{"items":[{"id":100,"at":"{{context.Request.Path}}"}]}"""),
        });

        var read = await ReadResult.Of(Connector.Load(Manifests.OneStream(path, $"partition_router: {router}\n{retriever}"))
            .ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config(new { regions = new[] { "eu", "us" } }) }, Ports.For(_http), default));

        return (read, [.. platform.Requests.Select(Uri.UnescapeDataString)]);
    }

    private static IEnumerable<string> Children(IEnumerable<string> requests) => requests.Where(request => request.StartsWith("GET /items", StringComparison.Ordinal));

    [Fact]
    public async Task Children_of_several_parents_are_read_each_with_its_own_option()
    {
        var (read, requests) = await ReadAsync(
            $"{{ type: SubstreamPartitionRouter, parent_stream_configs: [{Parent("shops", ", request_option: { type: RequestOption, inject_into: request_parameter, field_name: shop }")}, {Parent("users")}] }}");

        requests.ShouldBe(["GET /shops", "GET /items/1?shop=1", "GET /items/2?shop=2", "GET /users", "GET /items/7?shop=7", "GET /items/1?shop=1"]);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("meta/key", "k1 k2")]
    [InlineData("a/b", "slash")]
    [InlineData("id", "1 2")]
    public async Task A_parents_key_may_stand_further_down_or_have_a_slash_in_its_name(string key, string ids)
    {
        var (_, requests) = await ReadAsync($"{{ type: SubstreamPartitionRouter, parent_stream_configs: [{Parent("shops").Replace("parent_key: id", $"parent_key: {key}", StringComparison.Ordinal)}] }}");

        Children(requests).ShouldBe(ids.Split(' ').Select(id => $"GET /items/{id}"));
    }

    [Fact]
    public async Task Fields_of_the_parent_are_found_by_path_and_by_name_and_missing_ones_are_nothing()
    {
        var (_, requests) = await ReadAsync(
            $"{{ type: SubstreamPartitionRouter, parent_stream_configs: [{Parent("shops", ", extra_fields: [[meta, key], [meta, tags], [nobody]]")}] }}",
            "/items/{{ stream_slice.extra_fields['meta.key'] }}/{{ stream_partition.extra_fields.meta.key }}/{{ stream_slice.extra_fields.nobody is none }}");

        Children(requests).ShouldBe(["GET /items/k1/k1/True", "GET /items/k2/k2/True"]);
    }

    [Fact]
    public async Task Every_combination_is_read_and_parents_are_asked_once()
    {
        var (_, requests) = await ReadAsync(
            $"[{{ type: ListPartitionRouter, cursor_field: region, values: \"{{{{ config['regions'] }}}}\", request_option: {{ type: RequestOption, inject_into: header, field_name: X-Region }} }}, {{ type: SubstreamPartitionRouter, parent_stream_configs: [{Parent("shops")}] }}]",
            "/items/{{ stream_partition.region }}/{{ stream_slice.pid }}");

        requests.ShouldBe(["GET /shops", "GET /items/eu/1", "GET /items/eu/2", "GET /items/us/1", "GET /items/us/2"]);
    }

    [Theory]
    [InlineData(2, true, "1,2|7")]
    [InlineData(2, false, "1,2|7,1")]
    [InlineData(10, true, "1,2,7")]
    public async Task Groups_are_asked_for_together(int size, bool unique, string groups)
    {
        var (_, requests) = await ReadAsync(
            $"{{ type: GroupingPartitionRouter, group_size: {size}, deduplicate: {(unique ? "true" : "false")}, underlying_partition_router: {{ type: UnionPartitionRouter, partition_field: pid, partition_routers: [{{ type: SubstreamPartitionRouter, parent_stream_configs: [{Parent("shops")}] }}, {{ type: ListPartitionRouter, cursor_field: pid, values: [7] }}] }} }}"
                .Replace("values: [7]", unique ? "values: ['7']" : "values: ['7', '1x']", StringComparison.Ordinal),
            "/items?ids={{ stream_partition.pid | join(',') }}");

        Children(requests).ShouldBe(groups.Replace("7,1", "7,1x", StringComparison.Ordinal).Split('|').Select(ids => $"GET /items?ids={ids}"));
    }

    [Fact]
    public async Task A_union_reads_each_value_once_and_keeps_what_else_its_routers_tell()
    {
        var (_, requests) = await ReadAsync(
            $"{{ type: UnionPartitionRouter, partition_field: pid, partition_routers: [{{ type: SubstreamPartitionRouter, parent_stream_configs: [{Parent("shops")}, {Parent("users")}] }}] }}",
            "/items/{{ stream_partition.pid }}/{{ stream_slice.extra_fields.parent_slice is defined }}");

        Children(requests).ShouldBe(["GET /items/1/True", "GET /items/2/True", "GET /items/7/True"]);
    }

    [Fact]
    public void Groups_cannot_be_united() =>
        Should.Throw<ManifestException>(() => Connector.Load(Manifests.OneStream("/items",
            "partition_router: { type: UnionPartitionRouter, partition_field: p, partition_routers: [{ type: GroupingPartitionRouter, group_size: 2, underlying_partition_router: { type: ListPartitionRouter, cursor_field: p, values: [a] } }] }")))
            .Message.ShouldContain("Groups cannot be united");
}
