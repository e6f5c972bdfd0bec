using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>A small shop: more than two pages of what costs no requests per record, one record of each other kind, new ids beyond 2⁵³.</summary>
public static class ShopifySeed
{
    public const long Product = 1001;
    public const long Collection = 2001;

    /// <summary>The streams that GraphQL serves, and the connection of each.</summary>
    public static readonly IReadOnlyDictionary<string, string> Connections = new Dictionary<string, string>
    {
        ["variants"] = "productVariants", ["inventory_items"] = "inventoryItems", ["discounts"] = "discountNodes", ["metaobject_definitions"] = "metaobjectDefinitions",
        ["metaobjects"] = "metaobjects", ["segments"] = "segments", ["menus"] = "menus", ["files"] = "files",
    };

    public static Dictionary<string, List<JsonObject>> Tables(ShopifyFake fake)
    {
        var tables = ShopifyKind.All.ToDictionary(kind => kind.Stream, _ => new List<JsonObject>());
        for (var at = 1; at <= 20; at++) tables["customers"].Add(Customer(fake, at));
        tables["customer_addresses"].Add(Address(5001, 7));
        tables["customers"][6]["addresses"] = new JsonArray(Address(5001, 7));
        foreach (var (stream, json) in (ReadOnlySpan<(string, string)>)
        [
            ("locations", """{"id":31,"name":"Store"}"""), ("countries", """{"id":41,"name":"Germany","code":"DE","provinces":[]}"""), ("shipping_zones", """{"id":51,"name":"EU"}"""),
            ("policies", """{"handle":"refund-policy","title":"Refunds","body":"x"}"""), ("customer_metafields", """{"id":61,"namespace":"crm","key":"level","type":"single_line_text_field","value":"007","owner_id":8,"owner_resource":"customer"}"""),
            ("order_transactions", """{"id":71,"order_id":3001,"amount":"12.10"}"""), ("order_metafields", """{"id":72,"namespace":"a","key":"b","value":"c","owner_id":3001}"""), ("fulfillment_orders", """{"id":73,"order_id":3001}"""),
            ("draft_orders", """{"id":74,"status":"open","name":"#D1"}"""), ("draft_orders", """{"id":75,"status":"completed","name":"#D2"}"""), ("abandoned_checkouts", """{"id":76,"name":"#C1"}"""),
            ("product_metafields", """{"id":81,"namespace":"specs","key":"pages","type":"number_integer","value":"320","owner_id":1001,"owner_resource":"product"}"""),
            ("inventory_levels", """{"inventory_item_id":1,"location_id":31,"available":5}"""), ("collects", """{"id":91,"collection_id":2001,"product_id":1001,"position":1}"""),
            ("custom_collections", """{"id":2001,"title":"Books","handle":"books","body_html":null,"sort_order":"manual"}"""), ("smart_collections", """{"id":2002,"title":"Cheap","handle":"cheap","rules":[{"column":"variant_price","relation":"less_than","condition":"10"}],"disjunctive":false}"""),
            ("collection_metafields", """{"id":92,"namespace":"a","key":"b","value":"c","owner_id":2002}"""), ("price_rules", """{"id":4001,"title":"SUMMER","value_type":"percentage","value":"-10.0","target_type":"line_item","entitled_product_ids":[1001],"prerequisite_customer_ids":[]}"""),
            ("discount_codes", """{"id":93,"price_rule_id":4001,"code":"SUMMER10","usage_count":3}"""), ("gift_cards", """{"id":94,"last_characters":"abcd","balance":"10.00"}"""), ("pages", """{"id":95,"title":"About","handle":"about","body_html":"<p>us</p>","author":"Ann"}"""),
            ("page_metafields", """{"id":96,"namespace":"a","key":"b","value":"c","owner_id":95}"""), ("blogs", """{"id":6001,"title":"News","handle":"news","commentable":"no","tags":"a"}"""), ("articles", """{"id":6101,"blog_id":6001,"title":"First","handle":"first","body_html":"<p>1</p>","author":"Ann","tags":"x"}"""),
            ("comments", """{"id":97,"article_id":6101,"blog_id":6001,"author":"Bob","body":"hi"}"""), ("redirects", """{"id":98,"path":"/old","target":"/new"}"""), ("shop_metafields", """{"id":99,"namespace":"shop","key":"motto","type":"single_line_text_field","value":"yes","owner_id":548380009,"owner_resource":"shop"}"""),
            ("script_tags", """{"id":101,"src":"https://example.com/a.js"}"""), ("themes", """{"id":7001,"name":"Dawn","role":"main"}"""), ("theme_files", """{"key":"layout/theme.liquid","theme_id":7001,"checksum":"x","size":10}"""),
            ("tender_transactions", """{"id":102,"order_id":3001,"amount":"12.10"}"""), ("payouts", """{"id":103,"amount":"10.00"}"""), ("payout_transactions", """{"id":104,"payout_id":103,"amount":"10.00"}"""), ("disputes", """{"id":105,"order_id":3001}"""),
            ("deleted_products", """{"id":106,"subject_id":1,"subject_type":"Product","verb":"destroy"}"""),
        ])
            tables[stream].Add(Rows.Row(json));

        for (var at = 1; at <= 600; at++) tables["comments"].Add(Rows.Row("""{"article_id":6101,"blog_id":6001,"author":"Bob"}""").With("id", 9000 + at));
        tables["deleted_products"][0]["created_at"] = fake.DaysAgo(40);
        for (var at = 0; at < 3; at++)
            tables["orders"].Add(Rows.Row("""{"name":"#1","currency":"EUR","total_price":"12.10","buyer_accepts_marketing":false,"order_status_url":"https://shop.example.com/orders?key=0"}""")
                .With("id", 3001 + at).With("closed_at", at == 1 ? fake.DaysAgo(30) : null).With("created_at", fake.DaysAgo(40)).With("updated_at", fake.DaysAgo(30 - at)));
        for (var at = 0; at < 3; at++) tables["products"].Add(ProductRow(fake, Product + at));
        return tables;
    }

