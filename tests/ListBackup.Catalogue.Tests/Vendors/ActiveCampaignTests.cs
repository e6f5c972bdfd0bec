namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class ActiveCampaignTests : ConnectorContract<ActiveCampaignFake>
{
    protected override (string Stream, string Path) Main => ("contacts", "/contacts");

    protected override ActiveCampaignFake Small() => new(30);

    [Fact]
    public async Task Five_requests_a_second_are_not_exceeded()
    {
        await using var server = await VendorServer<ActiveCampaignFake>.StartAsync(new ActiveCampaignFake(1_500));
        using var connector = server.Connect();
        var times = new List<DateTimeOffset>();
        server.Fake.Before = _ => times.Add(server.Fake.Time.GetUtcNow());

        await connector.ReadAsync("contacts");

        times.Count.ShouldBeGreaterThan(10);
        times.Zip(times.Skip(5), (first, sixth) => sixth - first).ShouldAllBe(span => span >= TimeSpan.FromSeconds(1));
    }

    protected override PersonWithConsent<ActiveCampaignFake> Person => new()
    {
        Stream = "contact_lists",
        Streams = ["lists", "contacts", "contact_lists"],
        Address = fake => fake.Table("contacts").Find("id", fake.Table("contactLists").First(row => row.Text("status") == "1").Text("contact"))!.Text("email"),
        IsHeldBy = (fake, address) => Id(fake, address) is var id ? record => record.GetProperty("contact").GetString() == id : _ => false,
        SayNo = (fake, address) => fake.Unsubscribe(fake.Table("contactLists").Find("contact", Id(fake, address)!)!),
        Delete = (fake, address) => fake.Drop("contacts", Id(fake, address)!),
        Consent = (fake, address) => Id(fake, address) is not { } id || fake.Table("contactLists").Find("contact", id) is not { } row ? Consent.Gone : row.Text("status") == "1" ? Consent.Yes : Consent.No,
    };

    private static string? Id(ActiveCampaignFake fake, string address) => fake.Table("contacts").Find("email", address)?.Text("id");

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(ActiveCampaignFake fake)
    {
        // A bulk edit of 250 contacts in one second: three pages.
        var touched = fake.Table("contacts").Take(250).ToList();
        foreach (var contact in touched) fake.Touch(contact);
        return new Dictionary<string, IReadOnlyList<string>> { ["contacts"] = [.. touched.Select(contact => contact.Text("id"))] };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(ActiveCampaignFake fake)
    {
        fake.Drop("contacts", "5");
        return [("contacts", "5"), ("contact_lists", "5"), ("contact_tags", "2"), ("field_values", "5"), ("deals", "1"), ("contact_notes", "1")];
    }

    protected override Disaster Damage(ActiveCampaignFake fake)
    {
        string[] watched =
        [
            "lists", "tags", "fields", "contacts", "field_values", "contact_lists", "contact_tags", "accounts", "account_contacts", "pipelines", "deal_stages", "deals",
            "contact_notes", "deal_notes", "account_notes",
        ];
        var before = watched.ToDictionary(stream => stream, stream => fake.Truth(stream).Select(row => row.Text("id")).ToList());

        // A contact with tags, a deal and a note goes; so do a tag, a company with its people, and a list with all who are on it.
        fake.Drop("contacts", "5");
        fake.Drop("tags", "1");
        fake.Drop("accounts", "1");
        fake.Table("notes").RemoveAll(row => row.Text("reltype") == "Deal");
        fake.Table("fields")[0]["title"] = "undefined";

        // A bad import overwrites names and values.
        foreach (var id in new[] { "6", "7" })
        {
            var contact = fake.Table("contacts").Find("id", id)!;
            contact["firstName"] = "undefined";
            fake.Touch(contact);
            fake.Table("fieldValues").Find("id", id)!["value"] = "0";
        }

        // One leaves the list meanwhile.
        fake.Unsubscribe(fake.Table("contactLists").Find("contact", "8")!);

        return new Disaster(
            [.. watched.SelectMany(stream => before[stream].Except(fake.Truth(stream).Select(row => row.Text("id"))).Select(key => (stream, key)))],
            [("contacts", "6"), ("contacts", "7"), ("field_values", "6"), ("field_values", "7"), ("fields", "1")],
            [("contact_lists", "8", "status", "2")],
            []);
    }
}
