using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class KeapTests : ConnectorContract<KeapFake>
{
    protected override (string Stream, string Path) Main => ("contacts", "/v1/contacts");

    protected override bool TellsWait => false;

    protected override KeapFake Small() => new(40);

    [Fact]
    public async Task No_write_of_a_restore_ever_gives_a_reason_for_opting_in()
    {
        var fake = Small();
        await using var server = await VendorServer<KeapFake>.StartAsync(fake);
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        fake.Drop("contacts", fake.Table("contacts")[0].Text("id"));

        await connector.RestoreAsync(vault, before, new NewIds());

        fake.Log.Where(request => request.Writes).ShouldNotBeEmpty();
        fake.Log.ShouldAllBe(request => !request.Body.Contains("opt_in_reason"));
        fake.Table("contacts")[^1].Text("email_status").ShouldBe("NonMarketable");
    }

    protected override PersonWithConsent<KeapFake> Person => new()
    {
        Stream = "contacts",
        Streams = ["contacts"],
        Address = fake => AddressOf(fake.Table("contacts").First(row => row.Text("email_opted_in") == "true")),
        IsHeldBy = (_, address) => record => record.GetProperty("email_addresses")[0].GetProperty("email").GetString() == address,
        SayNo = (fake, address) => fake.OptOut(Row(fake, address)!),
        Delete = (fake, address) => fake.Drop("contacts", Row(fake, address)!.Text("id")),
        Consent = (fake, address) => Row(fake, address) is not { } row ? Consent.Gone : row.Text("email_opted_in") == "true" ? Consent.Yes : Consent.No,
        ComesBackWithYes = false,
    };

    private static string AddressOf(JsonObject contact) => contact["email_addresses"]![0]!.AsObject().Text("email");

    private static JsonObject? Row(KeapFake fake, string address) => fake.Table("contacts").FirstOrDefault(row => AddressOf(row) == address);

    [Theory]
    [InlineData(false, "new@example.com")]
    [InlineData(true, "old")]
    public async Task An_old_address_does_not_come_back_in_place_of_one_that_opted_out(bool isStillIn, string address)
    {
        var fake = Small();
        await using var server = await VendorServer<KeapFake>.StartAsync(fake);
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, "contacts");
        var contact = fake.Table("contacts").First(row => row.Text("email_opted_in") == "true");
        var old = AddressOf(contact);
        contact["email_addresses"]![0]!["email"] = "new@example.com";
        contact["given_name"] = "undefined";
        if (!isStillIn) fake.OptOut(contact);

        await connector.RestoreAsync(vault, before, new NewIds());

        AddressOf(contact).ShouldBe(isStillIn ? old : address);
        contact.Text("given_name").ShouldNotBe("undefined");
    }

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(KeapFake fake)
    {
        var touched = fake.Table("contacts").Take(1_100).ToList();
        foreach (var contact in touched) fake.Touch(contact);
        return new Dictionary<string, IReadOnlyList<string>> { ["contacts"] = [.. touched.Select(contact => contact.Text("id"))] };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(KeapFake fake)
    {
        var contact = fake.Table("contacts")[1].Text("id");
        fake.Drop("contacts", contact);
        return [("contacts", contact), ("contact_tags", Key("101", contact)), ("notes", "31"), ("opportunities", "21")];
    }

    protected override Disaster Damage(KeapFake fake)
    {
        string[] watched = ["tags", "custom_fields", "companies", "contacts", "contact_tags", "opportunities", "notes", "tasks", "products"];
        var before = watched.ToDictionary(stream => stream, stream => fake.Truth(stream).Select(row => KeyOf(stream, row)).ToList());

        // A contact goes with all that hangs on it; so do a tag, and a company that others worked for.
        var people = fake.Table("contacts");
        var employed = people.Where(row => row["company"] is JsonObject && row != people[1]).ToList();
        fake.Drop("contacts", people[1].Text("id"));
        fake.Drop("tags", "101");
        fake.Drop("companies", "11");

        // A bad import overwrites two names, and one opts out meanwhile.
        var renamed = people.Skip(1).Take(2).ToList();
        foreach (var contact in renamed)
        {
            contact["given_name"] = "undefined";
            fake.Touch(contact);
        }

        fake.Table("products")[0]["product_price"] = 0;
        var optedOut = people[7];
        fake.OptOut(optedOut);
        return new Disaster(
            [.. watched.SelectMany(stream => before[stream].Except(fake.Truth(stream).Select(row => KeyOf(stream, row))).Select(key => (stream, key)))],
            [.. renamed.Concat(employed).Select(contact => ("contacts", contact.Text("id"))).Distinct(), ("products", "61")],
            [("contacts", optedOut.Text("id"), "email_status", "OptOut"), ("contacts", optedOut.Text("id"), "email_opted_in", "false")],
            []);
    }

    private static string KeyOf(string stream, JsonObject row) => stream switch
    {
        "contact_tags" => Key(row.Text("tag_id"), row["contact"]!.AsObject().Text("id")),
        "custom_fields" => Key(row.Text("kind"), row.Text("id")),
        _ => row.Text("id"),
    };
}
