using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// ActiveCampaign API v3 (https://developers.activecampaign.com/reference): everything is a text, pages of at most 100 without a word, five requests a
/// second, an address of its own for every account.
/// </summary>
public sealed class ActiveCampaignFake : VendorFake
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss'-06:00'";
    private const string Key = "activecampaign-secret";

    private static readonly string[] Collections =
    [
        "contacts", "lists", "contactLists", "tags", "contactTags", "fields", "fieldValues", "addresses", "accounts", "accountContacts", "accountCustomFieldMeta",
        "accountCustomFieldData", "dealGroups", "dealStages", "deals", "dealCustomFieldMeta", "dealCustomFieldData", "dealTasktypes", "dealTasks", "notes",
        "automations", "contactAutomations", "campaigns", "messages", "templates", "forms", "segments", "savedResponses", "scores", "users", "webhooks",
        "connections", "ecomCustomers", "ecomOrders", "ecomOrderProducts",
    ];

    /// <summary>Streams whose name is not the collection's.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["contact_lists"] = "contactLists", ["contact_tags"] = "contactTags", ["field_values"] = "fieldValues", ["account_contacts"] = "accountContacts",
        ["account_field_meta"] = "accountCustomFieldMeta", ["account_field_values"] = "accountCustomFieldData", ["pipelines"] = "dealGroups",
        ["deal_stages"] = "dealStages", ["deal_field_meta"] = "dealCustomFieldMeta", ["deal_field_values"] = "dealCustomFieldData",
        ["deal_task_types"] = "dealTasktypes", ["deal_tasks"] = "dealTasks", ["contact_automations"] = "contactAutomations", ["saved_responses"] = "savedResponses",
        ["shop_customers"] = "ecomCustomers", ["shop_orders"] = "ecomOrders", ["shop_order_products"] = "ecomOrderProducts",
    };

    private readonly Dictionary<string, List<JsonObject>> _tables = Collections.ToDictionary(name => name, _ => new List<JsonObject>(), StringComparer.Ordinal);
    private int _count = 70_000;

    public ActiveCampaignFake()
        : this(450)
    {
    }

    public ActiveCampaignFake(int contacts)
    {
        On("GET", "/api/3/contacts", request => List("contacts", request, Contacts(request)));
        On("POST", "/api/3/contactLists", Subscribe);
        On("GET", "/api/3/contacts/{id}/{part}", request =>
            VendorAnswer.Ok(new JsonObject { [request.Route["part"]] = Table(request.Route["part"]).Where(row => row.Text("contact") == request.Route["id"]).ToJsonArray() }));
        foreach (var name in Collections)
        {
            var single = name[..^1];
            On("GET", $"/api/3/{name}", request => List(name, request, Table(name).Where(row => Fits(row, request))));
            On("GET", $"/api/3/{name}/{{id}}", request => Table(name).Find("id", request.Route["id"]) is { } row ? VendorAnswer.Ok(new JsonObject { [single] = row.Copy() }) : NotFound(request));
            On("POST", $"/api/3/{name}", request => Create(name, single, request));
            On("PUT", $"/api/3/{name}/{{id}}", request => Update(name, single, request));
            On("DELETE", $"/api/3/{name}/{{id}}", request =>
            {
                Drop(name, request.Route["id"]);
                return VendorAnswer.Ok(new JsonObject());
            });
        }

        Seed(contacts);
    }

    public override string Platform => "activecampaign";

    public override IReadOnlyList<string> Hosts => ["mueller.api-us1.com"];

    public override object Config => new { url = "https://mueller.api-us1.com/api/3", api_key = Key };

    public override object BadConfig => new { url = "https://mueller.api-us1.com", api_key = "wrong-secret" };

    public List<JsonObject> Table(string name) => _tables[name];

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "contact_notes" => Notes("Subscriber"),
        "deal_notes" => Notes("Deal"),
        "account_notes" => Notes("CustomerAccount"),
        _ => _tables.TryGetValue(Renamed.GetValueOrDefault(stream, stream), out var rows) ? rows : throw new ArgumentOutOfRangeException(nameof(stream), stream, "The fake has no such stream."),
    };

    public override VendorAnswer TooManyRequests(TimeSpan wait) =>
        VendorAnswer.Of(429, new JsonObject { ["message"] = "Too many requests" }).With("Retry-After", ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));

    public override void Browse()
    {
        foreach (var contact in Table("contacts").Take(20)) contact["sentcnt"] = (++_count).ToString(CultureInfo.InvariantCulture);
        foreach (var campaign in Table("campaigns")) campaign["opens"] = (++_count).ToString(CultureInfo.InvariantCulture);
        foreach (var automation in Table("automations")) automation["entered"] = (++_count).ToString(CultureInfo.InvariantCulture);
    }

    public void Touch(JsonObject contact) => contact["udate"] = Stamp(Time.GetUtcNow());

    /// <summary>Deletes a record and what hangs on it.</summary>
    public void Drop(string name, string id)
    {
        Table(name).RemoveAll(row => row.Text("id") == id);
        var field = name switch { "contacts" => "contact", "tags" => "tag", "lists" => "list", "fields" => "field", "accounts" => "account", "dealGroups" => "group", "dealStages" => "stage", _ => null };
        if (field is null) return;
        foreach (var child in _tables.Where(table => table.Key != name))
        {
            foreach (var row in child.Value.Where(row => row.Text(field) == id).ToList()) Drop(child.Key, row.Text("id"));
        }

        if (name == "contacts") Table("notes").RemoveAll(row => row.Text("reltype") == "Subscriber" && row.Text("relid") == id);
    }

    /// <summary>The person uses the link in a mail.</summary>
    public void Unsubscribe(JsonObject subscription)
    {
        subscription["status"] = "2";
        subscription["udate"] = Stamp(Time.GetUtcNow());
    }

    protected override VendorAnswer? Refuse(VendorRequest request) =>
        request.Header("Api-Token") == Key ? null : VendorAnswer.Of(403, new JsonObject { ["message"] = "You are not authorized to access this resource." });

    protected override VendorAnswer NotFound(VendorRequest request) => VendorAnswer.Of(404, new JsonObject { ["message"] = "No Result found" });

    private static VendorAnswer List(string name, VendorRequest request, IEnumerable<JsonObject> rows)
    {
        var all = rows.ToList();
        return VendorAnswer.Ok(new JsonObject
        {
            [name] = all.Page(request.Number("offset", 0), Math.Min(request.Number("limit", 20), 100)).ToJsonArray(),
            ["meta"] = new JsonObject { ["total"] = all.Count.ToString(CultureInfo.InvariantCulture) },
        });
    }

    private IEnumerable<JsonObject> Contacts(VendorRequest request)
    {
        var after = request["filters[updated_after]"] is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        var start = request.Number("id_greater", 0);
        return Table("contacts")
            .Where(row => DateTimeOffset.Parse(row.Text("udate"), CultureInfo.InvariantCulture) > after)
            .Where(row => int.Parse(row.Text("id"), CultureInfo.InvariantCulture) > start)
            .Where(row => request.All("ids[]") is not { Count: > 0 } ids || ids.Contains(row.Text("id")))
            .Where(row => request["email"] is not { } email || row.Text("email") == email)
            .OrderBy(row => request["orders[id]"] is null ? 0 : int.Parse(row.Text("id"), CultureInfo.InvariantCulture));
    }

    private static bool Fits(JsonObject row, VendorRequest request) => request.QueryNames.All(name => name switch
    {
        "search" => (row.Text("tag") + row.Text("name")).Contains(request[name]!, StringComparison.OrdinalIgnoreCase),
        "filters[search]" => row.Text("title").Contains(request[name]!, StringComparison.OrdinalIgnoreCase),
        "filters[search_field]" => true,
        "filters[d_groupid]" => row.Text("group") == request[name],
        _ when name.StartsWith("filters[", StringComparison.Ordinal) => row.Text(name["filters[".Length..^1]) == request[name],
        _ => true,
    });

    private IEnumerable<JsonObject> Notes(string kind) => Table("notes").Where(row => row.Text("reltype") == kind);

    private VendorAnswer Create(string name, string single, VendorRequest request)
    {
        if (request.Json[single] is not JsonObject body) return VendorAnswer.Of(400, new JsonObject { ["message"] = $"There is no {single}." });
        if (name == "contacts" && Table("contacts").Find("email", body.Text("email")) is not null)
            return VendorAnswer.Of(422, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["title"] = "Email address already exists in the system", ["code"] = "duplicate" }) });
        if (Dangles(body)) return VendorAnswer.Of(422, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["title"] = "A related record does not exist", ["code"] = "related_missing" }) });
        var row = body.With("id", NewId()).With("cdate", Stamp(Time.GetUtcNow())).With("udate", Stamp(Time.GetUtcNow())).With("links", new JsonObject());
        Table(name).Add(row);
        return VendorAnswer.Of(201, new JsonObject { [single] = row.Copy() });
    }

    private VendorAnswer Update(string name, string single, VendorRequest request)
    {
        if (Table(name).Find("id", request.Route["id"]) is not { } row) return NotFound(request);
        row.Merge(request.Json[single]!.AsObject());
        if (name == "contacts") Touch(row);
        return VendorAnswer.Ok(new JsonObject { [single] = row.Copy() });
    }

    /// <summary>Adds a subscription or sets its state. Only 1 and 2 exist for the API, and 1 after 2 subscribes again who had unsubscribed.</summary>
    private VendorAnswer Subscribe(VendorRequest request)
    {
        var body = request.Json["contactList"]!.AsObject();
        if (body.Text("status") is not ("1" or "2")) return VendorAnswer.Of(400, new JsonObject { ["message"] = "The status is 1 or 2." });
        if (Table("contacts").Find("id", body.Text("contact")) is null || Table("lists").Find("id", body.Text("list")) is null) return NotFound(request);
        var row = Table("contactLists").FirstOrDefault(row => row.Text("contact") == body.Text("contact") && row.Text("list") == body.Text("list"));
        if (row is null) Table("contactLists").Add(row = Rows.Row("{}").With("id", NewId()).With("sdate", Stamp(Time.GetUtcNow())));
        row.Merge(body.With("udate", Stamp(Time.GetUtcNow())));
        return VendorAnswer.Ok(new JsonObject { ["contactList"] = row.Copy() });
    }

    private bool Dangles(JsonObject body) => new[] { ("contact", "contacts"), ("tag", "tags"), ("field", "fields"), ("account", "accounts"), ("group", "dealGroups"), ("stage", "dealStages") }
        .Any(reference => body.ContainsKey(reference.Item1) && !(reference.Item1 == "tag" && body.ContainsKey("tagType")) && Table(reference.Item2).Find("id", body.Text(reference.Item1)) is null);

    private string NewId() => (++_count).ToString(CultureInfo.InvariantCulture);

    private static string Stamp(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(-6)).ToString(Format, CultureInfo.InvariantCulture);

    private void Add(string name, string json) => Table(name).Add(Rows.Row(json));

    private void Seed(int contacts)
    {
        foreach (var (id, name) in new[] { (1, "Newsletter"), (2, "Customers") })
            Add("lists", $$"""{"id":"{{id}}","stringid":"{{name.ToLowerInvariant()}}","userid":"1","name":"{{name}}","cdate":"2025-01-01T00:00:00-06:00","sender_url":"https://example.com","sender_reminder":"You signed up","subscriber_count":"5","links":[]}""");
        Add("tags", """{"id":"1","tagType":"contact","tag":"vip","description":"Very müch","cdate":"2025-01-01T00:00:00-06:00","subscriber_count":"3"}""");
        Add("tags", """{"id":"2","tagType":"contact","tag":"fair","description":"","cdate":"2025-01-01T00:00:00-06:00","subscriber_count":"2"}""");
        Add("fields", """{"id":"1","title":"Birthday","descript":"","type":"date","isrequired":"0","perstag":"BIRTHDAY","visible":"1","cdate":"2025-01-01T00:00:00-06:00","options":[]}""");
        Add("fields", """{"id":"2","title":"Points","descript":null,"type":"text","isrequired":"0","perstag":"POINTS","visible":"1","cdate":"2025-01-01T00:00:00-06:00","options":[]}""");
        for (var number = 1; number <= contacts; number++)
        {
            var status = number % 9 == 0 ? "2" : number % 11 == 0 ? "0" : number % 13 == 0 ? "3" : "1";
            Add("contacts", $$"""{"id":"{{number}}","email":"person{{number}}@example.com","firstName":"Pérson","lastName":"{{number}}","phone":"","orgid":"0","sentcnt":"0","bounced_hard":"0","deleted":"0","ip":"203.0.113.9","cdate":"2025-01-01T00:00:00-06:00","udate":"{{Stamp(Time.GetUtcNow() - TimeSpan.FromDays(3) - TimeSpan.FromMinutes(number * 7))}}","links":{"notes":"https://mueller.api-us1.com/api/3/contacts/{{number}}/notes"} }""");
            Add("contactLists", $$"""{"id":"{{number}}","contact":"{{number}}","list":"1","sdate":"2025-01-01T00:00:00-06:00","udate":"2025-01-01T00:00:00-06:00","status":"{{status}}","unsubreason":"","sourceid":"0","first_name":"Pérson","ip4Sub":"3405803785"}""");
            Add("fieldValues", $$"""{"id":"{{number}}","contact":"{{number}}","field":"2","value":"{{number}}.50","cdate":"2025-01-01T00:00:00-06:00","udate":"2025-01-01T00:00:00-06:00"}""");
        }

        Add("contactTags", """{"id":"1","contact":"1","tag":"1","cdate":"2025-01-01T00:00:00-06:00"}""");
        Add("contactTags", """{"id":"2","contact":"5","tag":"1","cdate":"2025-01-01T00:00:00-06:00"}""");
        Add("contactTags", """{"id":"3","contact":"1","tag":"2","cdate":"2025-01-01T00:00:00-06:00"}""");
        Add("addresses", """{"id":"1","companyName":"Müller & Söhne","address1":"Domplatz 1","city":"Köln","zip":"50667","country":"DE"}""");
        Add("accounts", """{"id":"1","name":"Müller & Söhne","accountUrl":"https://example.com","createdTimestamp":"2025-01-01T00:00:00-06:00","updatedTimestamp":"2025-01-01T00:00:00-06:00","contactCount":"1","links":[]}""");
        Add("accounts", """{"id":"2","name":"Kiel AG","accountUrl":null,"createdTimestamp":"2025-01-01T00:00:00-06:00","updatedTimestamp":"2025-01-01T00:00:00-06:00","contactCount":"1","links":[]}""");
        Add("accountContacts", """{"id":"1","account":"1","contact":"5","jobTitle":"Buyer","createdTimestamp":"2025-01-01T00:00:00-06:00"}""");
        Add("accountCustomFieldMeta", """{"id":"1","fieldLabel":"Revenue","fieldType":"currency"}""");
        Add("accountCustomFieldData", """{"id":"1","accountId":1,"customFieldId":1,"fieldValue":9007199254740993}""");
        Add("dealGroups", """{"id":"1","title":"Sales","currency":"eur","stages":["1","2"],"cdate":"2025-01-01T00:00:00-06:00"}""");
        Add("dealStages", """{"id":"1","title":"To contact","group":"1","order":"1","cdate":"2025-01-01T00:00:00-06:00"}""");
        Add("dealStages", """{"id":"2","title":"Won","group":"1","order":"2","cdate":"2025-01-01T00:00:00-06:00"}""");
        Add("deals", """{"id":"1","hash":"h1","title":"Catalogue","description":"","contact":"5","account":"1","value":"120050","currency":"eur","group":"1","stage":"1","owner":"1","percent":"10","status":"0","cdate":"2025-01-01T00:00:00-06:00","mdate":"2025-01-01T00:00:00-06:00"}""");
        Add("deals", """{"id":"2","hash":"h2","title":"Fair","description":"","contact":"6","account":null,"value":"9007199254740993","currency":"eur","group":"1","stage":"2","owner":"1","percent":null,"status":"1","cdate":"2025-01-01T00:00:00-06:00","mdate":"2025-01-01T00:00:00-06:00"}""");
        Add("dealCustomFieldMeta", """{"id":"1","fieldLabel":"Source","fieldType":"text"}""");
        Add("dealCustomFieldData", """{"id":"1","dealId":1,"customFieldId":1,"fieldValue":"Fair"}""");
        Add("dealTasktypes", """{"id":"1","title":"Call","status":"1"}""");
        Add("dealTasks", """{"id":"1","title":"Call back","note":"","relid":"5","reltype":"Subscriber","duedate":"2026-04-01T00:00:00-06:00","status":0,"dealTasktype":"1","assignee":"1"}""");
        Add("notes", """{"id":"1","relid":"5","reltype":"Subscriber","note":"Wants the catalogue","userid":"1","cdate":"2025-01-01T00:00:00-06:00","mdate":"2025-01-01T00:00:00-06:00"}""");
        Add("notes", """{"id":"2","relid":"1","reltype":"Deal","note":"10 % off","userid":"1","cdate":"2025-01-01T00:00:00-06:00","mdate":"2025-01-01T00:00:00-06:00"}""");
        Add("notes", """{"id":"3","relid":"1","reltype":"CustomerAccount","note":"Pays late","userid":"1","cdate":"2025-01-01T00:00:00-06:00","mdate":"2025-01-01T00:00:00-06:00"}""");
        Add("automations", """{"id":"1","name":"Welcome","status":"1","cdate":"2025-01-01T00:00:00-06:00","entered":"7","exited":"5"}""");
        Add("contactAutomations", """{"id":"1","contact":"5","automation":"1","status":"1","adddate":"2025-01-01T00:00:00-06:00"}""");
        Add("campaigns", """{"id":"1","name":"Issue 1","type":"single","status":"5","cdate":"2025-01-01T00:00:00-06:00","sdate":"2025-01-02T00:00:00-06:00","opens":"5"}""");
        Add("messages", """{"id":"1","subject":"Grüße","fromname":"Ann","fromemail":"ann@example.com","html":"<p>Grüße</p>","text":"Grüße"}""");
        Add("templates", """{"id":"1","name":"House","subject":"","content":"<p></p>"}""");
        Add("forms", """{"id":"1","name":"Sign up","action":"subscribe","title":"Hello"}""");
        Add("segments", """{"id":"1","name":"Köln","logic":"and","seriesid":"0"}""");
        Add("savedResponses", """{"id":"1","title":"Thanks","subject":"Thanks","body":"<p>Thanks</p>"}""");
        Add("scores", """{"id":"1","name":"Engaged","reltype":"contact","status":"1"}""");
        Add("users", """{"id":"1","username":"admin","firstName":"Ann","lastName":"Müller","email":"ann@example.com","phone":""}""");
        Add("webhooks", """{"id":"1","name":"Hook","url":"https://example.com/hook?key=1","events":["subscribe"],"sources":["public"],"state":"1"}""");
        Add("connections", """{"id":"1","service":"shopify","externalid":"shop1","name":"Shop","status":"1"}""");
        Add("ecomCustomers", """{"id":"1","connectionid":"1","externalid":"c1","email":"person5@example.com","acceptsMarketing":"0"}""");
        Add("ecomOrders", """{"id":"1","connectionid":"1","customerid":"1","externalid":"o1","orderNumber":"1001","email":"person5@example.com","totalPrice":"1210","currency":"EUR"}""");
        Add("ecomOrderProducts", """{"id":"1","orderid":"1","name":"Mug","price":"605","quantity":"2"}""");
    }
}
