using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

public sealed class StreamClassificationTests
{
    private static readonly StreamExtensions Declared = new()
    {
        Classes = [new(FieldPath.Of("nick"), PrivacyClass.Personal), new(FieldPath.Of("status"), PrivacyClass.Consent), new(FieldPath.Of("illness"), PrivacyClass.Sensitive)],
    };

    [Fact]
    public async Task Every_field_says_what_it_is_taken_for_and_why()
    {
        await using var world = await WorldAsync();

        var view = (await world.Api.GetAsync(world.Url, world.Admin)).ShouldBe(HttpStatusCode.OK).Json;

        ((int)view["sampled"]!).ShouldBe(6);
        Classes(view).ShouldBe(
            ["/id -", "/nick personal declared", "/status consent declared", "/illness sensitive declared", "/custom/Phone personal name", "/custom/second_contact personal values", "/custom/plan -",
                "/opted_in consent name", "/reach/*/via -", "/reach/*/to personal values", "/card sensitive values"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_a_person_decides_counts_before_everything_and_is_what_masks_go_by()
    {
        await using var world = await WorldAsync();
        var decided = new Dictionary<string, string> { ["/custom"] = "none", ["/custom/plan"] = "sensitive", ["/nick"] = "none", ["/reach/*/via"] = "personal", ["/illness"] = "none" };

        var put = (await world.Api.SendAsync(HttpMethod.Put, world.Url, new { fields = decided }, world.Admin)).ShouldBe(HttpStatusCode.OK);

        Classes(put.Json).ShouldContain("/custom/Phone none override");
        Classes(put.Json).ShouldContain("/custom/plan sensitive override");
        put.Json["overrides"]!.AsObject().Count.ShouldBe(5);
        var mask = new RecordMask(await world.World.Get<IFieldClasses>().OfAsync(world.Source, "people", SyncWorld.Cancellation), new(new byte[32]));
        var masked = JsonNode.Parse(mask.Apply(System.Text.Encoding.UTF8.GetBytes(Person(1))).Span)!;
        ((string?)masked["nick"]).ShouldBe("nick1");
        ((string?)masked["illness"]).ShouldBe("flu");
        ((string?)masked["custom"]!["Phone"]).ShouldBe("030 1");
        ((string?)masked["custom"]!["second_contact"]).ShouldBe("friend1@example.com");
        masked["custom"]!["plan"].ShouldBeNull();
        ((string?)masked["reach"]![0]!["via"]).ShouldNotBe("work");
        ((string?)masked["reach"]![0]!["to"]).ShouldNotBe("+49 30 12345671");
        masked["card"].ShouldBeNull();
        ((string?)masked["status"]).ShouldBe("subscribed");
    }

    [Fact]
    public async Task It_changes_under_its_version_is_logged_and_refuses_what_names_no_field()
    {
        await using var world = await WorldAsync();
        var seen = (await world.Api.GetAsync(world.Url, world.Admin)).ETag!;
        (await world.Api.SendAsync(HttpMethod.Put, world.Url, new { fields = new Dictionary<string, string> { ["/nick"] = "none" } }, world.Admin, ("If-Match", seen))).ShouldBe(HttpStatusCode.OK);

        (await world.Api.SendAsync(HttpMethod.Put, world.Url, new { fields = new Dictionary<string, string>() }, world.Admin, ("If-Match", seen))).ShouldBe(HttpStatusCode.PreconditionFailed);
        foreach (var path in new[] { "", "nick", "/a~2b", "/a~" })
            (await world.Api.SendAsync(HttpMethod.Put, world.Url, new { fields = new Dictionary<string, string> { [path] = "none" } }, world.Admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await world.Api.SendAsync(HttpMethod.Put, world.Url, new { fields = new Dictionary<string, string> { ["/nick"] = "secret" } }, world.Admin)).ShouldBe(HttpStatusCode.BadRequest);
        (await world.Api.SendAsync(HttpMethod.Put, world.Url.Replace("people", "nobody", StringComparison.Ordinal), new { fields = new Dictionary<string, string>() }, world.Admin)).ShouldBe(HttpStatusCode.NotFound);
        var log = await world.World.Runs.Items.FindAsync(ActivityLog.EntryKey(world.World.Account, 2), ActivityJson.Default.Activity, SyncWorld.Cancellation);
        log!.Value.Action.ShouldBe("source.classified");
        log.Value.Details["fields"].ShouldBe("/nick");
    }

    [Fact]
    public async Task A_key_that_may_take_along_only_masked_records_does_not_decide_what_masks_leave()
    {
        await using var world = await WorldAsync();
        var fields = new Dictionary<string, string> { ["/illness"] = "none" };

        (await PutAsync($"{Permission.SourcesManage} {Permission.ExportsCreateMasked}")).ShouldBe(HttpStatusCode.Forbidden).Text("type").ShouldEndWith("/scope-missing");
        (await PutAsync($"{Permission.SourcesManage} {Permission.ExportsCreate}")).ShouldBe(HttpStatusCode.OK);

        Task<ApiAnswer> PutAsync(string scopes) => world.Api.SendAsync(HttpMethod.Put, world.Url, new { fields }, $"{world.Admin} {scopes}");
    }

    private static string Person(int i) => $$"""
        {"id":"p{{i}}","nick":"nick{{i}}","status":"subscribed","illness":"flu","opted_in":true,"card":"4111 1111 1111 1111",
        "custom":{"Phone":"030 {{i}}","second_contact":"friend{{i}}@example.com","plan":"gold"},"reach":[{"via":"work","to":"+49 30 1234567{{i}}"}]}
        """;

    private static List<string> Classes(JsonNode view) =>
        [.. view["fields"]!.AsArray().Select(f => $"{f!["path"]} {(f["class"] is { } c ? $"{c} {f["basis"]}" : "-")}")];

    private static async Task<Classified> WorldAsync()
    {
        var world = new SyncWorld();
        var people = world.Platform.Add("people", extensions: Declared);
        for (var i = 1; i <= 6; i++) people.PutJson($"p{i}", Person(i));
        var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        return new(world, api, source, admin);
    }

    private sealed record Classified(SyncWorld World, ApiUnderTest Api, Source Source, string Admin) : IAsyncDisposable
    {
        public string Url => $"/v1/accounts/{World.Account}/sources/{Source.Id}/streams/people/classification";

        public async ValueTask DisposeAsync()
        {
            await Api.DisposeAsync();
            await World.DisposeAsync();
        }
    }
}
