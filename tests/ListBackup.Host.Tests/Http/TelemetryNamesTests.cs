using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using ListBackup.Embedded;
using ListBackup.Sources;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Host.Tests;

/// <summary>What people build dashboards on does not change without a word.</summary>
public sealed partial class TelemetryNamesTests(TestHost host) : IClassFixture<TestHost>
{
    [Fact]
    public void Every_instrument_is_described_in_the_guide_and_every_one_described_is_there()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        host.App.Services.GetRequiredService<SourceMetrics>(); // Others come with the queues.
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith(Telemetry.Name, StringComparison.Ordinal)) names.Add(instrument.Name);
            },
        };
        listener.Start();

        var guide = File.ReadAllText(Path.Combine(BuildOutput.Root, "docs", "guide", "observability.md"));

        names.ShouldBe(DescribedName().Matches(guide).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal));
        foreach (var source in new[] { EmbeddedTelemetry.QueuesSource, SourcesTelemetry.Tracing }) guide.ShouldContain($"`{source}`");
    }

    [GeneratedRegex(@"^\| `(?<name>listbackup\.[a-z_.]+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex DescribedName();
}
