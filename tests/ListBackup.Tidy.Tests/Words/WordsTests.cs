using System.Diagnostics;
using System.Text.RegularExpressions;
using ListBackup.Testing;

namespace ListBackup.Tidy.Tests.Words;

/// <summary>What review need not discuss.</summary>
public sealed partial class WordsTests
{
    private static readonly string[] Text = [".cs", ".csproj", ".props", ".targets", ".md", ".yml", ".yaml", ".json", ".sh", ".ts", ".tsx", ""];

    // Nouns that nobody has found yet.
    private static readonly string[] NoNouns = ["Helpers", "Utils", "Utilities", "Common", "Managers", "Misc"];

    [Fact]
    public async Task No_code_is_folded_away()
    {
        var found = await LinesAsync(file => file.EndsWith(".cs", StringComparison.Ordinal), Region());

        found.ShouldBeEmpty("a region hides what the file should not have in it; split the file instead");
    }

    [Fact]
    public async Task What_is_left_to_do_has_the_number_of_an_issue()
    {
        var found = await LinesAsync(file => file.EndsWith(".cs", StringComparison.Ordinal), UnnumberedToDo());

        found.ShouldBeEmpty("write TODO(#12), or do it now; nobody finds the others again");
    }

    [Fact]
    public async Task No_file_knows_the_machine_that_it_was_written_on()
    {
        var found = await LinesAsync(file => Text.Contains(Path.GetExtension(file)), MachinePath());

        found.ShouldBeEmpty("paths of one machine work on that machine only");
    }

    [Fact]
    public async Task Folders_are_nouns_of_the_product()
    {
        var found = (await FilesAsync()).Where(file => (Path.GetDirectoryName(file) ?? "").Split('/').Any(part => NoNouns.Contains(part, StringComparer.OrdinalIgnoreCase)));

        found.ShouldBeEmpty("a folder called so is a noun nobody has found yet");
    }

    private static async Task<List<string>> LinesAsync(Func<string, bool> which, Regex pattern)
    {
        List<string> found = [];
        foreach (var file in (await FilesAsync()).Where(which).Where(file => !file.EndsWith(nameof(WordsTests) + ".cs", StringComparison.Ordinal)))
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(BuildOutput.Root, file), TestContext.Current.CancellationToken);
            found.AddRange(lines.Index().Where(line => pattern.IsMatch(line.Item)).Select(line => $"{file}:{line.Index + 1}: {line.Item.Trim()}"));
        }
        return found;
    }

    private static async Task<IReadOnlyList<string>> FilesAsync()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = BuildOutput.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var git = Process.Start(start).ShouldNotBeNull();
        var output = await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        git.ExitCode.ShouldBe(0);
        // A file that was deleted and not yet committed is still listed.
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Path.Combine(BuildOutput.Root, file)))];
    }

    [GeneratedRegex(@"^\s*#(end)?region\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Region();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b(?!\(#\d+\))", RegexOptions.ExplicitCapture)]
    private static partial Regex UnnumberedToDo();

    [GeneratedRegex(@"(^|[\s""'=(:])(/(work|home/[a-z]+)/|/tmp/w[t]|/Users/[A-Za-z]+/|[A-Z]:\\Users\\)", RegexOptions.ExplicitCapture)]
    private static partial Regex MachinePath();
}
