using System.Diagnostics;
using System.Text.Json;
using ListBackup.Testing;

namespace ListBackup.Lambda.Tests;

/// <summary>The real packages cannot be restored from every feed, so what the switch chooses is asked of MSBuild instead.</summary>
public sealed class AwsPackagesTests
{
    [Theory]
    [InlineData("source", "ProjectReference")]
    [InlineData("nuget", "PackageReference")]
    public async Task The_switch_chooses_between_the_subsets_and_the_packages(string choice, string kind)
    {
        var references = await ReferencesAsync(choice);

        references["ProjectReference"].Where(IsLambda).Any().ShouldBe(kind == "ProjectReference");
        references["PackageReference"].Where(IsLambda).Any().ShouldBe(kind == "PackageReference");
        references[kind].ShouldContain(name => Path.GetFileNameWithoutExtension(name) == "Amazon.Lambda.RuntimeSupport" || name == "Amazon.Lambda.RuntimeSupport");
    }

    private static bool IsLambda(string name) => name.Contains("Amazon.Lambda.", StringComparison.Ordinal);

    private static async Task<Dictionary<string, List<string>>> ReferencesAsync(string choice)
    {
        var project = Path.Combine(BuildOutput.Root, "shared/aws-packages/Amazon.Lambda.AspNetCoreServer.Hosting");
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-nologo", $"-p:AwsPackages={choice}", "-getItem:ProjectReference,PackageReference"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start).ShouldNotBeNull();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, output);
        return JsonDocument.Parse(output).RootElement.GetProperty("Items").EnumerateObject().ToDictionary(
            items => items.Name,
            items => items.Value.EnumerateArray().Select(item => item.GetProperty("Identity").GetString() ?? "").ToList());
    }
}
