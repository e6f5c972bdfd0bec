using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

public sealed class KitTests : ConnectorContract<KitFake>
{
    protected override (string Stream, string Path) Main => ("subscribers", "/v4/subscribers");

    protected override bool TellsWait => false;

    [Fact]
    public async Task Who_unsubscribed_bounced_or_complained_is_in_the_backup()
    {
        await using var server = await VendorServer<KitFake>.StartAsync(new KitFake());
        using var connector = server.Connect();

        var subscribers = await connector.ReadAsync("subscribers");
        var taggings = await connector.ReadAsync("taggings");

        subscribers.Json.Select(record => record.GetProperty("state").GetString()).Distinct()
            .ShouldBe(["active", "cancelled", "inactive", "bounced", "complained"], ignoreOrder: true);
        taggings.Json.Select(record => record.GetProperty("state").GetString()).ShouldContain("cancelled");
    }

    [Fact]
    public async Task A_key_reads_all_but_purchases_and_keeps_to_its_own_rate()
    {
        await using var server = await VendorServer<KitFake>.StartAsync(new KitFake());
        using var connector = server.Connect(KitFake.KeyConfig);

        var discovered = await connector.Connector.DiscoverAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken);
        var read = await connector.ReadAsync("tags");

        discovered.Select(stream => stream.Name).ShouldNotContain("purchases");
        read.Records.Count.ShouldBe(3);
        server.Fake.Log.ShouldAllBe(request => request.Bearer == null);
    }

    [Fact]
    public async Task A_restore_never_sends_a_state_to_a_subscriber_who_is_there()
    {
        await using var server = await VendorServer<KitFake>.StartAsync(new KitFake());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        server.Fake.Unsubscribe(server.Fake.Subscribers[0]);
        server.Fake.Rename(server.Fake.Subscribers.Take(3), "Import 7");

        await connector.RestoreAsync(vault, before, new NewIds());

        var writes = server.Fake.Log.Where(request => request.Writes && request.Path.Contains("/subscribers")).ToList();
        writes.Count.ShouldBe(3);
        writes.ShouldAllBe(request => !request.Body.Contains("state"));
        server.Fake.Subscribers[0].Text("state").ShouldBe("cancelled");
    }

    [Fact]
    public async Task An_address_that_said_no_does_not_take_the_place_of_an_active_one()
    {
        await using var server = await VendorServer<KitFake>.StartAsync(new KitFake());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. connector.Restore.Streams.Select(stream => stream.Name)]);
        var left = server.Fake.Subscribers.First(row => row.Text("state") == "cancelled");
        var active = server.Fake.Subscribers.First(row => row.Text("state") == "active");
        var address = active.Text("email_address");
        left["state"] = "active";
        left["email_address"] = "new@example.com";
        active["email_address"] = "import@example.com";

        await connector.RestoreAsync(vault, before, new NewIds());

        left.Text("email_address").ShouldBe("new@example.com");
        active.Text("email_address").ShouldBe(address);
    }

    protected override PersonWithConsent<KitFake> Person => new()
    {
        Stream = "subscribers",
        Streams = ["subscribers"],
        Address = fake => fake.Subscribers.First(row => row.Text("state") == "active").Text("email_address"),
        IsHeldBy = (_, address) => record => record.GetProperty("email_address").GetString() == address,
        SayNo = (fake, address) => fake.Unsubscribe(Row(fake, address)!),
        Delete = (fake, address) => fake.DeleteSubscriber(Row(fake, address)!),
        Consent = (fake, address) => Row(fake, address)?.Text("state") switch { null => Consent.Gone, "active" => Consent.Yes, _ => Consent.No },
    };

    private static JsonObject? Row(KitFake fake, string address) => fake.Subscribers.FirstOrDefault(row => row.Text("email_address") == address);

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(KitFake fake)
    {
        var changed = fake.Subscribers.Take(1050).ToList();
        fake.Rename(changed, $"Changed {fake.Time.GetUtcNow():O}");
        return new Dictionary<string, IReadOnlyList<string>> { ["subscribers"] = [.. changed.Select(row => row.Text("id"))] };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(KitFake fake)
    {
        var subscriber = fake.Subscribers[0];
        fake.DeleteSubscriber(subscriber);
        fake.DeleteSequence("32");
        return [("subscribers", subscriber.Text("id")), ("taggings", $"11|{subscriber.Text("id")}"), ("sequences", "32"), ("sequence_emails", "314")];
    }

    protected override Disaster Damage(KitFake fake)
    {
        var (lost, renamed, left) = (fake.Subscribers[7], fake.Subscribers[1], fake.Subscribers[14]);
        JsonObject[] tagged = [.. fake.Truth("taggings").Where(link => link.Text("tag_id") == "11")];
        fake.DeleteSubscriber(lost);
        fake.DeleteTag("11");
        fake.DeleteSequence("31");
        fake.DeleteBroadcast("42");
        fake.Rename([renamed], "Import 7");
        fake.Unsubscribe(left);

        return new Disaster(
            [
                ("subscribers", lost.Text("id")), ("tags", "11"), ("sequences", "31"), ("sequence_emails", "311"), ("sequence_emails", "312"), ("sequence_emails", "313"),
                ("broadcasts", "42"), ("taggings", Pair("12", lost)), .. tagged.Select(link => ("taggings", Pair("11", link))),
            ],
            [("subscribers", renamed.Text("id"))],
            [("subscribers", left.Text("id"), "state", "cancelled")],
            []);
    }

    private static string Pair(string tag, JsonObject subscriber) => $"""["{tag}","{subscriber.Text("id")}"]""";
}
