using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.EndToEnd.Tests;

/// <summary>connectors/wordpress on a real WordPress: what is read is what the site has, and what was lost comes back.</summary>
[Trait("Stage", "platforms")]
public sealed class BackupWordPressTests(WordPressFixture wordPress) : IClassFixture<WordPressFixture>
{
    private static readonly string[] Restorable = ["users", "categories", "tags", "media", "pages", "posts", "blocks", "comments", "settings"];

    [Fact]
    public async Task The_check_tells_good_credentials_from_bad_ones()
    {
        await using var server = await wordPress.StartAsync();
        using var good = Connect(server, server.Password);
        using var bad = Connect(server, "wrong");

        (await good.CheckAsync()).Reason.ShouldBeNull();
        (await bad.CheckAsync()).Failure.ShouldBeOfType<PlatformUnauthorizedException>();
    }

    [Fact]
    public async Task Every_stream_is_read_and_what_has_a_total_is_proven()
    {
        await using var server = await wordPress.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();

        var snapshot = await vault.BackUpAsync(connector, [.. connector.Connector.Streams.Select(stream => stream.Name)]);

        // 240 and the one that a new site comes with; three pages too, one of them a draft.
        Live(snapshot, "posts").ShouldBe(241);
        Live(snapshot, "pages").ShouldBe(4);
        Live(snapshot, "media").ShouldBe(3);
        Live(snapshot, "users").ShouldBe(6);
        Live(snapshot, "comments").ShouldBe(81);
        Live(snapshot, "categories").ShouldBe(7);
        Live(snapshot, "blocks").ShouldBe(1);
        foreach (var stream in new[] { "posts", "pages", "media", "blocks", "categories", "tags", "users" })
        {
            var coverage = snapshot.Streams.Single(candidate => candidate.Stream == stream).Coverage;
            coverage.Level.ShouldBe(CoverageLevel.Proven, $"{stream}: {coverage.Reason}");
        }
    }

    [Fact]
    public async Task Two_backups_of_an_untouched_site_are_equal()
    {
        await using var server = await wordPress.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();
        string[] streams = [.. connector.Connector.Streams.Select(stream => stream.Name)];

        var first = await vault.BackUpAsync(connector, streams);
        var second = await vault.BackUpAsync(connector, streams);

        second.Streams.Select(stream => (stream.Stream, stream.StateRoot)).ShouldBe(first.Streams.Select(stream => (stream.Stream, stream.StateRoot)));
    }

    [Fact]
    public async Task An_incremental_read_brings_what_changed_and_the_ids_tell_what_is_gone()
    {
        await using var server = await wordPress.StartAsync();
        using var connector = Connect(server, server.Password);
        var first = await connector.ReadAsync("posts");
        var (changed, gone) = (await IdAsync(server, "post-17"), await IdAsync(server, "post-18"));

        await PostAsync(server, $"posts/{changed}", new { title = "Changed" });
        await DeleteAsync(server, $"posts/{gone}?force=true");
        var second = await connector.ReadAsync("posts", first.State);
        var ids = await connector.ReadAsync("posts_ids");

        // The look-back brings the post that the new site wrote a moment ago as well.
        second.Raw("id").ShouldContain(changed);
        second.Records.Count.ShouldBeLessThanOrEqualTo(2);
        second.Coverage.Complete.ShouldBeTrue(second.Coverage.Detail);
        ids.Raw("id").ShouldNotContain(gone);
        ids.Records.Count.ShouldBe(240);
    }

    [Fact]
    public async Task Lost_posts_pages_terms_and_settings_come_back_and_what_a_moderator_threw_out_does_not()
    {
        await using var server = await wordPress.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, Restorable);
        var spam = (await connector.ReadAsync("comments")).Json.First(comment => comment.GetProperty("status").GetString() == "approved").GetProperty("id").GetInt64();

