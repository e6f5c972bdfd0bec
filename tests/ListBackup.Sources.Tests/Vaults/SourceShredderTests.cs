using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

public sealed class SourceShredderTests
{
    [Fact]
    public async Task Nothing_of_an_account_is_left_and_others_keep_all()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(10);
        var source = await world.AddSourceAsync(s => s with { Schedule = new() { EveryMinutes = 60 }, NextRunAt = world.Clock.GetUtcNow() });
        await world.SyncAsync(source);
        var other = AccountId.New(world.Clock);
        await world.Runs.Items.PutAsync(new() { Key = new(Table.Sources, SourceKeys.Partition(other), "SRC#x"), Body = "{}" }, Condition.Absent, SyncWorld.Cancellation);

        await world.Get<IAccountShredder>().ShredAsync(world.Account, SyncWorld.Cancellation);
        await world.Get<IAccountShredder>().ShredAsync(world.Account, SyncWorld.Cancellation);

        (await CountAsync(world, SourceKeys.Partition(world.Account))).ShouldBe(0);
        (await CountAsync(world, SourceKeys.Partition(source.Id))).ShouldBe(0);
        (await world.Runs.Items.QueryAsync(new() { Table = Table.Sources, ByIndex = true, Partition = SourceKeys.DuePartition }, SyncWorld.Cancellation)).Items.ShouldBeEmpty();
        (await world.Objects.Bucket(AccountVaults.BucketOf(world.Account)).ListAsync("", null, SyncWorld.Cancellation).ToListAsync(SyncWorld.Cancellation)).ShouldBeEmpty();
        (await CountAsync(world, SourceKeys.Partition(other))).ShouldBe(1);
    }

    [Fact]
    public async Task Usage_is_what_lies_there()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(10);
        await world.SyncAsync(await world.AddSourceAsync());

        var measures = (await world.Get<IAccountMeter>().MeasureAsync(world.Account, SyncWorld.Cancellation)).ToDictionary(m => m.Name, m => m.Value);

        measures["sources"].ShouldBe(1);
        var sizes = await world.Objects.Bucket(AccountVaults.BucketOf(world.Account)).ListAsync("", null, SyncWorld.Cancellation).ToListAsync(SyncWorld.Cancellation);
        measures["storedBytes"].ShouldBe(sizes.Sum(o => o.Size));
        measures["storedBytes"].ShouldBeGreaterThan(0);
    }

    private static async Task<int> CountAsync(SyncWorld world, string partition) =>
        (await world.Runs.Items.QueryAsync(new() { Table = Table.Sources, Partition = partition }, SyncWorld.Cancellation)).Items.Count;
}
