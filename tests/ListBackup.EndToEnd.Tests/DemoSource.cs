using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>A person with a source of the demo platform on a running Host.</summary>
internal static class DemoSource
{
    private const string ApiKey = "demo-key";
    private static readonly TimeSpan EndMax = TimeSpan.FromMinutes(4);

    /// <summary>Connects and makes a source of one stream; returns its path.</summary>
    public static async Task<string> CreateAsync(HostClient person, DemoPlatform platform, params string[] streams)
    {
        var connection = await person.PostAsync($"{person.AccountPath}/connections", new JsonObject
        {
            ["name"] = "Demo CRM",
            ["platform"] = "demo",
            ["config"] = Config(platform),
        });
        var source = await person.PostAsync($"{person.AccountPath}/sources", new JsonObject
        {
            ["name"] = "CRM",
            ["connectionId"] = (string)connection["id"]!,
            ["streams"] = streams.Length == 0 ? null : new JsonArray([.. streams.Select(s => (JsonNode)new JsonObject { ["name"] = s })]),
        });
        return $"{person.AccountPath}/sources/{source["id"]}";
    }

    public static JsonObject Config(DemoPlatform platform) =>
        new() { ["url"] = platform.BaseUrl, ["credentials"] = new JsonObject { ["auth_type"] = "api_key", ["api_key"] = ApiKey } };

    /// <summary>The run or job when it has ended or waits for a person.</summary>
    public static async Task<JsonNode> EndOfAsync(HostClient person, string path)
    {
        using var limit = new CancellationTokenSource(EndMax);
        while (true)
        {
            var thing = await person.GetAsync(path);
            if ((string?)thing["state"] is "planned" or "succeeded" or "partial" or "failed" or "cancelled" or "undone") return thing;
            await Task.Delay(100, limit.Token);
        }
    }
}
