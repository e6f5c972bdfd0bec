using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>A person asks what is kept of them, and to be forgotten.</summary>
public sealed class PrivacyTests
{
    private const string Ada = "ada@example.org";

    [Fact]
    public async Task A_person_is_found_in_live_changed_and_deleted_records_of_every_source_each_once()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var contacts = world.Platform.Add("contacts").PutJson("1", Person("1", Ada)).PutJson("2", Person("2", "ADA@example.org")).PutJson("3", Person("3", Ada)).PutJson("4", Person("4", "x.ada@example.org"));
        world.Platform.Add("orders").PutJson("o1", """{"id":"o1","note":"paid by ada@example.org."}""").PutJson("o2", """{"id":"o2","note":"paid by bob"}""");
        var (one, two) = (await world.AddSourceAsync(s => s with { Name = "One" }), await world.AddSourceAsync(s => s with { Name = "Two" }));
        await world.SyncAsync(one);
        contacts.Delete("2");
        contacts.PutJson("3", Person("3", "lovelace@example.org"));
        await world.SyncAsync(one);
        contacts.PutJson("1", """{"id":"1","email":"ada@example.org","plan":"pro"}""");
        await world.SyncAsync(one);
        await world.SyncAsync(two);
        var admin = await world.JoinAsync(Role.Admin);

        var found = await FindAllAsync(api, world, admin, new { identifiers = new[] { Ada, "nobody@example.org" } });

        found.Where(row => (string?)row["sourceId"] == one.Id.ToString()).Select(row => $"{row["stream"]} {row["key"]} {row["state"]} {row["versions"]} {row["firstSeq"]}-{row["lastSeq"]} {row["fields"]![0]}").ShouldBe(
            ["contacts 1 live 2 1-3 /email", "contacts 2 deleted 1 1-1 /email", "contacts 3 changed 1 1-1 /email", "orders o1 live 1 1-1 /note"], ignoreOrder: true);
        found.Where(row => (string?)row["sourceId"] == two.Id.ToString()).Select(row => $"{row["stream"]} {row["key"]}").ShouldBe(["contacts 1", "orders o1"], ignoreOrder: true);
        (await FindAllAsync(api, world, admin, new { identifiers = new[] { Ada }, sources = new[] { two.Id.ToString() } })).Count.ShouldBe(2);
        (await api.PostAsync(Url(world, "search"), new { identifiers = new[] { Ada }, sources = new[] { SourceId.New(world.Clock).ToString() } }, admin)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync(Url(world, "search"), new { identifiers = new[] { Ada }, cursor = "nonsense" }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync(Url(world, "search"), new { identifiers = Array.Empty<string>() }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync(Url(world, "search"), new { identifiers = new[] { Ada } }, await world.JoinAsync(Role.Operator))).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_person_with_more_records_than_a_page_comes_page_by_page_each_record_once()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var contacts = world.Platform.Add("contacts");
        for (var i = 0; i < 450; i++) contacts.PutJson($"{i}", Person($"{i}", i % 3 == 0 ? "bob@example.org" : Ada));
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);

        var found = await FindAllAsync(api, world, await world.JoinAsync(Role.Admin), new { identifiers = new[] { Ada, "bob@example.org" } });

        found.Count.ShouldBe(450);
        found.Select(row => (string)row["key"]!).Distinct().Count().ShouldBe(450);
    }

    [Fact]
    public async Task An_access_report_has_every_version_of_every_record()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var contacts = world.Platform.Add("contacts").PutJson("1", Person("1", Ada)).PutJson("2", Person("2", "bob@example.org"));
        var source = await world.AddSourceAsync(s => s with { Name = "CRM" });
        await world.SyncAsync(source);
        contacts.Delete("1");
        await world.SyncAsync(source);
        var admin = await world.JoinAsync(Role.Admin);

        var report = (await api.PostAsync(Url(world, "report"), new { records = new[] { Address(source, "1") } }, admin)).ShouldBe(HttpStatusCode.OK);

