using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>A small account with at least one object of each kind, more than a page of customers, and an invoice with more than ten lines.</summary>
public sealed class StripeSeed
{
    private readonly TimeProvider _time;

    public StripeSeed(TimeProvider time)
    {
        _time = time;
        Tables = StripeKind.All.ToDictionary(kind => kind.Stream, _ => new List<JsonObject>());
        Customers();
        Catalogue();
        Billing();
        Money();
        Settings();
    }

    public Dictionary<string, List<JsonObject>> Tables { get; }

    private void Customers()
    {
        for (var at = 1; at <= 130; at++)
        {
            var id = $"cus_{at:D4}";
            Add("customers", id, 400 - at, StripeWrites.Blank("customers").With("name", $"Person {at}").With("email", $"person{at}@example.com").With("invoice_prefix", $"P{at:D4}"));
        }

        var first = Tables["customers"][4];
        first["phone"] = "0049123";
        first["address"] = Rows.Row("""{"city":"Ulm","country":"DE","line1":"Weg 1","line2":null,"postal_code":"01067","state":null}""");
        first["metadata"] = Rows.Row("""{"crm":"9007199254740993","vip":"true"}""");
        Add("customer_tax_ids", "txi_1", 100, """{"object":"tax_id","country":"DE","customer":"cus_0005","livemode":true,"type":"eu_vat","value":"DE123456789","verification":{"status":"verified"}}""");
        Embed("customer_tax_ids", "cus_0005", "tax_ids");
        Add("customer_sources", "card_1", 100, """{"object":"card","customer":"cus_0006","last4":"4242","name":"Person 6"}""");
        Embed("customer_sources", "cus_0006", "sources");
        Add("payment_methods", "pm_1", 90, """{"object":"payment_method","customer":"cus_0007","type":"card","billing_details":{"email":"person7@example.com"},"card":{"last4":"4444"}}""");
        Add("customer_balance_transactions", "cbtxn_1", 80, """{"object":"customer_balance_transaction","amount":-500,"customer":"cus_0007","currency":"eur","description":"Credit","invoice":null,"credit_note":null}""");
    }

    private void Catalogue()
    {
        Add("products", "prod_1", 300, StripeWrites.Blank("products").With("name", "Course").With("description", "Ten evenings").With("default_price", "price_1").With("updated", 1));
        Add("products", "prod_2", 300, StripeWrites.Blank("products").With("name", "Book").With("metadata", Rows.Row("""{"isbn":"9783161484100"}""")).With("updated", 1));
        Add("prices", "price_1", 299, Price("prod_1").With("unit_amount", 1900).With("unit_amount_decimal", "1900").With("recurring", Rows.Row("""{"interval":"month","interval_count":1,"meter":null,"trial_period_days":null,"usage_type":"licensed"}""")));
        Add("prices", "price_2", 299, Price("prod_1").With("unit_amount_decimal", "0.5").With("nickname", "Per call"));
        Add("coupons", "SUMMER", 200, StripeWrites.Blank("coupons").With("percent_off", JsonNode.Parse("12.5")).With("duration", "once").With("name", "Summer").With("applies_to", Rows.Row("""{"products":["prod_1"]}""")));
        Add("promotion_codes", "promo_1", 199, StripeWrites.Blank("promotion_codes").With("code", "HELLO").With("promotion", Rows.Row("""{"type":"coupon","coupon":"SUMMER"}""")));
        Add("tax_rates", "txr_1", 198, StripeWrites.Blank("tax_rates").With("display_name", "VAT").With("percentage", JsonNode.Parse("19.0")).With("inclusive", true).With("country", "DE").With("tax_type", "vat"));
        Add("shipping_rates", "shr_1", 198, StripeWrites.Blank("shipping_rates").With("display_name", "Parcel").With("type", "fixed_amount").With("fixed_amount", Rows.Row("""{"amount":490,"currency":"eur"}""")));
        Add("features", "feat_1", 190, """{"object":"entitlements.feature","active":true,"lookup_key":"videos","name":"Videos"}""");
        Add("meters", "mtr_1", 190, """{"object":"billing.meter","display_name":"Calls","event_name":"call"}""");
        Add("payment_links", "plink_1", 190, """{"object":"payment_link","active":true,"url":"https://buy.example.com/1"}""");
        Add("payment_link_items", "li_pl1", 190, """{"object":"item","description":"Course","payment_link":"plink_1","price":{"id":"price_1"},"quantity":1}""");
    }

