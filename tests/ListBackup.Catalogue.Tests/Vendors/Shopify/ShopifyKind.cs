namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>One resource of the REST API.</summary>
/// <param name="Stream">The stream of our manifest that reads it.</param>
/// <param name="Path">Of its list, without <c>.json</c>. A child's has <c>{parent}</c> in it.</param>
/// <param name="Single">The name around a single record.</param>
/// <param name="Parent">A child's field that names its parent.</param>
/// <param name="Filters">Parameters of the list besides limit and fields.</param>
/// <param name="IsPaged">False where the list has no pages and refuses a limit.</param>
/// <param name="Writable">Fields that a write may set; null: the API does not write it.</param>
public sealed record ShopifyKind(
    string Stream, string Path, string Single, string? Parent = null, IReadOnlyList<string>? Filters = null, bool IsPaged = true, IReadOnlyList<string>? Writable = null)
{
    private static readonly string[] Metafield = ["id", "namespace", "key", "type", "value"];

    public static readonly IReadOnlyList<ShopifyKind> All =
    [
        new("locations", "locations", "location", IsPaged: false),
        new("countries", "countries", "country", IsPaged: false),
        new("shipping_zones", "shipping_zones", "shipping_zone", IsPaged: false),
        new("policies", "policies", "policy", IsPaged: false),
        new("customers", "customers", "customer", Filters: ["updated_at_min", "ids"], Writable:
        [
            "id", "first_name", "last_name", "email", "phone", "note", "tags", "tax_exempt", "tax_exemptions", "addresses", "send_email_welcome", "email_marketing_consent", "sms_marketing_consent",
        ]),
        new("customer_addresses", "customers/{parent}/addresses", "customer_address", "customer_id", Writable:
            ["customer_id", "first_name", "last_name", "company", "address1", "address2", "city", "province", "country", "zip", "phone", "province_code", "country_code", "country_name"]),
        new("customer_metafields", "customers/{parent}/metafields", "metafield", "owner_id", Writable: Metafield),
        new("orders", "orders", "order", Filters: ["updated_at_min", "status"]),
        new("order_transactions", "orders/{parent}/transactions", "transaction", "order_id"),
        new("order_metafields", "orders/{parent}/metafields", "metafield", "owner_id"),
        new("fulfillment_orders", "orders/{parent}/fulfillment_orders", "fulfillment_order", "order_id"),
        new("draft_orders", "draft_orders", "draft_order", Filters: ["status"]),
        new("abandoned_checkouts", "checkouts", "checkout"),
        new("products", "products", "product", Filters: ["updated_at_min", "handle", "ids"], Writable:
            ["title", "handle", "body_html", "vendor", "product_type", "status", "tags", "template_suffix", "published_scope", "options", "variants"]),
        new("deleted_products", "events", "event", Filters: ["created_at_min", "filter", "verb"]),
        new("product_metafields", "products/{parent}/metafields", "metafield", "owner_id", Writable: Metafield),
        new("inventory_levels", "inventory_levels", "inventory_level", Filters: ["location_ids"]),
        new("custom_collections", "custom_collections", "custom_collection", Filters: ["handle", "ids"], Writable: ["title", "handle", "body_html", "sort_order", "template_suffix", "published_scope"]),
        new("smart_collections", "smart_collections", "smart_collection", Filters: ["handle", "ids"], Writable:
            ["title", "handle", "body_html", "sort_order", "template_suffix", "published_scope", "rules", "disjunctive"]),
        new("collects", "collects", "collect", Filters: ["collection_id", "product_id"], Writable: ["collection_id", "product_id"]),
        new("collection_metafields", "collections/{parent}/metafields", "metafield", "owner_id"),
        new("price_rules", "price_rules", "price_rule", Writable:
            ["title", "value_type", "value", "target_type", "target_selection", "allocation_method", "customer_selection", "prerequisite_customer_ids", "entitled_product_ids", "entitled_collection_ids", "starts_at", "ends_at", "usage_limit", "once_per_customer"]),
        new("discount_codes", "price_rules/{parent}/discount_codes", "discount_code", "price_rule_id", Writable: ["code"]),
        new("gift_cards", "gift_cards", "gift_card"),
        new("pages", "pages", "page", Filters: ["handle"], Writable: ["title", "handle", "body_html", "author", "template_suffix"]),
        new("page_metafields", "pages/{parent}/metafields", "metafield", "owner_id"),
        new("blogs", "blogs", "blog", Filters: ["handle"], Writable: ["title", "handle", "commentable", "template_suffix", "feedburner", "feedburner_location"]),
        new("articles", "blogs/{parent}/articles", "article", "blog_id", Filters: ["handle"], Writable: ["blog_id", "title", "handle", "body_html", "summary_html", "author", "tags", "template_suffix"]),
        new("comments", "comments", "comment"),
        new("redirects", "redirects", "redirect", Filters: ["path"], Writable: ["path", "target"]),
        new("shop_metafields", "metafields", "metafield", Writable: Metafield),
        new("script_tags", "script_tags", "script_tag"),
        new("themes", "themes", "theme", IsPaged: false),
        new("theme_files", "themes/{parent}/assets", "asset", "theme_id", IsPaged: false),
        new("tender_transactions", "tender_transactions", "tender_transaction"),
        new("payouts", "shopify_payments/payouts", "payout"),
        new("payout_transactions", "shopify_payments/balance/transactions", "transaction"),
        new("disputes", "shopify_payments/disputes", "dispute"),
    ];
}
