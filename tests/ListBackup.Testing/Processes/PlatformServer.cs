using System.Net.Http.Headers;
using System.Text;

namespace ListBackup.Testing;

/// <summary>A real server that is signed in to with name and password.</summary>
public sealed class PlatformServer : IAsyncDisposable
{
    private readonly ScriptedServer _server;

    private PlatformServer(ScriptedServer server)
    {
        _server = server;
        Http = new HttpClient { BaseAddress = new Uri(server.Url), Timeout = TimeSpan.FromSeconds(30) };
        Http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")));
    }

    public string Url => _server.Url;

    public string Folder => _server.Folder;

    public string Username => _server.Settings["USERNAME"];

    public string Password => _server.Settings["PASSWORD"];

    /// <summary>With basic authentication, for what a test does on the server itself.</summary>
    public HttpClient Http { get; }

    /// <inheritdoc cref="ScriptedServer.StartAsync"/>
    public static async Task<PlatformServer> StartAsync(string script, params string[] seed) => new(await ScriptedServer.StartAsync(script, seed));

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        return _server.DisposeAsync();
    }
}
