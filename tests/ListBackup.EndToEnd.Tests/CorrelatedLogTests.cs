using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

[Trait("Stage", "e2e")]
public sealed class CorrelatedLogTests
{
    [Fact]
    public async Task Lines_of_a_run_carry_its_ids_and_the_trace_of_the_request_that_asked_for_it()
    {
        using var folder = new TempFolder();
        await using var platform = await DemoPlatform.StartAsync(new() { Contacts = 20 }, default);
        await using var host = await HostProcess.StartAsync(folder.Path, "--log-format", "json");
        using var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        var source = await DemoSource.CreateAsync(person, platform, "contacts");
        using var asked = new HttpRequestMessage(HttpMethod.Post, $"{source}/sync") { Content = new StringContent("{}", null, "application/json") };
        using var answer = await person.Http.SendAsync(asked);
        var trace = answer.Headers.GetValues("traceparent").Single().Split('-')[1];
        var run = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        await DemoSource.EndOfAsync(person, $"{source}/runs/{run["id"]}");
        await host.StopAsync();

        var committed = Lines(host.Output).Single(line => ((string?)line["Message"])?.Contains("made snapshot", StringComparison.Ordinal) == true);
        Scoped(committed, "TraceId").ShouldBe(trace);
        Scoped(committed, "runId").ShouldBe((string?)run["id"]);
        Scoped(committed, "sourceId").ShouldBe(source[(source.LastIndexOf('/') + 1)..]);
        Scoped(committed, "accountId").ShouldBe(person.AccountPath["v1/accounts/".Length..]);
        Scoped(committed, "queue").ShouldBe("Commit");
    }

    private static IEnumerable<JsonNode> Lines(string output) => output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!);

    private static string? Scoped(JsonNode line, string name) =>
        line["Scopes"]!.AsArray().Select(scope => scope is JsonObject values ? values[name]?.ToString() : null).OfType<string>().LastOrDefault();
}
