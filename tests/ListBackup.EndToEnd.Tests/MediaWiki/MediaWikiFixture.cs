using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>One installation for all MediaWiki tests; each test starts a wiki of its own.</summary>
public sealed class MediaWikiFixture : IAsyncLifetime
{
    private string? _complaint;

    public async ValueTask InitializeAsync() => _complaint = await ScriptedServer.InstallAsync("mediawiki");

    /// <summary>60 pages with their histories. Skips the test, with what apt said, where MediaWiki cannot be installed.</summary>
    public Task<PlatformServer> StartAsync()
    {
        Assert.SkipWhen(_complaint is not null, $"MediaWiki cannot be installed here: {_complaint}");
        return PlatformServer.StartAsync("mediawiki", "60");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
