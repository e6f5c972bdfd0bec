using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class ShopifyTests : ConnectorContract<ShopifyFake>
{
    private int _changes;

    protected override (string Stream, string Path) Main => ("customers", "/customers.json");

    /// <summary>A bulk change of more than a page, all in one second.</summary>
    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(ShopifyFake fake)
    {
        _changes++;
        long[] customers = [.. Enumerable.Range(5 + _changes, 251).Select(at => (long)at)];
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
