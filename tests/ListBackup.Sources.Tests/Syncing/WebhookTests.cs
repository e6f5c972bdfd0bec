using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connections;
using ListBackup.Demo;
using ListBackup.Domain;
using ListBackup.Platforms;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Sources.Tests;

/// <summary>From a change at the CRM to a snapshot that has it, by everything that is real: the CRM's signed call, the receiving route, the scheduler, the engine, the vault.</summary>
public sealed class WebhookTests
{
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_change_at_the_crm_is_in_a_snapshot_without_a_schedule()
    {
        await using var world = new SyncWorld(replace: services =>
        {
            services.AddSingleton<ISecrets, MemorySecrets>();
            services.AddSingleton<IPlatformReader, EngineReader>();
            services.AddConnections(new ConnectionOptions { Connectors = Path.Combine(BuildOutput.Root, "connectors"), Http = new() { AllowPrivateNetworks = true } });
            services.AddPlatforms(new PublicAddress(new("http://localhost:8080")));
        });
        await using var api = await world.StartApiAsync(endpoints => endpoints.MapPlatforms());
        await using var crm = await DemoPlatform.StartAsync(new() { Contacts = 30, Time = world.Clock }, SyncWorld.Cancellation);
        using var http = new HttpClient { BaseAddress = new(crm.BaseUrl), DefaultRequestHeaders = { { "X-Api-Key", "demo-key" } } };
        var owner = await world.JoinAsync(Role.Owner);
        var connections = $"/v1/accounts/{world.Account}/connections";
        var connection = (await api.PostAsync(
            connections, new { name = "CRM", platform = "demo", config = new { url = crm.BaseUrl, credentials = new { auth_type = "api_key", api_key = "demo-key" } } }, owner))
            .ShouldBe(HttpStatusCode.Created).Text("id");
        var source = await world.AddSourceAsync(s => s with { ConnectionId = ConnectionId.Parse(connection), Platform = "demo" });
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);

        var webhook = $"{connections}/{connection}/webhook";
        var address = (await api.SendAsync(HttpMethod.Put, webhook, null, owner)).ShouldBe(HttpStatusCode.OK).Text("address");
        var secret = (string?)(await SendAsync(http, HttpMethod.Post, "/api/v1/webhooks", new JsonObject { ["url"] = new Uri(api.Address, new Uri(address).AbsolutePath).ToString() }))["secret"];
        (await api.SendAsync(HttpMethod.Put, webhook, new { secret }, owner)).ShouldBe(HttpStatusCode.OK).Text("state").ShouldBe("ready");
        var contact = JsonNode.Parse(await http.GetStringAsync("/api/v1/contacts?limit=1", SyncWorld.Cancellation))!["data"]![0]!["id"]!.ToString();
        await SendAsync(http, HttpMethod.Patch, $"/api/v1/contacts/{contact}", new JsonObject { ["first_name"] = "Wanda" });
        await AnnouncedAsync(world, ConnectionId.Parse(connection));
        world.Clock.Advance(Announcements.Settling);
        await world.Get<Scheduler>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);
        await world.WorkAsync();

        var run = (await world.Runs.FindRunAsync(source.Id, (await world.SourceAsync(source)).LastRunId!.Value, SyncWorld.Cancellation))!.Value;
        (run.Trigger, run.State).ShouldBe((RunTrigger.Webhook, RunState.Succeeded), run.Reason?.Message);
        run.Streams.ShouldBe(["contacts"]);
        (await world.SnapshotsAsync(source)).Count.ShouldBe(2);
        (await world.BackedUpAsync(source, "contacts")).Values.Single(json => json.Contains(contact)).ShouldContain("Wanda");
        (await world.BackedUpAsync(source, "contacts", seq: 1)).Values.Single(json => json.Contains(contact)).ShouldNotContain("Wanda");
    }

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, JsonObject body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var response = await http.SendAsync(request, SyncWorld.Cancellation);
        response.IsSuccessStatusCode.ShouldBeTrue(path);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(SyncWorld.Cancellation))!;
    }

    /// <summary>The CRM calls by itself, some time after the change.</summary>
    private static async Task AnnouncedAsync(SyncWorld world, ConnectionId connection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(SyncWorld.Cancellation);
        limit.CancelAfter(CallMax);
        while (await world.Runs.Items.GetAsync(Announcements.Key(connection), limit.Token) is null) await Task.Delay(20, limit.Token);
    }
}