        var line = JsonNode.Parse(report.Body.Trim())!;
        ((string?)line["sourceName"]).ShouldBe("CRM");
        line["versions"]!.AsArray().Select(version => (string?)version!["operation"]).ShouldBe(["put", "gone"]);
        ((string?)line["versions"]![0]!["content"]!["email"]).ShouldBe(Ada);
        (await api.PostAsync(Url(world, "report"), new { records = new[] { Address(source, "1"), Address(source, "unknown") } }, admin)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_erased_person_is_gone_from_every_snapshot_and_does_not_come_back_with_the_next_sync()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var contacts = world.Platform.Add("contacts").PutJson("1", Person("1", Ada)).PutJson("2", Person("2", "bob@example.org"));
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.PutJson("1", """{"id":"1","email":"ada@example.org","plan":"pro"}""");
        await world.SyncAsync(source);
        var (admin, owner) = (await world.JoinAsync(Role.Admin), await world.JoinAsync(Role.Owner));
        var request = new { id = "TICKET-7", records = new[] { Address(source, "1") }, identifiers = new[] { Ada }, reason = "Article 17" };

        var plan = (await api.PostAsync(Url(world, "erasures/plan"), request, admin)).ShouldBe(HttpStatusCode.OK);
        ((long)plan.Json["streams"]![0]!["versions"]!).ShouldBe(2);
        (await api.PostAsync(Url(world, "erasures"), request, admin)).ShouldBe(HttpStatusCode.Forbidden);
        var erased = (await api.PostAsync(Url(world, "erasures"), request, owner)).ShouldBe(HttpStatusCode.OK);

        (await FindAllAsync(api, world, admin, new { identifiers = new[] { Ada } })).ShouldBeEmpty();
        (await api.PostAsync(Url(world, "search"), new { identifiers = new[] { Ada } }, admin)).Json["erased"]!.AsArray().Select(e => (string?)e).ShouldBe([Ada]);
        (await world.BackedUpAsync(source, "contacts", 1)).Keys.ShouldBe(["2"]);
        await world.SyncAsync(source);
        (await world.BackedUpAsync(source, "contacts")).Keys.ShouldBe(["2"]);
        // Asked again: the same receipt.
        (await api.PostAsync(Url(world, "erasures"), request, owner)).Text("receiptSha256").ShouldBe(erased.Text("receiptSha256"));
        var listed = (await api.GetAsync(Url(world, "erasures"), admin)).ShouldBe(HttpStatusCode.OK);
        listed.Json["items"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe("TICKET-7");
        listed.Json["unfinished"]!.AsArray().ShouldBeEmpty();
        var receipt = (await api.GetAsync(Url(world, "erasures/TICKET-7/receipt"), admin)).ShouldBe(HttpStatusCode.OK).Body;
        receipt.ShouldContain("TICKET-7");
        receipt.ShouldNotContain(Ada);
        (await api.GetAsync(Url(world, "erasures/OTHER/receipt"), admin)).ShouldBe(HttpStatusCode.NotFound);
        (await world.Runs.Items.QueryAsync(new() { Table = Table.Activities, Partition = AccountKeys.Partition(world.Account), SortPrefix = "A#", Limit = 100 }, SyncWorld.Cancellation))
            .Items.ShouldAllBe(item => !item.Body.Contains(Ada));
    }

    [Fact]
    public async Task A_legal_hold_forbids_it_until_it_is_released()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        world.Platform.Add("contacts").PutJson("1", Person("1", Ada));
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var owner = await world.JoinAsync(Role.Owner);
        var request = new { id = "TICKET-8", records = new[] { Address(source, "1") }, identifiers = new[] { Ada } };

        (await api.SendAsync(HttpMethod.Put, Url(world, "holds/case-12"), new { reason = "Court order", identifier = Ada }, owner)).ShouldBe(HttpStatusCode.OK).Text("scope").ShouldBe("person");
        (await api.PostAsync(Url(world, "erasures/plan"), request, owner)).Json["holds"]!.AsArray().ShouldHaveSingleItem()!["name"]!.ToString().ShouldBe("case-12");
        (await api.PostAsync(Url(world, "erasures"), request, owner)).ShouldBe(HttpStatusCode.Conflict, "legal-hold");
        (await api.GetAsync(Url(world, "holds"), owner)).Body.ShouldNotContain(Ada);
        (await api.SendAsync(HttpMethod.Delete, Url(world, "holds/case-12?reason=Settled"), null, owner)).ShouldBe(HttpStatusCode.NoContent);
        (await api.SendAsync(HttpMethod.Delete, Url(world, "holds/case-12?reason=Settled"), null, owner)).ShouldBe(HttpStatusCode.NotFound);

        (await api.PostAsync(Url(world, "erasures"), request, owner)).ShouldBe(HttpStatusCode.OK);
        (await api.SendAsync(HttpMethod.Put, Url(world, "holds/x"), new { reason = "", stream = "contacts" }, owner)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Records_of_a_snapshot_are_searched_over_all_streams()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var contacts = world.Platform.Add("contacts").PutJson("1", """{"id":"1","name":"Ada Lovelace"}""").PutJson("2", """{"id":"2","name":"Grace Hopper"}""");
        world.Platform.Add("orders").PutJson("o1", """{"id":"o1","buyer":"Ada Lovelace"}""");
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Delete("1");
        await world.SyncAsync(source);
        var (viewer, url) = (await world.JoinAsync(Role.Viewer), $"/v1/accounts/{world.Account}/sources/{source.Id}/snapshots");

        (await HitsAsync(api, $"{url}/1/search?q=lovelace", viewer)).ShouldBe(["contacts 1 live", "orders o1 live"]);
        (await HitsAsync(api, $"{url}/2/search?q=lovelace&scope=all", viewer)).ShouldBe(["contacts 1 deleted", "orders o1 live"]);
        (await HitsAsync(api, $"{url}/2/search?q=name:grace*&stream=contacts", viewer)).ShouldBe(["contacts 2 live"]);
        (await api.GetAsync($"{url}/2/search?q=a&scope=nonsense", viewer)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.GetAsync($"{url}/2/search?q=a&cursor=9:", viewer)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.GetAsync($"{url}/2/search?q=a&stream=nothing", viewer)).ShouldBe(HttpStatusCode.NotFound);
        (await api.GetAsync($"{url}/1/search?q=a", await world.JoinAsync(Role.Auditor))).ShouldBe(HttpStatusCode.Forbidden);
    }

    private static async Task<IReadOnlyList<string>> HitsAsync(ApiUnderTest api, string url, string token)
    {
        var (hits, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = (await api.GetAsync(cursor is null ? url : $"{url}&cursor={Uri.EscapeDataString(cursor)}", token)).ShouldBe(HttpStatusCode.OK);
            hits.AddRange(page.Json["items"]!.AsArray().Select(hit => $"{hit!["stream"]} {hit["key"]} {(hit["deletedAt"] is null ? "live" : "deleted")}"));
            cursor = (string?)page.Json["nextCursor"];
        }
        while (cursor is not null);
        return hits;
    }

    private static async Task<IReadOnlyList<JsonNode>> FindAllAsync(ApiUnderTest api, SyncWorld world, string token, object request)
    {
        var found = new List<JsonNode>();
        var body = System.Text.Json.JsonSerializer.SerializeToNode(request)!.AsObject();
        do
        {
            var page = (await api.PostAsync(Url(world, "search"), body, token)).ShouldBe(HttpStatusCode.OK);
            found.AddRange(page.Json["items"]!.AsArray().Select(row => row!));
            body["cursor"] = page.Json["nextCursor"]?.DeepClone();
        }
        while (body["cursor"] is not null);
        return found;
    }

    private static object Address(Source source, string key) => new { sourceId = source.Id.ToString(), stream = "contacts", key };

    private static string Url(SyncWorld world, string path) => $"/v1/accounts/{world.Account}/privacy/{path}";

    private static string Person(string id, string email) => $$"""{"id":"{{id}}","email":"{{email}}"}""";
}
