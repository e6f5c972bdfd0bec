using System.Text.Json;
using System.Text.RegularExpressions;
using ListBackup.Testing;

namespace ListBackup.Tidy.Tests.Arrows;

public sealed partial class SolutionTests
{
    [Fact]
    public async Task The_inner_loop_has_every_project_but_the_functions()
    {
        var inner = JsonDocument.Parse(await ReadAsync("Core.slnf")).RootElement.GetProperty("solution").GetProperty("projects").EnumerateArray()
            .Select(project => project.GetString());
        var all = ProjectOfSolution().Matches(await ReadAsync("ListBackup.sln")).Select(match => match.Groups["path"].Value);

        inner.ShouldBe(
            all.Where(project => !project.Contains(@"\functions\", StringComparison.Ordinal)), ignoreOrder: true,
            "Core.slnf is ListBackup.sln without functions; add the new project to both");
    }

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(BuildOutput.Root, file), TestContext.Current.CancellationToken);

    [GeneratedRegex("\"(?<path>[^\"]+\\.csproj)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex ProjectOfSolution();
}
