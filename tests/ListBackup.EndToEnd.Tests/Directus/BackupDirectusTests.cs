using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.EndToEnd.Tests;

/// <summary>connectors/directus on a real Directus: collections that only the server names are read, and what was lost comes back under its own id.</summary>
[Trait("Stage", "platforms")]
public sealed class BackupDirectusTests(DirectusFixture directus) : IClassFixture<DirectusFixture>
{
    private static readonly string[] Restorable =
    [
        "directus_folders", "directus_roles", "directus_policies", "directus_translations", "directus_presets", "directus_dashboards", "directus_panels",
        "directus_flows", "directus_operations",
    ];

    [Fact]
    public async Task The_check_tells_a_good_token_from_a_bad_one()
    {
        await using var server = await directus.StartAsync();
        using var good = Connect(server);
        using var bad = Connect(server, "wrong");

        (await good.CheckAsync()).Reason.ShouldBeNull();
        (await bad.CheckAsync()).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Every_collection_is_a_stream_with_its_own_key_and_is_read_to_its_end()
    {
        await using var server = await directus.StartAsync();
        using var connector = Connect(server);

        var streams = await connector.Connector.DiscoverAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken);
        var articles = await connector.ReadAsync("articles");
        var codes = await connector.ReadAsync("codes");
        var home = await connector.ReadAsync("home");

        streams.Where(stream => !stream.Name.StartsWith("directus_", StringComparison.Ordinal)).Select(stream => $"{stream.Name} {stream.PrimaryKey[0]}")
            .ShouldBe(["articles id", "authors id", "codes code", "home id", "pages id"], ignoreOrder: true);
        articles.Json.Select(record => record.GetProperty("id").GetInt32()).ShouldBe(Enumerable.Range(1, 250));
        articles.Coverage.Complete.ShouldBeTrue();
        articles.Coverage.Evidence.ReportedTotal.ShouldBe(250);
        codes.Json.Select(record => record.GetProperty("code").GetString()).ShouldBe(["a/b c", "ü"], ignoreOrder: true);
        home.Json.Single().GetProperty("headline").GetString().ShouldBe("Willkommen");
        home.Coverage.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task The_content_of_a_file_stands_at_its_address()
    {
        await using var server = await directus.StartAsync();
        using var connector = Connect(server);
        using var http = Client(server);

        var file = (await connector.ReadAsync("directus_files")).Json.Single();

        (await http.GetStringAsync(file.GetProperty("asset_url").GetString(), TestContext.Current.CancellationToken)).ShouldBe("Grüße aus der Datei");
    }

    [Fact]
    public async Task Permissions_beyond_a_page_are_read_and_those_of_the_system_are_left_out()
    {
        await using var server = await directus.StartAsync();
        using var connector = Connect(server);
        using var http = Client(server);
        var policy = (await JsonAsync(http, "/policies"))["data"]![0]!["id"]!.GetValue<string>();
        var rows = new JsonArray([.. Enumerable.Range(0, 130).Select(at => new JsonObject { ["policy"] = policy, ["collection"] = $"c{at}", ["action"] = "read" })]);
        (await http.PostAsJsonAsync("/permissions", rows, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        var read = await connector.ReadAsync("directus_permissions");

        read.Records.Count.ShouldBe(130);
        read.Coverage.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_lost_comes_back_under_its_own_id()
    {
        await using var server = await directus.StartAsync();
        using var connector = Connect(server);
        using var http = Client(server);
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, Restorable);

        await DeleteAsync(http, "/flows");
        await DeleteAsync(http, "/dashboards");
        await DeleteAsync(http, "/folders");
        var role = (await JsonAsync(http, "/roles?filter[name][_eq]=Editors"))["data"]![0]!["id"]!.GetValue<string>();
        (await http.PatchAsJsonAsync($"/roles/{role}", new JsonObject { ["description"] = "spoilt" }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        var damaged = await vault.BackUpAsync(connector, Restorable);
        var ids = new NewIds();
        var restored = await connector.RestoreAsync(vault, before, ids);
        var after = await vault.BackUpAsync(connector, Restorable);
        var again = await connector.RestoreAsync(vault, before, ids);

        (await vault.DiffAsync(before, damaged, "directus_folders")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(2);
        (await vault.DiffAsync(before, damaged, "directus_operations")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(1);
        restored.Where(record => record.Outcome.Result == WriteResult.Refused).Select(record => $"{record.Stream} {record.Outcome.Reason}").ShouldBeEmpty();
        foreach (var stream in new[] { "directus_folders", "directus_roles", "directus_translations" }) (await vault.DiffAsync(before, after, stream)).ShouldBeEmpty(stream);
        foreach (var stream in Restorable) (await KeysAsync(vault, after, stream)).ShouldBe(await KeysAsync(vault, before, stream), stream);
        again.ShouldBeEmpty();
    }

    [Fact]
    public async Task Items_come_back_in_one_restore_with_what_they_refer_to()
    {
        await using var server = await directus.StartAsync();
        using var connector = Connect(server);
        using var http = Client(server);
        var vault = await VaultUnderTest.CreateAsync();
        string[] collections = ["articles", "authors", "codes", "home", "pages"];
        var before = await vault.BackUpAsync(connector, collections);

        // The database refuses to let go of a page that others lie in.
        foreach (var page in await ItemsAsync(http, "pages")) await PatchAsync(http, $"/items/pages/{page["id"]}", new JsonObject { ["parent"] = null });
        foreach (var collection in new[] { "pages", "authors" }) await DeleteItemsAsync(http, collection);
        await DeleteItemsAsync(http, "articles", "?filter[id][_lt]=8");
        await PatchAsync(http, "/items/articles/9", new JsonObject { ["title"] = "spoilt" });
        await PatchAsync(http, "/items/home", new JsonObject { ["headline"] = "spoilt" });
        await PatchAsync(http, "/items/codes/a%2Fb%20c", new JsonObject { ["label"] = "spoilt" });
        var damaged = await vault.BackUpAsync(connector, collections);
        var ids = new NewIds();
        var restored = await connector.RestoreAsync(vault, before, ids);
        var after = await vault.BackUpAsync(connector, collections);
        var again = await connector.RestoreAsync(vault, before, ids);

        (await vault.DiffAsync(before, damaged, "pages")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(6);
        restored.Where(record => record.Outcome.Result == WriteResult.Refused).Select(record => $"{record.Stream} {record.Key} {record.Outcome.Reason}").ShouldBeEmpty();
        foreach (var stream in new[] { "codes", "home", "pages" }) (await vault.DiffAsync(before, after, stream)).ShouldBeEmpty(stream);
        // Directus writes itself when an item was made and changed.
        foreach (var stream in new[] { "articles", "authors" })
            (await vault.DiffAsync(before, after, stream)).SelectMany(difference => difference.ChangedFields.DefaultIfEmpty(difference.Kind.ToString())).Distinct().ShouldBeSubsetOf(["/date_created", "/date_updated"], stream);
        again.ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<JsonObject>> ItemsAsync(HttpClient http, string collection, string query = "?limit=-1") =>
        [.. (await JsonAsync(http, $"/items/{collection}{query}"))["data"]!.AsArray().Select(item => item!.AsObject())];

    private static async Task DeleteItemsAsync(HttpClient http, string collection, string query = "?limit=-1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/items/{collection}")
        {
            Content = JsonContent.Create(new JsonArray([.. (await ItemsAsync(http, collection, query)).Select(item => item["id"]!.DeepClone())])),
        };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task PatchAsync(HttpClient http, string path, JsonObject changes)
    {
        using var answer = await http.PatchAsJsonAsync(path, changes, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(VaultUnderTest vault, Snapshot snapshot, string stream) =>
        [.. (await vault.RecordsAsync(snapshot, stream)).Select(record => record.Key).Order(StringComparer.Ordinal)];

    private static async Task<JsonObject> JsonAsync(HttpClient http, string path) =>
        JsonNode.Parse(await http.GetStringAsync(path, TestContext.Current.CancellationToken))!.AsObject();

    /// <summary>Everything at an address, by its ids.</summary>
    private static async Task DeleteAsync(HttpClient http, string path)
    {
        var ids = (await JsonAsync(http, $"{path}?fields=id"))["data"]!.AsArray().Select(row => row!["id"]!.GetValue<string>());
        using var request = new HttpRequestMessage(HttpMethod.Delete, path) { Content = JsonContent.Create(ids) };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static HttpClient Client(ScriptedServer server)
    {
        var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Settings["TOKEN"]);
        return http;
    }

    private static ConnectorUnderTest Connect(ScriptedServer server, string? token = null) => new("directus", new { url = server.Url, token = token ?? server.Settings["TOKEN"] });
}
