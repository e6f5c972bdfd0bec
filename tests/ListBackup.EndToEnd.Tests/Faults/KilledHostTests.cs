using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Demo.Faults;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

[Trait("Stage", "faults")]
public sealed class KilledHostTests(ITestOutputHelper output)
{
    private const int Contacts = 20_000;
    private const int Kills = 3;
    private const string Stream = "contacts";

    [Fact]
    public async Task A_host_that_is_killed_in_the_middle_of_a_sync_goes_on_at_the_next_start()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TempFolder();
        await using var platform = await DemoPlatform.StartAsync(new() { Contacts = Contacts }, default);
        var host = await HostProcess.StartAsync(folder.Path);
        try
        {
            var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
            var source = await DemoSource.CreateAsync(person, platform, Stream);
            // Slow pages make the sync long, and count how far it is.
            platform.Faults.Add(new Fault { Kind = FaultKind.Slow, Path = "/api/v1/contacts", Delay = TimeSpan.FromMilliseconds(40), Count = Fault.CountMax });
            var run = await person.PostAsync($"{source}/sync", new JsonObject());

            for (var kill = 0; kill < Kills; kill++)
            {
                await RequestsAsync(platform, random.Next(5, 30));
                await host.KillAsync();
                await host.DisposeAsync();
                host = await HostProcess.StartAsync(folder.Path);
                var email = person.Email;
                person.Dispose();
                person = await HostClient.ReturnAsync(host.Address, email);
            }
            run = await DemoSource.EndOfAsync(person, $"{source}/runs/{run["id"]}");

            ((string?)run["state"]).ShouldBe("succeeded", $"{run.ToJsonString()}\n{host.Output}");
            await ShouldHoldAsync(person, source, platform);
            person.Dispose();
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>Waits until the platform has answered this many more requests.</summary>
    private static async Task RequestsAsync(DemoPlatform platform, int count)
    {
        var until = platform.Faults.Left - count;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (platform.Faults.Left > until) await Task.Delay(5, limit.Token);
    }

    /// <summary>One snapshot, every record of the platform once, and a vault that verifies.</summary>
    private static async Task ShouldHoldAsync(HostClient person, string source, DemoPlatform platform)
    {
        (await person.ListAsync($"{source}/snapshots")).Count.ShouldBe(1);
        var snapshot = await person.GetAsync($"{source}/snapshots/1");
        var archived = Contacts - platform.Count(Stream);
        ((long?)snapshot["streams"]![0]!["live"]).ShouldBe(platform.Count(Stream) + archived);
        ((string?)snapshot["streams"]![0]!["certificate"]!["coverage"]).ShouldBe("proven");
        var keys = (await person.ListAsync($"{source}/snapshots/1/streams/{Stream}/records?limit=200")).Select(r => (string)r["key"]!).ToList();
        keys.Count.ShouldBe(keys.Distinct().Count());
        keys.Count.ShouldBe(Contacts);

        var job = await person.PostAsync($"{source}/verify", new JsonObject { ["level"] = "restore" });
        job = await DemoSource.EndOfAsync(person, $"{source}/jobs/{job["id"]}");
        ((bool?)job["verify"]!["sound"]).ShouldBe(true, job.ToJsonString());
    }
}
