using System.Text.Json.Nodes;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

public sealed class DirectusTests : ConnectorContract<DirectusFake>
{
    protected override (string Stream, string Path) Main => ("articles", "/items/articles");

    [Fact]
    public async Task What_collections_refer_to_is_asked_of_the_platform_and_lists_of_the_other_side_are_not_written()
    {
        await using var server = await VendorServer<DirectusFake>.StartAsync(Small());
        using var connector = server.Connect();

        var restore = await connector.Restore.ForAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken);

        var names = restore.Streams.Select(stream => stream.Name).ToList();
        var pages = restore.Streams.Single(stream => stream.Name == "pages");
        connector.Restore.Streams.ShouldNotContain(stream => stream.Name == "pages");
        names.IndexOf("authors").ShouldBeLessThan(names.IndexOf("pages"));
        pages.References.Select(reference => $"{reference.Field} {reference.Stream}").ShouldBe(["parent pages", "author authors"]);
        pages.ReadOnly.Select(field => field.ToString()).ShouldBe(["children"]);
        restore.Streams.Single(stream => stream.Name == "articles").ReadOnly.Select(field => field.ToString()).ShouldBe(["date_created", "date_updated"]);
        restore.Streams.Single(stream => stream.Name == "home").ShouldSatisfyAllConditions(home => home.CanCreate.ShouldBeFalse(), home => home.CanUpsert.ShouldBeTrue());
    }

    [Fact]
    public async Task An_item_whose_key_needs_escaping_is_found_changed_and_deleted_under_it()
    {
        await using var server = await VendorServer<DirectusFake>.StartAsync(Small());
        using var connector = server.Connect();
        var restore = await connector.Restore.ForAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken);
        var target = restore.Target(connector.Config, connector.Ports);
        var codes = server.Fake.Of("codes");
        var record = new RestoreRecord(System.Text.Encoding.UTF8.GetBytes(codes[0].ToJsonString()), SameIds.Instance);
        codes[0]["label"] = "spoilt";

        var found = await target.FindAsync("codes", record, TestContext.Current.CancellationToken);
        var updated = await target.WriteAsync(new() { Stream = "codes", Kind = WriteKind.Update, Record = record, LiveId = found.LiveId, LiveJson = found.Json, IdempotencyKey = "1" }, TestContext.Current.CancellationToken);
        var label = codes[0].Text("label");
        var deleted = await target.WriteAsync(new() { Stream = "codes", Kind = WriteKind.Delete, Record = record, LiveId = found.LiveId, IdempotencyKey = "2" }, TestContext.Current.CancellationToken);

        found.LiveId.ShouldBe("a/b c");
        found.Differences.ShouldHaveSingleItem();
        updated.Result.ShouldBe(WriteResult.Updated);
        label.ShouldBe("Schrägstrich");
        deleted.Result.ShouldBe(WriteResult.Deleted);
        server.Fake.Of("codes").ShouldHaveSingleItem();
    }

    protected override DirectusFake Small() => new(12);

    /// <summary>Nothing is read by what changed: see docs/platforms/directus.md.</summary>
    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(DirectusFake fake) => new Dictionary<string, IReadOnlyList<string>>();

    protected override IReadOnlyList<(string Stream, string Key)> Delete(DirectusFake fake)
    {
        (string Stream, string Key)[] gone = [("articles", "3"), ("codes", "a/b c"), ("directus_folders", "f-2")];
        foreach (var (stream, key) in gone) fake.Delete(stream.Replace("directus_", "", StringComparison.Ordinal), key);
        return gone;
    }

    protected override Disaster Damage(DirectusFake fake)
    {
        var gone = fake.Of("pages").Select(row => ("pages", row.Text("id"))).Concat(fake.Of("authors").Select(row => ("authors", row.Text("id"))))
            .Concat(fake.Of("folders").Select(row => ("directus_folders", row.Text("id")))).Append(("articles", "3")).Append(("codes", "a/b c")).ToList();
        foreach (var (stream, key) in gone) fake.Delete(stream.Replace("directus_", "", StringComparison.Ordinal), key);
        fake.Edit(fake.Of("articles")[4], "title", "spoilt");
        fake.Edit(fake.Of("home")[0], "headline", "spoilt");

        return new Disaster(gone, [("articles", fake.Of("articles")[4].Text("id")), ("home", "1")], [], []);
    }
}
