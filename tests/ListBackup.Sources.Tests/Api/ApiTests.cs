using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

public sealed class ApiTests
{
    [Fact]
    public async Task A_source_is_made_changed_paused_and_deleted()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var sources = $"/v1/accounts/{world.Account}/sources";

        var created = (await api.PostAsync(sources, new { name = " CRM ", connectionId = world.Connections.Id.ToString(), schedule = new { cron = "0 3 * * *", timeZone = "Europe/Berlin" }, retention = new { keepDaily = 30 } }, admin))
            .ShouldBe(HttpStatusCode.Created);
        created.Text("name").ShouldBe("CRM");
        created.Text("health").ShouldBe("new");
        ((bool)created.Json["retention"]!["applied"]!).ShouldBeFalse();
        created.Json["nextRunAt"].ShouldNotBeNull();
        var source = $"{sources}/{created.Text("id")}";

        var read = await api.GetAsync(source, admin);
        (await api.SendAsync(HttpMethod.Get, source, null, admin, ("If-None-Match", read.ETag!))).ShouldBe(HttpStatusCode.NotModified);
        var paused = (await api.SendAsync(HttpMethod.Patch, source, new { paused = true, tags = new[] { "crm" } }, admin, ("If-Match", read.ETag!))).ShouldBe(HttpStatusCode.OK);
        paused.Json["nextRunAt"].ShouldBeNull();
        (await api.SendAsync(HttpMethod.Patch, source, new { name = "Other" }, admin, ("If-Match", read.ETag!))).ShouldBe(HttpStatusCode.PreconditionFailed, "changed");
        ((await api.GetAsync($"{sources}?tag=crm", admin)).Json["items"]!.AsArray().Count).ShouldBe(1);
        (await api.SendAsync(HttpMethod.Delete, source, null, admin)).ShouldBe(HttpStatusCode.NoContent);
        (await api.GetAsync(source, admin)).ShouldBe(HttpStatusCode.NotFound);
        ((await api.GetAsync(sources, admin)).Json["items"]!.AsArray()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_streams_to_choose_from_come_with_a_warning_when_there_may_be_more()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var streams = $"/v1/accounts/{world.Account}/sources/{(await world.AddSourceAsync()).Id}/streams";

        var whole = (await api.GetAsync(streams, admin)).ShouldBe(HttpStatusCode.OK);
        world.Platform.Doubt = "The list has entries that nobody understands.";
        var doubted = (await api.GetAsync(streams, admin)).ShouldBe(HttpStatusCode.OK);

        whole.Json.AsObject().ContainsKey("warning").ShouldBeFalse();
        doubted.Text("warning").ShouldBe(world.Platform.Doubt);
        doubted.Json["items"]!.AsArray().Select(stream => (string?)stream!["name"]).ShouldBe(["contacts"]);
    }

    [Fact]
    public async Task What_is_wrong_with_a_source_is_told_by_field()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var sources = $"/v1/accounts/{world.Account}/sources";

