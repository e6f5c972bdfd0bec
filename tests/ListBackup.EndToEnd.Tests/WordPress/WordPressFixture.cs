using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>One installation for all WordPress tests; each test starts a site of its own.</summary>
public sealed class WordPressFixture : IAsyncLifetime
{
    private string? _complaint;

    public async ValueTask InitializeAsync() => _complaint = await ScriptedServer.InstallAsync("wordpress");

    /// <summary>240 posts with what belongs to them. Skips the test, with what apt said, where WordPress cannot be installed.</summary>
    public Task<PlatformServer> StartAsync()
    {
        Assert.SkipWhen(_complaint is not null, $"WordPress cannot be installed here: {_complaint}");
        return PlatformServer.StartAsync("wordpress", "240");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
