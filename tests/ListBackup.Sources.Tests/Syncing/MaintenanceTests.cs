using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class MaintenanceTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    [Fact]
    public async Task A_source_is_looked_after_every_day_and_shows_what_is_proven_and_promised()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(30);
        var source = await world.AddSourceAsync(s => s with { Retention = new() { KeepDaily = 3 } });
        await world.SyncAsync(source);
        SourceView.Of(await world.SourceAsync(source)).Protection.MaintainedAt.ShouldBeNull();

        await MaintainAsync(world);

        world.Failures.ShouldBeEmpty();
        var view = SourceView.Of(await world.SourceAsync(source));
        var now = world.Clock.GetUtcNow();
        (view.Protection.LastVerifiedAt, view.Protection.LastDrillAt, view.Protection.AllVerifiedSince, view.Protection.Damage).ShouldBe((now, now, now, null));
        view.Protection.GuaranteedUntil.ShouldBe((await world.SourceAsync(source)).LastSnapshotAt!.Value.AddDays(7));
        view.Retention!.Applied.ShouldBeTrue();
        var vault = await world.VaultAsync();
        (await vault.PreviewRetentionAsync(source.Id.ToString(), null, SyncWorld.Cancellation)).Policy.ShouldBe(new Vault.RetentionPolicy { KeepAllDays = 7, Daily = 3 });

        await MaintainAsync(world);
        SourceView.Of(await world.SourceAsync(source)).Protection.LastDrillAt.ShouldBe(now); // A drill is due each month, not each day.
    }

    [Fact]
    public async Task What_retention_does_not_keep_goes_from_vault_and_calendar_and_the_rest_stays_readable()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts").Fill(30);
        var source = await world.AddSourceAsync(s => s with { Retention = new() { KeepLast = 2 } });
        for (var i = 0; i < 4; i++)
        {
            contacts.Put("r0001", $"value {i}");
            await world.SyncAsync(source);
            world.Clock.Advance(TimeSpan.FromDays(20));
        }

        await MaintainAsync(world);
        await MaintainAsync(world); // Garbage that was planned yesterday goes today.
        await MaintainAsync(world);

        world.Failures.ShouldBeEmpty();
        (await world.SnapshotsAsync(source)).Select(s => s.Seq).ShouldBe([3, 4]);
        (await SeqsAsync(world, source)).ShouldBe([3, 4]);
        (await world.BackedUpAsync(source, "contacts", 3))["r0001"].ShouldContain("value 2");
        (await (await world.VaultAsync()).VerifyAsync(new() { Level = VerifyLevel.Restore }, SyncWorld.Cancellation)).Problems.ShouldBeEmpty();
    }

    /// <summary>Every message may come twice and in disorder, and every other delivery has no time.</summary>
    [Fact]
    public async Task A_pass_that_is_cut_off_anywhere_is_finished_and_nothing_is_done_twice_at_once()
    {
        await using var world = new SyncWorld();
        world.Queues.Disorder = new Random(7);
        var contacts = world.Platform.Add("contacts").Fill(30);
        var source = await world.AddSourceAsync(s => s with { Retention = new() { KeepLast = 1 } });
        for (var i = 0; i < 4; i++)
        {
            contacts.Put("r0001", $"value {i}");
            await world.SyncAsync(source);
            world.Clock.Advance(TimeSpan.FromDays(20));
        }

        // Half of all deliveries get no time at all: they stop at once, and another goes on.
        await TickAsync(world);
        for (var i = 0; i < 200; i++)
        {
            world.DeliveryTime = i % 2 == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(10);
            if (await world.DeliverAsync()) continue;
            if (world.Queues.NextAt() is not { } next) break;
            world.Clock.Advance(next > world.Clock.GetUtcNow() ? next - world.Clock.GetUtcNow() : TimeSpan.Zero);
        }
        world.DeliveryTime = TimeSpan.FromMinutes(10);
        await TickAsync(world);
        await world.WorkAsync();

        (await world.SourceAsync(source)).MaintainedAt.ShouldNotBeNull();
        // The last, and the one before: runs that began on it may still go on for a week.
        (await SeqsAsync(world, source)).ShouldBe([3, 4]);
        (await (await world.VaultAsync()).VerifyAsync(new() { Level = VerifyLevel.Restore }, SyncWorld.Cancellation)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_that_was_lost_is_sent_again()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        world.Queues.Loses = queue => queue == QueueName.Maintenance;
        await MaintainAsync(world);
        (await world.SourceAsync(source)).MaintainedAt.ShouldBeNull();

        world.Queues.Loses = _ => false;
        world.Clock.Advance(MaintenanceQueue.Silence);
        await TickAsync(world);
        await world.WorkAsync();

        (await world.SourceAsync(source)).MaintainedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Damage_is_told_once_a_day_and_stays_on_the_source_until_all_was_found_whole()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        world.Platform.Add("contacts").Fill(50);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var objects = ((MemoryObjects)world.Objects.Bucket(AccountVaults.BucketOf(world.Account))).Contents;
        var segment = objects.First(o => o.Key.StartsWith("s/", StringComparison.Ordinal)).Value;
        segment[40] ^= 1;

        await MaintainAsync(world);

        var view = SourceView.Of(await world.SourceAsync(source));
        (view.Health, view.Protection.Damage!.Code, view.Protection.LastVerifiedAt).ShouldBe((SourceHealth.Failing, "vault-damaged", null));
        world.Queues.Told.Where(n => n.Event == "verification.failed").Select(n => n.Id).Distinct().Count().ShouldBe(1);

        segment[40] ^= 1;
        (await api.PostAsync($"/v1/accounts/{world.Account}/sources/{source.Id}/verify", new { level = "blocks" }, operate)).ShouldBe(HttpStatusCode.Accepted);
        await world.WorkAsync();
        SourceView.Of(await world.SourceAsync(source)).Protection.Damage.ShouldBeNull();
    }

    [Fact]
    public async Task Sources_of_one_vault_are_verified_in_turn_each_for_itself()
    {
        await using var world = new SyncWorld(new() { VerifyBytesMin = 1 });
        var contacts = world.Platform.Add("contacts").Fill(30);
        var sources = new[] { await world.AddSourceAsync(), await world.AddSourceAsync() };
        for (var i = 0; i < 3; i++)
        {
            contacts.Fill(30).Put("r0001", $"value {i}");
            foreach (var source in sources) await world.SyncAsync(source);
        }

        for (var day = 0; day < 3; day++) await MaintainAsync(world);

        // Three segments each, at least one a day.
        foreach (var source in sources) (await world.SourceAsync(source)).AllVerifiedSince.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_large_account_does_not_push_back_a_small_one()
    {
        await using var world = new SyncWorld();
        var (large, small) = (AccountId.New(TimeProvider.System), AccountId.New(TimeProvider.System));
        var queue = world.Get<MaintenanceQueue>();
        for (var i = 0; i < 300; i++) await queue.EnsureAsync(large, SourceId.New(TimeProvider.System), SyncWorld.Cancellation);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await queue.EnsureAsync(small, SourceId.New(TimeProvider.System), SyncWorld.Cancellation);
        world.Clock.Advance(s_day);

        await queue.TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);

        var accounts = new List<string>();
        while (world.Queues.Take() is { } delivery) accounts.Add(RunMessages.Read(delivery.Message, SourceItemsJson.Default.MaintenanceMessage).AccountId.ToString());
        accounts.Count(a => a == small.ToString()).ShouldBe(1);
        accounts.Count.ShouldBeLessThan(20);
    }

    [Theory]
    [InlineData(null, null, 7, 1)]
    [InlineData(400, null, 17, 1)]
    [InlineData(24, 5, 7, 5)]
    public void What_a_person_asked_for_is_what_the_vault_keeps_at_least(int? hourly, int? last, int days, int minimum) =>
        new RetentionPolicy { KeepHourly = hourly, KeepLast = last, KeepMonthly = 12 }.ToVault().ShouldBe(new Vault.RetentionPolicy { KeepAllDays = days, MinSnapshots = minimum, Monthly = 12 });

    private static async Task MaintainAsync(SyncWorld world)
    {
        world.Clock.Advance(s_day);
        await TickAsync(world);
        await world.WorkAsync();
    }

    private static Task TickAsync(SyncWorld world) => world.Get<Maintenance>().TickAsync(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), SyncWorld.Cancellation);

    private static async Task<IReadOnlyList<long>> SeqsAsync(SyncWorld world, Source source)
    {
        var seqs = new List<long>();
        var query = new ItemQuery { Table = Table.Sources, Partition = SourceKeys.Partition(source.Id), SortPrefix = "SNAP#", Limit = ItemQuery.LimitMax };
        await foreach (var item in world.Runs.Items.AllAsync(query, SyncWorld.Cancellation)) seqs.Add(ItemJson.Read(item, SourceItemsJson.Default.SourceSnapshot).Value.Seq);
        return seqs;
    }
}
