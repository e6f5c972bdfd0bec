using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class ShopifyTests : ConnectorContract<ShopifyFake>
{
    private int _changes;

    protected override (string Stream, string Path) Main => ("comments", "/comments.json");

    protected override PersonWithConsent<ShopifyFake> Person => new()
    {
        Stream = "customers",
        Streams = ["customers"],
        Address = fake => fake.Row("customers", 11).Text("email"),
        IsHeldBy = (_, address) => record => record.GetProperty("email").GetString() == address,
        SayNo = (fake, address) => fake.Tables["customers"].Find("email", address)!["email_marketing_consent"]!["state"] = "unsubscribed",
        Delete = (fake, address) => fake.Delete("customers", long.Parse(fake.Tables["customers"].Find("email", address)!.Text("id"), CultureInfo.InvariantCulture)),
        Consent = (fake, address) => fake.Tables["customers"].Find("email", address) is not { } row ? Consent.Gone
            : row["email_marketing_consent"]?["state"]?.GetValue<string>() == "subscribed" ? Consent.Yes : Consent.No,
    };

    [Fact]
    public async Task Tags_that_were_added_since_stay_and_are_a_change_that_the_plan_names_where_the_exact_state_is_asked_for()
    {
        await using var server = await VendorServer<ShopifyFake>.StartAsync(new ShopifyFake());
        using var connector = server.Connect();
        var row = server.Fake.Row("customers", 9);
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(row)), ListBackup.Connectors.Restoring.SameIds.Instance);
        row["tags"] = row.Text("tags") + ", do not call";

        var live = await connector.Target().FindAsync("customers", record with { HasExactSets = true }, TestContext.Current.CancellationToken);
        var kept = await connector.Target().FindAsync("customers", record, TestContext.Current.CancellationToken);

        live.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Differs);
        live.Differences.Select(field => field.ToString()).ShouldBe(["tags"]);
        kept.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Same);
        kept.Stayed.Select(field => field.ToString()).ShouldBe(["tags"]);
    }

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(ShopifyFake fake)
    {
        _changes++;
        long[] customers = [.. Enumerable.Range(5 + _changes, 12).Select(at => (long)at)];
        foreach (var id in customers) fake.Row("customers", id).Merge(new JsonObject { ["note"] = $"Change {_changes}", ["updated_at"] = fake.Stamp() });
        fake.Row("orders", 3002).Merge(new JsonObject { ["note"] = $"Change {_changes}", ["updated_at"] = fake.Stamp() });
        fake.Row("products", 1002).Merge(new JsonObject { ["vendor"] = $"Change {_changes}", ["updated_at"] = fake.Stamp() });
        var removed = fake.NewId();
        fake.Tables["deleted_products"].Add(new JsonObject { ["id"] = removed, ["subject_id"] = 2, ["verb"] = "destroy", ["created_at"] = fake.Stamp() });
        return new Dictionary<string, IReadOnlyList<string>>
        {
            ["customers"] = [.. customers.Select(Text)], ["orders"] = ["3002"], ["products"] = ["1002"], ["deleted_products"] = [Text(removed)],
        };
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(ShopifyFake fake)
    {
        (string Stream, long Id)[] gone = [("customers", 7), ("orders", 3001), ("products", 1001), ("pages", 95), ("blogs", 6001)];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        return [.. gone.Select(record => (record.Stream, Text(record.Id))), ("customer_addresses", "5001"), ("articles", "6101"), ("collects", "91")];
    }

    protected override Disaster Damage(ShopifyFake fake)
    {
        (string Stream, long Id)[] gone =
        [
            ("customers", 7), ("customers", 10), ("products", 1001), ("custom_collections", 2001), ("smart_collections", 2002), ("pages", 95), ("blogs", 6001), ("redirects", 98), ("price_rules", 4001),
        ];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        fake.Row("customers", 8).Merge(Rows.Row("""{"first_name":"X","note":"bad import","tags":"x"}"""));
        fake.Row("products", 1002)["variants"]![1]!["price"] = "0.01";
        fake.Row("customer_metafields", 61)["value"] = "8";
        fake.Row("shop_metafields", 99)["value"] = "no";

        // Two who were subscribed took it back since, one by mail and one by text message.
        fake.Row("customers", 11)["email_marketing_consent"]!["state"] = "unsubscribed";
        fake.Row("customers", 9)["sms_marketing_consent"]!["state"] = "unsubscribed";
        return new Disaster(
            [.. gone.Select(record => (record.Stream, Text(record.Id))), ("customer_addresses", "5001"), ("product_metafields", "81"), ("collects", "91"), ("articles", "6101"), ("discount_codes", "93")],
            [("customers", "8"), ("products", "1002"), ("customer_metafields", "61"), ("shop_metafields", "99")],
            [("customers", "11", "email_marketing_consent/state", "unsubscribed"), ("customers", "9", "sms_marketing_consent/state", "unsubscribed")],
            []);
    }

    /// <summary>A bulk change has one time for all; the filter is inside page_info, and a second one would be refused.</summary>
    [Fact]
    public async Task A_bulk_change_over_several_pages_is_read_once_each()
    {
        await using var server = await VendorServer<ShopifyFake>.StartAsync(new ShopifyFake());
        using var connector = server.Connect();
        var before = await connector.ReadAsync("customers");
        server.Fake.Time.Advance(TimeSpan.FromDays(1));
        for (var at = 1001; at <= 1600; at++) server.Fake.Tables["customers"].Add(ShopifySeed.Customer(server.Fake, at).With("updated_at", server.Fake.Stamp()));

        var changed = await connector.ReadAsync("customers", before.State);

        changed.Records.Count.ShouldBe(600 + 3);
        changed.Raw("id").ShouldBeUnique();
        server.Fake.Log.Count(request => request.Path.EndsWith("/customers.json", StringComparison.Ordinal)).ShouldBe(1 + 3);
    }

    [Fact]
    public async Task Who_comes_back_is_subscribed_to_nothing_and_a_no_stays_a_no()
    {
        await using var server = await VendorServer<ShopifyFake>.StartAsync(new ShopifyFake());
        using var connector = server.Connect();
        var subscribed = await ComeBackAsync(server.Fake, connector, 11);
        var unsubscribed = await ComeBackAsync(server.Fake, connector, 10);

        subscribed["email_marketing_consent"]!["state"]!.GetValue<string>().ShouldBe("not_subscribed");
        unsubscribed["email_marketing_consent"]!["state"]!.GetValue<string>().ShouldBe("unsubscribed");
        server.Fake.Log.Where(request => request.Writes).ShouldAllBe(request => !request.Body.Contains("\"subscribed\""));
    }

    [Fact]
    public async Task Who_shares_a_telephone_with_somebody_who_was_deleted_is_not_taken_for_them()
    {
        await using var server = await VendorServer<ShopifyFake>.StartAsync(new ShopifyFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(server.Fake.Row("customers", 9))), ListBackup.Connectors.Restoring.SameIds.Instance);
        server.Fake.Row("customers", 10)["phone"] = server.Fake.Row("customers", 9)["phone"]!.DeepClone();
        server.Fake.Delete("customers", 9);

        var live = await connector.Target().FindAsync("customers", record, TestContext.Current.CancellationToken);

        live.State.ShouldBe(ListBackup.Connectors.Restoring.LiveState.Missing);
    }

    [Fact]
    public async Task An_address_that_never_said_yes_does_not_take_the_place_of_one_that_did()
    {
        await using var server = await VendorServer<ShopifyFake>.StartAsync(new ShopifyFake());
        using var connector = server.Connect();
        var customer = server.Fake.Row("customers", 9);
        customer["email_marketing_consent"]!["state"] = "not_subscribed";
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(customer)), ListBackup.Connectors.Restoring.SameIds.Instance);
        customer["email"] = "new@example.com";
        customer["note"] = "Import 7";
        customer["email_marketing_consent"]!["state"] = "subscribed";

        await connector.Target().WriteAsync(
            new() { Stream = "customers", Kind = ListBackup.Connectors.Restoring.WriteKind.Update, LiveId = "9", Record = record, IdempotencyKey = "9" }, TestContext.Current.CancellationToken);

        server.Fake.Row("customers", 9).Text("email").ShouldBe("new@example.com");
        server.Fake.Row("customers", 9).Text("note").ShouldBe("12345");
    }

    private static async Task<JsonObject> ComeBackAsync(ShopifyFake fake, ListBackup.Testing.ConnectorUnderTest connector, long id)
    {
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(fake.Row("customers", id))), ListBackup.Connectors.Restoring.SameIds.Instance);
        fake.Delete("customers", id);
        var outcome = await connector.Target().WriteAsync(
            new() { Stream = "customers", Kind = ListBackup.Connectors.Restoring.WriteKind.Create, Record = record, IdempotencyKey = Text(id) }, TestContext.Current.CancellationToken);
        return fake.Row("customers", long.Parse(outcome.NewId!, CultureInfo.InvariantCulture));
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
