using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>Records that refer to one another, on a platform that refuses a reference to what it does not have.</summary>
public sealed class RestoreOrderTests
{
    [Fact]
    public async Task A_tree_whose_ids_stand_in_the_wrong_order_comes_back_in_one_restore()
    {
        // a lies in b, b in c, c in d: by their ids the children come first.
        await using var restore = await StartAsync(world => Folders(world, ("a", "b"), ("b", "c"), ("c", "d"), ("d", null)));
        var before = Tree(restore);
        restore.World.Platform["folders"].Records.Clear();
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "everything" });
        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("succeeded", applied.Body);
        (await restore.ItemsAsync(plan)).Select(item => (string?)item!["key"]).ShouldBe(["d", "c", "b", "a"]);
        (await restore.ItemsAsync(plan)).ShouldAllBe(item => item!["outcome"] == null);
        Tree(restore).ShouldBe(before);
    }

    [Fact]
    public async Task A_circle_is_created_first_and_closed_by_a_second_write_and_the_undo_opens_it_again()
    {
        await using var restore = await StartAsync(world => Folders(world, ("a", "b"), ("b", "a"), ("self", "self"), ("top", "0")));
        var before = Tree(restore);
        restore.World.Platform["folders"].Records.Clear();
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "everything" });
        var items = await restore.ItemsAsync(plan);
        var applied = await restore.ApproveAsync(plan);
        var after = Tree(restore);
        var undone = await restore.UndoAsync(plan);

        Numbers(plan).ShouldBe((4, 0, 2));
        items.Select(item => $"{item!["number"]} {item["action"]} {item["key"]} {item["awaits"]!.ToJsonString()} {item["completes"]}").ShouldBe(
        [
            "0 create top [] ", "1 create b [\"/parent\"] ", "2 create a [] ", "3 create self [\"/parent\"] ", "4 update b [] 1", "5 update self [] 3",
        ]);
        applied.Text("state").ShouldBe("succeeded", applied.Body);
        ((int)applied.Json["restore"]!["applied"]!["created"]!).ShouldBe(4);
        ((int)applied.Json["restore"]!["applied"]!["completed"]!).ShouldBe(2);
        after.ShouldBe(before);
        undone.Text("state").ShouldBe("undone");
        ((int)undone.Json["restore"]!["undo"]!["undone"]!).ShouldBe(4);
        restore.World.Platform["folders"].Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_streams_that_refer_to_each_other_come_back_whole()
    {
        await using var restore = await StartAsync(Teams);
        var before = Tree(restore);
        restore.World.Platform["teams"].Records.Clear();
        // u1 is still there, but nobody's any more: it gets its team back when that is there.
        restore.World.Platform["people"].Delete("u2");
        restore.World.Platform["people"].PutJson("u1", """{"id":"u1","name":"Ann","team":null}""");
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "everything" });
        var applied = await restore.ApproveAsync(plan);

        Numbers(plan).ShouldBe((2, 1, 1));
        applied.Text("state").ShouldBe("succeeded", applied.Body);
        Tree(restore).ShouldBe(before);
    }

    [Fact]
    public async Task Where_nothing_can_be_changed_the_plan_says_that_the_circle_stays_open()
    {
        await using var restore = await StartAsync(world =>
        {
            Folders(world, ("a", "b"), ("b", "a"));
            world.Writer.Change("folders", stream => stream with { CanUpdate = false });
        });
        restore.World.Platform["folders"].Records.Clear();
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "everything" });
        var applied = await restore.ApproveAsync(plan);

        Numbers(plan).ShouldBe((2, 0, 0));
        plan.Json["restore"]!["warnings"]!.AsArray().Select(warning => (string?)warning).ShouldContain("folders: Records refer to each other in a circle, and the platform lets none be changed. They come back without /parent.");
        ((string?)(await restore.ItemsAsync(plan))[0]!["note"]).ShouldNotBeNull().ShouldContain("comes back without /parent");
        applied.Text("state").ShouldBe("succeeded", applied.Body);
        Tree(restore).Order(StringComparer.Ordinal).ShouldBe(["folders a in b", "folders b in "]);
    }

    [Fact]
    public async Task What_stands_in_the_backup_but_is_not_restored_is_referred_to_by_its_old_id()
    {
        await using var restore = await StartAsync(world => Folders(world, ("a", "b"), ("b", null)));
        restore.World.Platform["folders"].Records.Clear();
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "records", records = new[] { new { stream = "folders", key = "a" } } });
        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("partial", applied.Body);
        (await restore.ItemsAsync(plan)).ShouldHaveSingleItem()!["state"]!.GetValue<string>().ShouldBe("refused");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Any_forest_with_any_circles_comes_back_equal_in_one_restore_however_often_it_is_cut_off(int seed)
    {
        var random = new Random(seed);
        var ids = Enumerable.Range(0, 25).Select(_ => $"f{random.Next(100_000):d5}").Distinct().ToList();
        await using var restore = await StartAsync(world =>
        {
            // Without a rule about circles: some go in one, some to themselves, some to nobody.
            Folders(world, [.. ids.Select(id => (id, random.Next(4) == 0 ? null : ids[random.Next(ids.Count)]))]);
            Teams(world, random, 12);
        });
        var before = Tree(restore);
        foreach (var stream in Streams)
        {
            foreach (var id in restore.World.Platform[stream].Records.Keys.ToList())
            {
                if (random.Next(5) > 0) Lose(restore.World, id);
            }
        }
        await restore.World.SyncAsync(restore.Source);
        var damaged = Tree(restore);
        if (seed % 2 == 0) restore.World.DeliveryTime = TimeSpan.Zero;
        var plan = await restore.PlanAsync(new { kind = "everything" });
        var counted = Numbers(plan);
        restore.World.Writer.Fails = (_, _) => random.Next(10) == 0 ? Failure.Killed : null;

        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("succeeded", $"seed {seed}: {applied.Body}");
        Tree(restore).ShouldBe(before, $"seed {seed}");
        restore.World.Writer.Writes.Count(write => write.Kind == WriteKind.Create).ShouldBe(counted.Creates, $"seed {seed}");
        (await restore.UndoAsync(plan)).Text("state").ShouldBe("undone", $"seed {seed}");
        Tree(restore).ShouldBe(damaged, $"seed {seed}");
        if (seed == 1) restore.World.Failures.ShouldNotBeEmpty();
    }

    private static readonly string[] Streams = ["folders", "people", "teams"];

    private static Task<RestoreWorld> StartAsync(Action<SyncWorld> seed) => RestoreWorld.StartAsync(world =>
    {
        seed(world);
        world.Writer.Refuses = request => request.Kind != WriteKind.Delete && world.Writer.Sent(request).Any(pair => pair.Id != "0" && !world.Platform[pair.Stream].Records.ContainsKey(pair.Id) && !IsItself(request, pair.Id))
            || request.Kind == WriteKind.Delete && IsReferredTo(world, request.Stream, request.LiveId!);
    });

    private static bool IsItself(WriteRequest request, string id) => request.LiveId == id;

    /// <summary>No foreign key of this platform lets go by itself.</summary>
    private static bool IsReferredTo(SyncWorld world, string stream, string id) => world.Writer.Streams.Any(other => other.References.Where(reference => reference.Stream == stream).Any(reference =>
        world.Platform[other.Name].Records.Any(record => (string?)JsonNode.Parse(record.Value.Json)![reference.Field.Keys[0]] == id)));

    private static void Folders(SyncWorld world, params (string Id, string? Parent)[] folders)
    {
        world.Platform.Add("folders");
        foreach (var (id, parent) in folders)
            world.Platform["folders"].PutJson(id, new JsonObject { ["id"] = id, ["email"] = id, ["parent"] = parent }.ToJsonString());
        world.Writer.Add("folders", MatchKind.NaturalKey, hasIdempotencyKey: false, new Relation(FieldPath.Of("parent"), "folders", null));
    }

    private static void Teams(SyncWorld world)
    {
        Begin(world);
        world.Platform["people"].PutJson("u1", """{"id":"u1","name":"Ann","team":"t1"}""");
        world.Platform["people"].PutJson("u2", """{"id":"u2","name":"Ben","team":"t1"}""");
        world.Platform["teams"].PutJson("t1", """{"id":"t1","name":"Sales","lead":"u2"}""");
    }

    private static void Teams(SyncWorld world, Random random, int count)
    {
        Begin(world);
        for (var i = 0; i < count; i++)
        {
            world.Platform["people"].PutJson($"u{i}", new JsonObject { ["id"] = $"u{i}", ["name"] = $"u{i}", ["team"] = random.Next(3) == 0 ? null : $"t{random.Next(count)}" }.ToJsonString());
            world.Platform["teams"].PutJson($"t{i}", new JsonObject { ["id"] = $"t{i}", ["name"] = $"t{i}", ["lead"] = random.Next(3) == 0 ? null : $"u{random.Next(count)}" }.ToJsonString());
        }
    }

    private static void Begin(SyncWorld world)
    {
        world.Platform.Add("people");
        world.Platform.Add("teams");
        world.Writer.Add("people", null, hasIdempotencyKey: true, new Relation(FieldPath.Of("team"), "teams", null));
        world.Writer.Add("teams", null, hasIdempotencyKey: true, new Relation(FieldPath.Of("lead"), "people", null));
    }

    /// <summary>Deletes a record; what referred to it refers to nothing then, as a database does it.</summary>
    private static void Lose(SyncWorld world, string id)
    {
        foreach (var stream in Streams)
        {
            world.Platform[stream].Records.Remove(id);
            foreach (var (other, record) in world.Platform[stream].Records.ToList())
            {
                var json = JsonNode.Parse(record.Json)!.AsObject();
                var referring = json.Where(field => field.Key != "id" && field.Key != "email" && (string?)field.Value == id && field.Key != "name").Select(field => field.Key).ToList();
                if (referring.Count == 0) continue;
                foreach (var field in referring) json[field] = null;
                world.Platform[stream].PutJson(other, json.ToJsonString());
            }
        }
    }

    /// <summary>Who refers to whom, told by names: ids are new after a restore.</summary>
    private static IReadOnlyList<string> Tree(RestoreWorld restore)
    {
        var streams = restore.World.Writer.Streams.ToDictionary(stream => stream.Name, stream => restore.World.Platform[stream.Name].Records.ToDictionary(r => r.Key, r => JsonNode.Parse(r.Value.Json)!.AsObject()));
        return
        [
            .. streams.SelectMany(stream => stream.Value.Values.Select(record =>
            {
                var reference = restore.World.Writer.Streams.Single(s => s.Name == stream.Key).References[0];
                var target = (string?)record[reference.Field.Keys[0]];
                return $"{stream.Key} {Name(record)} in {(target is null ? "" : streams[reference.Stream].TryGetValue(target, out var found) ? Name(found) : target)}";
            })).Order(StringComparer.Ordinal),
        ];

        static string Name(JsonObject record) => (string?)record["email"] ?? (string)record["name"]!;
    }

    private static (int Creates, int Updates, int SecondWrites) Numbers(ApiAnswer plan)
    {
        var numbers = plan.Json["restore"]!["plan"]!;
        return ((int)numbers["creates"]!, (int)numbers["updates"]!, (int)numbers["secondWrites"]!);
    }
}
