using ListBackup.Connectors;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

/// <summary>A right or a scope that was lost looks like an empty platform. It must never be read as "everything was deleted".</summary>
public sealed class SuddenlyEmptyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task A_stream_that_arrives_empty_without_a_total_keeps_its_records_and_is_told(int count)
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        var contacts = world.Platform.Add("contacts").Fill(count);
        world.Platform.Add("lists").Fill(2);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Records.Clear();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        run.Reason!.Code.ShouldBe("suddenly-empty");
        var anomaly = run.Anomalies.ShouldHaveSingleItem();
        (anomaly.Code, anomaly.Stream, anomaly.Severity, anomaly.Before).ShouldBe(("suddenly-empty", "contacts", AnomalySeverity.Severe, count));
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(count);
        var stream = (await world.SnapshotsAsync(source))[1].Streams.Single(s => s.Stream == "contacts");
        (stream.Live, stream.Deleted, stream.Coverage.Level).ShouldBe((count, 0, CoverageLevel.Partial));
    }

    [Fact]
    public async Task Records_that_come_back_are_the_same_records()
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        var contacts = world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var hidden = contacts.Records.ToList();
        contacts.Records.Clear();
        await world.SyncAsync(source);
        foreach (var (id, record) in hidden) contacts.Records[id] = record;

        var run = await world.SyncAsync(source);

        (run.State, run.Anomalies.Count).ShouldBe((RunState.Succeeded, 0));
        var stream = (await world.SnapshotsAsync(source))[^1].Streams.Single();
        (stream.Live, stream.Added, stream.Changed, stream.Deleted).ShouldBe((40, 0, 0, 0));
    }

    [Fact]
    public async Task A_list_of_ids_that_arrives_empty_takes_nothing_for_gone()
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        var contacts = world.Platform.Add("contacts", isIncremental: true, new StreamExtensions
        {
            Deletes = new DeleteDetection { Kind = DeleteDetectionKind.IdSweep, Stream = "ids", IdField = FieldPath.Of("id") },
        }).Fill(5);
        var ids = world.Platform.Add("ids").Fill(5);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        ids.Records.Clear();
        contacts.Put("r0002", "changed");

        var run = await world.SyncAsync(source);

        (await world.PartsAsync(run))["contacts"].Mode.ShouldBe(ReadMode.IdSweep);
        run.Anomalies.ShouldHaveSingleItem().Code.ShouldBe("suddenly-empty");
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task The_platforms_own_word_that_there_is_nothing_is_taken_and_the_drop_is_told()
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        var contacts = world.Platform.Add("contacts", extensions: new StreamExtensions { TellsTotal = true }).Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Records.Clear();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded);
        var anomaly = run.Anomalies.ShouldHaveSingleItem();
        (anomaly.Code, anomaly.Severity).ShouldBe(("count-drop", AnomalySeverity.Severe));
        (await world.BackedUpAsync(source, "contacts", 1)).Count.ShouldBe(40);
    }

    [Fact]
    public async Task A_worker_that_dies_before_it_can_say_so_is_followed_by_one_that_does()
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        var contacts = world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Records.Clear();
        var vault = await world.VaultAsync();
        var run = await world.StartAsync(source);
        await world.DeliverAsync();
        await using (var backup = await vault.BackUpStreamAsync(new()
        {
            Source = source.Id.ToString(), Run = run.Id.ToString(), Stream = "contacts", Mode = ReadMode.FullSweep, Settings = StreamPlan.Settings(contacts.Info),
        }, SyncWorld.Cancellation))
        {
            await backup.FinishAsync(new() { IsComplete = false, IncompleteReason = $"{PartReading.EmptyReason} (40), and so on.", Evidence = new() }, SyncWorld.Cancellation);
        }

        await world.WorkAsync();

        (await world.RunAsync(run)).Anomalies.ShouldHaveSingleItem().Code.ShouldBe("suddenly-empty");
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(40);
    }

    public static TheoryData<string> Refusals => ["401", "403"];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_stream_keeps_its_records_and_is_no_deletion(string status)
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        world.Platform.Add("contacts").Fill(40);
        world.Platform.Add("lists").Fill(2);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        world.Platform.Fails = (stream, page) => stream != "contacts" ? null : status == "401" ? Failure.Unauthorized : Failure.Forbidden;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        run.Reason!.Code.ShouldBe(status == "401" ? "platform-unauthorized" : "platform-forbidden");
        run.Anomalies.ShouldBeEmpty();
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(40);
    }

    /// <summary>The first page arrives, the second is refused: what did not arrive is not gone either.</summary>
    [Fact]
    public async Task A_scope_that_is_lost_in_the_middle_of_a_stream_takes_nothing_for_gone()
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        world.Platform.Fails = (_, page) => page > 1 ? Failure.Forbidden : null;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(40);
    }
}
