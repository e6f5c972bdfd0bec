using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Demo.Faults;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

[Trait("Stage", "faults")]
public sealed class KilledRestoreTests(ITestOutputHelper output)
{
    private const int Contacts = 400;

    [Fact]
    public async Task A_host_that_is_killed_while_it_plans_applies_and_undoes_writes_every_contact_once_and_takes_every_one_back()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TempFolder();
        await using var platform = await DemoPlatform.StartAsync(new() { Contacts = Contacts }, default);
        var host = await HostProcess.StartAsync(folder.Path);
        var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        try
        {
            var source = await DemoSource.CreateAsync(person, platform, "contacts");
            var run = await DemoSource.EndOfAsync(person, $"{source}/runs/{(await person.PostAsync($"{source}/sync", new JsonObject()))["id"]}");
            var lost = platform.DeleteContacts(platform.Count("contacts"));
            await DemoSource.EndOfAsync(person, $"{source}/runs/{(await person.PostAsync($"{source}/sync", new JsonObject()))["id"]}");

            var job = await person.PostAsync($"{source}/restores", new JsonObject { ["seq"] = (long)run["snapshotSeq"]!, ["selection"] = new JsonObject { ["kind"] = "deletions" } });
            var (restore, path) = ($"{source}/restores/{job["id"]}", $"{source}/jobs/{job["id"]}");
            job = await KilledEndAsync(path);
            ((string?)job["state"], (long?)job["restore"]!["plan"]!["creates"]).ShouldBe(("planned", lost), job.ToJsonString());
            (await person.ListAsync($"{restore}/items?limit=200")).Select(item => (string?)item["key"]).Distinct().Count().ShouldBe(lost);

            await person.PostAsync($"{restore}/approve");
            job = await KilledEndAsync(path);
            ((string?)job["state"], (long?)job["restore"]!["applied"]!["created"]).ShouldBe(("succeeded", lost), job.ToJsonString());
            platform.Count("contacts").ShouldBe(lost);

            await person.PostAsync($"{restore}/undo");
            job = await KilledEndAsync(path);
            ((string?)job["state"], (long?)job["restore"]!["undo"]!["undone"]).ShouldBe(("undone", lost), job.ToJsonString());
            platform.Count("contacts").ShouldBe(0);
        }
        finally
        {
            person.Dispose();
            await host.DisposeAsync();
        }

        // The job as the host left it that was started after the one before was killed amid requests.
        async Task<JsonNode> KilledEndAsync(string path)
        {
            await RequestsAsync(platform, random.Next(10, 250));
            await host.KillAsync();
            await host.DisposeAsync();
            host = await HostProcess.StartAsync(folder.Path);
            var email = person.Email;
            person.Dispose();
            person = await HostClient.ReturnAsync(host.Address, email);
            return await DemoSource.EndOfAsync(person, path);
        }
    }

    /// <summary>Waits until the platform has answered this many more requests, each so slowly that the kill hits the work behind it.</summary>
    private static async Task RequestsAsync(DemoPlatform platform, int count)
    {
        platform.Faults.Clear();
        platform.Faults.Add(new Fault { Kind = FaultKind.Slow, Path = "/api/v1/contacts", Delay = TimeSpan.FromMilliseconds(3), Count = Fault.CountMax });
        var until = platform.Faults.Left - count;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (platform.Faults.Left > until) await Task.Delay(2, limit.Token);
    }
}
