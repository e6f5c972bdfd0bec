using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

public sealed class RestoreFieldsTests
{
    private static readonly object s_everything = new { kind = "everything" };

    [Theory]
    [InlineData("job", "restore", "keep", "spoiled", "boss")]
    [InlineData("name", "keep", "restore", "spoiled", "boss")]
    [InlineData("name", "restore", "keep", "Ann", "clerk")]
    public async Task Only_the_fields_that_are_asked_for_come_back_as_the_plan_shows_and_the_undo_takes_back_no_others(string field, string rule, string others, string name, string job)
    {
        await using var restore = await StartAsync();
        var contacts = restore.World.Platform["contacts"];
        contacts.PutJson("c1", Contact("spoiled", "clerk", "1"));
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(s_everything, fields: new Dictionary<string, string> { [$"/{field}"] = rule, ["/phone"] = "keep" }, otherFields: others);
        var planned = (await restore.ItemsAsync(plan)).ShouldHaveSingleItem()!["fields"]!.AsArray().Select(f => (string?)f).ToList();
        await restore.ApproveAsync(plan);

        Live(restore).ShouldBe((name, job, "1"));
        planned.ShouldBe(job == "boss" ? ["/job"] : ["/name"]);
        ((string?)plan.Json["restore"]!["fields"]![$"/{field}"], (string?)plan.Json["restore"]!["otherFields"]).ShouldBe((rule, others));
        // Somebody writes to a field that the restore did not touch; the undo leaves that.
        contacts.PutJson("c1", Contact(name, job, "2"));
        (await restore.UndoAsync(plan)).Text("state").ShouldBe("undone");
        Live(restore).ShouldBe(("spoiled", "clerk", "2"));
    }

    [Theory]
    [InlineData("restore", "skip", "mended by hand")]
    [InlineData("overwrite", "update", "Ann")]
    public async Task What_was_changed_since_the_last_backup_is_overwritten_field_by_field(string rule, string action, string name)
    {
        await using var restore = await StartAsync();
        var contacts = restore.World.Platform["contacts"];
        contacts.PutJson("c1", Contact("spoiled", "clerk", "1"));
        await restore.World.SyncAsync(restore.Source);
        contacts.PutJson("c1", Contact("mended by hand", "clerk", "1"));

        var plan = await restore.PlanAsync(s_everything, fields: new Dictionary<string, string> { ["/name"] = rule, ["/job"] = "restore" }, otherFields: "keep");
        var item = (await restore.ItemsAsync(plan)).ShouldHaveSingleItem()!;
        await restore.ApproveAsync(plan);

        ((string?)item["action"]).ShouldBe(action);
        ((string)item["note"]!).ShouldContain("changed on the platform since the last backup");
        Live(restore).Name.ShouldBe(name);
    }

    [Fact]
    public async Task A_change_in_a_field_that_is_kept_stands_in_nobodys_way()
    {
        await using var restore = await StartAsync();
        var contacts = restore.World.Platform["contacts"];
        contacts.PutJson("c1", Contact("spoiled", "clerk", "1"));
        await restore.World.SyncAsync(restore.Source);
        contacts.PutJson("c1", Contact("mended by hand", "clerk", "1"));

        var plan = await restore.PlanAsync(s_everything, fields: new Dictionary<string, string> { ["/job"] = "restore" }, otherFields: "keep");
        await restore.ApproveAsync(plan);

        Live(restore).ShouldBe(("mended by hand", "boss", "1"));
    }

    [Fact]
    public async Task Who_is_made_anew_comes_without_what_is_kept_but_with_what_a_record_cannot_be_without_and_the_item_says_so()
    {
        await using var restore = await StartAsync();
        restore.World.Platform["contacts"].Delete("c1");
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(s_everything, fields: new Dictionary<string, string> { ["/name"] = "restore" }, otherFields: "keep");
        var note = (string)(await restore.ItemsAsync(plan)).ShouldHaveSingleItem()!["note"]!;
        await restore.ApproveAsync(plan);

        note.ShouldContain("It is made anew without /job, /phone, as this restore was asked to do. It is made anew with /email, /status all the same");
        var made = Record(restore);
        made.Select(member => member.Key).ShouldBe(["id", "email", "status", "name"], ignoreOrder: true);
        ((string?)made["status"]).ShouldBe("unsubscribed"); // No policy brings a yes back.
    }

