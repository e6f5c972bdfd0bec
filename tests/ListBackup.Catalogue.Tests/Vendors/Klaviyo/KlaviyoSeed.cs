using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>A small account: more than two pages of profiles, lists whose pages are short, and one resource of each other kind.</summary>
public static class KlaviyoSeed
{
    private const string Subscribed =
        """{"email":{"marketing":{"can_receive_email_marketing":true,"consent":"SUBSCRIBED","consent_timestamp":"2024-01-01T00:00:00+00:00","method":"FORM","suppression":[],"list_suppressions":[]}},"sms":{"marketing":{"consent":"NEVER_SUBSCRIBED"}}}""";

    private const string Never =
        """{"email":{"marketing":{"can_receive_email_marketing":true,"consent":"NEVER_SUBSCRIBED","consent_timestamp":null,"method":null,"suppression":[],"list_suppressions":[]}},"sms":{"marketing":{"consent":"NEVER_SUBSCRIBED"}}}""";

    public static Dictionary<string, List<JsonObject>> Tables(KlaviyoFake fake)
    {
        var tables = KlaviyoKind.All.ToDictionary(kind => kind.Stream, _ => new List<JsonObject>());
        for (var at = 1; at <= 230; at++) tables["profiles"].Add(Resource("profile", $"P{at:D3}", Profile(fake, at)));
        for (var at = 1; at <= 25; at++) tables["lists"].Add(WithTags(Resource("list", $"L{at}", Named(fake, $"List {at}").With("opt_in_process", "double_opt_in"))));
        for (var at = 1; at <= 120; at++) tables["list_members"].Add(Member("list_id", "L1", $"P{at:D3}", fake.DaysAgo(50)));
        tables["list_members"].Add(Member("list_id", "L2", "P005", fake.DaysAgo(50)));
        tables["list_members"].Add(Member("list_id", "L2", "P006", fake.DaysAgo(50)));
        tables["segments"].Add(WithTags(Resource("segment", "S1", Named(fake, "Buyers").With("definition", Rows.Row("""{"condition_groups":[]}""")).With("is_starred", false).With("is_active", true).With("is_processing", false))));
        tables["segment_members"].Add(Member("segment_id", "S1", "P001", fake.DaysAgo(50)));
        for (var at = 1; at <= 30; at++)
            tables["events"].Add(Linked(Resource("event", $"E{at:D3}", new JsonObject { ["datetime"] = fake.DaysAgo(100 - at), ["event_properties"] = Rows.Row("""{"value":12.10}""") }), "profile", "profile", "P001"));
        foreach (var (id, channel, archived) in (ReadOnlySpan<(string, string, bool)>)[("C1", "email", false), ("C2", "sms", false), ("C3", "email", true), ("C4", "mobile_push", false)])
            tables["campaigns"].Add(Resource("campaign", id, new JsonObject { ["name"] = id, ["channel"] = channel, ["archived"] = archived }));
        tables["campaign_messages"].Add(Resource("campaign-message", "M1", Rows.Row("""{"definition":{"channel":"email","label":"First"}}""")).With("campaign", "C1"));
        tables["flows"].Add(Resource("flow", "F1", Rows.Row("""{"name":"Welcome","archived":false}""")));
        tables["flows"].Add(Resource("flow", "F2", Rows.Row("""{"name":"Old","archived":true}""")));
        for (var at = 1; at <= 12; at++) tables["templates"].Add(Resource("template", $"T{at}", Named(fake, $"Template {at}").With("editor_type", "CODE").With("html", $"<p>{at}</p>").With("text", null)));
        tables["form_versions"].Add(Resource("form-version", "FV1", Rows.Row("""{"form_type":"popup"}""")).With("form", "W1"));
        tables["coupons"].Add(Resource("coupon", "10OFF", Rows.Row("""{"external_id":"10OFF","description":"Ten off","monitor_configuration":null}""")));
        tables["coupon_codes"].Add(Linked(Resource("coupon-code", "10OFF-A1", Rows.Row("""{"unique_code":"A1","status":"UNASSIGNED"}""")), "coupon", "coupon", "10OFF"));
        tables["catalog_variants"].Add(Linked(Resource("catalog-variant", "V1", Rows.Row("""{"title":"Blue"}""")), "item", "catalog-item", "I1"));
        tables["catalog_categories"].Add(Resource("catalog-category", IdOf("catalog_categories", "books"), Rows.Row("""{"external_id":"books","name":"Books","updated":"2024-01-01T00:00:00+00:00"}""")));
        tables["push_tokens"].Add(Linked(Resource("push-token", "PT1", Rows.Row("""{"token":"t","enablement_status":"AUTHORIZED","platform":"ios"}""")), "profile", "profile", "P001"));
        tables["tag_groups"].Add(Resource("tag-group", "G1", Rows.Row("""{"name":"Default","exclusive":false,"default":true}""")));
        tables["tag_groups"].Add(Resource("tag-group", "G2", Rows.Row("""{"name":"Season","exclusive":true,"default":false}""")));
        tables["tags"].Add(Linked(Resource("tag", "TG1", Rows.Row("""{"name":"Winter"}""")), "tag-group", "tag-group", "G2"));
        foreach (var (stream, id, json) in (ReadOnlySpan<(string, string, string)>)
        [
            ("accounts", "A1", """{"contact_information":{"organization_name":"Shop"}}"""), ("metrics", "ME1", """{"name":"Opened Email"}"""), ("custom_metrics", "CM1", """{"name":"Revenue"}"""),
            ("universal_content", "U1", """{"name":"Footer","screenshot_url":null}"""), ("images", "IM1", """{"name":"a.png","image_url":"https://cdn.example.com/a.png"}"""),
            ("forms", "W1", """{"name":"Popup","status":"live"}"""), ("catalog_items", "I1", """{"title":"Book","image_full_url":null}"""), ("reviews", "R1", """{"title":"Good","email":"a@example.com"}"""),
            ("web_feeds", "WF1", """{"name":"news"}"""), ("webhooks", "WH1", """{"name":"hook"}"""), ("tracking_settings", "abc123", """{"auto_add_parameters":true}"""),
        ])
            tables[stream].Add(Resource(KlaviyoKind.All.Single(kind => kind.Stream == stream).Type, id, Rows.Row(json)));

        return tables;
    }

