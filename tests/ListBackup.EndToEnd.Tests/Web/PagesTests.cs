using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

[Trait("Stage", "web")]
public sealed class PagesTests
{
    private static readonly string[] Quiet =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--log-level=0",
    ];

    [Theory]
    [InlineData("", "ListBackup is running</h1>")]
    [InlineData("docs", "ListBackup")]
    public async Task A_page_shows_in_a_browser_without_a_word_on_its_console(string path, string text)
    {
        using var folder = new TempFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);

        var output = await BrowseAsync(folder, new Uri(host.Address, path));

        output.ShouldContain(text);
        // Chromium writes console messages, refusals of the content security policy among them, as CONSOLE lines.
        // The documentation viewer greets with its version; that is all it may say.
        output.Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal) && !line.Contains("\"@scalar/api-reference@", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>The page as the browser sees it, and what the browser logged.</summary>
    private static async Task<string> BrowseAsync(TempFolder folder, Uri address)
    {
        await using var browser = ChildProcess.Start(
            "chromium", [.. Quiet, $"--user-data-dir={Path.Combine(folder.Path, "browser")}", "--dump-dom", address.ToString()], line => line.Contains("</html>", StringComparison.Ordinal));
        await browser.WaitForLineAsync(TimeSpan.FromSeconds(60));
        await browser.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return browser.Output;
    }
}
