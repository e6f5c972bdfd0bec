using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Restoring;

/// <summary>Nobody's consent is laxer after a restore than the strictest that is known of it.</summary>
public sealed class ConsentTests : IDisposable
{
    private const string Plain = "{ field: status, strictest_first: [bounced, unsubscribed, pending, subscribed], created_as: unsubscribed }";

    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("subscribed", false, "unsubscribed")]
    [InlineData("pending", false, "unsubscribed")]
    [InlineData("unheard-of", false, "unsubscribed")]
    [InlineData(null, false, "unsubscribed")]
    [InlineData("bounced", false, "bounced")]
    [InlineData("subscribed", true, "subscribed")]
    [InlineData("pending", true, "pending")]
    [InlineData(null, true, null)]
    public async Task Who_is_made_anew_has_no_yes_unless_the_restore_was_asked_for_it(string? backup, bool isAsked, string? sent)
    {
        (await CreatedAsync(Plain, Status(backup), isAsked))["status"].ShouldBeText(sent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_no_that_was_seen_after_the_snapshot_stays_in_both_settings(bool isAsked)
    {
        (await CreatedAsync(Plain, Status("subscribed"), isAsked, Status("unsubscribed")))["status"].ShouldBeText("unsubscribed");
        (await CreatedAsync(Plain, Status("subscribed"), isAsked, Status("a new kind of no")))["status"]!.GetValue<string>().ShouldNotBe("subscribed");
    }

    [Fact]
    public async Task The_newest_version_counts_and_not_one_before_it()
    {
        (await CreatedAsync(Plain, Status("subscribed"), true, Status("subscribed"), Status("unsubscribed")))["status"].ShouldBeText("subscribed");
    }

    [Fact]
    public async Task A_newest_version_that_says_nothing_of_consent_is_not_a_yes()
    {
        (await CreatedAsync(Plain, Status("subscribed"), true, Status(null)))["status"].ShouldBeText("unsubscribed");
    }

    [Theory]
    [InlineData("", "subscribed", false)]
    [InlineData("", "unsubscribed", true)]
    [InlineData(", absent_means: subscribed", "subscribed", true)]
    [InlineData(", absent_means: unsubscribed", "subscribed", false)]
    public async Task What_a_live_record_does_not_tell_is_not_weakened(string meaning, string backup, bool isSent)
    {
        var sent = await UpdatedAsync(Plain.Replace(" }", meaning + " }", StringComparison.Ordinal), Status(backup), "{}");

        sent["status"].ShouldBeText(isSent ? backup : null);
        sent["name"].ShouldBeText("x");
    }

    [Theory]
    [InlineData("subscribed", false, "archived")]
    [InlineData("subscribed", true, "subscribed")]
    [InlineData("unsubscribed", false, "unsubscribed")]
    [InlineData("unsubscribed", true, "unsubscribed")]
    public async Task Who_is_archived_counts_as_deleted(string backup, bool isAsked, string sent)
    {
        const string rule = "{ field: status, strictest_first: [unsubscribed, subscribed], deleted: [archived] }";

        (await UpdatedAsync(rule, Status(backup), Status("archived"), isAsked))["status"].ShouldBeText(sent);
        (await UpdatedAsync(rule, Status("subscribed"), Status("archived"), isAsked, Status("archived"), Status("unsubscribed")))["status"].ShouldBeText("unsubscribed");
    }

    [Theory]
    [InlineData("true", "true", "old@x.example")]
    [InlineData("false", "true", "new@x.example")]
    [InlineData("true", "false", "new@x.example")]
    [InlineData("false", "false", "old@x.example")]
    [InlineData(null, "true", "new@x.example")]
    [InlineData("true", null, "new@x.example")]
    public async Task An_address_goes_back_only_where_its_consent_was_what_the_new_one_has(string? live, string? backup, string sent)
    {
        const string rule = "{ field: agreed, strictest_first: [false, true], written: never, address: email }";

        (await UpdatedAsync(rule, Agreed(backup, "old@x.example"), Agreed(live, "new@x.example")))["email"].ShouldBeText(sent);
    }

    [Fact]
    public async Task An_address_goes_back_with_the_stricter_consent_where_that_is_written_along()
    {
        const string rule = "{ field: agreed, strictest_first: [false, true], address: email }";

        var sent = await UpdatedAsync(rule, Agreed("true", "old@x.example"), Agreed("false", "new@x.example"));

        sent["email"].ShouldBeText("old@x.example");
        sent["agreed"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, "[]")]
    [InlineData(true, "[1]")]
    public async Task Who_is_made_anew_is_on_no_list_unless_the_restore_was_asked_for_it(bool isAsked, string sent)
    {
        (await CreatedAsync("{ field: lists, items: \"*\" }", """{"lists":[1,2]}""", isAsked, """{"lists":[1]}"""))["lists"]!.ToJsonString().ShouldBe(sent);
    }

    [Theory]
    [InlineData("", "[]")]
    [InlineData(", absent_means: none", "[1,2]")]
    public async Task Without_the_field_that_names_what_was_left_everything_may_have_been(string meaning, string sent)
    {
        (await UpdatedAsync($"{{ field: lists, items: \"*\", left: gone{meaning} }}", """{"lists":[1,2]}""", """{"lists":[]}"""))["lists"]!.ToJsonString().ShouldBe(sent);
    }

    [Theory]
    [InlineData("{ field: a, strictest_first: [out, in], created_as: maybe }", "created_as")]
    [InlineData("{ field: a, strictest_first: [out, in], absent_means: maybe }", "absent_means")]
    [InlineData("{ field: a, items: id, absent_means: none }", "absent_means")]
    [InlineData("{ field: a, items: id, created_as: out }", "items")]
    [InlineData("{ field: a, strictest_first: [out, in], written: sometimes }", "written")]
    public void A_rule_that_says_what_cannot_be_is_refused(string rule, string option) =>
        Should.Throw<ManifestException>(() => Manifest(rule)).Message.ShouldContain(option);

    [Fact]
    public void A_stream_is_only_coupled_to_one_that_comes_after_it()
    {
        const string manifest = "version: 1\nstreams:\n  items:\n    with: [items]\n    create: { path: /items }";

        Should.Throw<ManifestException>(() => RestoreManifest.Load(manifest, Connector.Load(Manifests.OneStream("/items")))).Message.ShouldContain("with");
    }

    [Fact]
    public async Task A_missing_record_tells_how_it_would_come_back()
    {
        await using var platform = await FakePlatform.StartAsync(context => context.Json("{}", 404));

        var withheld = await Target(platform, Plain).FindAsync("items", Record(Status("subscribed"), false), default);
        var granted = await Target(platform, Plain).FindAsync("items", Record(Status("subscribed"), true), default);
        var no = await Target(platform, Plain).FindAsync("items", Record(Status("subscribed"), true, Status("unsubscribed")), default);

        (withheld.Withheld.Count, withheld.Granted.Count, withheld.Kept.Count).ShouldBe((1, 0, 0));
        (granted.Withheld.Count, granted.Granted.Count, granted.Kept.Count).ShouldBe((0, 1, 0));
        (no.Withheld.Count, no.Granted.Count, no.Kept.Count).ShouldBe((0, 0, 1));
        withheld.IsFoundUnderNewId.ShouldBeFalse();
    }

    /// <summary>People with any history in the vault and any state on the platform, known values and others, with and without the field.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task After_a_restore_nobody_is_laxer_than_the_strictest_of_what_is_live_and_what_was_seen_last(int seed)
    {
        var random = new Random(seed);
        string[] values = ["bounced", "unsubscribed", "pending", "subscribed"];
        JsonObject? platformNow = null;
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (context.Request.Method == "POST") platformNow = [];
            foreach (var (name, value) in JsonNode.Parse(body)!.AsObject()) platformNow![name] = value?.DeepClone();
            await context.Json("{}");
        });
        var target = Target(platform, Plain);

        for (var person = 0; person < 150; person++)
        {
            var (backup, live, isLive, isAsked) = (Any(), Any(), random.Next(3) > 0, random.Next(2) == 0);
            string?[] newer = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Any())];
            platformNow = isLive ? JsonNode.Parse(Status(live))!.AsObject() : null;
            var record = Record(Status(backup), isAsked, [.. newer.Select(Status)]);

            await target.WriteAsync(
                new()
                {
                    Stream = "items", Kind = isLive ? WriteKind.Update : WriteKind.Create, Record = record, LiveId = isLive ? "1" : null,
                    LiveJson = isLive ? Encoding.UTF8.GetBytes(platformNow!.ToJsonString()) : default, IdempotencyKey = $"{person}",
                },
                default);

            var after = Place((string?)platformNow!["status"]);
            var story = $"seed {seed}, person {person}: backup {backup}, newer {string.Join(',', newer)}, live {(isLive ? live : "gone")}, asked {isAsked} -> {platformNow["status"]}";
            if (isLive && live is not null) after.ShouldBeLessThanOrEqualTo(Place(live), story);
            if (isLive && live is null) ((string?)platformNow["status"]).ShouldNotBe("subscribed", story);
            if (newer.Length > 0 && newer[0] is { } last && !(isLive && after == Place(live))) after.ShouldBeLessThanOrEqualTo(Math.Max(Place(last), Place("unsubscribed")), story);
            if (newer.Length > 0 && Place(newer[0]) is 0 or 1 && newer[0] is not null) after.ShouldBeLessThanOrEqualTo(1, story);
            if (!isLive && !isAsked) after.ShouldBeLessThanOrEqualTo(1, story);
        }

        // A value that nobody knows may mean a no.
        int Place(string? value) => Array.IndexOf(values, value);

        string? Any() => random.Next(6) switch { 0 => null, 1 => "unheard-of", _ => values[random.Next(values.Length)] };
    }

    private static string Status(string? status) => status is null ? "{}" : $$"""{"status":"{{status}}"}""";

    private static string Agreed(string? agreed, string email) => agreed is null ? $$"""{"email":"{{email}}"}""" : $$"""{"agreed":{{agreed}},"email":"{{email}}"}""";

    private static RestoreManifest Manifest(string rule) => RestoreManifest.Load(
        $$$"""
        version: 1
        streams:
          items:
            find: [{ by: live_id, path: "/items/{{ record.id }}" }]
            create: { path: /items }
            update: { path: "/items/{{ live_id }}" }
            never_weaken: [{{{rule}}}]
        """,
        Connector.Load(Manifests.OneStream("/items")));

    private RestoreTarget Target(FakePlatform platform, string rule) => Manifest(rule).Target(platform.Config(), Ports.For(_http));

    private static RestoreRecord Record(string json, bool isAsked, params string[] newestFirst)
    {
        var record = JsonNode.Parse(json)!.AsObject();
        record["id"] = 1;
        record["name"] = "x";

        return new(Encoding.UTF8.GetBytes(record.ToJsonString()), SameIds.Instance)
        {
            Newer = [.. newestFirst.Select(version => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(version))], BringsConsentBack = isAsked,
        };
    }

    private Task<JsonObject> CreatedAsync(string rule, string backup, bool isAsked, params string[] newestFirst) =>
        SentAsync(rule, new() { Stream = "items", Kind = WriteKind.Create, Record = Record(backup, isAsked, newestFirst), IdempotencyKey = "1" });

    private Task<JsonObject> UpdatedAsync(string rule, string backup, string live, bool isAsked = false, params string[] newestFirst)
    {
        var record = JsonNode.Parse(live)!.AsObject();
        record["name"] = "spoilt";

        return SentAsync(rule, new()
        {
            Stream = "items", Kind = WriteKind.Update, Record = Record(backup, isAsked, newestFirst), LiveId = "1",
            LiveJson = Encoding.UTF8.GetBytes(record.ToJsonString()), IdempotencyKey = "1",
        });
    }

    private async Task<JsonObject> SentAsync(string rule, WriteRequest request)
    {
        var body = "";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            body = await reader.ReadToEndAsync();
            await context.Json("{}");
        });

        await Target(platform, rule).WriteAsync(request, default);

        return JsonNode.Parse(body)!.AsObject();
    }
}

internal static class SentValues
{
    /// <summary>Null: it was not sent.</summary>
    public static void ShouldBeText(this JsonNode? node, string? wanted) => ((string?)node).ShouldBe(wanted);
}