    [Theory]
    [InlineData("restore")]
    [InlineData("overwrite")]
    public async Task No_rule_for_a_consent_field_weakens_it(string rule)
    {
        await using var restore = await StartAsync();
        restore.World.Platform["contacts"].PutJson("c1", Contact("spoiled", "boss", "1", "unsubscribed"));
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(s_everything, "overwrite", fields: new Dictionary<string, string> { ["/status"] = rule, ["/name"] = rule }, otherFields: "keep");
        await restore.ApproveAsync(plan);

        (Live(restore).Name, (string?)Record(restore)["status"]).ShouldBe(("Ann", "unsubscribed"));
    }

    [Theory]
    [InlineData("/email", "unsubscribed")]
    [InlineData("/name", "subscribed")]
    public async Task Consent_in_a_stream_of_its_own_goes_along_with_an_address_that_comes_back(string field, string status)
    {
        await using var restore = await RestoreWorld.StartAsync(world =>
        {
            world.Platform.Add("people").PutJson("c1", """{"id":"c1","email":"old@x.example","name":"Ann"}""");
            world.Platform.Add("consents").PutJson("c1", """{"id":"c1","status":"unsubscribed"}""");
            world.Writer.Add("people", MatchKind.NaturalKey, hasIdempotencyKey: false);
            world.Writer.Add("consents", null, hasIdempotencyKey: false);
            world.Writer.Change("people", stream => stream with { With = ["consents"], NeverWeaken = [] });
        });
        restore.World.Platform["people"].PutJson("c1", """{"id":"c1","email":"new@x.example","name":"spoiled"}""");
        restore.World.Platform["consents"].PutJson("c1", """{"id":"c1","status":"subscribed"}""");
        await restore.World.SyncAsync(restore.Source);

        var plan = await restore.PlanAsync(s_everything, fields: new Dictionary<string, string> { [field] = "restore" }, otherFields: "keep");
        await restore.ApproveAsync(plan);

        var (person, consent) = (JsonNode.Parse(restore.World.Platform["people"].Records["c1"].Json)!, JsonNode.Parse(restore.World.Platform["consents"].Records["c1"].Json)!);
        ((string?)person["email"], (string?)consent["status"]).ShouldBe((field == "/email" ? "old@x.example" : "new@x.example", status));
    }

    [Theory]
    [InlineData("/nmae", "restore", "keep")]
    [InlineData("name", "restore", "keep")]
    [InlineData("/tags/*", "restore", "keep")]
    [InlineData("/~2", "restore", "keep")]
    [InlineData("/name", "bring back", "keep")]
    [InlineData("/name", "Restore", "keep")]
    [InlineData("/name", "keep", "keep")]
    [InlineData("/name", "keep", "overwrite")]
    [InlineData(null, null, "keep")]
    [InlineData(null, null, null)]
    public async Task A_policy_that_names_no_field_or_no_rule_or_restores_nothing_is_refused(string? field, string? rule, string? others)
    {
        await using var restore = await StartAsync();
        var fields = field is null ? [] : new Dictionary<string, string> { [field] = rule! };

        (await restore.PostPlanAsync(s_everything, fields: fields, otherFields: others)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private static Task<RestoreWorld> StartAsync() => RestoreWorld.StartAsync(world =>
    {
        world.Platform.Add("contacts").PutJson("c1", Contact("Ann", "boss", "0"));
        world.Writer.Add("contacts", MatchKind.NaturalKey, hasIdempotencyKey: false);
    });

    private static string Contact(string name, string job, string phone, string status = "subscribed") =>
        $$"""{"id":"c1","email":"a@x.example","status":"{{status}}","name":"{{name}}","job":"{{job}}","phone":"{{phone}}"}""";

    private static JsonObject Record(RestoreWorld restore) => JsonNode.Parse(restore.World.Platform["contacts"].Records.Values.ShouldHaveSingleItem().Json)!.AsObject();

    private static (string? Name, string? Job, string? Phone) Live(RestoreWorld restore) => Record(restore) is var record ? ((string?)record["name"], (string?)record["job"], (string?)record["phone"]) : default;
}
