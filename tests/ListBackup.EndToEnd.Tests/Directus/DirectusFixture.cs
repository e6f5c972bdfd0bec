using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>One installation for all Directus tests; each test starts a server of its own.</summary>
public sealed class DirectusFixture : IAsyncLifetime
{
    private string? _complaint;

    public async ValueTask InitializeAsync() => _complaint = await ScriptedServer.InstallAsync("directus");

    /// <summary>250 articles, two other collections. Skips the test, with what npm said, where Directus cannot be installed.</summary>
    public Task<ScriptedServer> StartAsync()
    {
        Assert.SkipWhen(_complaint is not null, $"Directus cannot be installed here: {_complaint}");
        return ScriptedServer.StartAsync("directus", "250");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
