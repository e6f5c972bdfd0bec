using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// Keap REST API v1 (https://developer.keap.com/docs/rest/): offset and limit up to 1,000, <c>count</c> on every listing, optional properties that have to be
/// asked for, rotating refresh tokens, and an opt-in that only a reason gives.
/// </summary>
public sealed class KeapFake : VendorFake
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss.fff'+0000'";
    private const string ApiKey = "keap-secret";

    private static readonly string[] Always =
        ["id", "given_name", "family_name", "email_addresses", "addresses", "company", "email_status", "email_opted_in", "tag_ids", "date_created", "last_updated", "ScoreValue"];

    private static readonly string[] Kinds = ["contacts", "companies", "opportunities", "orders", "subscriptions", "tasks", "appointments"];

    private readonly Dictionary<string, List<JsonObject>> _tables = [];
    private long _count = 9_007_199_254_800_000;

    public KeapFake()
        : this(1_250)
    {
    }

    public KeapFake(int contacts)
    {
        Tokens = new VendorTokens(Time, TimeSpan.FromDays(1), rotates: true);
        On("POST", "/token", Tokens.Answer);
        On("GET", "/crm/rest/v1/account/profile", _ => VendorAnswer.Ok(Table("account")[0].Copy()));
        On("GET", "/crm/rest/v1/opportunity/stage_pipeline", _ => VendorAnswer.Ok(Table("opportunity_stages").ToJsonArray()));
        foreach (var kind in Kinds)
        {
            On("GET", $"/crm/rest/v1/{kind}/model", _ => VendorAnswer.Ok(new JsonObject { ["custom_fields"] = Fields(kind).Select(row => row.Without("kind")).ToJsonArray(), ["optional_properties"] = new JsonArray() }));
            On("POST", $"/crm/rest/v1/{kind}/customFields", request => Made(AddField(kind, request.Json)));
        }

        On("GET", "/crm/rest/v1/contacts", request => List("contacts", request, Contacts(request)));
        On("GET", "/crm/rest/v1/contacts/{id}", request => Find("contacts", request) is { } row ? VendorAnswer.Ok(Shown(row, request)) : NotFound(request));
        On("POST", "/crm/rest/v1/contacts", request => AddContact(request.Json));
        On("GET", "/crm/rest/v1/tags/{id}/contacts", request => List("contacts", request, Table("contact_tags").Where(row => row.Text("tag_id") == request.Route["id"]).Select(row => row.Without("tag_id"))));
        On("GET", "/crm/rest/v1/contacts/{id}/tags", request => List("tags", request, TagsOf(request.Route["id"])));
        On("POST", "/crm/rest/v1/contacts/{id}/tags", Tag);
        foreach (var name in new[] { "tags", "companies", "opportunities", "notes", "tasks", "appointments", "products", "orders", "transactions", "subscriptions", "files", "campaigns", "emails", "users", "affiliates" })
            On("GET", $"/crm/rest/v1/{name}", request => List(name, request, Table(name).Where(row => Fits(row, request))));
        foreach (var name in new[] { "contacts", "tags", "companies", "opportunities", "notes", "tasks", "products" })
        {
            On("GET", $"/crm/rest/v1/{name}/{{id}}", request => Find(name, request) is { } row ? VendorAnswer.Ok(row.Copy()) : NotFound(request));
            On("POST", $"/crm/rest/v1/{name}", request => Dangles(request.Json) ? Problem("A related record does not exist.") : Made(Add(name, request.Json)));
            if (name == "tags") continue;
            On("PATCH", $"/crm/rest/v1/{name}/{{id}}", request => Change(name, request));
            On("DELETE", $"/crm/rest/v1/{name}/{{id}}", request =>
            {
                Drop(name, request.Route["id"]);
                return VendorAnswer.Empty();
            });
        }

        Seed(contacts);
    }

    public override string Platform => "keap";

    public override IReadOnlyList<string> Hosts => ["api.infusionsoft.com"];

    public override VendorTokens Tokens { get; }

    public override object Config => new { credentials = new { auth_type = "api_key", api_key = ApiKey } };

    public override object BadConfig => new { credentials = new { auth_type = "api_key", api_key = "wrong-secret" } };

    public override object OAuthConfig => new
    {
        credentials = new { auth_type = "oauth", client_id = VendorTokens.ClientId, client_secret = VendorTokens.ClientSecret, refresh_token = Tokens.RefreshToken },
    };

    public List<JsonObject> Table(string name) => _tables.TryGetValue(name, out var rows) ? rows : _tables[name] = [];

    public override IEnumerable<JsonObject> Truth(string stream) =>
        _tables.TryGetValue(stream, out var rows) ? rows : throw new ArgumentOutOfRangeException(nameof(stream), stream, "The fake has no such stream.");

    public override VendorAnswer TooManyRequests(TimeSpan wait) => new VendorAnswer(429, """{"fault":{"faultstring":"Rate limit quota violation."}}""")
        .With("x-keap-product-throttle-available", "0");

    public override void Browse()
    {
        foreach (var file in Table("files")) file["download_url"] = $"https://files.example.com/{++_count}";
        foreach (var campaign in Table("campaigns")) campaign["active_contact_count"] = ++_count;
        foreach (var contact in Table("contacts").Take(20)) contact["ScoreValue"] = $"{++_count}";
    }

    public void Touch(JsonObject contact) => contact["last_updated"] = Now(Format);

    /// <summary>The person uses the link in a mail.</summary>
    public void OptOut(JsonObject contact)
    {
        contact["email_status"] = "OptOut";
        contact["email_opted_in"] = false;
        Touch(contact);
    }

    public void Drop(string name, string id)
    {
        Table(name).RemoveAll(row => row.Text("id") == id);
        if (name == "tags") Table("contact_tags").RemoveAll(row => row.Text("tag_id") == id);
        if (name == "companies") foreach (var contact in Table("contacts").Where(row => Inner(row, "company") == id)) contact["company"] = null;
        if (name != "contacts") return;
        Table("contact_tags").RemoveAll(row => Inner(row, "contact") == id);
        foreach (var part in new[] { "opportunities", "notes", "tasks" }) Table(part).RemoveAll(row => Inner(row, "contact") == id || row.Text("contact_id") == id);
    }

    protected override VendorAnswer? Refuse(VendorRequest request) => request.Path == "/token" || request.Header("X-Keap-API-Key") == ApiKey || Tokens.IsGood(request.Bearer)
        ? null
        : new VendorAnswer(401, """{"fault":{"faultstring":"Invalid Access Token","detail":{"errorcode":"keymanagement.service.invalid_access_token"}}}""");

    protected override VendorAnswer NotFound(VendorRequest request) => VendorAnswer.Of(404, new JsonObject { ["message"] = "Not found" });

    private static VendorAnswer Problem(string message) => VendorAnswer.Of(400, new JsonObject { ["message"] = message });

    private static VendorAnswer Made(JsonObject row) => VendorAnswer.Of(201, row.Copy());

    private static VendorAnswer List(string key, VendorRequest request, IEnumerable<JsonObject> rows)
    {
        var limit = request.Number("limit", 1000);
        if (limit > 1000) return Problem("limit must be less than or equal to 1000");
        var all = rows.ToList();
        return VendorAnswer.Ok(new JsonObject { [key] = all.Page(request.Number("offset", 0), limit).ToJsonArray(), ["count"] = all.Count, ["next"] = "", ["previous"] = "" });
    }

    private IEnumerable<JsonObject> Contacts(VendorRequest request)
    {
        var since = request["since"] is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        return Table("contacts")
            .Where(row => DateTimeOffset.ParseExact(row.Text("last_updated"), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) >= since)
            .Where(row => request["email"] is not { } email || row["email_addresses"]!.AsArray().Any(address => address!.AsObject().Text("email") == email))
            .Select(row => Shown(row, request));
    }

    private static JsonObject Shown(JsonObject row, VendorRequest request) =>
        row.Only([.. Always, .. (request["optional_properties"] ?? "").Split(',').Select(name => name.Trim())]);

    private JsonObject? Find(string name, VendorRequest request) => Table(name).Find("id", request.Route["id"]);

    private static bool Fits(JsonObject row, VendorRequest request) => request.QueryNames.All(name => name switch
    {
        "name" or "company_name" or "contact_id" => row.Text(name) == request[name] || Inner(row, "contact") == request[name],
        "search_term" => row.Text("opportunity_title").Contains(request[name]!, StringComparison.OrdinalIgnoreCase),
        _ => true,
    });

    private JsonObject Add(string name, JsonObject body)
    {
        var row = body.With("id", ++_count).With("date_created", Now(Format)).With("last_updated", Now(Format));
        Table(name).Add(row);
        return row;
    }

    /// <summary>An address is marketable when somebody gives a reason for it, and not when the address has opted out.</summary>
    private VendorAnswer AddContact(JsonObject body)
    {
        if (Dangles(body)) return Problem("A related record does not exist.");
        var reason = body.Text("opt_in_reason") != "";
        var row = Add("contacts", body.With("email_opted_in", reason).With("email_status", reason ? "SingleOptIn" : "NonMarketable").With("tag_ids", new JsonArray()));
        return Made(row);
    }

    private VendorAnswer Change(string name, VendorRequest request)
    {
        if (Find(name, request) is not { } row) return NotFound(request);
        if (Dangles(request.Json)) return Problem("A related record does not exist.");
        if (request.Json.ContainsKey("email_opted_in") || request.Json.ContainsKey("email_status")) return Problem("email_status is read only");
        row.Merge(request.Json);
        row["last_updated"] = Now(Format);
        return VendorAnswer.Ok(row.Copy());
    }

    private VendorAnswer Tag(VendorRequest request)
    {
        if (Find("contacts", request) is not { } contact) return NotFound(request);
        foreach (var id in request.Json["tagIds"]!.AsArray().Select(id => VendorAnswer.Text(id!)))
        {
            if (Table("tags").Find("id", id) is null) return Problem("The tag does not exist.");
            AddTag(id, contact);
        }

        return VendorAnswer.Ok(new JsonObject());
    }

    private void AddTag(string tag, JsonObject contact) => Table("contact_tags").Add(new JsonObject
    {
        ["contact"] = contact.Only("id", "given_name", "family_name"), ["date_applied"] = Now(Format), ["tag_id"] = Table("tags").Find("id", tag)!["id"]!.DeepClone(),
    });

    private IEnumerable<JsonObject> TagsOf(string contact) => Table("contact_tags").Where(row => Inner(row, "contact") == contact)
        .Select(row => new JsonObject { ["tag"] = Table("tags").Find("id", row.Text("tag_id"))!.Only("id", "name"), ["date_applied"] = row.Text("date_applied") });

    private IEnumerable<JsonObject> Fields(string kind) => Table("custom_fields").Where(row => row.Text("kind") == kind);

    private JsonObject AddField(string kind, JsonObject body)
    {
        var row = body.With("id", ++_count).With("field_name", "_" + body.Text("label")).With("record_type", kind).With("options", new JsonArray()).With("kind", kind);
        Table("custom_fields").Add(row);
        return row.Without("kind");
    }

    private bool Dangles(JsonObject body) =>
        new[] { ("contact", "contacts"), ("company", "companies") }.Any(reference => Inner(body, reference.Item1) is { } id && Table(reference.Item2).Find("id", id) is null)
        || (body.ContainsKey("contact_id") && Table("contacts").Find("id", body.Text("contact_id")) is null)
        || (body["custom_fields"] is JsonArray fields && fields.Any(field => Table("custom_fields").Find("id", field!.AsObject().Text("id")) is null));

    private static string? Inner(JsonObject row, string name) => (row[name] as JsonObject)?.Text("id");

    private void Add(string name, string json) => Table(name).Add(Rows.Row(json));

    private void Seed(int contacts)
    {
        Add("account", """{"name":"Müller & Söhne","email":"owner@example.com","time_zone":"Europe/Berlin","currency_code":"EUR","address":{"locality":"Köln"}}""");
        Add("custom_fields", """{"id":7,"label":"Points","field_name":"_Points","field_type":"Number","record_type":"contacts","options":[],"default_value":null,"kind":"contacts"}""");
        Add("custom_fields", """{"id":7,"label":"Branch","field_name":"_Branch","field_type":"Text","record_type":"companies","options":[],"default_value":null,"kind":"companies"}""");
        Add("companies", """{"id":11,"company_name":"Müller & Söhne","website":"https://example.com","email_address":"info@example.com","custom_fields":[{"id":7,"content":"Print"}]}""");
        Add("companies", """{"id":12,"company_name":"Kiel AG","website":null,"email_address":null,"custom_fields":[]}""");
        Add("tags", """{"id":101,"name":"VIP","description":"Very müch","category":{"id":3,"name":"Sales","description":null}}""");
        Add("tags", """{"id":102,"name":"Fair","description":null,"category":null}""");
        for (var number = 0; number < contacts; number++)
        {
            var (status, opted) = (number % 7) switch { 3 => ("OptOut", "false"), 5 => ("HardBounce", "false"), 6 => ("NonMarketable", "false"), _ => ("SingleOptIn", "true") };
            Add("contacts", $$"""{"id":{{9_007_199_254_740_993 + number}},"given_name":"Pérson","family_name":"{{number}}","email_addresses":[{"email":"person{{number}}@example.com","field":"EMAIL1"}],"addresses":[{"field":"BILLING","locality":"Köln","country_code":"DEU"}],"company":{{(number % 10 == 1 ? """{"id":11,"company_name":"Müller & Söhne"}""" : "null")}},"email_status":"{{status}}","email_opted_in":{{opted}},"tag_ids":[],"date_created":"2025-01-01T00:00:00.000+0000","last_updated":"{{Ago(TimeSpan.FromDays(3) + TimeSpan.FromMinutes(number * 7), Format)}}","ScoreValue":null,"custom_fields":[{"id":7,"content":{{number}}.50}],"opt_in_reason":"Signed up","owner_id":1,"phone_numbers":[{"field":"PHONE1","number":"+49 221 {{number}}"}],"website":null}""");
        }

        var people = Table("contacts");
        AddTag("101", people[1]);
        AddTag("101", people[5]);
        AddTag("102", people[1]);
        Add("opportunity_stages", """{"stage_id":1,"stage_name":"New","stage_order":1,"target_num_days":3}""");
        Add("opportunities", $$"""{"id":21,"opportunity_title":"Catalogue","opportunity_notes":"","contact":{"id":{{people[1].Text("id")}},"given_name":"Pérson"},"stage":{"id":1,"name":"New"},"user":{"id":1},"projected_revenue_high":1200.50,"projected_revenue_low":900.10,"date_created":"2025-01-01T00:00:00.000+0000","last_updated":"2025-01-01T00:00:00.000+0000"}""");
        Add("notes", $$"""{"id":31,"contact_id":{{people[1].Text("id")}},"title":"Call","body":"Wants the catalogue","type":"Call","user_id":1,"date_created":"2025-01-01T00:00:00.000+0000","last_updated":"2025-01-01T00:00:00.000+0000"}""");
        Add("notes", $$"""{"id":32,"contact_id":{{people[2].Text("id")}},"title":"Other","body":"Moves to Kiel","type":"Other","user_id":1,"date_created":"2025-01-01T00:00:00.000+0000","last_updated":"2025-01-01T00:00:00.000+0000"}""");
        Add("tasks", $$"""{"id":41,"title":"Call back","description":"","contact":{"id":{{people[1].Text("id")}},"first_name":"Pérson"},"due_date":"2026-04-01T00:00:00.000+0000","completed":false,"priority":2,"user_id":1}""");
        Add("appointments", $$"""{"id":51,"title":"Fair","contact_id":{{people[2].Text("id")}},"start_date":"2026-04-01T08:00:00.000+0000","end_date":"2026-04-01T09:00:00.000+0000","user":1}""");
        Add("products", """{"id":61,"product_name":"Mug","product_price":6.05,"product_desc":"Blue","sku":"M1","status":1,"active":true}""");
        Add("orders", $$"""{"id":71,"title":"Order 71","contact":{"id":{{people[1].Text("id")}}},"total":12.10,"status":"PAID","order_date":"2026-01-01T00:00:00.000+0000","order_items":[{"id":1,"product":{"id":61},"quantity":2,"price":6.05}]}""");
        Add("transactions", $$"""{"id":81,"contact_id":{{people[1].Text("id")}},"amount":12.10,"currency":"EUR","gateway":"Test","transaction_date":"2026-01-01T00:00:00.000+0000"}""");
        Add("subscriptions", $$"""{"id":91,"contact_id":{{people[1].Text("id")}},"product_id":61,"billing_amount":6.05,"active":true,"start_date":"2026-01-01","next_bill_date":"2026-04-01"}""");
        Add("files", $$"""{"id":95,"file_name":"offer.pdf","file_size":1204,"contact_id":{{people[1].Text("id")}},"category":"Documents","public":false,"download_url":"https://files.example.com/1","date_created":"2026-01-01T00:00:00.000+0000"}""");
        Add("campaigns", """{"id":96,"name":"Welcome","published_status":true,"active_contact_count":3,"date_created":"2025-01-01T00:00:00.000+0000"}""");
        Add("emails", $$"""{"id":97,"contact_id":{{people[1].Text("id")}},"subject":"Grüße","sent_date":"2026-01-01T00:00:00.000+0000","sent_to_address":"person1@example.com","opened_date":null}""");
        Add("users", """{"id":1,"given_name":"Ann","family_name":"Müller","email_address":"ann@example.com","status":"Active"}""");
        Add("affiliates", $$"""{"id":98,"code":"ANN","name":"Ann","contact_id":{{people[2].Text("id")}},"status":"active"}""");
    }
}
