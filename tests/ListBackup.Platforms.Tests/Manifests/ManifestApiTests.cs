using System.Net;

namespace ListBackup.Platforms.Tests;

public sealed class ManifestApiTests
{
    private static string Good { get; } = File.ReadAllText(Path.Combine(BuildOutput.Root, "connectors", "demo", "manifest.yaml"));

    /// <summary>A platform that names its streams itself.</summary>
    private const string Tables = """
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckDynamicStream, stream_count: 1 }
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            stream_template: { type: DeclarativeStream, name: "", retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /rows }, record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } } } }
            components_resolver:
              type: HttpComponentsResolver
              retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /tables }, record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [tables] } } }
              components_mapping: [{ type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values['name'] }}" }]
        spec: { type: Spec, connection_specification: { type: object, required: [url], properties: { url: { type: string } } } }
        """;

    [Theory]
    [InlineData("type: [", "invalid")]
    [InlineData("version: 6.0.0\ntype: DeclarativeManifest\ncheck: { type: CheckStream, stream_names: [a] }\nstreams: [{ type: CustomDeclarativeStream, class_name: evil.Code }]", "needs-code")]
    public async Task What_is_wrong_with_a_manifest_is_told_with_its_path(string manifest, string kind)
    {
        await using var platforms = await PlatformApi.StartAsync();

        var verdict = (await platforms.PostAsync($"{platforms.Manifests}/validate", new { manifest })).ShouldBe(HttpStatusCode.OK).Json;

        ((bool)verdict["valid"]!).ShouldBeFalse();
        verdict["problems"]!.AsArray().Select(p => p!["kind"]!.ToString()).ShouldContain(kind, verdict.ToJsonString());
        (await platforms.PostAsync(platforms.Manifests, new { name = "Mine", manifest })).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task What_a_manifest_says_in_vain_is_a_warning()
    {
        await using var platforms = await PlatformApi.StartAsync();

        var verdict = (await platforms.PostAsync($"{platforms.Manifests}/validate", new { manifest = $"{Good}\nin_vain: 1\n" })).ShouldBe(HttpStatusCode.OK).Json;

        ((bool)verdict["valid"]!).ShouldBeTrue();
        verdict["warnings"]!.AsArray().Select(w => w!["path"]!.ToString()).ShouldBe(["in_vain"]);
    }

    [Fact]
    public async Task A_manifest_becomes_a_platform_of_its_account_only()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var created = (await platforms.PostAsync(platforms.Manifests, new { name = "Mine", manifest = Good })).ShouldBe(HttpStatusCode.Created);
        var id = created.Text("id");

        var details = (await platforms.GetAsync($"{platforms.Manifests}/{id}")).ShouldBe(HttpStatusCode.OK).Json;
        details["text"]!.ToString().ShouldBe(Good);
        details["platform"]!["streams"]!.AsArray().ShouldNotBeEmpty();

        var (other, stranger) = await platforms.JoinAsync();
        (await platforms.Api.GetAsync($"/v1/accounts/{other}/manifests/{id}", stranger)).ShouldBe(HttpStatusCode.NotFound);
        var stolen = new { name = "X", platform = id, config = new { url = platforms.Demo.BaseUrl, credentials = new { auth_type = "api_key", api_key = "demo-key" } } };
        (await platforms.Api.PostAsync($"/v1/accounts/{other}/connections", stolen, stranger)).ShouldBe(HttpStatusCode.UnprocessableEntity);

        var connection = (await platforms.PostAsync(platforms.Connections, stolen)).ShouldBe(HttpStatusCode.Created).Text("id");
        ((bool)(await platforms.PostAsync($"{platforms.Connections}/{connection}/test")).Json["succeeded"]!).ShouldBeTrue();
        (await DeleteAsync(platforms, $"{platforms.Manifests}/{id}")).ShouldBe(HttpStatusCode.Conflict, "manifest-in-use");
        await DeleteAsync(platforms, $"{platforms.Connections}/{connection}");
        (await DeleteAsync(platforms, $"{platforms.Manifests}/{id}")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_migration_of_configurations_is_run_once_whatever_is_done_with_the_connection()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var manifest = Good.Replace("  connection_specification:\n", """
              config_normalization_rules:
                type: ConfigNormalizationRules
                config_migrations:
                  - type: ConfigMigration
                    transformations: [{ type: ConfigAddFields, fields: [{ type: AddedFieldDefinition, path: [url], value: "{{ config['url'] }}{{ config.get('port', '') }}" }] }]
              connection_specification:

            """, StringComparison.Ordinal);
        var platform = (await platforms.PostAsync(platforms.Manifests, new { name = "Mine", manifest })).ShouldBe(HttpStatusCode.Created).Text("id");
        var (host, port) = (platforms.Demo.BaseUrl[..^2], platforms.Demo.BaseUrl[^2..]);
        var filled = new { name = "X", platform, config = new { url = host, port, credentials = new { auth_type = "api_key", api_key = "demo-key" } } };

        var created = (await platforms.PostAsync(platforms.Connections, filled)).ShouldBe(HttpStatusCode.Created);
        var path = $"{platforms.Connections}/{created.Text("id")}";
        await ShouldWorkAsync();
        var shown = (await platforms.GetAsync(path)).Json["config"]!;
        await ShouldWorkAsync();
        (await platforms.Api.SendAsync(HttpMethod.Patch, path, new { config = shown }, platforms.Token)).ShouldBe(HttpStatusCode.OK);
        await ShouldWorkAsync();

        async Task ShouldWorkAsync()
        {
            var test = (await platforms.PostAsync($"{path}/test")).ShouldBe(HttpStatusCode.OK);
            ((bool)test.Json["succeeded"]!).ShouldBeTrue(test.Body);
            (await platforms.GetAsync(path)).Json["config"]!["url"]!.ToString().ShouldBe(platforms.Demo.BaseUrl);
        }
    }

    [Theory]
    [InlineData("""{"tables":[{"name":"Contacts"},"oops"]}""", true)]
    [InlineData("""{"tables":[{"name":"Contacts"}]}""", false)]
    public async Task A_connection_that_works_is_tested_with_a_warning_where_the_platforms_list_of_streams_could_not_be_read_whole(string tables, bool isDoubted)
    {
        await using var platforms = await PlatformApi.StartAsync();
        await using var listing = await TablesPlatform.StartAsync(tables, TestContext.Current.CancellationToken);
        var platform = (await platforms.PostAsync(platforms.Manifests, new { name = "Tables", manifest = Tables })).ShouldBe(HttpStatusCode.Created).Text("id");
        var created = (await platforms.PostAsync(platforms.Connections, new { name = "X", platform, config = new { url = listing.Urls.First() } })).ShouldBe(HttpStatusCode.Created);

        var tested = (await platforms.PostAsync($"{platforms.Connections}/{created.Text("id")}/test")).ShouldBe(HttpStatusCode.OK);

        ((bool)tested.Json["succeeded"]!).ShouldBeTrue(tested.Body);
        tested.Body.ShouldNotContain("oops");
        if (isDoubted)
            tested.Text("warning").ShouldContain("The platform's own list");
        else
            tested.Json["warning"].ShouldBeNull();
    }

    private static Task<ApiAnswer> DeleteAsync(PlatformApi platforms, string path) => platforms.Api.SendAsync(HttpMethod.Delete, path, token: platforms.Token);
}
