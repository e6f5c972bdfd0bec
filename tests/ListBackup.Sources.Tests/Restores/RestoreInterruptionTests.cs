using System.Net;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Sources.Tests;

/// <summary>A process may die at every single write of its own: what is stored together is still written once, and nothing of it is lost.</summary>
public sealed class RestoreInterruptionTests
{
    /// <summary>More writes than a step of these restores makes; a test ends at the first number that is beyond them.</summary>
    private const int WritesMax = 200;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task A_process_that_dies_at_any_write_of_its_own_applies_each_record_once(int contactsBatch, bool after)
    {
        var died = 0;
        for (var write = 1; write <= WritesMax; write++)
        {
            await using var world = await StoppingWorld.StartAsync(contactsBatch);
            var plan = await world.Restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");

            await world.Restore.RequestAsync(plan, "approve");
            var hasDied = await world.DieAtAsync(write, after, "applying");

            var applied = await world.Restore.JobAsync(plan.Text("id"));
            applied.Text("state").ShouldBe("succeeded", $"write {write}: {applied.Body}");
            ((int)applied.Json["restore"]!["applied"]!["created"]!).ShouldBe(6, $"write {write}");
            world.Restore.World.Writer.Writes.Count.ShouldBe(7, $"write {write}");
            world.Restore.ContactsByEmail().ShouldBe(world.Restore.ContactsAtStart, $"write {write}");
            if (!hasDied) break;
            died++;
        }
        died.ShouldBeInRange(15, WritesMax - 1);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public async Task A_process_that_dies_at_any_write_of_its_own_plans_each_record_once(int contactsBatch, bool after)
    {
        var died = 0;
        for (var write = 1; write <= WritesMax; write++)
        {
            await using var world = await StoppingWorld.StartAsync(contactsBatch);

            var job = (await world.Restore.PostPlanAsync(new { kind = "everything" })).ShouldBe(HttpStatusCode.Accepted).Text("id");
            var hasDied = await world.DieAtAsync(write, after, "planning");

            var plan = await world.Restore.JobAsync(job);
            plan.Text("state").ShouldBe("planned", $"write {write}: {plan.Body}");
            ((int)plan.Json["restore"]!["plan"]!["creates"]!, (int)plan.Json["restore"]!["plan"]!["updates"]!).ShouldBe((6, 1), $"write {write}");
            (await world.Restore.ItemsAsync(plan)).Select(item => $"{item!["stream"]} {item["key"]}").Distinct().Count().ShouldBe(7, $"write {write}");
            if (!hasDied) break;
            died++;
        }
        died.ShouldBeInRange(5, WritesMax - 1);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public async Task A_process_that_dies_at_any_write_of_its_own_undoes_each_record_once(int contactsBatch, bool after)
    {
        var died = 0;
        for (var write = 1; write <= WritesMax; write++)
        {
            await using var world = await StoppingWorld.StartAsync(contactsBatch);
            var plan = await world.Restore.PlanAsync(new { kind = "everything" });
            await world.Restore.ApproveAsync(plan);

            await world.Restore.RequestAsync(plan, "undo");
            var hasDied = await world.DieAtAsync(write, after, "undoing");

            var undone = await world.Restore.JobAsync(plan.Text("id"));
            undone.Text("state").ShouldBe("undone", $"write {write}: {undone.Body}");
            ((int)undone.Json["restore"]!["undo"]!["undone"]!).ShouldBe(7, $"write {write}");
            world.Restore.ContactsByEmail().ShouldBe(world.Before, $"write {write}");
            world.Restore.World.Platform["notes"].Records.ShouldBeEmpty();
            world.Restore.World.Writer.Writes.Count(done => done.Kind == WriteKind.Delete).ShouldBe(6, $"write {write}");
            if (!hasDied) break;
            died++;
        }
        died.ShouldBeInRange(10, WritesMax - 1);
    }

    [Fact]
    public async Task What_the_process_was_only_about_to_send_is_not_in_doubt_where_the_platform_cannot_tell()
    {
        // Neither an idempotency key nor an address: of such notes never more than one is about to be sent.
        for (var write = 1; write <= WritesMax; write++)
        {
            await using var world = await StoppingWorld.StartAsync(contactsBatch: 1, notesHaveIdempotencyKey: false);
            var plan = await world.Restore.PlanAsync(new { kind = "everything" });

            await world.Restore.RequestAsync(plan, "approve");
            if (!await world.DieAtAsync(write, after: true, "applying")) break;

            var uncertain = (await world.Restore.ItemsAsync(plan)).Count(item => (string?)item!["state"] == "uncertain");
            uncertain.ShouldBeLessThanOrEqualTo(1, $"write {write}");
            world.Restore.World.Platform["notes"].Records.Count.ShouldBeInRange(3 - uncertain, 3, $"write {write}");
        }
    }

    [Fact]
    public async Task Where_the_platform_fails_what_was_not_sent_is_as_it_was_planned()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" });
        var hasFailed = false;
        restore.World.Writer.Fails = (_, isAfter) =>
        {
            if (isAfter || hasFailed || restore.World.Writer.Writes.Count != 1) return null;
            hasFailed = true;
            return Failure.Server;
        };

        await restore.RequestAsync(plan, "approve");
        while (!hasFailed) await restore.World.WorkAsync(deliveriesMax: 1);
        var states = (await restore.ItemsAsync(plan)).Select(item => (string?)item!["state"]).ToList();
        await restore.World.WorkAsync();

        states.ShouldBe(["created", "sending", "planned", "planned", "planned", "planned"]);
        (await restore.JobAsync(plan.Text("id"))).Text("state").ShouldBe("succeeded");
        restore.World.Writer.Writes.Count.ShouldBe(6);
    }

    /// <summary>A restore of three contacts that went with their notes and of one that was changed, on a store that stops where the test says.</summary>
    private sealed class StoppingWorld : IAsyncDisposable
    {
        private readonly StoppingItems _items;

        private StoppingWorld(RestoreWorld restore, StoppingItems items) => (Restore, _items, Before) = (restore, items, restore.ContactsByEmail());

        public RestoreWorld Restore { get; }

        /// <summary>What the platform had just before the restore.</summary>
        public IReadOnlyDictionary<string, string> Before { get; }

        public static async Task<StoppingWorld> StartAsync(int contactsBatch, bool notesHaveIdempotencyKey = true)
        {
            StoppingItems? items = null;
            var restore = await RestoreWorld.StartAsync(notesHaveIdempotencyKey, contactsBatch, services => services.AddSingleton<IItemStore>(provider => items = new(new MemoryItems(provider.GetRequiredService<TimeProvider>()))));
            restore.DeleteContactsAndNotes();
            restore.World.Platform["contacts"].PutJson("c4", RestoreWorld.Contact("c4", "a4@x.example", "subscribed", "spoiled"));
            await restore.World.SyncAsync(restore.Source);
            return new(restore, items!); // Made when the world first stored something.
        }

        /// <summary>Works until nothing waits any more, with a process that dies on the way and another that comes after it.</summary>
        /// <param name="write">The last write of the first process, counted from the one that takes the job.</param>
        /// <param name="after">Whether it happens.</param>
        /// <param name="state">The job's state from which writes are counted.</param>
        /// <returns>False when the work was done with fewer writes.</returns>
        public async Task<bool> DieAtAsync(int write, bool after, string state)
        {
            _items.StopAt(write, after, $"\"{state}\"");
            while (!_items.HasStopped && Restore.World.Queues.NextAt() is not null) await Restore.World.WorkAsync(deliveriesMax: 1);
            var hasStopped = _items.HasStopped;
            _items.Heal();
            await Restore.World.WorkAsync();
            // Where the message went with the process, the sweeper sends it again.
            await Restore.World.SweepAsync();
            return hasStopped;
        }

        public ValueTask DisposeAsync() => Restore.DisposeAsync();
    }
}