        var answer = (await api.PostAsync(sources, new { name = "", connectionId = world.Connections.Id.ToString(), schedule = new { everyMinutes = 1 }, fullSweepDays = 1000 }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Json["errors"]!.AsObject().Select(e => e.Key).ShouldBe(["name", "fullSweepDays", "schedule.everyMinutes"], ignoreOrder: true);
        (await api.PostAsync(sources, new { name = "x", connectionId = ConnectionId.New(TimeProvider.System).ToString() }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync(sources, new { name = "x", connectionId = world.Connections.Id.ToString(), streams = new[] { new { name = "nonsense" } } }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync(sources, new { name = "x", connectionId = world.Connections.Id.ToString(), streams = new[] { new { name = "contacts", excludedFields = new[] { "/id" } } } }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_person_syncs_looks_compares_and_downloads()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts").Fill(5);
        await using var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        var source = await world.AddSourceAsync();
        var url = $"/v1/accounts/{world.Account}/sources/{source.Id}";

        var run = (await api.PostAsync($"{url}/sync", new { }, operate)).ShouldBe(HttpStatusCode.Accepted);
        (await api.PostAsync($"{url}/sync", new { }, operate)).ShouldBe(HttpStatusCode.Conflict, "run-is-live");
        await world.WorkAsync();
        var ended = (await api.GetAsync($"{url}/runs/{run.Text("id")}", operate)).ShouldBe(HttpStatusCode.OK);
        ended.Text("state").ShouldBe("succeeded");
        ((int)ended.Json["counts"]!["records"]!).ShouldBe(5);
        ((await api.GetAsync($"{url}/runs/{run.Text("id")}/events", operate)).Body).ShouldContain("\"state\":\"succeeded\"");
        ((await api.GetAsync($"{url}/runs/{run.Text("id")}/logs", operate)).Json["items"]!.AsArray().Count).ShouldBeGreaterThan(1);

        contacts.Put("r0002", "changed");
        contacts.Delete("r0003");
        await world.SyncAsync(source);

        var snapshots = (await api.GetAsync($"{url}/snapshots", operate)).Json["items"]!.AsArray();
        snapshots.Select(s => (long)s!["seq"]!).ShouldBe([2, 1]);
        ((string?)(await api.GetAsync($"{url}/snapshots/2", operate)).Json["streams"]![0]!["certificate"]!["coverage"]).ShouldBe("proven");
        var page = (await api.GetAsync($"{url}/snapshots/1/streams/contacts/records?limit=2", operate)).ShouldBe(HttpStatusCode.OK);
        page.Json["items"]!.AsArray().Count.ShouldBe(2);
        page.Json["nextCursor"].ShouldNotBeNull();
        (await api.GetAsync($"{url}/snapshots/2/streams/contacts/records?q=CHANGED", operate)).Json["items"]!.AsArray().ShouldHaveSingleItem()!["content"]!["id"]!.ToString().ShouldBe("r0002");
        (await api.GetAsync($"{url}/snapshots/2/streams/contacts/records?filter=/id:equals:r0004", operate)).Json["items"]!.AsArray().Count.ShouldBe(1);
        (await api.GetAsync($"{url}/snapshots/2/streams/contacts/records?filter=nonsense", operate)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        ((string?)(await api.GetAsync($"{url}/snapshots/1/streams/contacts/record?key=r0002", operate)).Json["content"]!["value"]).ShouldBe("value 2");
        (await api.GetAsync($"{url}/snapshots/2/streams/contacts/record?key=r0003", operate)).ShouldBe(HttpStatusCode.NotFound);
        (await api.GetAsync($"{url}/streams/contacts/history?key=r0003", operate)).Json["items"]!.AsArray().Select(v => (string?)v!["operation"]).ShouldBe(["put", "gone"]);
        (await api.GetAsync($"{url}/snapshots/2/streams/contacts/deleted", operate)).Json["items"]!.AsArray().ShouldHaveSingleItem()!["key"]!.ToString().ShouldBe("r0003");
        var summary = (await api.GetAsync($"{url}/diff?from=1&to=2", operate)).Json["items"]![0]!;
        ((int)summary["added"]!, (int)summary["changed"]!, (int)summary["deleted"]!).ShouldBe((0, 1, 1));
        var differences = (await api.GetAsync($"{url}/diff/contacts?from=1&to=2", operate)).Json["items"]!.AsArray();
        differences.Single(d => (string?)d!["kind"] == "changed")!["changedFields"]!.AsArray().Select(f => (string?)f).ShouldBe(["/value"]);
        (await api.GetAsync($"{url}/diff?from=2&to=1", operate)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.GetAsync($"{url}/snapshots/9", operate)).ShouldBe(HttpStatusCode.NotFound);
        ((long)(await api.GetAsync($"{url}/snapshots/2/streams/contacts/schema", operate)).Json["records"]!).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_export_is_byte_exact_and_its_link_expires()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").PutJson("2", """{"id":"2","n":12345678901234567890.10,"s":"a,\"b\"\u00e9"}""").PutJson("10", "{\n \"id\": \"10\",\r\n \"list\": [1, 2]}");
        await using var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var url = $"/v1/accounts/{world.Account}/sources/{source.Id}";

        var ndjson = await ExportAsync("ndjson");
        var csv = await ExportAsync("csv");

        ndjson.Body.ShouldBe("{  \"id\": \"10\",   \"list\": [1, 2]}\n" + """{"id":"2","n":12345678901234567890.10,"s":"a,\"b\"\u00e9"}""" + "\n");
        csv.Body.ShouldBe("id,list,n,s,_more\r\n10,\"[1, 2]\",,,\r\n2,,12345678901234567890.10,\"a,\"\"b\"\"é\",\r\n");
        var link = await LinkAsync("ndjson");
        (await api.GetAsync(link.Replace("expires=", "expires=9"))).ShouldBe(HttpStatusCode.NotFound);
        (await api.GetAsync(link)).ShouldBe(HttpStatusCode.OK);
        world.Clock.Advance(ExportLinks.GoodFor + TimeSpan.FromSeconds(1));
        (await api.GetAsync(link)).ShouldBe(HttpStatusCode.NotFound);

        async Task<ApiAnswer> ExportAsync(string format) => (await api.GetAsync(await LinkAsync(format))).ShouldBe(HttpStatusCode.OK);

        async Task<string> LinkAsync(string format)
        {
            var job = (await api.PostAsync($"{url}/exports", new { seq = 1, format }, operate)).ShouldBe(HttpStatusCode.Accepted).Text("id");
            await world.WorkAsync();
            var done = await api.GetAsync($"{url}/jobs/{job}", operate);
            done.Text("state").ShouldBe("succeeded", done.Body);
            var file = (string)done.Json["export"]!["files"]![0]!["name"]!;
            return (await api.PostAsync($"{url}/exports/{job}/files/{file}/link", null, operate)).ShouldBe(HttpStatusCode.OK).Text("url");
        }
    }

    [Fact]
    public async Task A_verification_reports_what_it_read_and_finds_damage()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(50);
        await using var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var url = $"/v1/accounts/{world.Account}/sources/{source.Id}";

        var sound = await VerifyAsync();
        sound["state"]!.ToString().ShouldBe("succeeded");
        ((long)sound["verify"]!["versions"]!).ShouldBeGreaterThanOrEqualTo(50);

        var objects = ((MemoryObjects)world.Objects.Bucket(AccountVaults.BucketOf(world.Account))).Contents;
        objects.First(o => o.Key.StartsWith("s/", StringComparison.Ordinal)).Value[40] ^= 1;
        var damaged = await VerifyAsync();
        damaged["state"]!.ToString().ShouldBe("failed");
        damaged["reason"]!["code"]!.ToString().ShouldBe("vault-damaged");

        async Task<JsonNode> VerifyAsync()
        {
            var job = (await api.PostAsync($"{url}/verify", new { level = "blocks" }, operate)).ShouldBe(HttpStatusCode.Accepted).Text("id");
            await world.WorkAsync();
            return (await api.GetAsync($"{url}/jobs/{job}", operate)).Json;
        }
    }

    [Fact]
    public async Task Roles_decide_and_strangers_find_nothing()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        await using var api = await world.StartApiAsync();
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var url = $"/v1/accounts/{world.Account}/sources/{source.Id}";
        var auditor = await world.JoinAsync(Role.Auditor);
        var viewer = await world.JoinAsync(Role.Viewer);
        var stranger = UserId.New(TimeProvider.System).ToString();

        (await api.GetAsync($"{url}/snapshots", auditor)).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync($"{url}/snapshots/1/streams/contacts/records", auditor)).ShouldBe(HttpStatusCode.Forbidden);
        (await api.GetAsync($"{url}/snapshots/1/streams/contacts/records", viewer)).ShouldBe(HttpStatusCode.OK);
        (await api.PostAsync($"{url}/sync", new { }, viewer)).ShouldBe(HttpStatusCode.Forbidden);
        (await api.GetAsync(url, stranger)).ShouldBe(HttpStatusCode.NotFound);
        (await api.GetAsync(url)).ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var endpoint in api.Endpoints) endpoint.Metadata.GetMetadata<Functions.PermissionMetadata>().ShouldNotBeNull(endpoint.RoutePattern.RawText);
    }
}
