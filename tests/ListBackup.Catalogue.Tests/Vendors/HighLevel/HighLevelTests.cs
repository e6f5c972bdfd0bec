using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class HighLevelTests : ConnectorContract<HighLevelFake>
{
    private int _changes;

    protected override (string Stream, string Path) Main => ("form_submissions", "/forms/submissions");

    /// <summary>HighLevel names no wait; its window is ten seconds.</summary>
    protected override bool TellsWait => false;

    [Fact]
    public async Task Who_shares_a_telephone_with_somebody_who_was_deleted_is_not_taken_for_them()
    {
        await using var server = await VendorServer<HighLevelFake>.StartAsync(new HighLevelFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes($$"""{"id":"gone","email":"gone@example.com","phone":"{{Telephone}}"}"""), ListBackup.Connectors.Restoring.SameIds.Instance);
        var nameless = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes($$"""{"id":"gone","email":null,"phone":"{{Telephone}}"}"""), ListBackup.Connectors.Restoring.SameIds.Instance);

        var live = await connector.Target().FindAsync("contacts", record, TestContext.Current.CancellationToken);
        var byTelephone = await connector.Target().FindAsync("contacts", nameless, TestContext.Current.CancellationToken);

        live.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Missing);
        byTelephone.LiveId.ShouldBe("c0009");
    }

    private const string Telephone = "+4915112345678";

    protected override PersonWithConsent<HighLevelFake> Person => new()
    {
        Stream = "contacts",
        Streams = ["contacts"],
        Address = fake => fake.Row("contacts", "c0011").Text("email"),
        IsHeldBy = (_, address) => record => record.GetProperty("email").GetString() == address,
        SayNo = (fake, address) => fake.Tables["contacts"].Find("email", address)!.Merge(new JsonObject { ["dnd"] = true, ["dateUpdated"] = fake.Stamp() }),
        Delete = (fake, address) => fake.Delete("contacts", fake.Tables["contacts"].Find("email", address)!.Text("id")),
        Consent = (fake, address) => fake.Tables["contacts"].Find("email", address) is not { } row ? Consent.Gone
            : row.Text("dnd") == "true" || row["dndSettings"]?["Email"]?["status"]?.GetValue<string>() == "active" ? Consent.No : Consent.Yes,
    };

    [Fact]
    public async Task Tags_that_were_added_since_stay_and_are_a_change_that_the_plan_names_where_the_exact_state_is_asked_for()
    {
        await using var server = await VendorServer<HighLevelFake>.StartAsync(new HighLevelFake());
        using var connector = server.Connect();
        var row = server.Fake.Row("contacts", "c0011");
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(row)), ListBackup.Connectors.Restoring.SameIds.Instance);
        row["tags"] = new JsonArray([.. row["tags"]!.AsArray().Select(tag => tag!.DeepClone()), "do not call"]);

        var live = await connector.Target().FindAsync("contacts", record with { HasExactSets = true }, TestContext.Current.CancellationToken);
        var kept = await connector.Target().FindAsync("contacts", record, TestContext.Current.CancellationToken);

        live.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Differs);
        live.Differences.Select(field => field.ToString()).ShouldBe(["tags"]);
        kept.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Same);
        kept.Stayed.Select(field => field.ToString()).ShouldBe(["tags"]);
    }

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(HighLevelFake fake)
    {
        _changes++;
        string[] contacts = [.. Enumerable.Range(3 + _changes, 40).Select(at => $"c{at:D4}")];
        foreach (var id in contacts) fake.Row("contacts", id).Merge(new JsonObject { ["city"] = $"Change {_changes}", ["dateUpdated"] = fake.Stamp() });
        return new Dictionary<string, IReadOnlyList<string>> { ["contacts"] = contacts };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(HighLevelFake fake)
    {
        (string, string)[] gone = [("contacts", "c0005"), ("tags", "t2"), ("custom_values", "cv1"), ("opportunities", "o9")];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        return [.. gone, ("notes", "n1"), ("tasks", "k1")];
    }

    protected override Disaster Damage(HighLevelFake fake)
    {
        var deals = fake.Tables["opportunities"].Where(row => row.Text("contactId") is "c0031" or "c0020").Select(row => row.Text("id")).ToList();
        (string, string)[] gone = [("contacts", "c0005"), ("contacts", "c0031"), ("contacts", "c0020"), ("tags", "t2"), ("custom_values", "cv1"), ("trigger_links", "l1"), ("notes", "n2"), ("custom_fields", "f2")];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        fake.Row("contacts", "c0007").Merge(Rows.Row("""{"firstName":"X","postalCode":"99999","customFields":[{"id":"f1","value":"bad"}]}"""));
        fake.Row("custom_fields", "f1")["name"] = "Wrong";
        fake.Row("opportunities", "o3")["monetaryValue"] = 0;

        // One said no to everything, one to mail, and one on a channel of which the backup knows nothing, in a record that also has to be mended.
        fake.Row("contacts", "c0011")["dnd"] = true;
        fake.Row("contacts", "c0012")["dndSettings"]!["Email"]!["status"] = "permanent";
        fake.Row("contacts", "c0013").Merge(Rows.Row("""{"firstName":"Y"}"""));
        fake.Row("contacts", "c0013")["dndSettings"]!["WhatsApp"] = Rows.Row("""{"status":"active","message":"","code":""}""");
        return new Disaster(
            [.. gone, ("notes", "n1"), ("tasks", "k1"), .. deals.Select(id => ("opportunities", id))],
            [("contacts", "c0007"), ("contacts", "c0014"), ("custom_fields", "f1"), ("opportunities", "o3")],
            [
                ("contacts", "c0011", "dnd", "true"), ("contacts", "c0012", "dndSettings/Email/status", "permanent"), ("contacts", "c0013", "dndSettings/WhatsApp/status", "active"),
            ],
            []);
    }

    /// <summary>A bulk change has one time for all, and page numbers end at 10,000; what is read goes on behind the last contact's place.</summary>
    [Fact]
    public async Task A_bulk_change_over_several_pages_is_read_once_each()
    {
        await using var server = await VendorServer<HighLevelFake>.StartAsync(new HighLevelFake());
        using var connector = server.Connect();
        var before = await connector.ReadAsync("contacts");
        server.Fake.Time.Advance(TimeSpan.FromDays(1));
        for (var at = 1001; at <= 2100; at++) server.Fake.Tables["contacts"].Add(HighLevelSeed.Contact(server.Fake, at).With("dateUpdated", server.Fake.Stamp()));

        var changed = await connector.ReadAsync("contacts", before.State);

        changed.Records.Count.ShouldBe(1100 + 3);
        changed.Raw("id").ShouldBeUnique();
        server.Fake.Log.Count(request => request.Path == "/contacts/search").ShouldBe(1 + 3);
    }

    [Fact]
    public async Task Posts_of_a_blog_are_read_page_by_page()
    {
        await using var server = await VendorServer<HighLevelFake>.StartAsync(new HighLevelFake());
        using var connector = server.Connect();
        var post = server.Fake.Tables["blog_posts"][0];
        for (var at = 0; at < 250; at++) server.Fake.Tables["blog_posts"].Add(post.Copy().With("_id", $"more{at}"));

        var read = await connector.ReadAsync("blog_posts");

        read.Raw("_id").ShouldBeUnique();
        read.Records.Count.ShouldBe(251);
        read.Coverage.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task The_token_never_goes_to_the_plain_http_link_of_the_next_page()
    {
        await using var server = await VendorServer<HighLevelFake>.StartAsync(new HighLevelFake());
        using var connector = server.Connect();

        var read = await connector.ReadAsync("opportunities", fullRefresh: true);

        read.Records.Count.ShouldBe(130);
        server.Fake.Log.ShouldNotContain(request => request.QueryNames.Contains("page"));
    }
}
