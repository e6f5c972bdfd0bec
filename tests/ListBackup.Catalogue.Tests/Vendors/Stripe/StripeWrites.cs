using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>What Stripe lets be written of each kind, and what a new object looks like before anything is said about it.</summary>
public static class StripeWrites
{
    private static readonly string[] Customer = ["name", "email", "phone", "description", "address", "shipping", "preferred_locales", "tax_exempt", "invoice_settings", "metadata"];

    private static readonly string[] Product =
        ["name", "active", "description", "images", "marketing_features", "metadata", "package_dimensions", "shippable", "statement_descriptor", "tax_code", "unit_label", "url"];

    private static readonly string[] TaxRate = ["display_name", "active", "country", "state", "jurisdiction", "description", "metadata"];

    public static readonly IReadOnlyDictionary<string, string[]> Creatable = new Dictionary<string, string[]>
    {
        ["customers"] = Customer,
        ["customer_tax_ids"] = ["type", "value"],
        ["products"] = [.. Product, "id"],
        ["prices"] =
        [
            "currency", "product", "active", "nickname", "lookup_key", "billing_scheme", "tax_behavior", "unit_amount", "unit_amount_decimal", "recurring", "transform_quantity",
            "custom_unit_amount", "metadata",
        ],
        ["coupons"] = ["id", "name", "amount_off", "percent_off", "currency", "duration", "duration_in_months", "max_redemptions", "redeem_by", "applies_to", "metadata"],
        ["promotion_codes"] = ["promotion", "code", "active", "customer", "expires_at", "max_redemptions", "restrictions", "metadata"],
        ["tax_rates"] = [.. TaxRate, "percentage", "inclusive", "tax_type"],
        ["shipping_rates"] = ["display_name", "type", "fixed_amount", "delivery_estimate", "tax_behavior", "tax_code", "metadata"],
        ["webhook_endpoints"] = ["url", "enabled_events", "description", "api_version", "metadata"],
    };

    public static readonly IReadOnlyDictionary<string, string[]> Changeable = new Dictionary<string, string[]>
    {
        ["customers"] = Customer,
        ["products"] = Product,
        ["prices"] = ["active", "nickname", "lookup_key", "metadata"],
        ["coupons"] = ["name", "metadata"],
        ["promotion_codes"] = ["active", "metadata"],
        ["tax_rates"] = TaxRate,
        ["shipping_rates"] = ["active", "metadata"],
        ["webhook_endpoints"] = ["url", "enabled_events", "description", "disabled", "metadata"],
    };

    public static string Prefix(string stream) => stream switch
    {
        "customers" => "cus",
        "customer_tax_ids" => "txi",
        "prices" => "price",
        "promotion_codes" => "promo",
        "tax_rates" => "txr",
        "shipping_rates" => "shr",
        "webhook_endpoints" => "we",
        _ => "obj",
    };

    public static JsonObject Blank(string stream) => Rows.Row(stream switch
    {
        "customers" => """{"object":"customer","address":null,"balance":0,"currency":null,"default_source":null,"delinquent":false,"description":null,"email":null,"invoice_prefix":"NEW","invoice_settings":{"custom_fields":null,"default_payment_method":null,"footer":null,"rendering_options":null},"livemode":true,"metadata":{},"name":null,"next_invoice_sequence":1,"phone":null,"preferred_locales":[],"shipping":null,"tax_exempt":"none","tax_ids":{"data":[]},"sources":{"data":[]}}""",
        "customer_tax_ids" => """{"object":"tax_id","country":"DE","livemode":true,"verification":{"status":"pending"}}""",
        "products" => """{"object":"product","active":true,"default_price":null,"description":null,"images":[],"livemode":true,"marketing_features":[],"metadata":{},"package_dimensions":null,"shippable":null,"statement_descriptor":null,"tax_code":null,"type":"service","unit_label":null,"url":null}""",
        "prices" => """{"object":"price","active":true,"billing_scheme":"per_unit","livemode":true,"lookup_key":null,"metadata":{},"nickname":null,"recurring":null,"tax_behavior":"unspecified","tiers_mode":null,"transform_quantity":null,"type":"one_time","unit_amount":null,"unit_amount_decimal":null}""",
        "coupons" => """{"object":"coupon","amount_off":null,"currency":null,"duration_in_months":null,"livemode":true,"max_redemptions":null,"metadata":{},"name":null,"percent_off":null,"redeem_by":null,"times_redeemed":0,"valid":true,"applies_to":{"products":[]},"currency_options":{}}""",
        "promotion_codes" => """{"object":"promotion_code","active":true,"customer":null,"expires_at":null,"livemode":true,"max_redemptions":null,"metadata":{},"restrictions":{"first_time_transaction":false,"minimum_amount":null,"minimum_amount_currency":null},"times_redeemed":0}""",
        "tax_rates" => """{"object":"tax_rate","active":true,"country":null,"description":null,"jurisdiction":null,"livemode":true,"metadata":{},"state":null,"tax_type":null}""",
        "shipping_rates" => """{"object":"shipping_rate","active":true,"delivery_estimate":null,"livemode":true,"metadata":{},"tax_behavior":"unspecified","tax_code":null}""",
        "webhook_endpoints" => """{"object":"webhook_endpoint","api_version":null,"application":null,"description":null,"livemode":true,"metadata":{},"status":"enabled","secret":"whsec_1"}""",
        _ => "{}",
    });
}
