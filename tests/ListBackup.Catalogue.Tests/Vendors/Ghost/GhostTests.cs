using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

public sealed class GhostTests : ConnectorContract<GhostFake>
{
    protected override (string Stream, string Path) Main => ("members", "/members");

    [Theory]
    [InlineData(true, 1, 2)]
    [InlineData(false, 0, 0)]
    public async Task A_member_who_is_made_anew_is_subscribed_to_what_they_had_when_that_was_asked_and_else_to_nothing(bool isAsked, int second, int third)
    {
        await using var server = await VendorServer<GhostFake>.StartAsync(new GhostFake());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        foreach (var member in server.Fake.Of("members").Take(3).ToList()) server.Fake.Delete("members", member.Text("id"));

        await connector.RestoreAsync(vault, before, new NewIds(), isAsked);

        server.Fake.Of("members").TakeLast(3).Select(member => (member.Text("email"), member["newsletters"]!.AsArray().Count))
            .ShouldBe([("person0@example.com", 0), ("person1@example.com", second), ("person2@example.com", third)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_post_that_somebody_is_editing_is_not_overwritten()
    {
        await using var server = await VendorServer<GhostFake>.StartAsync(new GhostFake());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        var post = server.Fake.Of("posts")[7];
        server.Fake.Edit([post], "title", "Spoilt");
        server.Fake.Before = request =>
        {
            if (request.Method != "PUT") return;
            server.Fake.Time.Advance(TimeSpan.FromSeconds(1));
            server.Fake.Edit([post], "title", "Work of this minute");
        };

        var restored = await connector.RestoreAsync(vault, before, new NewIds());

        restored.Single(record => record.Stream == "posts").Outcome.Result.ShouldBe(ListBackup.Connectors.Restoring.WriteResult.Refused);
        post.Text("title").ShouldBe("Work of this minute");
    }

    [Fact]
    public async Task A_member_whose_newsletters_are_not_known_comes_back_on_none()
    {
        await using var server = await VendorServer<GhostFake>.StartAsync(new GhostFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes("""{"id":"gone","email":"gone@example.com","name":"Gone","note":null,"labels":[]}"""), ListBackup.Connectors.Restoring.SameIds.Instance);

        var outcome = await connector.Target().WriteAsync(
            new() { Stream = "members", Kind = ListBackup.Connectors.Restoring.WriteKind.Create, Record = record, IdempotencyKey = "1" }, TestContext.Current.CancellationToken);

        server.Fake.Of("members").Single(row => row.Text("id") == outcome.NewId)["newsletters"]!.AsArray().ShouldBeEmpty();
    }

    protected override PersonWithConsent<GhostFake> Person => new()
    {
        Stream = "members",
        Streams = ["members"],
        Address = fake => fake.Of("members").First(row => row["newsletters"]!.AsArray().Count > 0).Text("email"),
        IsHeldBy = (_, address) => record => record.GetProperty("email").GetString() == address,
        SayNo = (fake, address) => GhostFake.Unsubscribe(fake.Of("members").Find("email", address)!),
        Delete = (fake, address) => fake.Delete("members", fake.Of("members").Find("email", address)!.Text("id")),
        Consent = (fake, address) => fake.Of("members").Find("email", address) is not { } row ? Consent.Gone : row["newsletters"]!.AsArray().Count == 0 ? Consent.No : Consent.Yes,
    };

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(GhostFake fake)
    {
        var (posts, pages) = (fake.Of("posts").Take(105).ToList(), fake.Of("pages").Take(1).ToList());
        fake.Edit(posts, "custom_excerpt", $"Changed {fake.Time.GetUtcNow():O}");
        fake.Edit(pages, "custom_excerpt", "Changed");
        return new Dictionary<string, IReadOnlyList<string>> { ["posts"] = [.. posts.Select(row => row.Text("id"))], ["pages"] = [.. pages.Select(row => row.Text("id"))] };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(GhostFake fake)
    {
        (string Stream, string Key)[] gone = [("members", fake.Of("members")[3].Text("id")), ("posts", fake.Of("posts")[3].Text("id")), ("tags", fake.Of("tags")[3].Text("id"))];
        foreach (var (stream, key) in gone) fake.Delete(stream, key);
        return gone;
    }

    protected override Disaster Damage(GhostFake fake)
    {
        var (members, posts) = (fake.Of("members"), fake.Of("posts"));
        var (lost, renamed, left) = (members[2], members[6], members[5]);
        var (tag, tagged, post, page) = (fake.Of("tags")[3].Text("id"), posts[5].Text("id"), posts[10].Text("id"), fake.Of("pages")[1].Text("id"));
        fake.Delete("members", lost.Text("id"));
        fake.Edit([renamed], "name", JsonValue.Create("Import 7"));
        GhostFake.Unsubscribe(left);
        fake.Delete("tags", tag);
        fake.Delete("posts", post);
        fake.Delete("pages", page);

        return new Disaster(
            [("members", lost.Text("id")), ("tags", tag), ("posts", post), ("pages", page)],
            [("members", renamed.Text("id")), ("posts", tagged)],
            [("members", left.Text("id"), "newsletters", "[]")],
            []);
    }
}
