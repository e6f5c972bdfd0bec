using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>One Ghost for its tests, which run one after the other and clean up by restoring.</summary>
public sealed class GhostFixture : IAsyncLifetime
{
    private string? _complaint;
    private ScriptedServer? _server;

    public async ValueTask InitializeAsync()
    {
        _complaint = await ScriptedServer.InstallAsync("ghost");
        if (_complaint is null) _server = await ScriptedServer.StartAsync("ghost", "130");
    }

    /// <summary>130 members, 12 posts. Skips the test, with what npm said, where Ghost cannot be installed.</summary>
    public ScriptedServer Server
    {
        get
        {
            Assert.SkipWhen(_complaint is not null, $"Ghost cannot be installed here: {_complaint}");
            return _server!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
