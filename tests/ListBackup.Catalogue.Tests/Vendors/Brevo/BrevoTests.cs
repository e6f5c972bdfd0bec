using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

public sealed class BrevoTests : ConnectorContract<BrevoFake>
{
    protected override (string Stream, string Path) Main => ("contacts", "/v3/contacts");

    [Fact]
    public async Task Nothing_but_contacts_takes_more_than_a_hundred_requests_an_hour()
    {
        await using var server = await VendorServer<BrevoFake>.StartAsync(new BrevoFake());
        using var connector = server.Connect();
        var template = server.Fake.Of("notes")[0];
        server.Fake.Of("notes").AddRange(Enumerable.Range(100, 5200).Select(at => template.With("id", $"no{at}")));

        var stopped = await Should.ThrowAsync<ListBackup.Connectors.PlatformRateLimitedException>(() => connector.ReadAsync("notes"));

        server.Fake.Log.Count(request => request.Path == "/v3/crm/notes").ShouldBe(100);
        stopped.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_feature_that_is_not_activated_is_an_empty_stream_and_no_failure()
    {
        await using var server = await VendorServer<BrevoFake>.StartAsync(new BrevoFake());
        using var connector = server.Connect();
        server.Fake.AnswerNext("/v3/orders", VendorAnswer.Of(404, new JsonObject { ["code"] = "document_not_found" }));

        var read = await connector.ReadAsync("orders");

        read.Records.ShouldBeEmpty();
        read.Coverage.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_restore_never_says_that_somebody_who_is_there_is_not_blacklisted()
    {
        await using var server = await VendorServer<BrevoFake>.StartAsync(new BrevoFake());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        var spoilt = server.Fake.Of("contacts").Take(20).ToList();
        server.Fake.Touch("contacts", "modifiedAt", spoilt, row => row["attributes"]!["FIRSTNAME"] = "Import 7");

        await connector.RestoreAsync(vault, before, new NewIds());

        var writes = server.Fake.Log.Where(request => request.Writes && request.Path.StartsWith("/v3/contacts/", StringComparison.Ordinal)).ToList();
        writes.Count.ShouldBe(20);
        writes.ShouldAllBe(request => !request.Body.Contains("false"));
        writes.ShouldContain(request => request.Body.Contains("\"emailBlacklisted\":true"));
    }

    protected override PersonWithConsent<BrevoFake> Person => new()
    {
        Stream = "contacts",
        Streams = ["contacts"],
        Address = fake => fake.Of("contacts")[1].Text("email"),
        IsHeldBy = (_, address) => record => record.GetProperty("email").GetString() == address,
        SayNo = (fake, address) => fake.Touch("contacts", "modifiedAt", [fake.Of("contacts").Find("email", address)!], row => row["emailBlacklisted"] = true),
        Delete = (fake, address) => fake.Delete("contacts", fake.Of("contacts").Find("email", address)!.Text("id")),
        Consent = (fake, address) => fake.Of("contacts").Find("email", address) is not { } row ? Consent.Gone : row.Text("emailBlacklisted") == "true" ? Consent.No : Consent.Yes,
    };

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(BrevoFake fake)
    {
        var contacts = fake.Of("contacts").Take(1020).ToList();
        var orders = fake.Of("orders").Take(1).ToList();
        fake.Touch("contacts", "modifiedAt", contacts, row => row["attributes"]!["FIRSTNAME"] = $"Changed {fake.Time.GetUtcNow():O}");
        fake.Touch("orders", "updatedAt", orders, row => row["status"] = "refunded");
        return new Dictionary<string, IReadOnlyList<string>> { ["contacts"] = [.. contacts.Select(row => row.Text("id"))], ["orders"] = [.. orders.Select(row => row.Text("id"))] };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(BrevoFake fake)
    {
        var contact = fake.Of("contacts")[5].Text("id");
        fake.Delete("contacts", contact);
        fake.Delete("companies", "co7");
        fake.Of("products")[0]["isDeleted"] = true;
        return [("contacts", contact), ("companies", "co7"), ("products", "P1")];
    }

    protected override Disaster Damage(BrevoFake fake)
    {
        var contacts = fake.Of("contacts");
        var (lost, spoilt, blacklisted, left, dropped) = (contacts[1], contacts[2], contacts[4], contacts[6], contacts[9]);
        fake.Delete("contacts", lost.Text("id"));
        fake.Touch("contacts", "modifiedAt", [spoilt], row => row["attributes"]!["FIRSTNAME"] = "Import 7");
        fake.Touch("contacts", "modifiedAt", [blacklisted], row => row["emailBlacklisted"] = true);
        fake.Touch("contacts", "modifiedAt", [left], row =>
        {
            row["listIds"] = new JsonArray(2);
            row["listUnsubscribed"] = new JsonArray(1);
        });
        fake.Touch("contacts", "modifiedAt", [dropped], row => row["listIds"] = new JsonArray());
        fake.Delete("templates", "22");
        fake.Delete("companies", "co3");
        fake.Delete("deals", "de1");
        fake.Delete("notes", "no5");
        fake.Delete("tasks", "ta2");
        fake.Of("lists")[4]["name"] = "Renamed";

        return new Disaster(
            [("contacts", lost.Text("id")), ("templates", "22"), ("companies", "co3"), ("deals", "de1"), ("notes", "no5"), ("tasks", "ta2")],
            [("contacts", spoilt.Text("id")), ("contacts", dropped.Text("id")), ("lists", "5")],
            [("contacts", blacklisted.Text("id"), "emailBlacklisted", "true"), ("contacts", left.Text("id"), "listIds", "[2]")],
            []);
    }
}
