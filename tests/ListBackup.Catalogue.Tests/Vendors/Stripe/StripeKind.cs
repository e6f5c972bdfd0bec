namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>One kind of object of the API.</summary>
/// <param name="Stream">The stream of our manifest that reads it.</param>
/// <param name="Path">Of its list, below /v1. A child's has <c>{parent}</c> in it.</param>
/// <param name="ParentField">A child's field that holds the parent's id.</param>
/// <param name="IsParentShown">False where the API leaves that field out, because the address says it.</param>
/// <param name="Filters">Parameters of the list besides paging.</param>
/// <param name="Expandable">Fields that are left out unless the request expands them.</param>
public sealed record StripeKind(
    string Stream, string Path, string? ParentField = null, bool IsParentShown = true, IReadOnlyList<string>? Filters = null, IReadOnlyList<string>? Expandable = null)
{
    public static readonly IReadOnlyList<StripeKind> All =
    [
        new("customers", "customers", Filters: ["email", "created[gte]"], Expandable: ["tax_ids", "sources"]),
        new("customer_tax_ids", "customers/{parent}/tax_ids", "customer"),
        new("customer_sources", "customers/{parent}/sources", "customer"),
        new("payment_methods", "customers/{parent}/payment_methods", "customer"),
        new("customer_balance_transactions", "customers/{parent}/balance_transactions", "customer"),
        new("products", "products", Filters: ["ids[]"]),
        new("prices", "prices", Filters: ["product"], Expandable: ["tiers", "currency_options"]),
        new("coupons", "coupons", Expandable: ["applies_to", "currency_options"]),
        new("promotion_codes", "promotion_codes", Filters: ["code"]),
        new("tax_rates", "tax_rates"),
        new("shipping_rates", "shipping_rates", Expandable: ["fixed_amount.currency_options"]),
        new("features", "entitlements/features"),
        new("meters", "billing/meters"),
        new("payment_links", "payment_links"),
        new("payment_link_items", "payment_links/{parent}/line_items", "payment_link", IsParentShown: false),
        new("subscriptions", "subscriptions", Filters: ["status"]),
        new("subscription_items", "subscription_items", "subscription", Filters: ["subscription"]),
        new("subscription_schedules", "subscription_schedules"),
        new("invoices", "invoices"),
        new("invoice_lines", "invoices/{parent}/lines", "invoice"),
        new("invoice_items", "invoiceitems"),
        new("invoice_payments", "invoice_payments"),
        new("invoice_templates", "invoice_rendering_templates"),
        new("credit_notes", "credit_notes"),
        new("credit_note_lines", "credit_notes/{parent}/lines", "credit_note", IsParentShown: false),
        new("quotes", "quotes"),
        new("quote_lines", "quotes/{parent}/line_items", "quote", IsParentShown: false),
        new("checkout_sessions", "checkout/sessions"),
        new("checkout_items", "checkout/sessions/{parent}/line_items", "checkout_session", IsParentShown: false),
        new("payment_intents", "payment_intents"),
        new("charges", "charges"),
        new("refunds", "refunds"),
        new("disputes", "disputes"),
        new("reviews", "reviews"),
        new("early_fraud_warnings", "radar/early_fraud_warnings"),
        new("setup_intents", "setup_intents"),
        new("setup_attempts", "setup_attempts", "setup_intent", Filters: ["setup_intent"]),
        new("payouts", "payouts"),
        new("topups", "topups"),
        new("transfers", "transfers"),
        new("transfer_reversals", "transfers/{parent}/reversals", "transfer"),
        new("application_fees", "application_fees"),
        new("balance_transactions", "balance_transactions", Filters: ["created[gte]"]),
        new("value_lists", "radar/value_lists"),
        new("value_list_items", "radar/value_list_items", "value_list", Filters: ["value_list"]),
        new("tax_registrations", "tax/registrations", Filters: ["status"]),
        new("portal_configurations", "billing_portal/configurations"),
        new("payment_method_configurations", "payment_method_configurations"),
        new("payment_method_domains", "payment_method_domains"),
        new("webhook_endpoints", "webhook_endpoints"),
        new("files", "files"),
        new("file_links", "file_links"),
        new("events", "events", Filters: ["created[gte]"]),
    ];
}
