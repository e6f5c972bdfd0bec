using System.Diagnostics;
using ListBackup.Testing;

namespace ListBackup.CommandLine.Tests;

public sealed class ConnectorDoubtTests
{
    private const string Retriever = """
        { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: "/rows" }, record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [items] } } }
        """;

    private static readonly string s_manifest = $$$"""
        version: 6.0.0
        type: DeclarativeSource
        check: { type: CheckDynamicStream, stream_count: 1 }
        dynamic_streams:
          - type: DynamicDeclarativeStream
            name: tables
            stream_template: { type: DeclarativeStream, name: "", retriever: {{{Retriever.Trim()}}} }
            components_resolver:
              type: HttpComponentsResolver
              retriever: { type: SimpleRetriever, requester: { type: HttpRequester, url_base: "{{ config['url'] }}", path: /tables }, record_selector: { extractor: { field_path: [tables] } } }
              components_mapping:
                - { type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values['name'] }}" }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("check", "The connection works.")]
    [InlineData("discover", "Contacts")]
    public async Task A_list_of_streams_that_cannot_be_read_whole_is_warned_of(string command, string told)
    {
        var doubted = await RunAsync(command, """{"tables":[{"name":"Contacts"},"oops"]}""");
        var whole = await RunAsync(command, """{"tables":[{"name":"Contacts"}]}""");

        (doubted.Exit, whole.Exit).ShouldBe((0, 0), doubted.Errors + whole.Errors);
        doubted.Output.ShouldContain(told);
        doubted.Errors.ShouldContain("Warning: The platform's own list");
        doubted.Errors.ShouldNotContain("oops");
        whole.Output.ShouldContain(told);
        whole.Errors.ShouldNotContain("Warning: The platform's own list");
    }

    private static async Task<Ended> RunAsync(string command, string tables)
    {
        using var folder = new TempFolder();
        await using var platform = await TablesPlatform.StartAsync(tables, Cancellation);
        var (manifest, config) = (folder.File("manifest.yaml"), folder.File("config.json"));
        await File.WriteAllTextAsync(manifest, s_manifest, Cancellation);
        await File.WriteAllTextAsync(config, $$"""{"url":"{{platform.Urls.First()}}"}""", Cancellation);
        var start = new ProcessStartInfo(BuildOutput.Program("ListBackup.CommandLine", "listbackup"), ["connector", command, manifest, "--config", config]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        return await VaultLine.EndAsync(Process.Start(start)!); // Not shell execute: there is a process, or an exception.
    }
}