    private void Billing()
    {
        Add("subscriptions", "sub_1", 100, """{"object":"subscription","customer":"cus_0001","status":"active"}""");
        Add("subscriptions", "sub_2", 100, """{"object":"subscription","customer":"cus_0002","status":"canceled"}""");
        Children("subscription_items", "subscriptions", "sub_1", "items", 12, "subscription");
        Children("subscription_items", "subscriptions", "sub_2", "items", 1, "subscription");
        Add("subscription_schedules", "sub_sched_1", 100, """{"object":"subscription_schedule","customer":"cus_0001","subscription":"sub_1"}""");
        Add("invoices", "in_1", 99, """{"object":"invoice","customer":"cus_0001","currency":"eur","hosted_invoice_url":"https://pay.example.com/in_1","invoice_pdf":"https://pay.example.com/pdf?s=0","number":"A-1","status":"paid","total":9007199254740993}""");
        Add("invoices", "in_2", 99, """{"object":"invoice","customer":"cus_0002","currency":"eur","hosted_invoice_url":null,"invoice_pdf":null,"number":null,"status":"draft","total":0}""");
        Children("invoice_lines", "invoices", "in_1", "lines", 130, "invoice");
        Children("invoice_lines", "invoices", "in_2", "lines", 2, "invoice");
        Add("invoice_items", "ii_1", 99, """{"object":"invoiceitem","customer":"cus_0001","amount":100,"invoice":"in_1"}""");
        Add("invoice_payments", "inpay_1", 99, """{"object":"invoice_payment","invoice":"in_1","payment":{"type":"payment_intent","payment_intent":"pi_1"}}""");
        Add("invoice_templates", "inrtem_1", 99, """{"object":"invoice_rendering_template","nickname":"Plain"}""");
        Add("credit_notes", "cn_1", 98, """{"object":"credit_note","customer":"cus_0001","invoice":"in_1","number":"A-1-CN","pdf":"https://pay.example.com/cn?s=0"}""");
        Children("credit_note_lines", "credit_notes", "cn_1", "lines", 11, "credit_note");
        Add("quotes", "qt_1", 97, """{"object":"quote","customer":"cus_0001","number":"QT-1"}""");
        Add("quote_lines", "li_qt1", 97, """{"object":"item","description":"Course","quote":"qt_1","price":{"id":"price_1"}}""");
        Add("checkout_sessions", "cs_1", 96, """{"object":"checkout.session","customer":"cus_0001","consent":{"promotions":"opt_out","terms_of_service":null},"customer_details":{"email":"person1@example.com"}}""");
        Add("checkout_items", "li_cs1", 96, """{"object":"item","description":"Book","checkout_session":"cs_1","price":{"id":"price_2"}}""");
    }

