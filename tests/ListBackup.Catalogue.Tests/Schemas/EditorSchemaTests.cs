using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

/// <summary>The schemas for editors say what the engine says: they take what we ship and what the documentation shows, and refuse mistakes.</summary>
public sealed partial class EditorSchemaTests
{
    private const string Smallest = """
        version: 6.44.0
        type: DeclarativeSource
        check: { type: CheckStream, stream_names: [a] }
        streams:
          - type: DeclarativeStream
            name: a
            retriever:
              type: SimpleRetriever
              requester: { type: HttpRequester, url: "https://example.com", http_method: GET }
              record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [data] } }
        """;

    public static TheoryData<string> Manifests => Files("manifest.yaml");

    public static TheoryData<string> Restores => Files("restore.yaml");

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Manifests_are_as_their_schema_says_and_name_it_for_editors(string file)
    {
        var text = Read(file);

        EditorSchema.Manifest.Problems(YamlJson.Parse(text)).ShouldBeEmpty();
        text.ShouldStartWith("# yaml-language-server: $schema=../../docs/connectors/manifest.schema.json\n");
    }

    [Theory]
    [MemberData(nameof(Restores))]
    public void Restores_are_as_their_schema_says_and_name_it_for_editors(string file)
    {
        var text = Read(file);

        EditorSchema.Restore.Problems(YamlJson.Parse(text)).ShouldBeEmpty();
        text.ShouldStartWith("# yaml-language-server: $schema=../../docs/connectors/restore.schema.json\n");
    }

    [Theory]
    [InlineData("x-listbackup.md")]
    [InlineData("restore.md")]
    public void Examples_of_the_documentation_are_as_the_schemas_say(string page)
    {
        var text = File.ReadAllText(Path.Combine(BuildOutput.Root, "docs", "connectors", page));
        var examples = Example().Matches(text).Select(match => YamlJson.Parse(match.Groups[1].Value)).ToList();

        var whole = examples.Where(example => example.TryGetProperty("x-listbackup", out _) || example.TryGetProperty("version", out _)).ToList();

        whole.ShouldNotBeEmpty();
        foreach (var example in whole)
        {
            var problems = example.TryGetProperty("x-listbackup", out var extension) ? EditorSchema.Extension.Problems(extension) : EditorSchema.Restore.Problems(example);
            problems.ShouldBeEmpty(page);
        }
    }

    [Fact]
    public void The_finished_files_of_the_guide_are_as_the_schemas_say()
    {
        var text = File.ReadAllText(Path.Combine(BuildOutput.Root, "docs", "guide", "write-a-connector.md"));

        var finished = Example().Matches(text).Select(match => match.Groups[1].Value).TakeLast(2).ToList();

        EditorSchema.Manifest.Problems(YamlJson.Parse(finished[0])).ShouldBeEmpty();
        EditorSchema.Restore.Problems(YamlJson.Parse(finished[1])).ShouldBeEmpty();
    }

    [Fact]
    public void The_smallest_manifest_is_good() => EditorSchema.Manifest.Problems(YamlJson.Parse(Smallest)).ShouldBeEmpty();

    [Theory]
    [InlineData("type: DeclarativeSource", "type: Source")]
    [InlineData("stream_names: [a]", "stream_name: [a]")]
    [InlineData("http_method: GET", "http_method: FETCH")]
    [InlineData("http_method: GET", "http_methode: GET")]
    [InlineData("type: HttpRequester", "type: CustomRequester")]
    [InlineData("extractor: { type: DpathExtractor, field_path: [data] }", "extractor: { type: DpathExtractor }")]
    [InlineData("extractor: { type: DpathExtractor, field_path: [data] }", "extractor: { type: JsonDecoder }")]
    [InlineData("http_method: GET", "authenticator: { type: ApiKeyAuthenticator, api_tokens: x }")]
    [InlineData("name: a", "name: a\n    incremental_sync: { type: DatetimeBasedCursor, cursor_field: a, datetime_format: \"%Y\" }")]
    [InlineData("version: 6.44.0", "version: 6.44.0\nx-listbackup: { titel: Demo }")]
    [InlineData("version: 6.44.0", "version: 6.44.0\napi_budget: { type: HTTPAPIBudget, policies: [{ type: MovingWindowCallRatePolicy, matchers: [], rates: [{ limit: 1 }] }] }")]
    public void A_mistake_in_a_manifest_is_noticed(string good, string bad)
    {
        var text = Smallest.Replace(good, bad, StringComparison.Ordinal);

        text.ShouldNotBe(Smallest);
        EditorSchema.Manifest.Problems(YamlJson.Parse(text)).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("title: ''")]
    [InlineData("streams: { a: { volatil: [x] } }")]
    [InlineData("streams: { a: { deletes: { by: field } } }")]
    [InlineData("streams: { a: { deletes: { by: never, field: gone } } }")]
    [InlineData("streams: { a: { deletes: { by: magic } } }")]
    [InlineData("streams: { a: { total: { in_page: [a], request: { path: /a } } } }")]
    [InlineData("streams: { a: { relations: [{ field: b }] } }")]
    [InlineData("streams: { a: { classes: { private: [b] } } }")]
    [InlineData("oauth: { authorize_url: 'https://example.com' }")]
    [InlineData("docs: see the handbook")]
    [InlineData("webhooks: { signature: { header: A, encoding: hex } }")]
    [InlineData("webhooks: { types: { a: [b] }, signature: { header: A, encoding: hex, signed: 'time only' } }")]
    [InlineData("webhooks: { types: { a: [b] }, signature: { header: A, encoding: hex, time: { header: B, key: c } } }")]
    [InlineData("webhooks: { types: { a: [b] }, type: a, type_header: B }")]
    public void A_mistake_in_an_extension_is_noticed(string yaml) => EditorSchema.Extension.Problems(YamlJson.Parse(yaml)).ShouldNotBeEmpty();

    [Theory]
    [InlineData("version: 2\nstreams: {}")]
    [InlineData("version: 1")]
    [InlineData("version: 1\nstreams: { a: { creat: { path: /a } } }")]
    [InlineData("version: 1\nstreams: { a: { create: { method: FETCH, path: /a } } }")]
    [InlineData("version: 1\nstreams: { a: { find: [{ by: luck, path: /a }] } }")]
    [InlineData("version: 1\nstreams: { a: { never_weaken: [{ field: status }] } }")]
    [InlineData("version: 1\nstreams: { a: { never_weaken: [{ field: status, strictest_first: [no], items: id }] } }")]
    [InlineData("version: 1\nstreams: {}\ndynamic_streams: { a: { creat: { path: /a } } }")]
    [InlineData("version: 1\nstreams: {}\ndynamic_streams: { a: { references_from: [{ path: /a, records: [b], of: c, field: d }] } }")]
    [InlineData("version: 1\nstreams: {}\ndynamic_streams: { a: { read_only_from: [{ path: /a, records: [b], of: c }] } }")]
    public void A_mistake_in_a_restore_is_noticed(string yaml) => EditorSchema.Restore.Problems(YamlJson.Parse(yaml)).ShouldNotBeEmpty();

    private static TheoryData<string> Files(string name) =>
        [.. Directory.EnumerateFiles(Path.Combine(BuildOutput.Root, "connectors"), name, SearchOption.AllDirectories).Select(file => Path.GetRelativePath(BuildOutput.Root, file)).Order(StringComparer.Ordinal)];

    private static string Read(string file) => File.ReadAllText(Path.Combine(BuildOutput.Root, file));

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
