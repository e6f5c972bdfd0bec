using ListBackup.Connectors.Restoring;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests.Vendors;

public sealed class StripeTests : ConnectorContract<StripeFake>
{
    protected override (string Stream, string Path) Main => ("customers", "/v1/customers");

    /// <summary>Movements of the last 35 days come again, because they become available in that time.</summary>
    protected override int LookBackRowsMax => 5;

    /// <summary>Stripe asks for growing waits and names none.</summary>
    protected override bool TellsWait => false;

    protected override IReadOnlyDictionary<string, IReadOnlyList<string>> Change(StripeFake fake)
    {
        var changes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (stream, prefix) in (ReadOnlySpan<(string, string)>)[("events", "evt"), ("balance_transactions", "txn")])
        {
            var start = fake.Tables[stream].Count;
            string[] ids = [.. Enumerable.Range(start, 130).Select(at => $"{prefix}_{at}")];
            foreach (var id in ids) fake.Tables[stream].Add(Rows.Row("""{"object":"new"}""").With("id", id).With("created", fake.Stamp()));
            changes[stream] = ids;
        }

        return changes;
    }

    protected override IReadOnlyList<(string Stream, string Key)> Delete(StripeFake fake)
    {
        (string, string)[] gone = [("customers", "cus_0003"), ("coupons", "SUMMER"), ("webhook_endpoints", "we_1"), ("products", "prod_2")];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        return gone;
    }

    protected override Disaster Damage(StripeFake fake)
    {
        (string, string)[] gone = [("customers", "cus_0005"), ("customer_tax_ids", "txi_1"), ("products", "prod_2"), ("coupons", "SUMMER"), ("webhook_endpoints", "we_1")];
        foreach (var (stream, id) in gone) fake.Delete(stream, id);
        fake.Row("customers", "cus_0006").Merge(Rows.Row("""{"name":"X","phone":"666","metadata":{"bad":"import"}}"""));
        fake.Row("customers", "cus_0008")["email"] = null;
        fake.Row("prices", "price_1")["active"] = false;
        fake.Row("promotion_codes", "promo_1")["active"] = false;
        fake.Row("tax_rates", "txr_1")["display_name"] = "Wrong";
        fake.Row("shipping_rates", "shr_1")["active"] = false;
        fake.Row("products", "prod_1")["description"] = "Eleven evenings";
        return new Disaster(
            gone,
            [
                ("customers", "cus_0006"), ("customers", "cus_0008"), ("prices", "price_1"), ("promotion_codes", "promo_1"), ("tax_rates", "txr_1"), ("shipping_rates", "shr_1"),
                ("products", "prod_1"),
            ],
            [],
            []);
    }

    [Fact]
    public async Task Products_are_looked_for_by_their_ids_in_one_request_the_inactive_ones_too()
    {
        var fake = new StripeFake();
        for (var number = 0; number < 30; number++) fake.Tables["products"].Add(fake.Row("products", "prod_1").Copy().With("id", $"prod_more_{number}").With("active", number % 3 > 0));
        await using var server = await VendorServer<StripeFake>.StartAsync(fake);
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, ["products"]);
        for (var number = 0; number < 30; number += 4) fake.Delete("products", $"prod_more_{number}");

        var products = (await vault.RecordsAsync(before, "products")).Select(record => new RestoreRecord(record.Json, SameIds.Instance)).ToList();
        var requests = await LookForAsync(connector.Target(), "products", products);

        requests.ShouldBe((1, 32));
    }

    [Fact]
    public async Task Lists_inside_objects_are_read_to_their_end_and_only_where_they_go_on()
    {
        await using var server = await VendorServer<StripeFake>.StartAsync(new StripeFake());
        using var connector = server.Connect();

        var lines = await connector.ReadAsync("invoice_lines", fullRefresh: true);

        lines.Records.Count.ShouldBe(130);
        server.Fake.Log.ShouldNotContain(request => request.Path == "/v1/invoices/in_2/lines");
    }

    [Fact]
    public async Task A_customer_who_comes_back_is_found_again_by_the_old_id_in_their_metadata()
    {
        await using var server = await VendorServer<StripeFake>.StartAsync(new StripeFake());
        using var connector = server.Connect();
        var record = new ListBackup.Connectors.Restoring.RestoreRecord(
            System.Text.Encoding.UTF8.GetBytes(VendorAnswer.Text(server.Fake.Row("customers", "cus_0009").Without("email").With("email", null))), ListBackup.Connectors.Restoring.SameIds.Instance);
        server.Fake.Delete("customers", "cus_0009");
        server.Fake.Row("customers", "cus_0010")["metadata"] = Rows.Row("""{"listbackup_id":"cus_0009"}""");

        var found = await connector.Target().FindAsync("customers", record, TestContext.Current.CancellationToken);

        found.LiveId.ShouldBe("cus_0010");
    }
}
