namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>How a list goes on.</summary>
public enum HighLevelPaging
{
    Whole,
    Offset,
    Skip,
    Page,
}

/// <summary>One list of the API that is read with GET.</summary>
/// <param name="Stream">The stream of our manifest that reads it.</param>
/// <param name="Rows">The name around the records; null: the answer is the list.</param>
/// <param name="By">The parameter that names the parent, and the field that holds it.</param>
/// <param name="Total">Where the number of all records stands.</param>
/// <param name="UsesAlt">The sub-account is named by altId and altType.</param>
public sealed record HighLevelKind(
    string Stream, string Path, string? Rows, HighLevelPaging Paging = HighLevelPaging.Whole, (string Parameter, string Field)? By = null, string? Total = null, bool UsesAlt = false, string Version = "2021-07-28")
{
    public static readonly IReadOnlyList<HighLevelKind> All =
    [
        new("users", "users", "users"),
        new("tags", "locations/{location}/tags", "tags"),
        new("custom_fields", "locations/{location}/customFields", "customFields"),
        new("custom_values", "locations/{location}/customValues", "customValues"),
        new("businesses", "businesses", "businesses"),
        new("pipelines", "opportunities/pipelines", "pipelines"),
        new("calendars", "calendars", "calendars", Version: "2021-04-15"),
        new("calendar_groups", "calendars/groups", "groups", Version: "2021-04-15"),
        new("appointments", "calendars/events", "events", By: ("calendarId", "calendarId"), Version: "2021-04-15"),
        new("blocked_slots", "calendars/blocked-slots", "events", By: ("calendarId", "calendarId"), Version: "2021-04-15"),
        new("forms", "forms", "forms", HighLevelPaging.Skip, Total: "total"),
        new("form_submissions", "forms/submissions", "submissions", HighLevelPaging.Page, Total: "meta"),
        new("surveys", "surveys", "surveys", HighLevelPaging.Skip, Total: "total"),
        new("survey_submissions", "surveys/submissions", "submissions", HighLevelPaging.Page, Total: "meta"),
        new("workflows", "workflows", "workflows"),
        new("campaigns", "campaigns", "campaigns"),
        new("email_templates", "emails/builder", "builders", HighLevelPaging.Offset),
        new("trigger_links", "links", "links"),
        new("funnels", "funnels/funnel/list", "funnels", HighLevelPaging.Offset),
        new("funnel_pages", "funnels/page", null, HighLevelPaging.Offset, ("funnelId", "funnelId")),
        new("blogs", "blogs/site/all", "data", HighLevelPaging.Skip),
        new("blog_posts", "blogs/posts/all", "blogs", HighLevelPaging.Offset, ("blogId", "blogId")),
        new("media", "medias/files", "files", HighLevelPaging.Offset, UsesAlt: true),
        new("products", "products", "products", HighLevelPaging.Offset),
        new("collections", "products/collections", "data", HighLevelPaging.Offset, UsesAlt: true),
        new("coupons", "payments/coupon/list", "data", HighLevelPaging.Offset, UsesAlt: true),
        new("orders", "payments/orders", "data", HighLevelPaging.Offset, Total: "totalCount", UsesAlt: true),
        new("transactions", "payments/transactions", "data", HighLevelPaging.Offset, Total: "totalCount", UsesAlt: true),
        new("subscriptions", "payments/subscriptions", "data", HighLevelPaging.Offset, Total: "totalCount", UsesAlt: true),
        new("invoices", "invoices", "invoices", HighLevelPaging.Offset, Total: "total", UsesAlt: true),
        new("invoice_schedules", "invoices/schedule", "schedules", HighLevelPaging.Offset, Total: "total", UsesAlt: true),
        new("invoice_templates", "invoices/template", "data", HighLevelPaging.Offset, UsesAlt: true),
        new("estimates", "invoices/estimate/list", "estimates", HighLevelPaging.Offset, Total: "total", UsesAlt: true),
        new("objects", "objects", "objects"),
        new("associations", "associations", "associations", HighLevelPaging.Skip),
    ];
}
