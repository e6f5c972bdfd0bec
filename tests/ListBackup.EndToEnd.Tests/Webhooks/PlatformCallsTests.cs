using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>The CRM calls a running Host when something changed there.</summary>
[Trait("Stage", "e2e")]
public sealed class PlatformCallsTests
{
    // A change settles, and the Scheduler looks once a minute; the rest is for a machine that has much to do.
    private static readonly TimeSpan SnapshotMax = TimeSpan.FromMinutes(4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_at_the_crm_are_backed_up_by_one_run_within_minutes_and_nobody_asked_for_it()
    {
        using var folder = new TempFolder();
        await using var platform = await DemoPlatform.StartAsync(new() { Contacts = 200 }, Cancellation);
        await using var host = await HostProcess.StartAsync(folder.Path);
        using var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        using var crm = new HttpClient { BaseAddress = new(platform.BaseUrl), DefaultRequestHeaders = { { "X-Api-Key", "demo-key" } } };
        var source = await DemoSource.CreateAsync(person, platform);
        var first = await person.PostAsync($"{source}/sync", new JsonObject());
        ((string?)(await DemoSource.EndOfAsync(person, $"{source}/runs/{first["id"]}"))["state"]).ShouldBe("succeeded");
        var webhook = $"{person.AccountPath}/connections/{(await person.GetAsync(source))["connectionId"]}/webhook";
        var address = new Uri((string)(await person.SendAsync(HttpMethod.Put, webhook, null))["address"]!);
        var secret = await SubscribeAsync(crm, new Uri(host.Address, address.AbsolutePath));
        await person.SendAsync(HttpMethod.Put, webhook, new JsonObject { ["secret"] = secret });

        platform.ImportBadly(50).ShouldBe(50);
        var second = await SnapshotAsync(person, source, count: 2);

        ((string?)second["trigger"]).ShouldBe("webhook");
        ((long?)second["changed"]).ShouldBe(50);
        (await person.ListAsync($"{source}/runs")).Count.ShouldBe(2);
        (await person.GetAsync(webhook))["lastCallAt"].ShouldNotBeNull();
        using var forged = await crm.PostAsync(new Uri(host.Address, address.AbsolutePath), new StringContent("""{"id":"evt_x","type":"contact.updated"}"""), Cancellation);
        forged.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        host.Output.ShouldNotContain(address.Segments[^1]);
    }

    private static async Task<string> SubscribeAsync(HttpClient crm, Uri url)
    {
        using var answer = await crm.PostAsync("/api/v1/webhooks", new StringContent(new JsonObject { ["url"] = url.ToString() }.ToJsonString()), Cancellation);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["secret"]!;
    }

    /// <summary>The newest snapshot when there are this many.</summary>
    private static async Task<JsonNode> SnapshotAsync(HostClient person, string source, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(SnapshotMax);
        while (true)
        {
            var snapshots = await person.ListAsync($"{source}/snapshots");
            if (snapshots.Count >= count) return snapshots.MaxBy(snapshot => (long)snapshot["seq"]!)!; // There are some.
            await Task.Delay(500, limit.Token);
        }
    }
}
