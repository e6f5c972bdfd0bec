using ListBackup.Connectors.Manifest;
using ListBackup.Testing;
using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

/// <summary>Every stream of every manifest is read from a fake of its platform and compared record for record: in full, and then what changed.</summary>
public class ManifestServerTests(ITestOutputHelper output)
{
    /// <summary>A reader that goes in circles is to fail its test and not to stop all others.</summary>
    private const int TimeoutMilliseconds = 120_000;

    /// <summary>Streams whose reading cannot agree, and why: public manifests for reasons of their own, ours where this fake cannot play the platform.</summary>
    private static readonly IReadOnlyDictionary<string, string> KnownExceptions = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["source-babelforce"] = "the start is a number of seconds in the specification and another format in the stream",
        ["source-cisco-meraki"] = "the cursor asks a list of texts for a test that is called like a header's value; no answer makes it go on",
        ["source-persistiq"] = "the token is looked for in a member of the last record that records do not have",
    };

    public static TheoryData<string> OwnManifests => [.. Directory.EnumerateFiles(Vectors, "*.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Platforms => [.. Directory.EnumerateDirectories(Path.Combine(BuildOutput.Root, "connectors")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    private static string Vectors => Path.Combine(BuildOutput.Root, "tests", "vectors", "connectors");

    [Theory(Timeout = TimeoutMilliseconds)]
    [MemberData(nameof(OwnManifests))]
    public async Task A_manifest_of_one_family_of_components_brings_what_its_platform_holds(string file)
    {
        var verdicts = await RunAsync([Path.Combine(Vectors, file)], TestContext.Current.CancellationToken);

        verdicts.ShouldNotBeEmpty();
        verdicts.ShouldAllBe(verdict => verdict.Agrees);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [MemberData(nameof(Platforms))]
    public async Task A_connector_of_the_catalogue_brings_what_its_platform_holds(string platform)
    {
        var verdicts = await RunAsync([Path.Combine(BuildOutput.Root, "connectors", platform, "manifest.yaml")], TestContext.Current.CancellationToken);

        verdicts.Where(verdict => !verdict.Agrees && !IsKnown(verdict)).ShouldBeEmpty();
    }

    [Fact(Timeout = 5 * TimeoutMilliseconds)]
    [Trait("Stage", "conformance")]
    public async Task Public_manifests_bring_what_their_platforms_hold()
    {
        var files = Directory.EnumerateFiles(ReferenceData.Path("manifests"), "*.yaml").Order(StringComparer.Ordinal);

        var verdicts = await RunAsync(files, TestContext.Current.CancellationToken);

        verdicts.Where(verdict => !verdict.Agrees && !IsKnown(verdict)).ShouldBeEmpty();
        verdicts.Count(verdict => verdict.Agrees).ShouldBeGreaterThan(verdicts.Count * 98 / 100);
    }

    private async Task<List<StreamVerdict>> RunAsync(IEnumerable<string> files, CancellationToken cancellation)
    {
        await using var server = await ManifestServer.StartAsync(cancellation);
        var verdicts = new List<StreamVerdict>();
        foreach (var file in files)
        {
            if (Open(file, server) is not { } trial)
                continue;
            using (trial)
                verdicts.AddRange(await trial.RunAsync(cancellation));
        }

        foreach (var verdict in verdicts.Where(verdict => !verdict.Agrees))
            output.WriteLine($"{verdict} {KnownReason(verdict)}");
        foreach (var group in verdicts.GroupBy(verdict => (verdict.Agrees, verdict.Category)).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
            output.WriteLine($"{group.Count(),5} {(group.Key.Agrees ? "agree" : "differ"),-7} {group.Key.Category}");
        output.WriteLine($"{verdicts.Count(verdict => verdict.Agrees)} of {verdicts.Count} agree, {verdicts.Sum(verdict => verdict.Records):N0} records");

        return verdicts;
    }

    /// <summary>Null for a manifest that the engine refuses; those are counted by <see cref="PublicManifestTests"/>.</summary>
    private static ManifestTrial? Open(string file, ManifestServer server)
    {
        try
        {
            return new ManifestTrial(file, server);
        }
        catch (ManifestException) when (file.Contains("source-", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static bool IsKnown(StreamVerdict verdict) => KnownReason(verdict) is not null;

    private static string? KnownReason(StreamVerdict verdict) =>
        KnownExceptions.GetValueOrDefault($"{verdict.Manifest}/{verdict.Stream}") ?? KnownExceptions.GetValueOrDefault(verdict.Manifest);
}