    public static Dictionary<string, List<JsonObject>> Graph() => new()
    {
        ["productVariants"] = [.. Enumerable.Range(1, 300).Select(at => new JsonObject { ["id"] = $"gid://shopify/ProductVariant/{at}", ["sku"] = $"S{at}", ["price"] = "12.10" })],
        ["inventoryItems"] = [Rows.Row("""{"id":"gid://shopify/InventoryItem/1","sku":"S1","tracked":true}""")],
        ["discountNodes"] = [Rows.Row("""{"id":"gid://shopify/DiscountAutomaticNode/1","discount":{"__typename":"DiscountAutomaticBasic","title":"Auto"}}""")],
        ["metaobjectDefinitions"] = [Rows.Row("""{"id":"gid://shopify/MetaobjectDefinition/1","type":"author","name":"Author"}"""), Rows.Row("""{"id":"gid://shopify/MetaobjectDefinition/2","type":"size","name":"Size"}""")],
        ["metaobjects"] = [Rows.Row("""{"id":"gid://shopify/Metaobject/1","type":"author","handle":"ann"}"""), Rows.Row("""{"id":"gid://shopify/Metaobject/2","type":"size","handle":"xl"}""")],
        ["segments"] = [Rows.Row("""{"id":"gid://shopify/Segment/1","name":"Buyers","query":"number_of_orders > 1"}""")],
        ["menus"] = [Rows.Row("""{"id":"gid://shopify/Menu/1","handle":"main-menu","title":"Main","items":[]}""")],
        ["files"] = [Rows.Row("""{"id":"gid://shopify/MediaImage/1","alt":"a","fileStatus":"READY"}""")],
    };

    /// <summary>Variants that are named keep what is not said about them; one that is not there makes the whole wrong.</summary>
    public static bool MergeVariants(JsonObject product, JsonObject sent)
    {
        if (sent["variants"] is not JsonArray wanted) return true;
        var merged = new JsonArray();
        foreach (var variant in wanted.OfType<JsonObject>())
        {
            var live = product["variants"]!.AsArray().OfType<JsonObject>().FirstOrDefault(live => live.Text("id") == variant.Text("id"));
            if (live is null) return false;
            var copy = live.Copy();
            copy.Merge(variant);
            merged.Add(copy);
        }

        sent["variants"] = merged;
        return true;
    }

    public static JsonObject Blank(string stream, string now) => stream switch
    {
        "customers" => Rows.Row("""{"email":null,"phone":null,"first_name":null,"last_name":null,"note":null,"tags":"","tax_exempt":false,"tax_exemptions":[],"addresses":[],"state":"disabled","verified_email":true,"orders_count":0,"total_spent":"0.00","email_marketing_consent":null,"sms_marketing_consent":null}""")
            .With("created_at", now).With("updated_at", now),
        "products" => new JsonObject { ["created_at"] = now, ["updated_at"] = now, ["images"] = new JsonArray(), ["image"] = null },
        "customer_addresses" => [],
        _ => new JsonObject { ["created_at"] = now, ["updated_at"] = now },
    };

    public static JsonObject Customer(ShopifyFake fake, int at)
    {
        var customer = Blank("customers", fake.DaysAgo(at < 4 ? 40 : 50)).With("id", at);
        customer.Merge(new JsonObject
        {
            ["email"] = $"person{at}@example.com", ["first_name"] = $"Person {at}", ["note"] = "12345", ["phone"] = at == 9 ? "+4915112345678" : null,
            ["email_marketing_consent"] = new JsonObject { ["state"] = at % 5 == 0 ? "unsubscribed" : "subscribed", ["opt_in_level"] = "single_opt_in", ["consent_updated_at"] = fake.DaysAgo(300) },
            ["sms_marketing_consent"] = at == 9 ? Rows.Row("""{"state":"subscribed","opt_in_level":"single_opt_in","consent_updated_at":null,"consent_collected_from":"SHOPIFY"}""") : null,
        });
        return customer;
    }

    private static JsonObject Address(long id, long customer) =>
        Rows.Row("""{"first_name":"Ann","address1":"Weg 1","address2":null,"city":"Ulm","zip":"01067","country":"Germany","default":true}""").With("id", id).With("customer_id", customer);

    private static JsonObject ProductRow(ShopifyFake fake, long id)
    {
        var product = Blank("products", fake.DaysAgo(45)).With("id", id).With("title", $"Book {id}").With("handle", $"book-{id}").With("body_html", "<p>Ä</p>").With("vendor", "Demo").With("status", "active");
        product["options"] = new JsonArray(Rows.Row("""{"name":"Size","position":1,"values":["S","M"]}""").With("id", (id * 10) + 5).With("product_id", id));
        product["variants"] = new JsonArray(
            Rows.Row("""{"title":"S","price":"12.10","sku":"a","inventory_quantity":5}""").With("id", id * 10).With("product_id", id),
            Rows.Row("""{"title":"M","price":"13.00","sku":"b","inventory_quantity":7}""").With("id", (id * 10) + 1).With("product_id", id));
        return product;
    }
}