    private void Money()
    {
        Add("payment_intents", "pi_1", 95, """{"object":"payment_intent","amount":1900,"client_secret":"pi_1_secret_x","customer":"cus_0001","latest_charge":"ch_1"}""");
        Add("charges", "ch_1", 95, """{"object":"charge","amount":1900,"balance_transaction":"txn_1","customer":"cus_0001","payment_intent":"pi_1","receipt_url":"https://pay.example.com/receipt?s=0"}""");
        Add("refunds", "re_1", 94, """{"object":"refund","amount":900,"charge":"ch_1"}""");
        Add("disputes", "dp_1", 93, """{"object":"dispute","charge":"ch_1","reason":"general"}""");
        Add("reviews", "prv_1", 93, """{"object":"review","charge":"ch_1","ip_address":"192.0.2.1","reason":"rule"}""");
        Add("early_fraud_warnings", "issfr_1", 93, """{"object":"radar.early_fraud_warning","charge":"ch_1","fraud_type":"misc"}""");
        Add("setup_intents", "seti_1", 92, """{"object":"setup_intent","customer":"cus_0001","payment_method":"pm_1"}""");
        Add("setup_attempts", "setatt_1", 92, """{"object":"setup_attempt","setup_intent":"seti_1","status":"succeeded"}""");
        Add("payouts", "po_1", 91, """{"object":"payout","amount":1000}""");
        Add("topups", "tu_1", 91, """{"object":"topup","amount":1000}""");
        Add("transfers", "tr_1", 91, """{"object":"transfer","amount":1000}""");
        Children("transfer_reversals", "transfers", "tr_1", "reversals", 11, "transfer");
        Add("application_fees", "fee_1", 91, """{"object":"application_fee","amount":10,"charge":"ch_1"}""");
        for (var at = 0; at < 120; at++) Add("balance_transactions", $"txn_{at}", at < 117 ? 200 : 80, """{"object":"balance_transaction","amount":1900,"status":"available","type":"charge"}""");
    }

    private void Settings()
    {
        Add("value_lists", "rsl_1", 60, """{"object":"radar.value_list","alias":"blocked","name":"Blocked"}""");
        Add("value_list_items", "rsli_1", 60, """{"object":"radar.value_list_item","value":"bad@example.com","value_list":"rsl_1"}""");
        Add("tax_registrations", "taxreg_1", 60, """{"object":"tax.registration","country":"DE","status":"active"}""");
        Add("portal_configurations", "bpc_1", 60, """{"object":"billing_portal.configuration","active":true}""");
        Add("payment_method_configurations", "pmc_1", 60, """{"object":"payment_method_configuration","name":"Default"}""");
        Add("payment_method_domains", "pmd_1", 60, """{"object":"payment_method_domain","domain_name":"shop.example.com"}""");
        Add("webhook_endpoints", "we_1", 60, StripeWrites.Blank("webhook_endpoints").Without("secret").With("url", "https://shop.example.com/hook").With("enabled_events", new JsonArray("charge.refunded", "customer.deleted")));
        Add("files", "file_1", 60, """{"object":"file","filename":"a.pdf","size":10,"title":"Evidence","url":"https://files.stripe.com/v1/files/file_1/contents"}""");
        Add("file_links", "link_1", 60, """{"object":"file_link","file":"file_1","url":"https://files.stripe.com/links/1"}""");
        for (var at = 0; at < 5; at++) Add("events", $"evt_{at}", 20 - at, """{"object":"event","type":"customer.updated","data":{"object":{"id":"cus_0001"}}}""");
    }

    private static JsonObject Price(string product) => StripeWrites.Blank("prices").With("product", product).With("currency", "eur");

    private void Add(string stream, string id, int daysAgo, string json) => Add(stream, id, daysAgo, Rows.Row(json));

    private void Add(string stream, string id, int daysAgo, JsonObject row) =>
        Tables[stream].Add(row.With("id", id).With("created", _time.GetUtcNow().AddDays(-daysAgo).ToUnixTimeSeconds()));

    /// <summary>Rows of a list inside an object, of which the object itself shows the newest ten.</summary>
    private void Children(string stream, string parents, string parent, string list, int count, string field)
    {
        for (var at = 0; at < count; at++)
            Add(stream, $"{parent}_{list}_{at.ToString("D3", CultureInfo.InvariantCulture)}", 50, new JsonObject { ["object"] = "line", ["amount"] = at, [field] = parent });
        var rows = Tables[stream].Where(row => row.Text(field) == parent).Reverse().ToList();
        Tables[parents].Find("id", parent)![list] = new JsonObject { ["object"] = "list", ["has_more"] = rows.Count > 10, ["data"] = rows.Take(10).ToJsonArray() };
    }

    private void Embed(string stream, string customer, string list) =>
        Tables["customers"].Find("id", customer)![list] = new JsonObject { ["object"] = "list", ["data"] = Tables[stream].Where(row => row.Text("customer") == customer).ToJsonArray() };
}
