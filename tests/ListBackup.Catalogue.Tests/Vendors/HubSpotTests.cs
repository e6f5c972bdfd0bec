using System.Text.Json.Nodes;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class HubSpotTests : ConnectorContract<HubSpotFake>
{
    private static readonly string[] Objects =
        ["contacts", "companies", "deals", "tickets", "products", "line_items", "quotes", "calls", "emails", "meetings", "notes", "tasks"];

    protected override (string Stream, string Path) Main => ("contacts", "/contacts/search");

    /// <summary>A read goes back a quarter of an hour behind the latest record of each kind.</summary>
    protected override int LookBackRowsMax => 2;

    protected override HubSpotFake Small() => new(30);

    [Theory]
    [InlineData("notes", "901", "hs_note_body")]
    [InlineData("tasks", "911", "hs_task_subject")]
    public async Task Notes_and_tasks_that_are_not_under_their_id_are_looked_for_by_their_moments_five_in_a_search(string stream, string first, string text)
    {
        var fake = Small();
        for (var number = 0; number < 12; number++)
        {
            // Two share a moment.
            var row = Row(fake, stream, first).Copy().With("id", $"{first}{number}");
            row["properties"]!.AsObject().Merge(new JsonObject { [text] = $"Text {number}", ["hs_timestamp"] = $"2026-02-{Math.Max(number, 1):00}T09:00:00Z" });
            fake.Table(stream).Add(row);
        }

        await using var server = await VendorServer<HubSpotFake>.StartAsync(fake);
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [stream]);
        for (var number = 0; number < 12; number++)
        {
            // Each is gone, and every other one was made anew by hand.
            var gone = Row(fake, stream, $"{first}{number}");
            if (number % 2 == 1) fake.Table(stream).Add(gone.Copy().With("id", $"77{number}"));
            fake.Archive(stream, gone);
        }

        var records = (await vault.RecordsAsync(before, stream)).Select(record => new RestoreRecord(record.Json, SameIds.Instance)).ToList();
        var (together, alone) = await LookForAsync(connector.Target(), stream, records);

        // One request for all ids, three searches for eleven moments.
        together.ShouldBe(4);
        alone.ShouldBe(25);
    }

    [Fact]
    public async Task More_changes_of_one_moment_than_a_search_shows_are_read()
    {
        var fake = new HubSpotFake { SearchResultsMax = 400 };
        foreach (var contact in fake.Table("contacts")) fake.Touch(contact);
        await using var server = await VendorServer<HubSpotFake>.StartAsync(fake);
        using var connector = server.Connect();

        var read = await connector.ReadAsync("contacts");

        read.Raw("id").ShouldBeUnique();
        read.Records.Count.ShouldBe(650);
        read.Coverage.Evidence.ReportedTotal.ShouldBe(650);
    }

    [Fact]
    public async Task Contacts_come_back_a_hundred_at_a_time_and_one_that_is_refused_keeps_none_of_the_others()
    {
        await using var server = await VendorServer<HubSpotFake>.StartAsync(new HubSpotFake(250));
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        var contacts = server.Fake.Table("contacts").Where(row => row.Text("archived") == "false").ToList();
        foreach (var contact in contacts) server.Fake.Archive("contacts", contact);

        // Between the lookup and the write somebody adds one of them by hand.
        server.Fake.Before = request =>
        {
            if (!request.Path.EndsWith("/batch/create", StringComparison.Ordinal) || server.Fake.Table("contacts").Find("id", "1") is not null) return;
            server.Fake.Table("contacts").Add(contacts[120].Copy().With("id", "1").With("archived", false));
        };
        var restored = (await connector.RestoreAsync(vault, before, new NewIds())).Where(record => record.Stream == "contacts").ToList();

        var writes = server.Fake.Log.Where(request => request.Method is "POST" or "PATCH" && !request.Path.EndsWith("/search", StringComparison.Ordinal) && !request.Path.EndsWith("/read", StringComparison.Ordinal));
        writes.Select(request => request.Path).ShouldBe(Enumerable.Repeat("/crm/v3/objects/contacts/batch/create", 3));
        restored.Count(record => record.Outcome.Result == WriteResult.Created && record.Outcome.NewId is not null).ShouldBe(249);
        restored.Select(record => record.Outcome.NewId).OfType<string>().ShouldBeUnique();
        var refused = restored.Single(record => record.Outcome.Result == WriteResult.Refused);
        refused.Key.ShouldBe(contacts[120].Text("id"));
        refused.Outcome.Reason.ShouldBe("The platform refused the record (in a batch, CONFLICT).");
        server.Fake.Truth("contacts").Count().ShouldBe(250);
        foreach (var (_, key, outcome) in restored.Where(record => record.Outcome.NewId is not null))
            Row(server.Fake, "contacts", outcome.NewId!)["properties"]!["email"]!.GetValue<string>().ShouldBe(Row(server.Fake, "contacts", key)["properties"]!["email"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(false, "new@example.com")]
    [InlineData(true, "person3@example.com")]
    public async Task An_old_address_does_not_come_back_in_place_of_one_that_opted_out(bool isStillIn, string address)
    {
        await using var server = await VendorServer<HubSpotFake>.StartAsync(Small());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, "contacts");
        var contact = server.Fake.Table("contacts").First(row => row["properties"]!.AsObject().Text("email") == "person3@example.com");
        contact["properties"]!["email"] = "new@example.com";
        contact["properties"]!["firstname"] = "undefined";
        if (!isStillIn) contact["properties"]!["hs_email_optout"] = "true";

        await connector.RestoreAsync(vault, before, new NewIds());

        contact["properties"]!.AsObject().Text("email").ShouldBe(address);
        contact["properties"]!.AsObject().Text("firstname").ShouldNotBe("undefined");
    }

    [Fact]
    public async Task Five_hundred_contacts_are_looked_for_in_ten_requests_and_written_in_five()
    {
        await using var server = await VendorServer<HubSpotFake>.StartAsync(new HubSpotFake(500));
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        foreach (var contact in server.Fake.Table("contacts").Where(row => row.Text("archived") == "false").ToList()) server.Fake.Archive("contacts", contact);
        var backup = server.Fake.Log.Count;

        var restored = (await connector.RestoreAsync(vault, before, new NewIds())).Where(record => record.Stream == "contacts").ToList();

        restored.Count(record => record.Outcome.Result == WriteResult.Created).ShouldBe(500);
        server.Fake.Log.Skip(backup).Select(request => request.Path).Where(path => path.StartsWith("/crm/v3/objects/contacts", StringComparison.Ordinal)).CountBy(path => path)
            .ShouldBe([new("/crm/v3/objects/contacts/batch/read", 10), new("/crm/v3/objects/contacts/batch/create", 5)]);
    }

    [Fact]
    public async Task A_contact_that_became_part_of_another_is_found_as_that_one()
    {
        await using var server = await VendorServer<HubSpotFake>.StartAsync(new HubSpotFake(30));
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, ["contacts"]);
        server.Fake.Archive("contacts", Row(server.Fake, "contacts", "103"));
        server.Fake.Archive("contacts", Row(server.Fake, "contacts", "104"));
        server.Fake.Merged["104"] = "101";
        var target = connector.Restore.Target(connector.Config, connector.Ports);
        var records = (await vault.RecordsAsync(before, "contacts")).Select(record => new RestoreRecord(record.Json, new NewIds())).ToList();

        var found = await target.FindManyAsync("contacts", records, TestContext.Current.CancellationToken);

        var alone = new List<string?>();
        foreach (var record in records) alone.Add((await target.FindAsync("contacts", record, TestContext.Current.CancellationToken)).LiveId);
        found.Records.Select(live => live.LiveId).ShouldBe(alone);
        alone.Count(id => id == "101").ShouldBe(2);
        alone.Count(id => id is null).ShouldBe(1);
    }

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(HubSpotFake fake)
    {
        // 500 contacts in one moment, and one of each other kind.
        var changed = Objects.ToDictionary(name => name, name => fake.Table(name).Where(row => row.Text("archived") == "false").Take(name == "contacts" ? 500 : 1).ToList());
        foreach (var row in changed.Values.SelectMany(rows => rows)) fake.Touch(row);
        fake.Touch(Row(fake, "2-1", "972"));
        return changed.ToDictionary(pair => pair.Key, IReadOnlyList<string> (pair) => [.. pair.Value.Select(row => row.Text("id"))])
            .Append(new("custom_records", [Key("2-1", "972")])).ToDictionary();
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(HubSpotFake fake)
    {
        fake.Archive("contacts", Row(fake, "contacts", "102"));
        fake.Archive("deals", Row(fake, "deals", "601"));
        return [("contacts", "102"), ("deals", "601"), ("contact_companies", Key("102", "501"))];
    }

    protected override Disaster Damage(HubSpotFake fake)
    {
        string[] watched = ["contacts", "companies", "deals", "tickets", "products", "notes", "tasks", "contact_companies", "deal_contacts", "deal_companies", "ticket_contacts", "note_contacts", "task_contacts"];
        var before = watched.ToDictionary(stream => stream, stream => fake.Truth(stream).Select(row => KeyOf(stream, row)).ToList());

        // A contact, a company, a deal and a note go, with what tied them together.
        fake.Archive("contacts", Row(fake, "contacts", "102"));
        fake.Archive("companies", Row(fake, "companies", "501"));
        fake.Archive("deals", Row(fake, "deals", "601"));
        fake.Archive("notes", Row(fake, "notes", "901"));

        // One opts out and is deleted by mistake; HubSpot remembers the address.
        var gone = Row(fake, "contacts", "110");
        gone["properties"]!["hs_email_optout"] = "true";
        fake.Archive("contacts", gone);

        // A bad import overwrites two names, a price and a task; one opts out meanwhile.
        foreach (var id in new[] { "104", "106" })
        {
            Row(fake, "contacts", id)["properties"]!["firstname"] = "undefined";
            fake.Touch(Row(fake, "contacts", id));
        }

        Row(fake, "products", "801")["properties"]!["price"] = "0";
        Row(fake, "tasks", "911")["properties"]!["hs_task_subject"] = "undefined";
        var optedOut = Row(fake, "contacts", "107");
        optedOut["properties"]!["hs_email_optout"] = "true";
        optedOut["properties"]!["firstname"] = "undefined";
        fake.Touch(optedOut);
        return new Disaster(
            [.. watched.SelectMany(stream => before[stream].Except(fake.Truth(stream).Select(row => KeyOf(stream, row))).Select(key => (stream, key)))],
            [("contacts", "104"), ("contacts", "106"), ("products", "801"), ("tasks", "911")],
            [("contacts", "107", "properties/hs_email_optout", "true")],
            []);
    }

    private static JsonObject Row(HubSpotFake fake, string name, string id) => fake.Table(name).Find("id", id)!;

    private static string KeyOf(string stream, JsonObject row) => row.ContainsKey("from_id") ? Key(row.Text("from_id"), row.Text("toObjectId")) : row.Text("id");
}