    public static JsonObject Resource(string type, string id, JsonObject attributes) => new()
    {
        ["type"] = type, ["id"] = id, ["attributes"] = attributes.DeepClone(), ["links"] = new JsonObject { ["self"] = $"https://{KlaviyoFake.Host}/api/{type}s/{id}" },
    };

    /// <summary>A profile in a list or segment, as its members are shown with only the time at which they joined.</summary>
    public static JsonObject Member(string field, string group, string profile, string joined) =>
        Resource("profile", profile, new JsonObject { ["joined_group_at"] = joined }).With(field, group);

    public static string IdOf(string stream, string externalId) => stream == "catalog_categories" ? $"$custom:::$default:::{externalId}" : externalId;

    public static IReadOnlyList<string> Writable(string stream) => stream switch
    {
        "profiles" => ["email", "phone_number", "external_id", "first_name", "last_name", "organization", "locale", "title", "image", "location", "properties"],
        "lists" => ["name", "opt_in_process"],
        "segments" => ["name", "definition", "is_starred"],
        "templates" => ["name", "editor_type", "html", "text"],
        "coupons" => ["external_id", "description", "monitor_configuration"],
        "catalog_categories" => ["external_id", "name", "integration_type", "catalog_type"],
        "tag_groups" => ["name", "exclusive"],
        "tags" => ["name"],
        _ => [],
    };

    /// <summary>What Klaviyo sets itself. Nobody is subscribed by being created.</summary>
    public static JsonObject Blank(string stream, string now) => stream switch
    {
        "profiles" => Rows.Row("""{"email":null,"phone_number":null,"external_id":null,"first_name":null,"last_name":null,"organization":null,"locale":null,"title":null,"image":null,"location":{},"properties":{},"last_event_date":null}""")
            .With("created", now).With("updated", now).With("subscriptions", JsonNode.Parse(Never)),
        "lists" or "templates" => new JsonObject { ["created"] = now, ["updated"] = now },
        "segments" => new JsonObject { ["created"] = now, ["updated"] = now, ["is_active"] = true, ["is_processing"] = true },
        "tag_groups" => new JsonObject { ["default"] = false },
        "catalog_categories" => new JsonObject { ["updated"] = now },
        _ => [],
    };

    private static JsonObject Profile(KlaviyoFake fake, int at)
    {
        var profile = Blank("profiles", fake.DaysAgo(300));
        profile.Merge(new JsonObject
        {
            // Two profiles without an address; many share one time of change.
            ["email"] = at is 11 or 12 ? null : $"person{at}@example.com",
            ["phone_number"] = at == 11 ? "+15005550006" : null,
            ["external_id"] = at == 12 ? "crm-12" : null,
            ["first_name"] = $"Person {at}",
            ["location"] = Rows.Row("""{"city":"Ulm","zip":"01067"}"""),
            ["properties"] = Rows.Row("""{"points":18446744073709551615,"rate":12.10}"""),
            ["updated"] = fake.DaysAgo(at % 3 == 0 ? 60 : at > 3 ? 50 : 40),
            ["subscriptions"] = JsonNode.Parse(at % 2 == 0 ? Subscribed : Never),
        });
        return profile;
    }

    private static JsonObject Named(KlaviyoFake fake, string name) => new() { ["name"] = name, ["created"] = fake.DaysAgo(90), ["updated"] = fake.DaysAgo(80) };

    private static JsonObject Linked(JsonObject row, string relationship, string type, string id) => row.With(
        "relationships", new JsonObject { [relationship] = new JsonObject { ["data"] = new JsonObject { ["type"] = type, ["id"] = id }, ["links"] = new JsonObject { ["related"] = "x" } } });

    private static JsonObject WithTags(JsonObject row) =>
        row.With("relationships", new JsonObject { ["tags"] = new JsonObject { ["data"] = new JsonArray(), ["links"] = new JsonObject { ["related"] = "x" } } });
}
