using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Restoring;

public sealed class RestoreTests : IDisposable
{
    private const string Restore = """
        version: 1
        streams:
          items:
            find:
              - { by: live_id, path: "/items/{{ record.id }}" }
              - { by: external_id, fields: [external_id], path: /items, parameters: { external_id: "{{ record.external_id }}" }, records: [items] }
              - { by: natural_key, fields: [email], method: POST, path: /search, json: { email: "{{ record.email }}" }, records: [items] }
            create: { path: /items, json: { item: "{{ record }}" }, new_id: [item, id] }
            update: { path: "/items/{{ live_id }}" }
            delete: { path: "/items/{{ live_id }}" }
            read_only: [id, created_at, [stats, opens]]
            references:
              - { field: [tags, "*"], stream: items }
            never_weaken:
              - { field: status, strictest_first: [bounced, unsubscribed, pending, subscribed] }
            idempotency_header: Idempotency-Key
        """;

    private const string Backup = """{"id":9007199254740993,"email":"Ann@example.org","status":"subscribed","created_at":"2020","price":1.10,"tags":[1,2],"stats":{"opens":5,"score":1}}""";

    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    private RestoreTarget Target(FakePlatform platform, string restore = Restore) =>
        RestoreManifest.Load(restore, Connector.Load(Manifests.OneStream("/items"))).Target(platform.Config(), Ports.For(_http));

    private static RestoreRecord Record(string json = Backup, IIdMap? ids = null) => new(Encoding.UTF8.GetBytes(json), ids ?? SameIds.Instance);

    private static WriteRequest Write(WriteKind kind, string? liveId = null, string? live = null, RestoreRecord? record = null) => new()
    {
        Stream = "items",
        Kind = kind,
        Record = record ?? Record(),
        LiveId = liveId,
        LiveJson = live is null ? default : Encoding.UTF8.GetBytes(live),
        IdempotencyKey = "key-1",
    };

    private static async Task<string> BodyAsync(HttpContext context) => await new StreamReader(context.Request.Body).ReadToEndAsync();

    [Theory]
    [InlineData("idempotency_header", "idempotency_heder")]
    [InlineData("never_weaken", "neverWeaken")]
    public void A_misspelled_option_is_told_what_it_was_meant_to_be(string meant, string written)
    {
        var restore = Restore.Replace($"{meant}:", $"{written}:", StringComparison.Ordinal);

        var refused = Should.Throw<ManifestException>(() => RestoreManifest.Load(restore, Connector.Load(Manifests.OneStream("/items"))));

        refused.Message.ShouldContain($"restore.streams.items.{written}: This option is not known; '{meant}' was probably meant.");
    }

