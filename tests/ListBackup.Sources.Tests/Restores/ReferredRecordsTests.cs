using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

/// <summary>Notes that refer to contacts which this restore need not write.</summary>
public sealed class ReferredRecordsTests
{
    [Fact]
    public async Task A_contact_found_unchanged_under_another_id_is_referred_to_there_and_the_plan_says_what_is_written()
    {
        await using var restore = await RestoreWorld.StartAsync();
        Renumber(restore, "c1", "x1");
        restore.World.Platform["notes"].Delete("m1");

        // The newest snapshot: every record is looked up. Notes m2 and m3 are as they were.
        var plan = await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");
        await restore.ApproveAsync(plan);
        var again = await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");

        (await restore.ItemsAsync(plan)).Select(item => $"{item!["action"]} {item["key"]} {item["outcome"]}").ShouldBe(["create m1 "]);
        restore.World.Writer.Writes.Select(write => write.Kind).ShouldBe([WriteKind.Create]);
        ContactOf(restore, "note 1").ShouldBe("x1");
        // What was written once is not planned again.
        ((int)again.Json["restore"]!["plan"]!["updates"]!).ShouldBe(0);
    }

    [Fact]
    public async Task A_note_that_names_the_other_id_of_its_contact_already_is_the_same_and_not_planned()
    {
        await using var restore = await RestoreWorld.StartAsync();
        Renumber(restore, "c1", "x1");
        restore.World.Platform["notes"].PutJson("m1", """{"id":"m1","contact":"x1","text":"note 1"}""");

        var plan = await restore.PlanAsync(new { kind = "everything" });

        (await restore.ItemsAsync(plan)).ShouldBeEmpty();
        ((int)plan.Json["restore"]!["plan"]!["same"]!).ShouldBe(8);
    }

    [Fact]
    public async Task The_other_id_of_a_contact_that_nobody_selected_is_found_and_kept_for_later_restores()
    {
        await using var restore = await RestoreWorld.StartAsync();
        Renumber(restore, "c1", "x1");
        restore.World.Platform["notes"].Delete("m1");

        await restore.ApproveAsync(await restore.PlanAsync(new { kind = "records", records = new[] { new { stream = "notes", key = "m1" } } }));

        ContactOf(restore, "note 1").ShouldBe("x1");
        var kept = await new RestoreItems(restore.World.Runs.Items).IdsAsync(restore.Source.Id, restore.Source.ConnectionId, [new("contacts", "c1")], SyncWorld.Cancellation);
        kept.Find("contacts", "c1").ShouldBe("x1");
    }

    [Fact]
    public async Task A_record_that_is_back_under_its_own_id_is_no_longer_looked_for_under_the_one_between()
    {
        await using var restore = await RestoreWorld.StartAsync();
        Renumber(restore, "c1", "x1");
        await restore.PlanAsync(new { kind = "everything" });
        Renumber(restore, "x1", "c1");
        restore.World.Platform["notes"].Delete("m1");

        await restore.ApproveAsync(await restore.PlanAsync(new { kind = "everything" }));

        ContactOf(restore, "note 1").ShouldBe("c1");
    }

    [Fact]
    public async Task Only_what_refers_to_something_that_is_not_there_is_said_to_do_so()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["contacts"].Delete("c2");
        Renumber(restore, "c3", "x3");
        for (var note = 1; note <= 3; note++) restore.World.Platform["notes"].Delete($"m{note}");

        // Of m1 the contact is there, that of m3 under another id; that of m2 is gone and nobody selected it.
        var plan = await restore.PlanAsync(new { kind = "streams", streams = new[] { "notes" } });
        await restore.ApproveAsync(plan);

        (await restore.ItemsAsync(plan)).Select(item => $"{item!["key"]} {item["state"]} {item["outcome"]}").ShouldBe(
            ["m1 created ", "m2 created It refers to records that are not on the platform: /contact.", "m3 created "]);
    }

    /// <summary>The same contact under another id, as after a move to another account or an import.</summary>
    private static void Renumber(RestoreWorld restore, string id, string newId)
    {
        var contacts = restore.World.Platform["contacts"];
        var json = JsonNode.Parse(contacts.Records[id].Json)!;
        contacts.Delete(id);
        json["id"] = newId;
        contacts.PutJson(newId, json.ToJsonString());
    }

    private static string? ContactOf(RestoreWorld restore, string text) =>
        (string?)restore.World.Platform["notes"].Records.Values.Select(record => JsonNode.Parse(record.Json)!).Single(note => (string?)note["text"] == text)["contact"];
}
