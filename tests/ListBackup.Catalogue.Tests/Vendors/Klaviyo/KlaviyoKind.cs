namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>One kind of resource of the API.</summary>
/// <param name="Stream">The stream of our manifest that reads it.</param>
/// <param name="Path">Of its list, below /api. A child's has <c>{parent}</c> in it.</param>
/// <param name="PageMax">Most resources of a page; null: the list takes no <c>page[size]</c>.</param>
/// <param name="Filter">What the list must or may be filtered by.</param>
/// <param name="Include">The relationship that can be included.</param>
/// <param name="Parent">A child's field that holds the parent's id in the fake's tables, and that the API does not show.</param>
public sealed record KlaviyoKind(string Stream, string Type, string Path, int? PageMax = 100, string? Filter = null, string? Include = null, string? Parent = null)
{
    public static readonly IReadOnlyList<KlaviyoKind> All =
    [
        new("accounts", "account", "accounts", null),
        new("profiles", "profile", "profiles", Filter: "updated"),
        new("push_tokens", "push-token", "push-tokens", Include: "profile"),
        new("lists", "list", "lists", 10, "name", "tags"),
        new("list_members", "profile", "lists/{parent}/profiles", Parent: "list_id"),
        new("segments", "segment", "segments", 10, "name", "tags"),
        new("segment_members", "profile", "segments/{parent}/profiles", Parent: "segment_id"),
        new("metrics", "metric", "metrics", null),
        new("custom_metrics", "custom-metric", "custom-metrics", null),
        new("events", "event", "events", 1000, "datetime"),
        new("campaigns", "campaign", "campaigns", 100, "channel"),
        new("campaign_messages", "campaign-message", "campaigns/{parent}/campaign-messages", null, Parent: "campaign"),
        new("flows", "flow", "flows", 50, "archived"),
        new("templates", "template", "templates", 10, "name"),
        new("universal_content", "template-universal-content", "template-universal-content"),
        new("images", "image", "images"),
        new("forms", "form", "forms"),
        new("form_versions", "form-version", "forms/{parent}/form-versions", Parent: "form"),
        new("coupons", "coupon", "coupons"),
        new("coupon_codes", "coupon-code", "coupon-codes", 100, "coupon.id"),
        new("catalog_items", "catalog-item", "catalog-items"),
        new("catalog_variants", "catalog-variant", "catalog-variants", Include: "item"),
        new("catalog_categories", "catalog-category", "catalog-categories"),
        new("reviews", "review", "reviews"),
        new("tag_groups", "tag-group", "tag-groups", null, "name"),
        new("tags", "tag", "tags", null, "name", "tag-group"),
        new("web_feeds", "web-feed", "web-feeds", null),
        new("webhooks", "webhook", "webhooks", null),
        new("tracking_settings", "tracking-setting", "tracking-settings", null),
    ];
}
