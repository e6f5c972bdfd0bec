using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests;

/// <summary>
/// Brevo, version 3, as https://developers.brevo.com/reference tells it: offsets with caps that differ by endpoint and are errors when exceeded, newest
/// first unless asked otherwise, bare lists in the CRM, lists that are only added to.
/// </summary>
public sealed class BrevoFake : VendorFake
{
    private const string Key = "xkeysib-secret";

    private readonly Dictionary<string, List<JsonObject>> _tables = new(StringComparer.Ordinal);
    private long _lastId = 5000;

    public BrevoFake()
    {
        Tokens = new VendorTokens(Time, TimeSpan.FromHours(1), rotates: false);
        On("POST", "/realms/partner/oauth/token", Tokens.Answer);
        On("GET", "/v3/account", _ => VendorAnswer.Ok(Account));
        On("GET", "/v3/contacts/attributes", _ => VendorAnswer.Ok(new JsonObject { ["attributes"] = Of("contact_attributes").ToJsonArray() }));
        On("POST", "/v3/contacts/attributes/{category}/{name}", CreateAttribute);
        Listing("/v3/contacts/folders", "folders", "folders", 50);
        On("POST", "/v3/contacts/folders", request => Create("folders", request.Json));
        On("GET", "/v3/contacts/folders/{id}", request => One("folders", request));
        On("PUT", "/v3/contacts/folders/{id}", request => Change("folders", request));
        On("GET", "/v3/contacts/folders/{id}/lists", request => Page(request, "lists", 50, Of("lists").Where(list => list.Text("folderId") == request.Route["id"])));
        Listing("/v3/contacts/lists", "lists", "lists", 50);
        On("POST", "/v3/contacts/lists", request => Create("lists", request.Json));
        On("GET", "/v3/contacts/lists/{id}", request => One("lists", request));
        On("PUT", "/v3/contacts/lists/{id}", request => Change("lists", request));
        Listing("/v3/contacts/segments", "segments", "segments", 50);
        On("GET", "/v3/contacts", Contacts);
        On("POST", "/v3/contacts", CreateContact);
        On("GET", "/v3/contacts/{id}", request => Contact(request) is { } contact ? VendorAnswer.Ok(contact.Copy()) : Missing);
        On("PUT", "/v3/contacts/{id}", ChangeContact);
        Listing("/v3/smtp/blockedContacts", "contacts", "blocked_contacts", 100);
        Listing("/v3/emailCampaigns", "campaigns", "email_campaigns", 100);
        Listing("/v3/smsCampaigns", "campaigns", "sms_campaigns", 1000);
        Listing("/v3/smtp/templates", "templates", "templates", 1000);
        On("POST", "/v3/smtp/templates", request => Create("templates", Template(request.Json)));
        On("GET", "/v3/smtp/templates/{id}", request => One("templates", request));
        On("PUT", "/v3/smtp/templates/{id}", request => Change("templates", request with { Body = VendorAnswer.Text(Template(request.Json)) }));
        On("GET", "/v3/senders", _ => VendorAnswer.Ok(new JsonObject { ["senders"] = Of("senders").ToJsonArray() }));
        On("GET", "/v3/senders/domains", _ => VendorAnswer.Ok(new JsonObject { ["domains"] = Of("domains").ToJsonArray() }));
        On("GET", "/v3/webhooks", request => Of("webhooks").Where(hook => hook.Text("type") == (request["type"] ?? "transactional")).ToJsonArray() is { Count: > 0 } hooks
            ? VendorAnswer.Ok(new JsonObject { ["webhooks"] = hooks }) : Missing);
        Bare("/v3/crm/attributes/companies", "company_attributes");
        Bare("/v3/crm/attributes/deals", "deal_attributes");
        Bare("/v3/crm/pipeline/details/all", "pipelines");
        Bare("/v3/crm/tasktypes", "task_types");
        On("GET", "/v3/companies", Companies);
        Crm("/v3/companies", "companies", "name");
        On("GET", "/v3/crm/deals", request => Page(request, "items", 100, Named(request, "deals", "deal_name")));
        Crm("/v3/crm/deals", "deals", "deal_name");
        On("GET", "/v3/crm/tasks", request => Page(request, "items", 50, Of("tasks").Where(task => request["filter[type]"] is not { } type || task.Text("taskTypeId") == type)));
        Crm("/v3/crm/tasks", "tasks", null);
        On("GET", "/v3/crm/notes", request => Paged(request, 50, Of("notes")) is { } page ? VendorAnswer.Ok(page.ToJsonArray()) : TooMany);
        Crm("/v3/crm/notes", "notes", null);
        On("GET", "/v3/crm/files", request => Paged(request, 50, Of("files")) is { } page ? VendorAnswer.Ok(page.ToJsonArray()) : TooMany);
        Listing("/v3/categories", "categories", "categories", 100);
        Listing("/v3/products", "products", "products", 1000);
        On("GET", "/v3/orders", request => Page(request, "orders", 100, Since(request, "orders", "updatedAt")));
        Seed();
    }

