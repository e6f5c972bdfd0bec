using ListBackup.Connectors.Manifest;
using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

public class ManifestServerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Public_manifests_bring_what_their_platform_holds()
    {
        var files = Directory.EnumerateFiles(ReferenceData.Path("manifests"), "*.yaml").Order(StringComparer.Ordinal).ToList();
        if (Environment.GetEnvironmentVariable("ONLY") is { } only)
            files = [.. files.Where(file => file.Contains(only, StringComparison.Ordinal))];

        var verdicts = await RunAsync(files);

        verdicts.Count(verdict => verdict.Agrees).ShouldBeGreaterThan(verdicts.Count * 9 / 10);
    }

    private async Task<List<StreamVerdict>> RunAsync(IEnumerable<string> files)
    {
        await using var server = await ManifestServer.StartAsync(TestContext.Current.CancellationToken);
        var verdicts = new List<StreamVerdict>();
        foreach (var file in files)
        {
            ManifestTrial trial;
            try
            {
                trial = new ManifestTrial(file, server);
            }
            catch (ManifestException)
            {
                continue;
            }

            using (trial)
                verdicts.AddRange(await trial.RunAsync(TestContext.Current.CancellationToken));
            if (Environment.GetEnvironmentVariable("TRACE") is not null)
                output.WriteLine(string.Join('\n', server.Log));
        }

        foreach (var verdict in verdicts.Where(verdict => !verdict.Agrees))
            output.WriteLine(verdict.ToString());
        output.WriteLine($"{verdicts.Count(verdict => verdict.Agrees)} of {verdicts.Count} streams agree, {verdicts.Sum(verdict => verdict.Records):N0} records");
        foreach (var group in verdicts.GroupBy(verdict => (verdict.Agrees, verdict.Category)).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
            output.WriteLine($"{group.Count(),5} {(group.Key.Agrees ? "agree" : "differ"),-7} {group.Key.Category}");

        return verdicts;
    }
}
