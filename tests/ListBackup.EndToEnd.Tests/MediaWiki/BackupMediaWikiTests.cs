using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.EndToEnd.Tests;

/// <summary>connectors/mediawiki on a real, private MediaWiki: every revision is read, and spoilt and deleted pages come back.</summary>
[Trait("Stage", "platforms")]
public sealed class BackupMediaWikiTests(MediaWikiFixture mediaWiki) : IClassFixture<MediaWikiFixture>
{
    [Fact]
    public async Task The_check_tells_good_credentials_from_bad_ones()
    {
        await using var server = await mediaWiki.StartAsync();
        using var good = Connect(server, server.Password);
        using var bad = Connect(server, "wrong");

        (await good.CheckAsync()).Reason.ShouldBeNull();
        (await bad.CheckAsync()).Failure.ShouldBeOfType<PlatformUnauthorizedException>();
    }

    [Fact]
    public async Task Every_page_and_every_revision_is_read()
    {
        await using var server = await mediaWiki.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();

        var snapshot = await vault.BackUpAsync(connector, [.. connector.Connector.Streams.Select(stream => stream.Name)]);

        // 60 pages, three categories, a template, a talk page, the main page, the page of the file.
        Live(snapshot, "pages").ShouldBe(67);
        Live(snapshot, "revisions").ShouldBe(await CountAsync(server, "allrevisions", "arv"));
        Live(snapshot, "deleted_revisions").ShouldBe(2);
        Live(snapshot, "users").ShouldBe(5);
        Live(snapshot, "files").ShouldBe(1);
        Live(snapshot, "categories").ShouldBe(3);
        snapshot.Streams.ShouldAllBe(stream => stream.Coverage.Level != CoverageLevel.Partial);
    }

    [Fact]
    public async Task Two_backups_of_an_untouched_wiki_are_equal()
    {
        await using var server = await mediaWiki.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();
        string[] streams = [.. connector.Connector.Streams.Select(stream => stream.Name)];

        var first = await vault.BackUpAsync(connector, streams);
        var second = await vault.BackUpAsync(connector, streams);

        second.Streams.Select(stream => (stream.Stream, stream.StateRoot)).ShouldBe(first.Streams.Select(stream => (stream.Stream, stream.StateRoot)));
    }

    [Fact]
    public async Task An_incremental_read_brings_the_new_revisions()
    {
        await using var server = await mediaWiki.StartAsync();
        using var connector = Connect(server, server.Password);
        var first = await connector.ReadAsync("revisions");
        using var wiki = await WikiClient.SignInAsync(server);

        await wiki.EditAsync("Page 7", "Changed");
        var second = await connector.ReadAsync("revisions", first.State);

        second.Json.ShouldContain(revision => revision.GetProperty("title").GetString() == "Page 7"
            && revision.GetProperty("slots").GetProperty("main").GetProperty("content").GetString() == "Changed");
        // Besides it the look-back brings only what was written while the wiki was set up: its main page and the file's.
        second.Records.Count.ShouldBeLessThanOrEqualTo(3);
        second.Coverage.Complete.ShouldBeTrue(second.Coverage.Detail);
    }

    [Fact]
    public async Task Spoilt_and_deleted_pages_come_back_the_deleted_ones_with_their_history()
    {
        await using var server = await mediaWiki.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, "pages", "revisions");
        using var wiki = await WikiClient.SignInAsync(server);

        await wiki.EditAsync("Page 8", "spoilt");
        foreach (var title in new[] { "Page 3", "Größe 20", "Template:Notice" }) await wiki.DeleteAsync(title);
        var damaged = await vault.BackUpAsync(connector, "pages", "revisions");
        var restored = await connector.RestoreAsync(vault, before, new NewIds());
        var after = await vault.BackUpAsync(connector, "pages", "revisions");

        var differences = await vault.DiffAsync(before, damaged, "pages");
        differences.Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(3);
        differences.Count(difference => difference.Kind == DifferenceKind.Changed).ShouldBe(1);
        restored.Count.ShouldBe(4);
        restored.ShouldAllBe(record => record.Outcome.Result == WriteResult.Created || record.Outcome.Result == WriteResult.Updated);
        (await TextsAsync(vault, after)).ShouldBe(await TextsAsync(vault, before));
        // Nothing of the histories is lost; the spoilt page has the edit and its undoing besides.
        Live(after, "revisions").ShouldBeGreaterThanOrEqualTo(Live(before, "revisions") + 2);
        (await connector.RestoreAsync(vault, before, new NewIds())).ShouldBeEmpty();
    }

    private static ConnectorUnderTest Connect(PlatformServer server, string password) =>
        new("mediawiki", new { url = server.Url, access = "bot", username = server.Username, bot_password = password });

    private static long Live(Snapshot snapshot, string stream) => snapshot.Streams.Single(candidate => candidate.Stream == stream).Live;

    private static async Task<IReadOnlyList<string>> TextsAsync(VaultUnderTest vault, Snapshot snapshot) =>
        [.. (await vault.RecordsAsync(snapshot, "pages")).Select(record => JsonDocument.Parse(record.Json).RootElement)
            .Select(page => $"{page.GetProperty("title")}: {page.GetProperty("revisions")[0].GetProperty("slots").GetProperty("main").GetProperty("content")}")
            .Order(StringComparer.Ordinal)];

    /// <summary>Counted by another way than the connector's: without contents, all in one answer.</summary>
    private static async Task<long> CountAsync(PlatformServer server, string list, string prefix)
    {
        using var wiki = await WikiClient.SignInAsync(server);
        var answer = await wiki.GetAsync($"action=query&list={list}&{prefix}limit=max&{prefix}prop=ids");

        return answer["query"]![list]!.AsArray().Sum(page => page!["revisions"]!.AsArray().Count);
    }

    /// <summary>Somebody who works on the wiki.</summary>
    private sealed class WikiClient(HttpClient http) : IDisposable
    {
        private string _token = "";

        public static async Task<WikiClient> SignInAsync(PlatformServer server)
        {
            var wiki = new WikiClient(new HttpClient { BaseAddress = new Uri(server.Url), Timeout = TimeSpan.FromSeconds(30) });
            var login = await wiki.TokenAsync("login");
            await wiki.PostAsync(("action", "login"), ("lgname", server.Username), ("lgpassword", server.Password), ("lgtoken", login));
            wiki._token = await wiki.TokenAsync("csrf");
            return wiki;
        }

        public async Task<JsonNode> GetAsync(string query) =>
            JsonNode.Parse(await http.GetStringAsync($"/api.php?format=json&formatversion=2&{query}", TestContext.Current.CancellationToken))!;

        public Task EditAsync(string title, string text) => PostAsync(("action", "edit"), ("title", title), ("text", text), ("token", _token));

        public Task DeleteAsync(string title) => PostAsync(("action", "delete"), ("title", title), ("token", _token));

        public void Dispose() => http.Dispose();

        private async Task<string> TokenAsync(string type) => (await GetAsync($"action=query&meta=tokens&type={type}"))["query"]!["tokens"]![$"{type}token"]!.GetValue<string>();

        private async Task PostAsync(params (string Key, string Value)[] fields)
        {
            using var form = new FormUrlEncodedContent([.. fields.Append(("format", "json")).Select(field => KeyValuePair.Create(field.Item1, field.Item2))]);
            using var answer = await http.PostAsync("/api.php", form, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            text.ShouldNotContain("\"error\"");
        }
    }
}
