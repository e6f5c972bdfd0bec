using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Sources.Tests;

public sealed class RestoreTests
{
    [Fact]
    public async Task Deleted_contacts_come_back_with_what_belongs_to_them_and_the_undo_takes_them_away_again()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");
        Numbers(plan).ShouldBe((6, 0));
        restore.World.Writer.Writes.ShouldBeEmpty(); // A plan writes nothing.
        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("succeeded", applied.Body);
        ((int)applied.Json["restore"]!["applied"]!["created"]!).ShouldBe(6);
        ((long)applied.Json["restore"]!["safetySeq"]!).ShouldBe(3);
        restore.ContactsByEmail().ShouldBe(restore.ContactsAtStart);
        // Notes name their contacts by the ids that these have now.
        foreach (var note in restore.World.Platform["notes"].Records.Values) restore.World.Platform["contacts"].Records.Keys.ShouldContain((string)JsonNode.Parse(note.Json)!["contact"]!);

        var undone = await restore.UndoAsync(plan);
        undone.Text("state").ShouldBe("undone");
        ((int)undone.Json["restore"]!["undo"]!["undone"]!).ShouldBe(6);
        restore.World.Platform["contacts"].Records.Count.ShouldBe(2);
        restore.World.Platform["notes"].Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task Changed_records_are_put_back_and_the_undo_restores_the_change()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["contacts"].PutJson("c1", RestoreWorld.Contact("c1", "a1@x.example", "subscribed", "spoiled"));
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "streams", streams = new[] { "contacts" } });
        Numbers(plan).ShouldBe((0, 1));
        (await restore.ItemsAsync(plan)).ShouldHaveSingleItem()!["fields"]!.AsArray().Select(f => (string?)f).ShouldBe(["/name"]);
        await restore.ApproveAsync(plan);
        restore.ContactsByEmail().ShouldBe(restore.ContactsAtStart);

        await restore.UndoAsync(plan);
        restore.ContactsByEmail()["a1@x.example"].ShouldBe("subscribed spoiled");
    }

    [Theory]
    [InlineData(null, "keep", false)]
    [InlineData("remove", "remove", true)]
    public async Task Sets_are_exact_only_where_that_is_asked_and_an_undo_names_what_it_takes_back(string? asked, string shown, bool isExact)
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["contacts"].PutJson("c1", RestoreWorld.Contact("c1", "a1@x.example", "subscribed", "spoiled"));
        await restore.World.SyncAsync(restore.Source);
        var written = new List<RestoreRecord>();
        restore.World.Writer.Fails = (request, isAfter) =>
        {
            if (isAfter) written.Add(request.Record);
            return null;
        };

        var plan = await restore.PlanAsync(new { kind = "everything" }, added: asked);
        await restore.ApproveAsync(plan);
        await restore.UndoAsync(plan);

        ((string?)plan.Json["restore"]!["addedItems"]).ShouldBe(shown);
        written.Select(record => record.HasExactSets).ShouldBe([isExact, false]);
        written[0].Undone.IsEmpty.ShouldBeTrue();
        ((string?)JsonNode.Parse(written[1].Undone.Span)!["name"]).ShouldBe("Ann 1");
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 3)]
    [InlineData(5, 1)]
    public async Task An_undo_looks_up_and_writes_as_many_together_as_the_platform_takes(int contactsBatch, int requests)
    {
        await using var restore = await RestoreWorld.StartAsync(contactsBatch: contactsBatch);
        for (var i = 1; i <= 5; i++) restore.World.Platform["contacts"].PutJson($"c{i}", RestoreWorld.Contact($"c{i}", $"a{i}@x.example", "subscribed", $"spoiled {i}"));
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" });
        await restore.ApproveAsync(plan);
        var (looked, batches) = (restore.World.Writer.Lookups, restore.World.Writer.Batches.Count);
        restore.World.Writer.Refuses = request => request.LiveId == "c3";

        var undone = await restore.UndoAsync(plan);

        (restore.World.Writer.Lookups - looked).ShouldBe(requests);
        if (contactsBatch > 1) (restore.World.Writer.Batches.Count - batches).ShouldBe(requests);
        ((int)undone.Json["restore"]!["undo"]!["undone"]!, (int)undone.Json["restore"]!["undo"]!["notUndone"]!).ShouldBe((4, 1));
        restore.ContactsByEmail().Values.ShouldBe(["subscribed spoiled 1", "subscribed spoiled 2", "subscribed Ann 3", "subscribed spoiled 4", "subscribed spoiled 5"]);
        (await restore.ItemsAsync(plan)).Single(item => (string?)item!["state"] == "notUndone")!["key"]!.ToString().ShouldBe("c3");
    }

    [Fact]
    public async Task What_was_changed_since_the_last_backup_is_kept_unless_asked()
    {
        await using var restore = await RestoreWorld.StartAsync();
        var contacts = restore.World.Platform["contacts"];
        contacts.PutJson("c1", RestoreWorld.Contact("c1", "a1@x.example", "subscribed", "spoiled"));
        await restore.World.SyncAsync(restore.Source);
        contacts.PutJson("c1", RestoreWorld.Contact("c1", "a1@x.example", "subscribed", "mended by hand"));

        var careful = await restore.PlanAsync(new { kind = "everything" });
        var bold = await restore.PlanAsync(new { kind = "everything" }, "overwrite");

        Numbers(careful).ShouldBe((0, 0));
        ((string)(await restore.ItemsAsync(careful)).Single()!["note"]!).ShouldContain("changed on the platform since the last backup");
        Numbers(bold).ShouldBe((0, 1));
    }

    [Theory]
    [InlineData(null, "unsubscribed", 1, 0)]
    [InlineData("bringBack", "subscribed", 0, 1)]
    public async Task Who_unsubscribed_later_is_not_subscribed_again_and_who_was_deleted_only_when_asked(string? consent, string deleted, int withoutConsent, int withConsent)
    {
        await using var restore = await RestoreWorld.StartAsync();
        var contacts = restore.World.Platform["contacts"];
        // c1 says no, and is then deleted; c2 is only deleted; c3 says no and stays.
        contacts.PutJson("c1", RestoreWorld.Contact("c1", "a1@x.example", "unsubscribed", "Ann 1"));
        contacts.PutJson("c3", RestoreWorld.Contact("c3", "a3@x.example", "unsubscribed", "spoiled"));
        await restore.World.SyncAsync(restore.Source);
        contacts.Delete("c1");
        contacts.Delete("c2");
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(new { kind = "everything" }, consent: consent);
        await restore.ApproveAsync(plan);

        var after = restore.ContactsByEmail();
        after["a1@x.example"].ShouldBe("unsubscribed Ann 1");
        after["a2@x.example"].ShouldBe($"{deleted} Ann 2");
        after["a3@x.example"].ShouldBe("unsubscribed Ann 3");
        var items = (await restore.ItemsAsync(plan)).ToDictionary(item => (string)item!["key"]!, item => item!);
        items.Values.Count(item => item["keptConsent"]!.AsArray().Count > 0).ShouldBe(2);
        var shown = plan.Json["restore"]!;
        ((int)shown["plan"]!["withoutConsent"]!, (int)shown["plan"]!["withConsent"]!).ShouldBe((withoutConsent, withConsent));
        items["c2"][consent is null ? "withheldConsent" : "broughtBackConsent"]!.AsArray().Select(field => (string?)field).ShouldBe(["/status"]);
        ((string)items["c2"]["note"]!).ShouldContain("deleted since");
        var meaning = consent is null ? "without consent" : "gets mail again";
        shown["warnings"]!.AsArray().Select(warning => (string)warning!).ShouldContain(warning => warning.Contains(meaning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_asked_for_the_consent_of_the_deleted_and_who_approved_it_is_in_the_log()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["contacts"].Delete("c2");
        await restore.World.SyncAsync(restore.Source);

        await restore.ApproveAsync(await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack"));

        var told = (await restore.ActivitiesAsync()).Where(activity => activity.Action is "restore.requested" or "restore.approved").ToList();
        told.Count.ShouldBe(2);
        told.ShouldAllBe(activity => activity.Details["consentOfDeleted"] == "bringBack" && activity.Actor != "system");
        told[1].Details["withConsent"].ShouldBe("1");
    }

    [Fact]
    public async Task Who_said_no_as_what_an_earlier_restore_made_of_them_stays_out_of_the_next_one()
    {
        await using var restore = await RestoreWorld.StartAsync();
        var contacts = restore.World.Platform["contacts"];
        contacts.Delete("c2");
        await restore.World.SyncAsync(restore.Source);
        await restore.ApproveAsync(await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack"));
        var anew = contacts.Records.Keys.Single(id => id.StartsWith('n'));
        contacts.PutJson(anew, RestoreWorld.Contact(anew, "a2@x.example", "unsubscribed", "Ann 2"));
        await restore.World.SyncAsync(restore.Source);
        contacts.Delete(anew);
        await restore.World.SyncAsync(restore.Source);

        await restore.ApproveAsync(await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack"));

        restore.ContactsByEmail()["a2@x.example"].ShouldBe("unsubscribed Ann 2");
    }

    [Fact]
    public async Task What_must_not_be_made_anew_is_refused_in_the_plan_already()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["contacts"].Delete("c1");
        restore.World.Platform["contacts"].Delete("c2");
        await restore.World.SyncAsync(restore.Source);
        restore.World.Writer.NeverCreates = record => (string?)record["email"] == "a1@x.example" ? "They said no." : null;

        var plan = await restore.PlanAsync(new { kind = "everything" });
        var planned = await restore.ItemsAsync(plan);
        var applied = await restore.ApproveAsync(plan);

        Numbers(plan).ShouldBe((1, 0));
        ((int)plan.Json["restore"]!["plan"]!["refused"]!).ShouldBe(1);
        planned.Select(item => ((string?)item!["key"], (string?)item["action"], (string?)item["note"])).ShouldContain(("c1", "refuse", "They said no."));
        applied.Text("state").ShouldBe("partial", applied.Body);
        ((int)applied.Json["restore"]!["applied"]!["refused"]!).ShouldBe(1);
        restore.ContactsByEmail().Keys.ShouldBe(["a2@x.example", "a3@x.example", "a4@x.example", "a5@x.example"]);
    }

    [Fact]
    public async Task Who_was_erased_is_not_brought_back_and_the_plan_says_why_and_when()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        await restore.EraseAsync("c2", identifiers: []);

        var plan = await restore.PlanAsync(new { kind = "records", records = new[] { new { stream = "contacts", key = "c1" }, new { stream = "contacts", key = "c2" } } });
        var applied = await restore.ApproveAsync(plan);

        var refused = (await restore.ItemsAsync(plan)).Single(item => (string?)item!["key"] == "c2")!;
        ((string?)refused["action"]).ShouldBe("refuse");
        ((string)refused["note"]!).ShouldContain($"erased on {TimeProvider.System.GetUtcNow().UtcDateTime:yyyy}");
        ((int)plan.Json["restore"]!["plan"]!["refused"]!).ShouldBe(1);
        applied.Text("state").ShouldBe("partial", applied.Body);
        restore.ContactsByEmail().Keys.ShouldBe(["a1@x.example", "a4@x.example", "a5@x.example"]);
    }

    [Fact]
    public async Task Who_is_erased_between_plan_and_approval_stays_away()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" });
        Numbers(plan).ShouldBe((6, 0));
        await restore.EraseAsync("c2", identifiers: []);

        var applied = await restore.ApproveAsync(plan);

        ((int)applied.Json["restore"]!["applied"]!["refused"]!).ShouldBe(1);
        ((string)(await restore.ItemsAsync(plan)).Single(item => (string?)item!["key"] == "c2")!["outcome"]!).ShouldContain("by request");
        restore.ContactsByEmail().Keys.ShouldNotContain("a2@x.example");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)] // So late the record is looked up again, in the group of the vault that is remembered.
    public async Task Who_is_erased_while_the_restore_is_at_work_stays_away_though_their_record_is_in_memory(int seconds)
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" });
        restore.World.Writer.Fails = (_, isAfter) =>
        {
            if (!isAfter || restore.World.Writer.Writes.Count != 1) return null;
            restore.EraseAsync("c2", identifiers: []).GetAwaiter().GetResult();
            restore.World.Clock.Advance(TimeSpan.FromSeconds(seconds));
            return null;
        };

        var applied = await restore.ApproveAsync(plan);

        ((int)applied.Json["restore"]!["applied"]!["refused"]!).ShouldBe(1, applied.Body);
        ((string)(await restore.ItemsAsync(plan)).Single(item => (string?)item!["key"] == "c2")!["outcome"]!).ShouldContain("by request");
        restore.ContactsByEmail().Keys.ShouldBe(["a1@x.example", "a3@x.example", "a4@x.example", "a5@x.example"]);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(11, false)]
    public async Task A_no_that_is_backed_up_while_the_restore_is_at_work_counts_seconds_later(int seconds, bool eachIsLookedUpAlone)
    {
        await using var restore = await RestoreWorld.StartAsync();
        var contacts = restore.World.Platform["contacts"];
        if (eachIsLookedUpAlone) restore.World.Writer.Change("contacts", info => info with { References = [new Relation(FieldPath.Of("invitedBy"), "contacts", null)] });
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");
        restore.World.Writer.Fails = (_, isAfter) =>
        {
            if (isAfter && restore.World.Writer.Writes.Count == 1) SayNoAsync().GetAwaiter().GetResult();
            return null;
        };

        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("succeeded", applied.Body);
        var after = restore.ContactsByEmail();
        (after["a1@x.example"], after["a2@x.example"], after["a3@x.example"]).ShouldBe(("subscribed Ann 1", "subscribed Ann 2", "unsubscribed Ann 3"));

        async Task SayNoAsync()
        {
            contacts.PutJson("c3", RestoreWorld.Contact("c3", "a3@x.example", "unsubscribed", "Ann 3"));
            var run = await restore.World.StartAsync(restore.Source);
            while (!(await restore.World.RunAsync(run)).HasEnded) (await restore.World.DeliverAsync()).ShouldBeTrue();
            contacts.Delete("c3");
            restore.World.Clock.Advance(TimeSpan.FromSeconds(seconds));
        }
    }

    [Fact]
    public async Task An_erased_address_stays_away_under_another_key()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        // The request names another record of the same person.
        await restore.EraseAsync("elsewhere", identifiers: [" A2@x.example"]);

        var plan = await restore.PlanAsync(new { kind = "streams", streams = new[] { "contacts" } });
        await restore.ApproveAsync(plan);

        ((int)plan.Json["restore"]!["plan"]!["refused"]!).ShouldBe(1);
        restore.ContactsByEmail().Keys.ShouldBe(["a1@x.example", "a3@x.example", "a4@x.example", "a5@x.example"]);
    }

    [Fact]
    public async Task A_later_backup_that_sees_an_erased_person_again_leaves_them_out()
    {
        await using var restore = await RestoreWorld.StartAsync();
        await restore.EraseAsync("c2", identifiers: []);
        restore.World.Platform["contacts"].PutJson("c2", RestoreWorld.Contact("c2", "a2@x.example", "subscribed", "Ann 2, back again"));
        restore.World.Platform["contacts"].PutJson("c3", RestoreWorld.Contact("c3", "a3@x.example", "subscribed", "Ann 3, changed"));

        await restore.World.SyncAsync(restore.Source);

        var backedUp = await restore.World.BackedUpAsync(restore.Source, "contacts");
        backedUp.Keys.ShouldBe(["c1", "c3", "c4", "c5"]);
        backedUp["c3"].ShouldContain("changed");
        (await (await restore.World.VaultAsync()).VerifyAsync(new() { Level = Vault.VerifyLevel.Restore }, SyncWorld.Cancellation)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_belongs_to_a_record_is_restored_with_it_though_nobody_named_it()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["notes"].PutJson("c1", """{"id":"c1","contact":"c1","text":"preferences of c1"}""");
        restore.World.Writer.Change("contacts", info => info with { With = ["notes"] });
        await restore.World.SyncAsync(restore.Source);
        restore.World.Platform["contacts"].Delete("c1");
        restore.World.Platform["contacts"].Delete("c2");
        restore.World.Platform["notes"].Delete("c1");
        await restore.World.SyncAsync(restore.Source);

        var byName = await restore.PlanAsync(new { kind = "records", records = new[] { new { stream = "contacts", key = "c1" }, new { stream = "contacts", key = "c2" } } }, seq: 2);
        var byStream = await restore.PlanAsync(new { kind = "streams", streams = new[] { "contacts" } }, seq: 2);

        string?[] wanted = ["contacts c1", "contacts c2", "notes c1"];
        (await restore.ItemsAsync(byName)).Select(item => $"{item!["stream"]} {item["key"]}").ShouldBe(wanted);
        (await restore.ItemsAsync(byStream)).Select(item => $"{item!["stream"]} {item["key"]}").ShouldBe(wanted, ignoreOrder: true);
    }

    [Fact]
    public async Task A_contact_without_an_address_is_not_sent_twice_where_one_with_an_address_would_be()
    {
        await using var restore = await RestoreWorld.StartAsync();
        var contacts = restore.World.Platform["contacts"];
        contacts.PutJson("c9", """{"id":"c9","status":"subscribed","name":"Nameless"}""");
        await restore.World.SyncAsync(restore.Source);
        contacts.Delete("c9");
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" }, seq: 2);
        var isFirst = true;
        restore.World.Writer.Fails = (request, isAfter) =>
        {
            if (!isAfter || !isFirst || request.Stream != "contacts") return null;
            isFirst = false;
            return Failure.Killed;
        };

        var applied = await restore.ApproveAsync(plan);

        ((string?)applied.Json["reason"]!["code"]).ShouldBe("records-uncertain", applied.Body);
        contacts.Records.Values.Count(record => record.Json.Contains("Nameless", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(1, true, 1)]
    [InlineData(3, false, 1)]
    [InlineData(3, true, 1)]
    [InlineData(6, false, 1)]
    [InlineData(6, true, 1)]
    [InlineData(1, false, 3)]
    [InlineData(1, true, 3)]
    [InlineData(2, false, 3)]
    [InlineData(2, true, 3)]
    [InlineData(3, true, 3)]
    [InlineData(3, false, 2)]
    [InlineData(2, true, 2)]
    public async Task A_process_killed_before_or_after_a_write_leaves_each_record_written_once(int nth, bool afterEffect, int contactsBatch)
    {
        await using var restore = await RestoreWorld.StartAsync(contactsBatch: contactsBatch);
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");
        var writes = 0;
        restore.World.Writer.Fails = (_, isAfter) => (isAfter || ++writes > 0) && isAfter == afterEffect && writes == nth && restore.World.Failures.Count == 0 ? Failure.Killed : null;

        var applied = await restore.ApproveAsync(plan);

        restore.World.Failures.ShouldHaveSingleItem().ShouldBeOfType<ProcessKilledException>();
        applied.Text("state").ShouldBe("succeeded", applied.Body);
        ((int)applied.Json["restore"]!["applied"]!["created"]!).ShouldBe(6);
        restore.World.Writer.Writes.Count.ShouldBe(6);
        restore.ContactsByEmail().ShouldBe(restore.ContactsAtStart);
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 6)]
    public async Task Where_the_platform_cannot_tell_whether_a_lost_request_took_effect_it_is_reported_and_not_repeated(bool afterEffect, int writes)
    {
        await using var restore = await RestoreWorld.StartAsync(notesHaveIdempotencyKey: false);
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" });
        restore.World.Writer.Fails = (request, isAfter) => request.Stream == "notes" && isAfter == afterEffect && restore.World.Failures.Count == 0 ? Failure.Killed : null;

        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("partial", applied.Body);
        ((string?)applied.Json["reason"]!["code"]).ShouldBe("records-uncertain");
        restore.World.Writer.Writes.Count.ShouldBe(writes);
        (await restore.ItemsAsync(plan)).Count(item => (string?)item!["state"] == "uncertain").ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_whose_time_ends_after_every_record_plans_and_applies_everything_once()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        restore.World.DeliveryTime = TimeSpan.Zero;
        restore.World.Queues.Disorder = new Random(7);

        var plan = await restore.PlanAsync(new { kind = "everything" });
        Numbers(plan).ShouldBe((6, 0));
        (await restore.ItemsAsync(plan)).Count.ShouldBe(6);
        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("succeeded", applied.Body);
        restore.World.Writer.Writes.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Contacts_of_a_platform_that_takes_several_together_are_written_together()
    {
        await using var restore = await RestoreWorld.StartAsync(contactsBatch: 4);
        restore.DeleteContactsAndNotes();
        restore.World.Platform["contacts"].PutJson("c4", RestoreWorld.Contact("c4", "a4@x.example", "subscribed", "spoiled"));
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" }, consent: "bringBack");

        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("succeeded", applied.Body);
        restore.World.Writer.Batches.ShouldBe([4]);
        restore.World.Writer.Writes.Take(4).Select(write => write.Kind).ShouldBe([WriteKind.Create, WriteKind.Create, WriteKind.Create, WriteKind.Update]);
        restore.ContactsByEmail().ShouldBe(restore.ContactsAtStart);
        (await restore.ItemsAsync(plan)).Where(item => (string?)item!["stream"] == "contacts").Select(item => ((string?)item!["key"], (string?)item["state"])).ShouldBe(
            [("c1", "created"), ("c2", "created"), ("c3", "created"), ("c4", "updated")], ignoreOrder: true);
    }

    [Theory]
    [InlineData(1, 8, 14)]
    [InlineData(2, 6, 10)]
    [InlineData(4, 5, 8)]
    public async Task The_plan_tells_how_many_requests_it_takes(int contactsBatch, int lookups, int calls)
    {
        await using var restore = await RestoreWorld.StartAsync(contactsBatch: contactsBatch);
        restore.DeleteContactsAndNotes();
        restore.World.Platform["contacts"].PutJson("c4", RestoreWorld.Contact("c4", "a4@x.example", "subscribed", "spoiled"));
        await restore.World.SyncAsync(restore.Source);

        // What was changed is looked at twice: as the snapshot and as the last backup has it.
        var plan = await restore.PlanAsync(new { kind = "everything" });
        ((int)plan.Json["restore"]!["plan"]!["lookups"]!).ShouldBe(lookups);
        ((int)plan.Json["restore"]!["plan"]!["calls"]!).ShouldBe(calls);
        restore.World.Writer.Lookups.ShouldBe(lookups);
        await restore.ApproveAsync(plan);

        var writes = restore.World.Writer.Batches.Count + restore.World.Writer.Writes.Count(write => contactsBatch == 1 || write.Stream != "contacts");
        (restore.World.Writer.Lookups - lookups + writes).ShouldBe(calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_outage_while_applying_is_waited_for_and_a_refused_record_is_named(int contactsBatch)
    {
        await using var restore = await RestoreWorld.StartAsync(contactsBatch: contactsBatch);
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "deletions" });
        var failures = new Queue<Exception>([Failure.Server, Failure.RateLimited(TimeSpan.FromHours(1)), Failure.Never]);
        restore.World.Writer.Fails = (_, isAfter) => !isAfter && failures.TryDequeue(out var failure) ? failure : null;
        restore.World.Writer.Refuses = request => request.Stream == "notes";

        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("partial", applied.Body);
        ((int)applied.Json["restore"]!["applied"]!["created"]!).ShouldBe(3);
        (await restore.ItemsAsync(plan)).Where(item => (string?)item!["state"] == "refused").ShouldAllBe(item => (string?)item!["outcome"] == "The platform says no.");
    }

    [Fact]
    public async Task Without_a_snapshot_before_the_restore_nothing_is_written()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.DeleteContactsAndNotes();
        await restore.World.SyncAsync(restore.Source);
        var plan = await restore.PlanAsync(new { kind = "everything" });
        restore.World.Platform.Fails = (_, _) => Failure.Unauthorized;

        var applied = await restore.ApproveAsync(plan);

        applied.Text("state").ShouldBe("failed");
        ((string?)applied.Json["reason"]!["code"]).ShouldBe("no-safety-snapshot");
        restore.World.Writer.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Named_records_of_the_newest_snapshot_are_looked_up_live()
    {
        await using var restore = await RestoreWorld.StartAsync();
        restore.World.Platform["contacts"].Delete("c1");

        var plan = await restore.PlanAsync(new { kind = "records", records = new[] { new { stream = "contacts", key = "c1" }, new { stream = "contacts", key = "c2" }, new { stream = "contacts", key = "never" } } });

        (await restore.ItemsAsync(plan)).Select(item => ((string?)item!["key"], (string?)item["action"])).ShouldBe([("c1", "create"), ("c2", "skip"), ("never", "skip")]);
    }

    [Fact]
    public async Task What_cannot_be_restored_is_refused_with_the_reason()
    {
        await using var restore = await RestoreWorld.StartAsync();

        (await restore.PostPlanAsync(new { kind = "streams", streams = new[] { "log" } })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await restore.PostPlanAsync(new { kind = "records" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await restore.PostPlanAsync(new { kind = "everything" }, seq: 99)).ShouldBe(HttpStatusCode.NotFound);
    }

    private static (int Creates, int Updates) Numbers(ApiAnswer plan) => ((int)plan.Json["restore"]!["plan"]!["creates"]!, (int)plan.Json["restore"]!["plan"]!["updates"]!);
}

/// <summary>Five contacts, three notes, and a log that cannot be written; backed up once.</summary>
internal sealed class RestoreWorld : IAsyncDisposable
{
    private ApiUnderTest _api = null!; // Set by StartAsync, the only way to get one.
    private string _operator = "";

    private RestoreWorld(Action<IServiceCollection>? replace) => World = new(replace: replace);

    public SyncWorld World { get; }

    public Source Source { get; private set; } = null!; // As above.

    public IReadOnlyDictionary<string, string> ContactsAtStart { get; private set; } = new Dictionary<string, string>();

    private string Url => $"/v1/accounts/{World.Account}/sources/{Source.Id}";

    public static string Contact(string id, string email, string status, string name) => $$"""{"id":"{{id}}","email":"{{email}}","status":"{{status}}","name":"{{name}}"}""";

    public static async Task<RestoreWorld> StartAsync(bool notesHaveIdempotencyKey = true, int contactsBatch = 1, Action<IServiceCollection>? replace = null)
    {
        return await StartAsync(Seed, replace);

        void Seed(SyncWorld world)
        {
            world.Platform.Add("contacts");
            world.Platform.Add("notes");
            world.Platform.Add("log").Fill(2);
            for (var i = 1; i <= 5; i++) world.Platform["contacts"].PutJson($"c{i}", Contact($"c{i}", $"a{i}@x.example", "subscribed", $"Ann {i}"));
            for (var i = 1; i <= 3; i++) world.Platform["notes"].PutJson($"m{i}", $$"""{"id":"m{{i}}","contact":"c{{i}}","text":"note {{i}}"}""");
            world.Writer.Add("contacts", MatchKind.NaturalKey, hasIdempotencyKey: false, contactsBatch);
            world.Writer.Add("notes", null, notesHaveIdempotencyKey, new Relation(FieldPath.Of("contact"), "contacts", null));
        }
    }

    /// <summary>What the test puts on the platform, backed up once.</summary>
    public static async Task<RestoreWorld> StartAsync(Action<SyncWorld> seed, Action<IServiceCollection>? replace = null)
    {
        var restore = new RestoreWorld(replace);
        var world = restore.World;
        seed(world);
        restore._api = await world.StartApiAsync();
        restore._operator = await world.JoinAsync(Role.Operator);
        restore.Source = await world.AddSourceAsync();
        if (world.Writer.Streams.Any(s => s.Name == "contacts")) restore.ContactsAtStart = restore.ContactsByEmail();
        (await world.SyncAsync(restore.Source)).State.ShouldBe(RunState.Succeeded);
        return restore;
    }

    public async Task EraseAsync(string contact, string[] identifiers) => await (await World.VaultAsync()).EraseAsync(
        new() { Id = $"erase {contact}", Records = [new(Source.Id.ToString(), "contacts", contact)], Identifiers = identifiers, By = "the data protection officer", Reason = "article 17" },
        SyncWorld.Cancellation);

    public void DeleteContactsAndNotes()
    {
        for (var i = 1; i <= 3; i++)
        {
            World.Platform["contacts"].Delete($"c{i}");
            World.Platform["notes"].Delete($"m{i}");
        }
    }

    public IReadOnlyDictionary<string, string> ContactsByEmail() => World.Platform["contacts"].Records.Values.Select(r => JsonNode.Parse(r.Json)!).OrderBy(r => (string)r["email"]!, StringComparer.Ordinal)
        .ToDictionary(r => (string)r["email"]!, r => $"{r["status"]} {r["name"]}");

    public Task<ApiAnswer> PostPlanAsync(object selection, string? conflicts = null, long seq = 1, string? consent = null, string? added = null, object? fields = null, string? otherFields = null) =>
        _api.PostAsync($"{Url}/restores", new { seq, selection, conflicts = conflicts ?? "skip", consentOfDeleted = consent, addedItems = added, fields, otherFields }, _operator);

    public async Task<IReadOnlyList<Activity>> ActivitiesAsync()
    {
        var activities = new List<Activity>();
        for (var number = 1L; await World.Runs.Items.FindAsync(ActivityLog.EntryKey(World.Account, number), ActivityJson.Default.Activity, SyncWorld.Cancellation) is { } entry; number++)
            activities.Add(entry.Value);
        return activities;
    }

    public async Task<ApiAnswer> PlanAsync(object selection, string? conflicts = null, string? consent = null, long seq = 1, string? added = null, object? fields = null, string? otherFields = null)
    {
        var job = (await PostPlanAsync(selection, conflicts, seq, consent, added, fields, otherFields)).ShouldBe(HttpStatusCode.Accepted).Text("id");
        await World.WorkAsync();
        var planned = await JobAsync(job);
        planned.Text("state").ShouldBe("planned", planned.Body);
        return planned;
    }

    /// <summary>Asks for the next step of a restore, approve or undo, without doing it.</summary>
    public async Task RequestAsync(ApiAnswer plan, string step) => (await PostStepAsync(plan, step)).ShouldBe(HttpStatusCode.Accepted);

    /// <param name="token">Of whom; null: who plans.</param>
    public Task<ApiAnswer> PostStepAsync(ApiAnswer plan, string step, string? token = null) => _api.PostAsync($"{Url}/restores/{plan.Text("id")}/{step}", null, token ?? _operator);

    public async Task<ApiAnswer> ApproveAsync(ApiAnswer plan)
    {
        await RequestAsync(plan, "approve");
        await World.WorkAsync();
        return await JobAsync(plan.Text("id"));
    }

    public async Task<ApiAnswer> UndoAsync(ApiAnswer plan)
    {
        await RequestAsync(plan, "undo");
        await World.WorkAsync();
        return await JobAsync(plan.Text("id"));
    }

    public async Task<JsonArray> ItemsAsync(ApiAnswer plan) =>
        (await _api.GetAsync($"{Url}/restores/{plan.Text("id")}/items", _operator)).ShouldBe(HttpStatusCode.OK).Json["items"]!.AsArray();

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await World.DisposeAsync();
    }

    public Task<ApiAnswer> JobAsync(string job) => _api.GetAsync($"{Url}/jobs/{job}", _operator);
}