    [Fact]
    public async Task A_live_record_is_found_by_its_id_and_compared_in_what_can_be_written()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(
            """{"id":9007199254740993,"email":"Ann@example.org","status":"subscribed","created_at":"2021","price":1.1,"tags":[1,2],"stats":{"opens":9,"score":2},"new":1}"""));

        var found = await Target(platform).FindAsync("items", Record(), default);

        found.State.ShouldBe(LiveState.Differs);
        found.FoundBy.ShouldBe(MatchKind.LiveId);
        found.LiveId.ShouldBe("9007199254740993");
        found.Differences.Select(field => field.ToString()).ShouldBe(["stats.score"]);
    }

    [Theory]
    [InlineData("""[{"id":"a"},{"id":"b"}]""", """[{"id":"b"}]""", """[{"id":"b"}]""", true)]
    [InlineData("""[{"id":"a"}]""", """[{"id":"a","name":"live"},{"id":"b"}]""", """[{"id":"a"}]""", false)]
    [InlineData("""[{"id":"a"},{"id":"b"}]""", """[{"id":"b","name":"live"},{"id":"a"}]""", """[{"id":"b","name":"live"},{"id":"a"}]""", false)]
    [InlineData("""[{"id":"a"}]""", "null", "[]", true)]
    [InlineData("[]", """[{"id":"a"}]""", "[]", false)]
    public async Task Nobody_is_put_back_on_a_list_that_they_left(string backup, string live, string sent, bool isKept)
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("{}");
        });
        var target = Target(platform, """
            version: 1
            streams:
              items:
                find: [{ by: live_id, path: "/items/{{ record.id }}" }]
                update: { path: "/items/{{ live_id }}" }
                never_weaken: [{ field: lists, items: id }]
            """);

        var outcome = await target.WriteAsync(Write(WriteKind.Update, "1", $$"""{"id":1,"name":"other","lists":{{live}}}""", Record($$"""{"id":1,"name":"x","lists":{{backup}}}""")), default);

        JsonDocument.Parse(body).RootElement.GetProperty("lists").GetRawText().ShouldBe(sent);
        outcome.Kept.Count.ShouldBe(isKept ? 1 : 0);
    }

    [Fact]
    public async Task Plain_values_of_a_list_are_told_apart_by_themselves()
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("{}");
        });
        var target = Target(platform, """
            version: 1
            streams:
              items:
                update: { path: "/items/{{ live_id }}" }
                never_weaken: [{ field: lists, items: "*" }]
            """);

        await target.WriteAsync(Write(WriteKind.Update, "1", """{"id":1,"lists":[2,3,4]}""", Record("""{"id":1,"lists":[1,2,3]}""")), default);

        JsonDocument.Parse(body).RootElement.GetProperty("lists").GetRawText().ShouldBe("[2,3]");
    }

    [Theory]
    [InlineData("[1,2,3]", "[3]", "[2]", "[1,3]", true)]
    [InlineData("[1,2]", "[2,1,4]", "[]", "[2,1,4]", false)]
    public async Task What_somebody_left_by_themselves_is_taken_out_and_what_was_lost_comes_back(string backup, string live, string left, string sent, bool isKept)
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("{}");
        });
        var target = Target(platform, """
            version: 1
            streams:
              items:
                update: { path: "/items/{{ live_id }}" }
                never_weaken: [{ field: lists, items: "*", left: unsubscribed }]
            """);

        var outcome = await target.WriteAsync(
            Write(WriteKind.Update, "1", $$"""{"id":1,"name":"other","lists":{{live}},"unsubscribed":{{left}}}""", Record($$"""{"id":1,"name":"x","lists":{{backup}}}""")), default);

        JsonDocument.Parse(body).RootElement.GetProperty("lists").GetRawText().ShouldBe(sent);
        outcome.Kept.Count.ShouldBe(isKept ? 1 : 0);
    }

    [Theory]
    [InlineData("{ field: status }")]
    [InlineData("{ field: status, strictest_first: [no, yes], items: id }")]
    public void A_rule_of_consent_is_either_an_order_or_a_list(string rule) => Should.Throw<ManifestException>(() => RestoreManifest.Load(
        $"version: 1\nstreams:\n  items:\n    never_weaken: [{rule}]", Connector.Load(Manifests.OneStream("/items")))).Message.ShouldContain("strictest_first");

    [Fact]
    public async Task A_beginning_of_names_takes_out_all_fields_that_begin_so()
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("{}");
        });
        var restore = Restore.Replace("[stats, opens]]", "[stats, \"hs_*\"]]", StringComparison.Ordinal);
        var record = Record("""{"id":1,"stats":{"hs_score":1,"hs_opens":2,"score":3}}""");

        await Target(platform, restore).WriteAsync(Write(WriteKind.Create, record: record), default);

        JsonDocument.Parse(body).RootElement.GetProperty("item").GetProperty("stats").GetRawText().ShouldBe("""{"score":3}""");
    }

    [Fact]
    public async Task Only_the_fields_that_the_manifest_names_are_compared_when_it_names_any()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"id":9007199254740993,"email":"Ann@example.org","status":"new","stats":{"score":2}}"""));
        var restore = Restore.Replace("    idempotency_header", "    compare: [email, [stats, score]]\n    idempotency_header", StringComparison.Ordinal);

        var found = await Target(platform, restore).FindAsync("items", Record(), default);

        found.Differences.Select(field => field.ToString()).ShouldBe(["stats.score"]);
    }

    [Fact]
    public async Task A_record_that_got_another_id_is_found_by_its_natural_key()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path == "/search"
            ? context.Json("""{"items":[{"id":1,"email":"joanne@example.org"},{"id":77,"email":"ann@example.org"}]}""")
            : context.Json("{}", 404));

        var found = await Target(platform).FindAsync("items", Record(), default);

        found.LiveId.ShouldBe("77");
        found.FoundBy.ShouldBe(MatchKind.NaturalKey);
        platform.Requests.ShouldBe(["GET /items/9007199254740993", "POST /search"]);
    }

    [Theory]
    [InlineData("new name", new[] { "/name" })]
    [InlineData("name", new string[0])]
    public async Task What_refers_to_a_record_found_unchanged_under_another_id_is_compared_as_it_is_written(string live, string[] changed)
    {
        string? sent = null;
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            if (context.Request.Method == "PATCH") sent = await BodyAsync(context);
            await context.Json((context.Request.Method, context.Request.Path.Value) switch
            {
                ("GET", "/items/1") => "{}",
                ("POST", "/search") => """{"items":[{"id":70,"email":"a@x.example"}]}""",
                _ => $$"""{"id":2,"name":"{{live}}","tags":[70]}""",
            }, context.Request.Path == "/items/1" ? 404 : 200);
        });
        var target = Target(platform);
        var parent = await target.FindAsync("items", Record("""{"id":1,"email":"a@x.example"}"""), default);
        var child = Record("""{"id":2,"name":"name","tags":[1]}""", new Renamed("1", parent.LiveId!));

        var planned = await target.FindAsync("items", child, default);
        var written = await target.WriteAsync(Write(WriteKind.Update, "2", Encoding.UTF8.GetString(planned.Json.Span), child), default);

        parent.State.ShouldBe(LiveState.Same);
        planned.Differences.Select(StreamPointer).ShouldBe(changed);
        written.Result.ShouldBe(changed.Length == 0 ? WriteResult.Unchanged : WriteResult.Updated);
        written.Unmapped.ShouldBeEmpty();
        sent.ShouldBe(changed.Length == 0 ? null : """{"name":"name","tags":[70]}""");
    }

    private static string StreamPointer(FieldPath field) => $"/{string.Join('/', field.Keys)}";

    [Fact]
    public async Task Missing_is_a_result_and_not_knowing_is_an_exception()
    {
        var status = 404;
        await using var platform = await FakePlatform.StartAsync(context =>
            context.Request.Path == "/search" && status == 404 ? context.Json("""{"items":[]}""") : context.Json("{}", status));

        (await Target(platform).FindAsync("items", Record(), default)).State.ShouldBe(LiveState.Missing);
        status = 403;
        await Should.ThrowAsync<PlatformForbiddenException>(() => Target(platform).FindAsync("items", Record(), default));
    }

    [Fact]
    public async Task Ids_that_are_names_of_a_maps_members_follow_the_id_map()
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("{}");
        });
        var restore = Restore.Replace("""{ field: [tags, "*"], stream: items }""", "{ field: interests, stream: items, keys: true }", StringComparison.Ordinal);
        var record = Record("""{"id":1,"interests":{"a":true,"b":false}}""", new Renamed("a", "z"));

        await Target(platform, restore).WriteAsync(Write(WriteKind.Create, record: record), default);

        JsonDocument.Parse(body).RootElement.GetProperty("item").GetProperty("interests").GetRawText().ShouldBe("""{"z":true,"b":false}""");
    }

    [Fact]
    public async Task Creating_sends_what_may_be_sent_with_references_translated()
    {
        var body = "";
        string? key = null;
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            key = context.Request.Headers["Idempotency-Key"];
            await context.Json("""{"item":{"id":12345678901234567890}}""", 201);
        });

        var outcome = await Target(platform).WriteAsync(Write(WriteKind.Create, record: Record(ids: new Map { ["1"] = "101" }) with { BringsConsentBack = true }), default);

        outcome.Result.ShouldBe(WriteResult.Created);
        outcome.NewId.ShouldBe("12345678901234567890");
        outcome.Unmapped.Select(field => field.ToString()).ShouldBe(["tags.*"]);
        body.ShouldBe("""{"item":{"email":"Ann@example.org","status":"subscribed","price":1.10,"tags":[101,2],"stats":{"score":1}}}""");
        key.ShouldBe("key-1");
    }

    [Theory]
    [InlineData("unsubscribed", "unsubscribed")]
    [InlineData("bounced", "bounced")]
    [InlineData("cleaned-by-abuse", "cleaned-by-abuse")]
    [InlineData("subscribed", "subscribed")]
    public async Task Consent_is_never_weakened(string live, string sent)
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("""{"id":5}""");
        });

        var outcome = await Target(platform).WriteAsync(Write(WriteKind.Update, "5", $$"""{"id":5,"status":"{{live}}","email":"old"}"""), default);

        outcome.Result.ShouldBe(WriteResult.Updated);
        JsonDocument.Parse(body).RootElement.GetProperty("status").GetString().ShouldBe(sent);
        outcome.Kept.Count.ShouldBe(live == "subscribed" ? 0 : 1);
    }

    [Fact]
    public async Task A_stricter_backup_is_restored()
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            body = await BodyAsync(context);
            await context.Json("{}");
        });

        await Target(platform).WriteAsync(Write(WriteKind.Update, "5", """{"id":5,"status":"subscribed"}""", Record("""{"id":5,"status":"unsubscribed"}""")), default);

        body.ShouldBe("""{"status":"unsubscribed"}""");
    }

    [Fact]
    public async Task An_update_whose_consent_cannot_be_checked_is_refused_without_sending()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path == "/search" ? context.Json("{}") : context.Json("{}", 404));

        var outcome = await Target(platform).WriteAsync(Write(WriteKind.Update, "5"), default);

        outcome.Result.ShouldBe(WriteResult.Refused);
        platform.Requests.ShouldAllBe(request => !request.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_update_that_changes_nothing_is_not_sent()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}"));

        var outcome = await Target(platform).WriteAsync(
            Write(WriteKind.Update, "5", """{"id":5,"email":"x","status":"bounced","opens":1}""", Record("""{"id":5,"email":"x","status":"subscribed"}""")), default);

        outcome.Result.ShouldBe(WriteResult.Unchanged);
        outcome.Kept.Count.ShouldBe(1);
        platform.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_that_the_platform_refuses_is_an_outcome_and_an_outage_is_an_exception()
    {
        var status = 422;
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"error":"secret content"}""", status));

        var outcome = await Target(platform).WriteAsync(Write(WriteKind.Create), default);
        outcome.Result.ShouldBe(WriteResult.Refused);
        outcome.Reason!.ShouldNotContain("secret content");

        status = 401;
        await Should.ThrowAsync<PlatformUnauthorizedException>(() => Target(platform).WriteAsync(Write(WriteKind.Create), default));
    }

    [Fact]
    public async Task A_write_without_an_idempotency_key_is_not_repeated()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}", 502));

        await Should.ThrowAsync<PlatformServerException>(() =>
            Target(platform, Restore.Replace("    idempotency_header: Idempotency-Key", "", StringComparison.Ordinal)).WriteAsync(Write(WriteKind.Create), default));
        platform.Requests.Count.ShouldBe(1);

        await Should.ThrowAsync<PlatformServerException>(() => Target(platform).WriteAsync(Write(WriteKind.Create), default));
        platform.Requests.Count.ShouldBe(7);
    }

    [Fact]
    public async Task Deleting_what_is_gone_changes_nothing()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}", 404));

        (await Target(platform).WriteAsync(Write(WriteKind.Delete, "5"), default)).Result.ShouldBe(WriteResult.Unchanged);
    }

    [Fact]
    public async Task What_is_written_keeps_its_type_and_what_is_not_there_is_left_out()
    {
        var sent = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            sent = await BodyAsync(context);
            await context.Json("""{"id":1}""");
        });
        const string restore = """
            version: 1
            streams:
              items:
                create:
                  path: /items
                  json: { zip: "{{ record.zip }}", name: "{{ record.name }}", gone: "{{ record.gone }}", deeper: "{{ record.gone.deeper }}", old: "{{ record.old }}", both: "{{ record.zip }}{{ record.zip }}", is: "1", tags: ["{{ record.zip }}", "{{ record.gone }}"] }
            """;

        await Target(platform, restore).WriteAsync(Write(WriteKind.Create, record: Record("""{"zip":"12345","name":"None","old":null}""")), default);

        sent.ShouldBe("""{"zip":"12345","name":"None","old":null,"both":"1234512345","is":"1","tags":["12345"]}""");
    }

    [Theory]
    [InlineData("true", "name=&address[city]=Ulm&address[line2]=&items[0][n]=1&items[1][n]=2&live=true&zip=01")]
    [InlineData("false", "address[city]=Ulm&items[0][n]=1&items[1][n]=2&live=true&zip=01")]
    public async Task A_form_tree_is_written_in_brackets(string clears, string expected)
    {
        var sent = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            sent = Uri.UnescapeDataString(await BodyAsync(context));
            await context.Json("""{"id":1}""");
        });
        var restore = $$$"""
            version: 1
            streams:
              items:
                create: { path: /items, clears: {{{clears}}}, form_tree: { name: "{{ record.name }}", address: "{{ record.address }}", items: "{{ record.items }}", live: true, gone: "{{ record.gone }}", zip: "01" } }
            """;

        await Target(platform, restore).WriteAsync(
            Write(WriteKind.Create, record: Record("""{"name":null,"address":{"city":"Ulm","line2":null},"items":[{"n":1},{"n":2}]}""")), default);

        sent.ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"id":1,"variants":[{"id":7,"sku":"a","stock":5},{"id":8,"sku":"b","stock":6}]}""", "")]
    [InlineData("""{"id":1,"variants":[{"id":7,"sku":"a"},{"id":8,"sku":"x"}]}""", "variants.1.sku")]
    [InlineData("""{"id":1,"variants":[{"id":7,"sku":"a"}]}""", "variants")]
    public async Task Records_inside_a_list_are_compared_one_by_one(string live, string differences)
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json(live));
        const string restore = """
            version: 1
            streams:
              items:
                find: [{ by: live_id, path: /items/1 }]
                compare_ignores: [[variants, "*", id]]
            """;

        var found = await Target(platform, restore).FindAsync("items", Record("""{"id":1,"variants":[{"id":1,"sku":"a"},{"id":2,"sku":"b"}]}"""), default);

        string.Join(' ', found.Differences).ShouldBe(differences);
    }

    [Fact]
    public async Task An_operation_can_leave_out_and_rename_what_another_sends()
    {
        var sent = new List<string>();
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            sent.Add(await BodyAsync(context));
            await context.Json("""{"id":1}""");
        });
        const string restore = """
            version: 1
            streams:
              items:
                create: { path: /items, without: [[variants, "*", id]], rename: [{ field: [variants, "*", sku], to: number }, { field: name, to: title }] }
                update: { path: "/items/{{ live_id }}" }
            """;
        var record = Record("""{"variants":[{"id":1,"sku":"a"}],"name":"A"}""");

        await Target(platform, restore).WriteAsync(Write(WriteKind.Create, record: record), default);
        await Target(platform, restore).WriteAsync(Write(WriteKind.Update, "1", """{"id":1}""", record), default);

        sent.ShouldBe(["""{"variants":[{"number":"a"}],"title":"A"}""", """{"variants":[{"id":1,"sku":"a"}],"name":"A"}"""]);
    }

    [Fact]
    public async Task A_status_can_mean_that_a_record_is_not_there()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("""{"message":"not found"}""", 400));
        const string restore = """
            version: 1
            streams:
              items: { find: [{ by: live_id, path: /items/1, missing: [400] }] }
            """;

        var found = await Target(platform, restore).FindAsync("items", Record(), default);

        found.State.ShouldBe(LiveState.Missing);
        await Should.ThrowAsync<PlatformException>(() => Target(platform).FindAsync("items", Record(), default));
    }

    [Fact]
    public async Task A_candidate_must_be_what_the_rule_says_besides()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path == "/items/7"
            ? context.Json("""{"id":7,"deleted":true}""")
            : context.Json("""{"items":[{"id":1,"metadata":{}},{"id":2,"metadata":{"old_id":"8"}},{"id":3,"metadata":{"old_id":"7"}}]}"""));
        const string restore = """
            version: 1
            streams:
              items:
                find:
                  - { by: live_id, path: "/items/{{ record.id }}", where: "{{ not live.deleted }}" }
                  - { by: external_id, path: /items, records: [items], where: "{{ live.metadata.old_id == original.id }}" }
            """;

        var found = await Target(platform, restore).FindAsync("items", Record("""{"id":"7"}"""), default);

        found.LiveId.ShouldBe("3");
        found.FoundBy.ShouldBe(MatchKind.ExternalId);
    }

    [Theory]
    [InlineData("version: 2\nstreams: {}", "restore.version")]
    [InlineData("version: 1\nstreams: { nobody: {} }", "restore.streams.nobody")]
    [InlineData("version: 1\nstreams: { items: { create: { path: /x, josn: {} } } }", "restore.streams.items.create.josn")]
    [InlineData("version: 1\nstreams: { items: { create: { path: \"{{ nonsense }}\" } } }", "restore.streams.items.create.path")]
    [InlineData("version: 1\nstreams: { items: { after: [items] } }", "restore.streams.items.after")]
    [InlineData("version: 1\nstreams: { items: { find: [{ by: natural_key, path: /x }] } }", "restore.streams.items.find[0].fields")]
    public void A_mistake_in_the_manifest_is_named_with_its_path(string yaml, string path) =>
        Should.Throw<ManifestException>(() => RestoreManifest.Load(yaml, Connector.Load(Manifests.OneStream("/items")))).Problems[0].Path.ShouldBe(path);

    private sealed class Map : Dictionary<string, string>, IIdMap
    {
        public string? Find(string stream, string oldId) => TryGetValue(oldId, out var newId) ? newId : null;
    }

    private sealed class Renamed(string from, string to) : IIdMap
    {
        public string? Find(string stream, string oldId) => oldId == from ? to : null;
    }

    [Fact]
    public async Task A_second_way_to_create_is_tried_when_the_first_is_refused()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Request.Path == "/bin/9007199254740993"
            ? context.Json("{}", 404)
            : context.Json("""{"item":{"id":8}}"""));
        var restore = Restore.Replace("create: { path: /items,", "create: [{ path: \"/bin/{{ original.id }}\" }, { path: /items,").Replace("new_id: [item, id] }", "new_id: [item, id] }]");

        var outcome = await Target(platform, restore).WriteAsync(Write(WriteKind.Create), default);

        outcome.Result.ShouldBe(WriteResult.Created);
        outcome.NewId.ShouldBe("8");
        platform.Requests.ShouldBe(["POST /bin/9007199254740993", "POST /items"]);
    }
}
