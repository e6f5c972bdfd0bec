using System.Text.Json.Nodes;
using ListBackup.Demo;

namespace ListBackup.Benchmarks.Restores;

/// <summary>The demo CRM: every record is looked up and written alone, which is the common case of platforms.</summary>
internal sealed class LosingDemo : ILosingPlatform
{
    private readonly DemoPlatform _platform;
    private readonly RequestCount _count = new();

    private LosingDemo(DemoPlatform platform) => _platform = platform;

    public static async Task<LosingDemo> StartAsync(int contacts) => new(await DemoPlatform.StartAsync(new() { Contacts = contacts }, CancellationToken.None));

    public string Name => "demo";

    public JsonObject Config => new()
    {
        ["url"] = _platform.BaseUrl,
        ["credentials"] = new JsonObject { ["auth_type"] = "api_key", ["api_key"] = _platform.Options.ApiKeys[0] },
    };

    public IReadOnlyList<string> Streams => ["companies", "contacts", "lists", "memberships", "notes"];

    public string[] HostArguments => [];

    public long Requests => _count.Requests;

    public void LoseContacts() => _platform.DeleteContacts(_platform.Count("contacts"));

    public async ValueTask DisposeAsync()
    {
        _count.Dispose();
        await _platform.DisposeAsync();
    }
}
