using ListBackup.Demo.Faults;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

/// <summary>The whole way with everything real: CRM over HTTP, connector engine, vault, and back.</summary>
public sealed class DemoTests
{
    private static readonly string[] Counted = ["contacts", "companies", "lists", "memberships", "notes"];

    [Fact]
    public async Task Every_stream_of_the_demo_platform_is_backed_up_to_the_last_record()
    {
        await using var demo = await DemoWorld.StartAsync(contacts: 230);

        var run = await demo.SyncAsync();

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        var snapshot = (await demo.World.SnapshotsAsync(demo.Source)).Single();
        foreach (var stream in Counted)
        {
            snapshot.Streams.Single(s => s.Stream == stream).Live.ShouldBe(demo.CountOf(stream), stream);
            snapshot.Streams.Single(s => s.Stream == stream).Coverage.Level.ShouldNotBe(CoverageLevel.Partial, stream);
        }
        snapshot.Streams.Single(s => s.Stream == "contacts").Coverage.Level.ShouldBe(CoverageLevel.Proven);
        (await (await demo.World.VaultAsync()).VerifyAsync(new() { Level = VerifyLevel.Restore }, SyncWorld.Cancellation)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_sync_reads_changes_only_and_noise_makes_no_versions()
    {
        await using var demo = await DemoWorld.StartAsync(contacts: 230);
        await demo.SyncAsync();
        demo.Platform.Browse(100);

        var run = await demo.SyncAsync();

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        var parts = await demo.World.PartsAsync(run);
        parts["contacts"].Mode.ShouldBe(ReadMode.Incremental);
        (parts["contacts"].Counts.Changed, parts["contacts"].Counts.Added).ShouldBe((0, 0));
        var snapshots = await demo.World.SnapshotsAsync(demo.Source);
        foreach (var stream in Counted)
            snapshots[1].Streams.Single(s => s.Stream == stream).StateRoot.ShouldBe(snapshots[0].Streams.Single(s => s.Stream == stream).StateRoot, stream);
    }

    [Fact]
    public async Task Deleted_contacts_come_back_with_their_memberships_and_notes()
    {
        await using var demo = await DemoWorld.StartAsync(contacts: 120);
        await demo.SyncAsync();
        var emails = await demo.FieldAsync("contacts", "email");
        var notes = await demo.FieldAsync("notes", "body");
        var before = Counted.ToDictionary(s => s, s => demo.Platform.Count(s));
        demo.Platform.DeleteContacts(15).ShouldBe(15);
        var disaster = await demo.SyncAsync();
        disaster.State.ShouldBe(RunState.Succeeded, disaster.Reason?.Message);
        (await demo.World.SnapshotsAsync(demo.Source))[1].Streams.Single(s => s.Stream == "contacts").Deleted.ShouldBe(15);

        var job = await demo.RestoreAsync(new { kind = "deletions" }, seq: 1);

        var items = (await demo.Api.GetAsync($"{demo.Url}/restores/{job.Text("id")}/items?limit=200", demo.Operator)).Body;
        job.Text("state").ShouldBeOneOf("succeeded", "partial");
        demo.Platform.Count("contacts").ShouldBe(before["contacts"], items);
        demo.Platform.Count("notes").ShouldBe(before["notes"], items);
        var after = await demo.SyncAsync();
        after.State.ShouldBe(RunState.Succeeded, after.Reason?.Message);
        (await demo.FieldAsync("contacts", "email")).ShouldBe(emails);
        (await demo.FieldAsync("notes", "body")).ShouldBe(notes);
    }

    [Theory]
    [InlineData(FaultKind.RateLimited)]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.Garbage)]
    [InlineData(FaultKind.CutBody)]
    [InlineData(FaultKind.Never)]
    public async Task A_fault_of_the_platform_that_passes_costs_nothing_but_time(FaultKind kind)
    {
        await using var demo = await DemoWorld.StartAsync(contacts: 230, answerTimeout: TimeSpan.FromSeconds(2));
        demo.Platform.Faults.Add(new() { Kind = kind, Path = "/api/v1/contacts", Skip = 1, Count = 2 });

        var run = await demo.SyncAsync();

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        demo.Platform.Faults.Left.ShouldBe(0);
        (await demo.World.SnapshotsAsync(demo.Source)).Single().Streams.Single(s => s.Stream == "contacts").Live.ShouldBe(demo.CountOf("contacts"));
        (await demo.World.PartsAsync(run))["contacts"].Log.ShouldContain(line => line.Message.Contains("Tried again"));
    }

    [Fact]
    public async Task Refused_credentials_end_the_run_with_the_reason()
    {
        await using var demo = await DemoWorld.StartAsync(contacts: 10);
        demo.Platform.Faults.Add(new() { Kind = FaultKind.Unauthorized, Path = "/api/v1", Count = 1000 });

        var run = await demo.SyncAsync();

        run.State.ShouldBe(RunState.Failed);
        run.Reason!.Code.ShouldBe("platform-unauthorized");
    }
}
