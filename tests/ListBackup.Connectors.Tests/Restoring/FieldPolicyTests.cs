using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Restoring;

/// <summary>A restore writes the fields that it was asked for, and whatever it was asked for: nobody's consent becomes laxer by it.</summary>
public sealed class FieldPolicyTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task What_is_kept_is_sent_as_it_is_on_the_platform_and_is_no_difference()
    {
        const string backup = """{"id":1,"email":"a@x","status":"unsubscribed","name":"old","tags":["a"],"place":{"city":"old","street":"old","gone":1},"only":"old"}""";
        const string live = """{"id":1,"email":"a@x","status":"unsubscribed","name":"new","tags":["b"],"place":{"city":"new","street":"new","more":2,"id":7}}""";

        var sent = await SentAsync(backup, live, new(KeepsOthers: true, Fields(("name", false), ("place.city", false))));

        sent.ToJsonString().ShouldBe("""{"email":"a@x","status":"unsubscribed","name":"old","tags":["b"],"place":{"city":"old","street":"new","more":2}}""");
        (await SentAsync(backup, live, new(KeepsOthers: false, Fields(("place", true), ("name", true), ("tags", true), ("only", true))))).ShouldBeEmpty("nothing differs");
    }

    [Fact]
    public async Task A_new_record_lacks_what_is_kept_but_not_what_it_cannot_be_without()
    {
        const string backup = """{"id":1,"email":"a@x","status":"unsubscribed","name":"old","tags":["a"],"place":{"city":"old","street":"old"}}""";

        var sent = await SentAsync(backup, null, new(KeepsOthers: true, Fields(("place.city", false))));

        // By `name` the platform makes no record without one; by `email` it is found again; `status` is consent.
        sent.ToJsonString().ShouldBe("""{"email":"a@x","status":"unsubscribed","name":"old","place":{"city":"old"}}""");
    }

    [Theory]
    [InlineData("old@x", "unsubscribed", "new@x", "subscribed", "unsubscribed")]
    [InlineData("old@x", "subscribed", "new@x", "unsubscribed", "unsubscribed")]
    [InlineData("same@x", "unsubscribed", "same@x", "subscribed", "subscribed")]
    public async Task An_address_that_comes_back_alone_brings_its_no_along_and_does_not_take_over_anothers_yes(string oldAddress, string backup, string newAddress, string live, string after)
    {
        var sent = await SentAsync(Person(oldAddress, backup, "old"), Person(newAddress, live, "new"), new(KeepsOthers: true, Fields(("email", false), ("name", false))));

        ((string?)sent["email"], (string?)sent["status"]).ShouldBe((oldAddress, after));
    }

    /// <summary>People with any history, under any policy.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_policy_makes_consent_laxer(int seed)
    {
        var random = new Random(seed);
        string[] values = ["bounced", "unsubscribed", "pending", "subscribed"];
        var (changedAddresses, keptConsents) = (0, 0);
        for (var person = 0; person < 60; person++)
        {
            var (backup, live) = (Person(Address(), Any(), "old"), random.Next(4) == 0 ? null : Person(Address(), Any(), "new"));
            string[] newer = [.. Enumerable.Range(0, random.Next(2)).Select(_ => Person(Address(), Any(), "newer"))];
            var policy = new FieldPolicy(random.Next(2) == 0, Fields([.. new[] { "email", "status", "name" }.Where(_ => random.Next(2) == 0).Select(field => (field, random.Next(2) == 0))]));
            var isAsked = random.Next(2) == 0;

            var with = After(live, await SentAsync(backup, live, policy, isAsked, newer));
            var without = After(live, await SentAsync(backup, live, null, isAsked, newer));

            var story = $"seed {seed}, person {person}: backup {backup}, live {live}, newer {string.Join(',', newer)}, keeps others {policy.KeepsOthers}, {string.Join(',', policy.Keeps)}, asked {isAsked} -> {with.ToJsonString()}";
            if (live is null)
            {
                ((string?)with["status"]).ShouldBe((string?)without["status"], story);
                continue;
            }
            var before = JsonNode.Parse(live)!;
            Place(with).ShouldBeLessThanOrEqualTo(Place(before), story);
            if ((string?)with["email"] == (string?)before["email"]) keptConsents += policy.IsKept(FieldPath.Of("status")) ? 1 : 0;
            else Place(with).ShouldBeLessThanOrEqualTo(Place(without), story);
            changedAddresses += (string?)with["email"] == (string?)before["email"] ? 0 : 1;
        }
        changedAddresses.ShouldBeGreaterThan(0);
        keptConsents.ShouldBeGreaterThan(0);

        int Place(JsonNode record) => Array.IndexOf(values, (string?)record["status"]);

        string Address() => random.Next(2) == 0 ? "old@x" : "new@x";

        string Any() => values[random.Next(values.Length)];
    }

    private static string Person(string address, string status, string name) => $$"""{"id":1,"email":"{{address}}","status":"{{status}}","name":"{{name}}"}""";

    private static Dictionary<FieldPath, bool> Fields(params (string Field, bool IsKept)[] fields) => fields.ToDictionary(field => new FieldPath(field.Field.Split('.')), field => field.IsKept);

    private static JsonObject After(string? live, JsonObject sent)
    {
        var after = live is null ? [] : JsonNode.Parse(live)!.AsObject();
        foreach (var (name, value) in sent) after[name] = value?.DeepClone();
        return after;
    }

    /// <returns>What was sent; empty when nothing was.</returns>
    private async Task<JsonObject> SentAsync(string backup, string? live, FieldPolicy? policy, bool isAsked = false, params string[] newestFirst)
    {
        var body = "{}";
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            body = await reader.ReadToEndAsync();
            await context.Json("{}");
        });
        var record = new RestoreRecord(Encoding.UTF8.GetBytes(backup), SameIds.Instance) { Fields = policy, BringsConsentBack = isAsked, Newer = [.. newestFirst.Select(version => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(version))] };

        await Manifest().Target(platform.Config(), Ports.For(_http)).WriteAsync(
            new()
            {
                Stream = "items", Kind = live is null ? WriteKind.Create : WriteKind.Update, Record = record, LiveId = live is null ? null : "1",
                LiveJson = live is null ? default : Encoding.UTF8.GetBytes(live), IdempotencyKey = "1",
            },
            default);

        return JsonNode.Parse(body)!.AsObject();
    }

    private static RestoreManifest Manifest() => RestoreManifest.Load(
        """
        version: 1
        streams:
          items:
            find:
              - { by: live_id, path: "/items/{{ record.id }}" }
              - { by: natural_key, fields: [email], path: /items, records: [] }
            create: { path: /items }
            update: { path: "/items/{{ live_id }}" }
            read_only: [id, [place, id]]
            required: [name]
            never_weaken: [{ field: status, strictest_first: [bounced, unsubscribed, pending, subscribed], created_as: unsubscribed, address: email }]
        """,
        Connector.Load(Manifests.OneStream("/items")));
}
