using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>One installation for all Mailman tests; each test starts a server of its own.</summary>
public sealed class MailmanFixture : IAsyncLifetime
{
    private string? _complaint;

    public async ValueTask InitializeAsync() => _complaint = await ScriptedServer.InstallAsync("mailman3");

    /// <summary>Three lists and 25 people. Skips the test, with what apt said, where Mailman cannot be installed.</summary>
    public Task<PlatformServer> StartAsync()
    {
        Assert.SkipWhen(_complaint is not null, $"Mailman 3 cannot be installed here: {_complaint}");
        return PlatformServer.StartAsync("mailman3", "3", "25");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
