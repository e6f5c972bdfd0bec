using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class AttachmentCollectingTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromHours(25);

    [Fact]
    public async Task A_file_that_no_record_names_goes_after_its_grace_and_one_that_a_record_names_stays()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var (source, other) = (await world.AddSourceAsync(), await world.AddSourceAsync());
        foreach (var each in new[] { source, other }) await world.SyncAsync(each);
        await StoreAsync(world, source, [1], isCommitted: true);
        await StoreAsync(world, other, [2, 2], isCommitted: false);

        await MaintainAsync(world);
        Files(world).Count.ShouldBe(2, "it may be of a run at work, or of a reader that is open");
        await MaintainAsync(world);
        await MaintainAsync(world);

        world.Failures.ShouldBeEmpty();
        Files(world).Count.ShouldBe(1);
        var record = await (await (await world.VaultAsync()).OpenSnapshotAsync(source.Id.ToString(), seq: null, SyncWorld.Cancellation)).FindAsync("files", "1", SyncWorld.Cancellation);
        record!.Attachments.ShouldHaveSingleItem().Name.ShouldBe(Files(world)[0][5..]);
        // The plan stands in both sources' chains now; their runs go on behind it.
        foreach (var each in new[] { source, other }) await world.SyncAsync(each);
        (await (await world.VaultAsync()).VerifyAsync(new() { Level = VerifyLevel.Restore }, SyncWorld.Cancellation)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_done_once_a_day_for_all_sources_of_an_account_by_whichever_comes_first()
    {
        await using var world = new SyncWorld();
        var (one, other) = (await world.AddSourceAsync(), await world.AddSourceAsync());
        await CollectAsync(world, one);
        var first = world.Clock.GetUtcNow();

        world.Clock.Advance(TimeSpan.FromHours(10));
        await CollectAsync(world, other);
        (await ItemAsync(world)).ShouldBe(new AttachmentCollection { CollectedAt = first });
        world.Clock.Advance(TimeSpan.FromHours(11));
        await CollectAsync(world, other);

        (await ItemAsync(world)).ShouldBe(new AttachmentCollection { CollectedAt = world.Clock.GetUtcNow() });
    }

    [Fact]
    public async Task One_that_was_cut_off_is_gone_on_with_by_its_source_at_once_and_by_another_when_that_does_not_come_back()
    {
        await using var world = new SyncWorld();
        var (one, other) = (await world.AddSourceAsync(), await world.AddSourceAsync());
        var cutOff = new AttachmentCollection { TakenBy = one.Id, TakenUntil = world.Clock.GetUtcNow().AddHours(1) };
        await PutAsync(world, cutOff);

        await CollectAsync(world, other);
        (await ItemAsync(world)).ShouldBe(cutOff);
        await CollectAsync(world, one);
        (await ItemAsync(world)).ShouldBe(new AttachmentCollection { CollectedAt = world.Clock.GetUtcNow() });

        await PutAsync(world, cutOff);
        world.Clock.Advance(TimeSpan.FromHours(1));
        await CollectAsync(world, other);
        (await ItemAsync(world)).ShouldBe(new AttachmentCollection { CollectedAt = world.Clock.GetUtcNow() });
    }

    private static async Task MaintainAsync(SyncWorld world)
    {
        world.Clock.Advance(s_day);
        await world.Get<Maintenance>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);
        await world.WorkAsync();
    }

    /// <summary>A file of record 1, as a connector would store it; without a commit it is one of a run that died.</summary>
    private static async Task StoreAsync(SyncWorld world, Source source, byte[] content, bool isCommitted)
    {
        var vault = await world.VaultAsync();
        var request = new StreamBackupRequest { Source = source.Id.ToString(), Run = "files", Stream = "files", Mode = ReadMode.Incremental, Settings = new() { PrimaryKey = ["/id"] } };
        await using var backup = await vault.BackUpStreamAsync(request, SyncWorld.Cancellation);
        var file = await backup.WriteAttachmentAsync("/file", new MemoryStream(content), SyncWorld.Cancellation);
        if (!isCommitted) return;
        await backup.WriteAsync(null, """{"id":"1"}"""u8.ToArray(), [file], SyncWorld.Cancellation);
        await vault.CommitAsync(new() { Source = request.Source, Run = request.Run, Outcomes = [await backup.FinishAsync(new() { IsComplete = true }, SyncWorld.Cancellation)] }, SyncWorld.Cancellation);
    }

    private static List<string> Files(SyncWorld world) =>
        [.. ((MemoryObjects)world.Objects.Bucket(AccountVaults.BucketOf(world.Account))).Contents.Keys.Where(name => name.StartsWith("f/", StringComparison.Ordinal))];

    private static Task CollectAsync(SyncWorld world, Source source) => world.Get<AttachmentCollecting>().CollectAsync(world.Account, source.Id, SyncWorld.Cancellation);

    private static Task PutAsync(SyncWorld world, AttachmentCollection collection) =>
        world.Runs.Items.PutAsync(ItemJson.Item(SourceKeys.AttachmentCollection(world.Account), collection, SourceItemsJson.Default.AttachmentCollection), Condition.None, SyncWorld.Cancellation);

    private static async Task<AttachmentCollection> ItemAsync(SyncWorld world) =>
        (await world.Runs.Items.FindAsync(SourceKeys.AttachmentCollection(world.Account), SourceItemsJson.Default.AttachmentCollection, SyncWorld.Cancellation))!.Value;
}