    public override string Platform => "brevo";

    public override IReadOnlyList<string> Hosts => ["api.brevo.com", "oauth.brevo.com"];

    public override object Config => new { credentials = new { auth_type = "api_key", api_key = Key } };

    public override object BadConfig => new { credentials = new { auth_type = "api_key", api_key = "xkeysib-another-secret" } };

    public override object? OAuthConfig => new
    {
        credentials = new { auth_type = "oauth", client_id = VendorTokens.ClientId, client_secret = VendorTokens.ClientSecret, refresh_token = "refresh-0" },
    };

    public override VendorTokens Tokens { get; }

    private static VendorAnswer Missing => VendorAnswer.Of(404, Error("document_not_found", "There is none"));

    private static VendorAnswer TooMany => VendorAnswer.Of(400, Error("out_of_range", "Limit exceeds max value"));

    private static JsonObject Account => Rows.Row("""
        {"email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","companyName":"Letters","address":{"city":"Berlin"},"plan":[{"type":"free","credits":8755}],"relay":{"enabled":true,"data":{"userName":"ada@example.com"}}}
        """);

    public override IEnumerable<JsonObject> Truth(string stream) => stream == "account" ? [Account] : Of(stream);

    public override VendorAnswer TooManyRequests(TimeSpan wait) =>
        VendorAnswer.Of(429, Error("too_many_requests", "Rate limit exceeded")).With("x-sib-ratelimit-reset", ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));

    public override void Browse()
    {
        foreach (var list in Of("lists")) list["uniqueSubscribers"] = list["uniqueSubscribers"]!.GetValue<int>() + 1;
    }

    public List<JsonObject> Of(string stream) => _tables[stream];

    public void Touch(string stream, string field, IEnumerable<JsonObject> rows, Action<JsonObject> change)
    {
        foreach (var row in rows)
        {
            change(row);
            row[field] = Milliseconds(TimeSpan.Zero);
        }
    }

    public void Delete(string stream, string id) => Of(stream).RemoveAll(row => row.Text("id") == id);

    protected override VendorAnswer? Refuse(VendorRequest request) => request.Path == "/realms/partner/oauth/token" || request.Header("api-key") == Key || Tokens.IsGood(request.Bearer)
        ? null
        : VendorAnswer.Of(401, Error("unauthorized", "Key not found"));

    protected override VendorAnswer NotFound(VendorRequest request) => Missing;

    private static JsonObject Error(string code, string message) => new() { ["code"] = code, ["message"] = message };

    private static List<JsonObject>? Paged(VendorRequest request, int cap, IEnumerable<JsonObject> rows)
    {
        var limit = request.Number("limit", 10);
        if (limit > cap) return null;
        var sorted = request["sort"] == "asc" ? rows : rows.Reverse();
        return [.. sorted.Page(request.Number("offset", 0), limit)];
    }

    private static VendorAnswer Page(VendorRequest request, string name, int cap, IEnumerable<JsonObject> rows)
    {
        var all = rows.ToList();
        return Paged(request, cap, all) is { } page ? VendorAnswer.Ok(new JsonObject { [name] = page.ToJsonArray(), ["count"] = all.Count }) : TooMany;
    }

    private static JsonObject Template(JsonObject json)
    {
        var template = json.Without("templateName");
        template["name"] = json["templateName"]?.DeepClone();
        return template;
    }

    private void Listing(string path, string name, string stream, int cap) => On("GET", path, request => Page(request, name, cap, Of(stream)));

    private void Bare(string path, string stream) => On("GET", path, _ => VendorAnswer.Ok(Of(stream).ToJsonArray()));

    private void Crm(string path, string stream, string? name)
    {
        On("POST", path, request => Create(stream, Linked(request.Json, name), isCrm: true));
        On("GET", path + "/{id}", request => One(stream, request));
        On("PATCH", path + "/{id}", request => Change(stream, request with { Body = VendorAnswer.Text(Linked(request.Json, name)) }));
    }

    /// <summary>The name of a company or deal is an attribute once it is stored.</summary>
    private static JsonObject Linked(JsonObject json, string? name)
    {
        var row = name is null ? json.Copy() : json.Without("name");
        if (name is not null && json["name"] is { } value) (row["attributes"] ??= new JsonObject())[name] = value.DeepClone();
        return row;
    }

    private IEnumerable<JsonObject> Named(VendorRequest request, string stream, string name) =>
        Of(stream).Where(row => request[$"filters[attributes.{name}]"] is not { } wanted || row["attributes"]!.AsObject().Text(name) == wanted);

    private VendorAnswer Companies(VendorRequest request)
    {
        if (request.Number("limit", 50) > 100) return TooMany;
        var rows = Named(request, "companies", "name").ToList();
        var size = request.Number("limit", 50);
        var page = (request["sort"] == "asc" ? rows : rows.AsEnumerable().Reverse()).Page((request.Number("page", 1) - 1) * size, size);
        return VendorAnswer.Ok(new JsonObject { ["items"] = page.ToJsonArray(), ["pager"] = new JsonObject { ["page"] = request.Number("page", 1), ["limit"] = size, ["total"] = rows.Count } });
    }

    /// <summary>At most 20 ids may be asked for; who is not there is left out.</summary>
    private VendorAnswer Contacts(VendorRequest request)
    {
        var ids = request.All("ids");
        return ids.Count > 20 ? TooMany : Page(request, "contacts", 1000, Since(request, "contacts", "modifiedAt").Where(row => ids.Count == 0 || ids.Contains(row.Text("id"))));
    }

    private IEnumerable<JsonObject> Since(VendorRequest request, string stream, string field) =>
        Of(stream).Where(row => request["modifiedSince"] is not { } since || Moment(row.Text(field)) >= Moment(since));

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private VendorAnswer One(string stream, VendorRequest request) => Of(stream).Find("id", request.Route["id"]) is { } row ? VendorAnswer.Ok(row.Copy()) : Missing;

    private VendorAnswer Create(string stream, JsonObject row, bool isCrm = false)
    {
        var created = new JsonObject { ["id"] = isCrm ? $"c{++_lastId}" : ++_lastId };
        created.Merge(row);
        Of(stream).Add(created);
        return VendorAnswer.Of(201, new JsonObject { ["id"] = created["id"]!.DeepClone() });
    }

    private VendorAnswer Change(string stream, VendorRequest request)
    {
        if (Of(stream).Find("id", request.Route["id"]) is not { } row) return Missing;
        var changes = request.Json;
        if (changes["attributes"] is JsonObject attributes && row["attributes"] is JsonObject present)
        {
            present.Merge(attributes);
            changes = changes.Without("attributes");
        }

        row.Merge(changes);
        return VendorAnswer.Empty();
    }

    private VendorAnswer CreateAttribute(VendorRequest request)
    {
        if (Of("contact_attributes").Any(row => row.Text("name") == request.Route["name"] && row.Text("category") == request.Route["category"]))
            return VendorAnswer.Of(400, Error("duplicate_parameter", "Attribute name must be unique"));
        var row = new JsonObject { ["name"] = request.Route["name"], ["category"] = request.Route["category"] };
        foreach (var (name, value) in request.Json.Where(member => member.Value is not null)) row[name == "value" ? "calculatedValue" : name] = value!.DeepClone();
        Of("contact_attributes").Add(row);
        return VendorAnswer.Empty(201);
    }

    private JsonObject? Contact(VendorRequest request) => Of("contacts").Find(request["identifierType"] == "email_id" ? "email" : "id", request.Route["id"]);

    private VendorAnswer CreateContact(VendorRequest request)
    {
        if (Of("contacts").Find("email", request.Json.Text("email")) is not null && request.Json["updateEnabled"]?.GetValue<bool>() != true)
            return VendorAnswer.Of(400, Error("duplicate_parameter", "Contact already exist"));
        var row = request.Json.Without("updateEnabled");
        row["listUnsubscribed"] = null;
        row["createdAt"] = Milliseconds(TimeSpan.Zero);
        row["modifiedAt"] = Milliseconds(TimeSpan.Zero);
        return Create("contacts", row);
    }

    private VendorAnswer ChangeContact(VendorRequest request)
    {
        if (Contact(request) is not { } row) return Missing;
        row["attributes"]!.AsObject().Merge(request.Json["attributes"]?.AsObject() ?? []);
        var lists = row["listIds"]!.AsArray();
        foreach (var list in request.Json["listIds"]?.AsArray() ?? [])
        {
            if (!lists.Any(present => present!.GetValue<int>() == list!.GetValue<int>())) lists.Add(list!.DeepClone());
        }

        row.Merge(request.Json.Only("emailBlacklisted", "smsBlacklisted"));
        row["modifiedAt"] = Milliseconds(TimeSpan.Zero);
        return VendorAnswer.Empty();
    }

    private string Milliseconds(TimeSpan ago) => Ago(ago, "yyyy-MM-ddTHH:mm:ss.fffZ");

    private void Seed()
    {
        _tables["contact_attributes"] =
        [
            Rows.Row("""{"name":"FIRSTNAME","category":"normal","type":"text"}"""), Rows.Row("""{"name":"BIRTHDAY","category":"normal","type":"date"}"""),
            Rows.Row("""{"name":"GENDER","category":"category","enumeration":[{"value":1,"label":"male"},{"value":2,"label":"female"}]}"""),
            Rows.Row("""{"name":"COUNT-LIST","category":"calculated","calculatedValue":"COUNT[BLACKLISTED,BLACKLISTED,<,NOW()]"}"""),
        ];
        _tables["folders"] = [Rows.Row("""{"id":1,"name":"Your first folder"}"""), Rows.Row("""{"id":2,"name":"Événements"}""")];
        _tables["lists"] = [.. Enumerable.Range(1, 60).Select(at => Rows.Row($$"""{"id":{{at}},"name":"List {{at}}","folderId":{{1 + (at % 2)}},"uniqueSubscribers":{{at}},"totalSubscribers":0,"totalBlacklisted":0}"""))];
        _tables["segments"] = [Rows.Row("""{"id":9,"segmentName":"Berlin","categoryName":"default","updatedAt":"2026-01-02T10:00:00Z"}""")];
        _tables["contacts"] = [];
        for (var at = 0; at < 1060; at++)
        {
            _tables["contacts"].Add(new JsonObject
            {
                ["email"] = $"person{at}@example.com", ["id"] = 9007199254740993L + at, ["emailBlacklisted"] = at % 10 == 3, ["smsBlacklisted"] = at % 15 == 0,
                ["createdAt"] = Milliseconds(TimeSpan.FromDays(300)), ["modifiedAt"] = Milliseconds(TimeSpan.FromDays(90) - TimeSpan.FromMinutes(10 * at)),
                ["listIds"] = at % 3 == 0 ? new JsonArray(1, 2) : new JsonArray(3), ["listUnsubscribed"] = at % 11 == 0 ? new JsonArray(4) : null,
                ["attributes"] = new JsonObject { ["FIRSTNAME"] = $"Élodie {at}", ["BIRTHDAY"] = at % 4 == 0 ? "1980-09-11" : null },
            });
        }

        _tables["blocked_contacts"] = [Rows.Row("""{"email":"left@example.com","senderEmail":"ada@example.com","reason":{"code":"unsubscribedViaEmail","message":"Unsubscribed"},"blockedAt":"2026-01-02T10:00:00Z"}""")];
        _tables["email_campaigns"] = [Rows.Row("""{"id":12,"name":"Spring","subject":"Grüße","type":"classic","status":"sent","htmlContent":"<p>Hi</p>","sender":{"name":"Ada","id":1,"email":"ada@example.com"},"recipients":{"lists":[1],"exclusionLists":[2]},"statistics":{"globalStats":{"sent":3}},"createdAt":"2026-01-02T10:00:00.000Z","modifiedAt":"2026-01-02T10:00:00.000Z"}""")];
        _tables["sms_campaigns"] = [Rows.Row("""{"id":13,"name":"Text","status":"draft","content":"Hi","recipients":{"lists":[1]},"createdAt":"2026-01-02T10:00:00.000Z","modifiedAt":"2026-01-02T10:00:00.000Z"}""")];
        _tables["templates"] = [.. Enumerable.Range(1, 2).Select(at => Rows.Row($$"""{"id":{{20 + at}},"name":"Template {{at}}","subject":"Hello","isActive":true,"testSent":false,"sender":{"name":"Ada","email":"ada@example.com","id":"1"},"replyTo":"ada@example.com","toField":"","tag":"welcome","htmlContent":"<p>Grüße {{at}}</p>","createdAt":"2026-01-02T10:00:00.000Z","modifiedAt":"2026-01-02T10:00:00.000Z"}"""))];
        _tables["senders"] = [Rows.Row("""{"id":1,"name":"Ada","email":"ada@example.com","active":true,"ips":[]}""")];
        _tables["domains"] = [Rows.Row("""{"id":7,"domain_name":"example.com","authenticated":true,"verified":true,"ip":null}""")];
        _tables["webhooks"] = [Rows.Row("""{"id":31,"url":"https://example.com/t","type":"transactional","events":["delivered"],"description":"","createdAt":"2026-01-02T10:00:00Z","modifiedAt":"2026-01-02T10:00:00Z"}"""), Rows.Row("""{"id":32,"url":"https://example.com/m","type":"marketing","events":["unsubscribed"],"description":"","createdAt":"2026-01-02T10:00:00Z","modifiedAt":"2026-01-02T10:00:00Z"}""")];
        _tables["company_attributes"] = [Rows.Row("""{"label":"Name","internalName":"name","attributeTypeName":"text","attributeOptions":[],"isRequired":true}""")];
        _tables["deal_attributes"] = [Rows.Row("""{"label":"Stage","internalName":"deal_stage","attributeTypeName":"single-select","attributeOptions":[{"key":"won","value":"Won"}],"isRequired":true}""")];
        _tables["pipelines"] = [Rows.Row("""{"pipeline":"6093d2425a9b436e9519d034","pipeline_name":"Sales","stages":[{"id":"6093d2425a9b436e9519d035","name":"New"}]}""")];
        _tables["companies"] = [.. Enumerable.Range(0, 120).Select(at => Rows.Row($$"""{"id":"co{{at}}","attributes":{"name":"Firma {{at}}","owner":"ada@example.com","created_at":"2026-01-02T10:00:00.000Z"},"linkedContactsIds":[{{9007199254740993L + at}}],"linkedDealsIds":[]}"""))];
        _tables["deals"] = [.. Enumerable.Range(0, 3).Select(at => Rows.Row($$"""{"id":"de{{at}}","attributes":{"deal_name":"Deal {{at}}","amount":1200.50,"created_at":"2026-01-02T10:00:00.000Z"},"linkedContactsIds":[9007199254740993],"linkedCompaniesIds":["co{{at}}"]}"""))];
        _tables["task_types"] = [Rows.Row("""{"id":"tt1","title":"Call"}""")];
        _tables["tasks"] = [.. Enumerable.Range(0, 3).Select(at => Rows.Row($$"""{"id":"ta{{at}}","name":"Call {{at}}","taskTypeId":"tt1","date":"2026-04-0{{at + 1}}T10:00:00Z","done":false,"notes":"bring papers","contactsIds":[9007199254740993],"dealsIds":["de0"],"companiesIds":["co0"],"createdAt":"2026-01-02T10:00:00Z","updatedAt":"2026-01-02T10:00:00Z"}"""))];
        _tables["notes"] = [.. Enumerable.Range(0, 60).Select(at => Rows.Row($$"""{"id":"no{{at}}","text":"<p>Note {{at}}</p>","contactIds":[9007199254740993],"dealIds":[],"companyIds":["co1"],"authorId":{"id":"u1"},"createdAt":"2026-01-02T10:00:00Z","updatedAt":"2026-01-02T10:00:00Z"}"""))];
        _tables["files"] = [Rows.Row("""{"id":"fi1","name":"offer.pdf","authorId":"u1","contactId":9007199254740993,"dealId":null,"companyId":null,"size":1234,"createdAt":"2026-01-02T10:00:00Z"}""")];
        _tables["categories"] = [Rows.Row("""{"id":"CAT1","name":"Books","url":"https://example.com/books","isDeleted":false,"createdAt":"2026-01-02T10:00:00Z","modifiedAt":"2026-01-02T10:00:00Z"}"""), Rows.Row("""{"id":"CAT2","name":"Toys","url":null,"isDeleted":false,"createdAt":"2026-01-02T10:00:00Z","modifiedAt":"2026-01-02T10:00:00Z"}""")];
        _tables["products"] = [Rows.Row("""{"id":"P1","name":"Book","price":12.10,"url":"https://example.com/p1","imageUrl":"https://example.com/p1.png","sku":"B-1","categories":["CAT1"],"isDeleted":false,"createdAt":"2026-01-02T10:00:00Z","modifiedAt":"2026-01-02T10:00:00Z"}""")];
        _tables["orders"] = [.. Enumerable.Range(0, 3).Select(at => new JsonObject { ["id"] = $"O{at}", ["status"] = "completed", ["amount"] = 12.5m, ["products"] = new JsonArray(Rows.Row("""{"productId":"P1","quantity":1,"price":12.10}""")), ["identifiers"] = new JsonObject { ["email_id"] = "person0@example.com" }, ["createdAt"] = Milliseconds(TimeSpan.FromDays(80)), ["updatedAt"] = Milliseconds(TimeSpan.FromDays(80)) })];
    }
}
