using System.Globalization;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Load;

/// <summary>The demo CRM in a process of its own, so that its work and memory are not the Host's or the asker's.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyMax = TimeSpan.FromMinutes(2);
    private readonly ChildProcess _child;

    private DemoProcess(ChildProcess child, string url) => (_child, Url) = (child, url);

    public string Url { get; }

    public static async Task<DemoProcess> StartAsync(int contacts, params string[] arguments)
    {
        var child = ChildProcess.Start(
            BuildOutput.Program("ListBackup.DemoPlatform"), ["--port", "0", "--contacts", contacts.ToString(CultureInfo.InvariantCulture), .. arguments],
            line => line.StartsWith("Demo CRM ", StringComparison.Ordinal));
        try
        {
            var line = await child.WaitForLineAsync(ReadyMax);
            return new(child, line[line.IndexOf("http", StringComparison.Ordinal)..].Trim());
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection to it and a source, as a person makes them; returns the source's path.</summary>
    public async Task<string> SourceAsync(HostClient person, string account, string name, JsonObject? more = null)
    {
        var connection = await person.PostAsync($"{account}/connections", new JsonObject
        {
            ["name"] = name,
            ["platform"] = "demo",
            ["config"] = new JsonObject { ["url"] = Url, ["credentials"] = new JsonObject { ["auth_type"] = "api_key", ["api_key"] = "demo-key" } },
        });
        var wanted = new JsonObject { ["name"] = name, ["connectionId"] = (string)connection["id"]! };
        foreach (var (key, value) in more ?? []) wanted[key] = value?.DeepClone();
        return $"{account}/sources/{(await person.PostAsync($"{account}/sources", wanted))["id"]}";
    }

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