        foreach (var n in new[] { 5, 6, 7, 8 }) await DeleteAsync(server, $"posts/{await IdAsync(server, $"post-{n}")}?force=true");
        await DeleteAsync(server, $"posts/{await IdAsync(server, "post-30")}");
        await PostAsync(server, $"posts/{await IdAsync(server, "post-31")}", new { content = "spoilt", status = "draft" });
        await DeleteAsync(server, $"tags/{await IdAsync(server, "tag-3", "tags")}?force=true");
        await PostAsync(server, "settings", new { title = "Hacked" });
        await PostAsync(server, $"comments/{spam}", new { status = "spam" });
        var damaged = await vault.BackUpAsync(connector, Restorable);
        var restored = await connector.RestoreAsync(vault, before, new NewIds());
        var after = await vault.BackUpAsync(connector, Restorable);

        // The comments of a post go with it.
        (await vault.DiffAsync(before, damaged, "posts")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(4);
        restored.Where(record => record.Outcome.Result == WriteResult.Refused).ShouldBeEmpty();
        (await PostsAsync(vault, after)).ShouldBe(await PostsAsync(vault, before));
        (await GetAsync(server, "settings"))["title"]!.GetValue<string>().ShouldBe("Example weblog");
        (await GetAsync(server, $"comments/{spam}?context=edit"))["status"]!.GetValue<string>().ShouldBe("spam");
        Live(after, "comments").ShouldBe(Live(before, "comments"));
        Live(after, "tags").ShouldBe(Live(before, "tags"));

        var again = await connector.RestoreAsync(vault, after, new NewIds());
        again.ShouldBeEmpty();
    }

    private static ConnectorUnderTest Connect(PlatformServer server, string password) =>
        new("wordpress", new { url = server.Url, username = server.Username, application_password = password });

    private static long Live(Snapshot snapshot, string stream) => snapshot.Streams.Single(candidate => candidate.Stream == stream).Live;

    /// <summary>All of a post that a reader sees, without the id, which is new for one that was deleted for good.</summary>
    private static async Task<IReadOnlyList<string>> PostsAsync(VaultUnderTest vault, Snapshot snapshot)
    {
        var tags = (await vault.RecordsAsync(snapshot, "tags")).Select(record => JsonDocument.Parse(record.Json).RootElement)
            .ToDictionary(tag => tag.GetProperty("id").GetInt64(), tag => tag.GetProperty("slug").GetString());
        return [.. (await vault.RecordsAsync(snapshot, "posts")).Select(record => JsonDocument.Parse(record.Json).RootElement)
            .Select(post => $"{post.GetProperty("slug")} {post.GetProperty("status")} {post.GetProperty("date_gmt")} {post.GetProperty("author")} {Raw(post, "title")} {Raw(post, "content")} "
                + $"{post.GetProperty("categories")} {string.Join(',', post.GetProperty("tags").EnumerateArray().Select(tag => tags[tag.GetInt64()]))}")
            .Order(StringComparer.Ordinal)];
    }

    private static string Raw(JsonElement post, string field) => post.GetProperty(field).GetProperty("raw").GetString()!;

    private static async Task<string> IdAsync(PlatformServer server, string slug, string kind = "posts")
    {
        var status = kind == "posts" ? "&status=publish,draft,private,pending" : "";
        return (await GetAsync(server, $"{kind}?slug={slug}{status}&context=edit"))[0]!["id"]!.ToJsonString();
    }

    private static async Task<JsonNode> GetAsync(PlatformServer server, string path) =>
        JsonNode.Parse(await server.Http.GetStringAsync($"/wp-json/wp/v2/{path}", TestContext.Current.CancellationToken))!;

    private static async Task PostAsync(PlatformServer server, string path, object body)
    {
        using var answer = await server.Http.PostAsJsonAsync($"/wp-json/wp/v2/{path}", body, JsonSerializerOptions.Web, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task DeleteAsync(PlatformServer server, string path)
    {
        using var answer = await server.Http.DeleteAsync($"/wp-json/wp/v2/{path}", TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
