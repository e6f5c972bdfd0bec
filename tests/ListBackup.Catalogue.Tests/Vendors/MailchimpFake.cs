using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// Mailchimp Marketing API 3.0 (https://mailchimp.com/developer/marketing/api/): at most 1,000 rows a page, links on every row unless they are left out,
/// members under the MD5 of their address, a throttle by connections without any header, and no way to subscribe who said no.
/// </summary>
public sealed class MailchimpFake : VendorFake
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss'+00:00'";
    private const string ApiKey = "mailchimp-secret-us21";
    private const string AccessToken = "mailchimp-secret-token";

    private readonly Dictionary<string, List<JsonObject>> _tables = [];

    /// <summary>Addresses that unsubscribed themselves, or were deleted for good, by list.</summary>
    private readonly HashSet<string> _saidNo = [];
    private readonly HashSet<string> _forgotten = [];
    private int _count = 9000;

    public MailchimpFake()
        : this(1_500)
    {
    }

    public MailchimpFake(int members)
    {
        On("GET", "/3.0", _ => VendorAnswer.Ok(Table("account")[0].Copy()));
        Collection("/3.0/lists", "lists", _ => Table("lists"));
        Crud("/3.0/lists", "lists", NewList, DropList);
        Collection("/3.0/lists/{list}/members", "members", Members, Shown);
        On("GET", "/3.0/lists/{list}/members/{id}", request => Member(request) is { } member ? VendorAnswer.Ok(Shown(member)) : NotFound(request));
        On("PUT", "/3.0/lists/{list}/members/{id}", PutMember);
        On("PATCH", "/3.0/lists/{list}/members/{id}", request => Member(request) is { } member ? Update(member, request.Json) : NotFound(request));
        On("DELETE", "/3.0/lists/{list}/members/{id}", request => Archive(Member(request)!));
        ListCollection("merge-fields", "merge_fields", "merge_id", "merge_fields");
        ListCollection("interest-categories", "categories", "id", "interest_categories");
        ListCollection("segments", "segments", "id", "segments");
        ListCollection("webhooks", "webhooks", "id", "webhooks");
        ListCollection("signup-forms", "signup_forms", "list_id", "signup_forms");
        var interests = "/3.0/lists/{list}/interest-categories/{category}/interests";
        Collection(interests, "interests", request => Table("interests").Where(row => row.Text("category_id") == request.Route["category"]));
        Crud(interests, "interests", request => request.Json.With("id", NewId()).With("list_id", request.Route["list"]).With("category_id", request.Route["category"]).With("subscriber_count", "0"));
        var tagged = "/3.0/lists/{list}/segments/{segment}/members";
        Collection(tagged, "members", request => Tagged(request.Route["segment"]), Shown);
        On("POST", tagged, Tag);
        var notes = "/3.0/lists/{list}/members/{member}/notes";
        Collection(notes, "notes", request => Table("member_notes").Where(row => row.Text("email_id") == request.Route["member"] && row.Text("list_id") == request.Route["list"]));
        Crud(notes, "member_notes", request => request.Json.With("id", ++_count).With("list_id", request.Route["list"]).With("email_id", request.Route["member"]).With("created_at", Now(Format)).With("created_by", "api").With("updated_at", Now(Format)));
        foreach (var (path, key, table) in new[]
                 {
                     ("campaigns", "campaigns", "campaigns"), ("campaign-folders", "folders", "campaign_folders"), ("template-folders", "folders", "template_folders"),
                     ("templates", "templates", "templates"), ("automations", "automations", "automations"), ("landing-pages", "landing_pages", "landing_pages"),
                     ("file-manager/files", "files", "files"), ("file-manager/folders", "folders", "file_folders"), ("reports", "reports", "reports"),
                     ("verified-domains", "domains", "verified_domains"), ("ecommerce/stores", "stores", "stores"),
                 })
        {
            Collection($"/3.0/{path}", key, request => Table(table).Where(row => request["type"] is not { } type || row.Text("type") == type));
            Crud($"/3.0/{path}", table, request => request.Json.With("id", NewId()).With("count", 0));
        }

        Part("/3.0/campaigns/{id}/content", "campaign_content", "campaign_id");
        Part("/3.0/templates/{id}/default-content", "template_content", "template_id");
        Part("/3.0/landing-pages/{id}/content", "landing_page_content", "page_id");
        Collection("/3.0/automations/{id}/emails", "emails", request => Table("automation_emails").Where(row => row.Text("workflow_id") == request.Route["id"]).Select(row => row.Without("workflow_id")));
        Collection("/3.0/reports/{id}/unsubscribed", "unsubscribes", request => Table("unsubscribes").Where(row => row.Text("campaign_id") == request.Route["id"]));
        foreach (var kind in new[] { "customers", "products", "orders", "carts" })
            Collection($"/3.0/ecommerce/stores/{{id}}/{kind}", kind, request => Table($"store_{kind}").Where(row => row.Text("store_id") == request.Route["id"]).Select(row => row.Without("store_id")));
        Seed(members);
    }

    public override string Platform => "mailchimp";

    public override IReadOnlyList<string> Hosts => ["us21.api.mailchimp.com"];

    public override object Config => new { credentials = new { auth_type = "apikey", apikey = ApiKey } };

    public override object BadConfig => new { credentials = new { auth_type = "apikey", apikey = "wrong-secret-us21" } };

    public static object SignedIn => new { credentials = new Dictionary<string, string> { ["auth_type"] = "oauth2.0", ["access_token"] = AccessToken }, data_center = "us21" };

    public List<JsonObject> Table(string name) => _tables.TryGetValue(name, out var rows) ? rows : _tables[name] = [];

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "members" => Table("members").Select(Shown),
        "segment_members" => Table("tagged").Select(row => row.Without("member")).ToList(),
        _ when _tables.TryGetValue(stream, out var rows) => rows,
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "The fake has no such stream."),
    };

    // Mailchimp tells nothing about how long: https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits.
    public override VendorAnswer TooManyRequests(TimeSpan wait) => Problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.");

    public override void Browse()
    {
        foreach (var member in Table("members").Take(50)) member["member_rating"] = 5;
        foreach (var list in Table("lists")) list["stats"] = Rows.Row($$"""{"member_count":{{++_count}},"open_rate":21.5}""");
        foreach (var campaign in Table("campaigns")) campaign["report_summary"] = Rows.Row($$"""{"opens":{{++_count}}}""");
        Table("account")[0]["last_login"] = Now(Format);
    }

    public JsonObject Member(string list, int number) => Table("members").Where(row => row.Text("list_id") == list).ElementAt(number);

    public void Touch(JsonObject member) => member["last_changed"] = Now(Format);

    /// <summary>The person uses the link in a mail.</summary>
    public void Unsubscribe(JsonObject member)
    {
        member["status"] = "unsubscribed";
        member["unsubscribe_reason"] = "N/A (Unsubscribed by an admin)";
        _saidNo.Add(Place(member));
        Touch(member);
    }

    public VendorAnswer Archive(JsonObject member)
    {
        member["status"] = "archived";
        Touch(member);
        return VendorAnswer.Empty();
    }

    /// <summary>delete-permanent: the address cannot be added again by API.</summary>
    public void Forget(JsonObject member)
    {
        Table("members").Remove(member);
        Table("tagged").RemoveAll(row => row.Text("id") == member.Text("id") && row.Text("list_id") == member.Text("list_id"));
        Table("member_notes").RemoveAll(row => row.Text("email_id") == member.Text("id") && row.Text("list_id") == member.Text("list_id"));
        _forgotten.Add(Place(member));
    }

    public void DropList(JsonObject list)
    {
        foreach (var table in _tables.Values) table.RemoveAll(row => row != list && row.Text("list_id") == list.Text("id") && !row.ContainsKey("campaign_id"));
        Table("lists").Remove(list);
    }

    public void DropSegment(JsonObject segment)
    {
        Table("tagged").RemoveAll(row => row.Text("segment_id") == segment.Text("id"));
        Table("segments").Remove(segment);
    }

    protected override VendorAnswer? Refuse(VendorRequest request)
    {
        var basic = request.Header("Authorization") is { } header && header.StartsWith("Basic ", StringComparison.Ordinal)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..]))
            : "";
        return basic.EndsWith($":{ApiKey}", StringComparison.Ordinal) || request.Bearer == AccessToken
            ? null
            : Problem(401, "API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter.");
    }

    protected override VendorAnswer NotFound(VendorRequest request) => Problem(404, "Resource Not Found", "The requested resource could not be found.");

    private static VendorAnswer Problem(int status, string title, string detail) => VendorAnswer.Of(status, new JsonObject
    {
        ["type"] = "https://mailchimp.com/developer/marketing/docs/errors/", ["title"] = title, ["status"] = status, ["detail"] = detail, ["instance"] = "7f1a",
    });

    /// <summary>A listing with count and offset, <c>fields</c> and <c>exclude_fields</c>.</summary>
    private void Collection(string path, string key, Func<VendorRequest, IEnumerable<JsonObject>> rows, Func<JsonObject, JsonObject>? show = null) => On("GET", path, request =>
    {
        var count = request.Number("count", 10);
        if (count > 1000) return Problem(400, "Invalid Resource", "The requested count is larger than 1000.");
        if (request.Route.TryGetValue("list", out var list) && Table("lists").Find("id", list) is null) return NotFound(request);
        var all = rows(request).ToList();
        var excluded = (request["exclude_fields"] ?? "").Split(',');
        var fields = request["fields"]?.Split(',').Where(field => field.StartsWith(key + ".", StringComparison.Ordinal)).Select(field => field[(key.Length + 1)..]).ToList();
        var page = all.Page(request.Number("offset", 0), count)
            .Select(row => show is null ? row : show(row))
            .Select(row => fields is not null ? row.Only(fields) : excluded.Contains($"{key}._links") ? row : row.With("_links", new JsonArray()));
        return VendorAnswer.Ok(new JsonObject { [key] = page.ToJsonArray(), ["total_items"] = all.Count });
    });

    private void Crud(string path, string table, Func<VendorRequest, JsonObject> create, Action<JsonObject>? delete = null)
    {
        On("POST", path, request =>
        {
            var row = create(request);
            Table(table).Add(row);
            return VendorAnswer.Ok(row.Copy());
        });
        var key = table == "merge_fields" ? "merge_id" : "id";
        On("GET", path + "/{id}", request => Table(table).Find(key, request.Route["id"]) is { } row && IsInList(row, request) ? VendorAnswer.Ok(row.Copy()) : NotFound(request));
        On("PATCH", path + "/{id}", request =>
        {
            if (Table(table).Find(key, request.Route["id"]) is not { } row) return NotFound(request);
            row.Merge(request.Json);
            return VendorAnswer.Ok(row.Copy());
        });
        On("DELETE", path + "/{id}", request =>
        {
            if (Table(table).Find(key, request.Route["id"]) is not { } row) return NotFound(request);
            if (delete is null) Table(table).Remove(row);
            else delete(row);
            return VendorAnswer.Empty();
        });
    }

    private void ListCollection(string path, string key, string id, string table)
    {
        Collection($"/3.0/lists/{{list}}/{path}", key, request => Table(table).Where(row => row.Text("list_id") == request.Route["list"]));
        Crud($"/3.0/lists/{{list}}/{path}", table, request =>
        {
            var row = request.Json.With("list_id", request.Route["list"]).With(id, id == "id" && table != "segments" ? NewId() : ++_count);
            if (table != "segments") return row;
            row = row.With("type", row.ContainsKey("static_segment") ? "static" : "saved").With("member_count", 0).With("created_at", Now(Format)).With("updated_at", Now(Format));
            row.Remove("static_segment");
            return row;
        });
    }

    /// <summary>What stands beside a record at an address of its own.</summary>
    private void Part(string path, string table, string key) => On("GET", path, request =>
        Table(table).Find(key, request.Route["id"]) is { } row ? VendorAnswer.Ok(row.Without(key)) : NotFound(request));

    private IEnumerable<JsonObject> Members(VendorRequest request)
    {
        var since = request["since_last_changed"] is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        return Table("members")
            .Where(row => row.Text("list_id") == request.Route["list"])
            .Where(row => request["status"] is not { } status ? row.Text("status") != "archived" : row.Text("status") == status)
            .Where(row => DateTimeOffset.Parse(row.Text("last_changed"), CultureInfo.InvariantCulture) > since);
    }

    private VendorAnswer PutMember(VendorRequest request)
    {
        var body = request.Json;
        if (request.Route["id"] != Md5(body.Text("email_address"))) return Problem(400, "Invalid Resource", "The subscriber hash does not match the address.");
        if (Member(request) is { } member) return Update(member, body);
        if (Table("lists").Find("id", request.Route["list"]) is null) return NotFound(request);
        if (body.Text("status_if_new") is "" or "archived") return Problem(400, "Invalid Resource", "status_if_new is not one of the statuses.");
        member = Rows.Row("{}");
        member["id"] = request.Route["id"];
        member["list_id"] = request.Route["list"];
        if (_forgotten.Contains(Place(member))) return Problem(400, "Forgotten Email Not Subscribed", "The address was permanently deleted and cannot be re-imported.");
        if (_saidNo.Contains(Place(member)) && body.Text("status_if_new") == "subscribed") return InCompliance();
        if (Wrong(request, body) is { } wrong) return wrong;
        member.Merge(body.Without("status_if_new", "status"));
        member["status"] = body.Text("status_if_new");
        member["unique_email_id"] = NewId();
        member["member_rating"] = 2;
        foreach (var field in new[] { "ip_signup", "timestamp_signup", "ip_opt", "timestamp_opt" }) member[field] ??= "";
        Touch(member);
        Table("members").Add(member);
        return VendorAnswer.Ok(Shown(member));
    }

    private VendorAnswer Update(JsonObject member, JsonObject body)
    {
        if (body.Text("status") == "archived") return Problem(400, "Invalid Resource", "A member is archived by DELETE.");
        if (body.Text("status") == "subscribed" && (_saidNo.Contains(Place(member)) || member.Text("status") is "cleaned")) return InCompliance();
        if (Wrong(null, body) is { } wrong) return wrong;
        if (body["merge_fields"] is JsonObject merged) member["merge_fields"]!.AsObject().Merge(merged);
        if (body["interests"] is JsonObject interests) member["interests"]!.AsObject().Merge(interests);
        member.Merge(body.Without("merge_fields", "interests", "status_if_new"));
        Touch(member);
        return VendorAnswer.Ok(Shown(member));
    }

    private VendorAnswer? Wrong(VendorRequest? request, JsonObject body)
    {
        if (body.Any(member => member.Value is null)) return Problem(400, "Invalid Resource", "The value null is not allowed.");
        var list = request?.Route["list"];
        return list is not null && body["interests"] is JsonObject interests && interests.Any(interest => Table("interests").All(row => row.Text("id") != interest.Key || row.Text("list_id") != list))
            ? Problem(400, "Invalid Resource", "The group does not exist.")
            : null;
    }

    private static VendorAnswer InCompliance() =>
        Problem(400, "Member In Compliance State", "The member is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.");

    private VendorAnswer Tag(VendorRequest request)
    {
        if (Table("members").FirstOrDefault(row => row.Text("list_id") == request.Route["list"] && row.Text("email_address") == request.Json.Text("email_address")) is not { } member)
            return Problem(400, "Invalid Resource", "The address is not on the list.");
        if (Table("segments").Find("id", request.Route["segment"]) is not { } segment || segment.Text("type") != "static") return NotFound(request);
        AddTag(segment, member);
        return VendorAnswer.Ok(Shown(member));
    }

    private void AddTag(JsonObject segment, JsonObject member)
    {
        if (Tagged(segment.Text("id")).Any(row => row == member)) return;
        Table("tagged").Add(member.Only("id", "email_address", "list_id").With("segment_id", segment["id"]));
    }

    private IEnumerable<JsonObject> Tagged(string segment)
    {
        var ids = Table("tagged").Where(row => row.Text("segment_id") == segment).Select(Place).ToHashSet();
        return Table("members").Where(row => ids.Contains(Place(row)));
    }

    private JsonObject? Member(VendorRequest request) =>
        Table("members").FirstOrDefault(row => row.Text("id") == request.Route["id"] && row.Text("list_id") == request.Route["list"]);

    /// <summary>As the API shows a member: with the fields and groups that the list has now, its tags, and its last note.</summary>
    private JsonObject Shown(JsonObject member)
    {
        var list = member.Text("list_id");
        var shown = member.Copy();
        var values = member["merge_fields"] as JsonObject ?? [];
        var groups = member["interests"] as JsonObject ?? [];
        shown["merge_fields"] = new JsonObject(Table("merge_fields").Where(row => row.Text("list_id") == list).Select(row => KeyValuePair.Create(row.Text("tag"), (JsonNode?)(values[row.Text("tag")]?.DeepClone() ?? ""))));
        shown["interests"] = new JsonObject(Table("interests").Where(row => row.Text("list_id") == list).Select(row => KeyValuePair.Create(row.Text("id"), (JsonNode?)(groups[row.Text("id")]?.DeepClone() ?? false))));
        var tags = Table("tagged").Where(row => row.Text("id") == member.Text("id") && row.Text("list_id") == list)
            .Select(row => Table("segments").Find("id", row.Text("segment_id"))!).Select(row => row.Only("id", "name")).ToList();
        shown["tags_count"] = tags.Count;
        shown["tags"] = tags.ToJsonArray();
        if (Table("member_notes").LastOrDefault(row => row.Text("email_id") == member.Text("id") && row.Text("list_id") == list) is { } note)
            shown["last_note"] = new JsonObject { ["note_id"] = note["id"]!.DeepClone(), ["created_at"] = note.Text("created_at"), ["created_by"] = note.Text("created_by"), ["note"] = note.Text("note") };
        return shown;
    }

    private bool IsInList(JsonObject row, VendorRequest request) => !request.Route.TryGetValue("list", out var list) || row.Text("list_id") == list;

    private JsonObject NewList(VendorRequest request) => request.Json.With("id", NewId()).With("web_id", ++_count).With("date_created", Now(Format)).With("list_rating", 0).With("stats", new JsonObject());

    private string NewId() => (++_count).ToString("x10", CultureInfo.InvariantCulture);

    private static string Place(JsonObject member) => $"{member.Text("list_id")} {member.Text("id")}";

    private static string Md5(string address) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(address.ToLowerInvariant())));

    private void Seed(int members)
    {
        Table("account").Add(Rows.Row("""{"account_id":"8d3a3db4d97663a9074efcc16","account_name":"Müller & Söhne","email":"owner@example.com","role":"owner","contact":{"company":"Müller & Söhne","city":"Köln"},"last_login":"2026-02-28T08:00:00+00:00","total_subscribers":1500}"""));
        foreach (var (id, name, count) in new[] { ("a1", "Newsletter", members), ("b2", "Customers", 12), ("c3", "Partners", 3) }) SeedList(id, name, count);
        var tag = Rows.Row("""{"id":49377,"list_id":"a1","name":"VIP","type":"static","member_count":3,"created_at":"2026-01-02T00:00:00+00:00","updated_at":"2026-01-02T00:00:00+00:00"}""");
        Table("segments").Add(tag);
        Table("segments").Add(Rows.Row("""{"id":49378,"list_id":"a1","name":"Köln","type":"saved","member_count":9,"created_at":"2026-01-02T00:00:00+00:00","updated_at":"2026-01-02T00:00:00+00:00","options":{"match":"all","conditions":[{"condition_type":"TextMerge","field":"CITY","op":"is","value":"Köln"}]}}"""));
        var other = Rows.Row("""{"id":49379,"list_id":"a1","name":"Fair 2026","type":"static","member_count":2,"created_at":"2026-01-02T00:00:00+00:00","updated_at":"2026-01-02T00:00:00+00:00"}""");
        Table("segments").Add(other);
        foreach (var number in new[] { 1, 5, 20 }) AddTag(tag, Member("a1", number));
        foreach (var number in new[] { 1, 30 }) AddTag(other, Member("a1", number));
        foreach (var (number, text) in new[] { (10, "Called, wants the catalogue"), (10, "Sent it"), (11, "Moves to Kiel") })
            Table("member_notes").Add(new JsonObject { ["id"] = ++_count, ["list_id"] = "a1", ["email_id"] = Member("a1", number).Text("id"), ["note"] = text, ["created_at"] = "2026-01-05T00:00:00+00:00", ["created_by"] = "Ann", ["updated_at"] = "2026-01-05T00:00:00+00:00" });
        Table("webhooks").Add(Rows.Row("""{"id":"5b5f6d7b1c","list_id":"a1","url":"https://example.com/hook?key=1","events":{"subscribe":true,"unsubscribe":true},"sources":{"user":true,"admin":true,"api":false}}"""));
        Table("signup_forms").Add(Rows.Row("""{"list_id":"a1","header":{"text":"Hello"},"contents":[],"styles":[],"signup_form_url":"https://example.us21.list-manage.com/subscribe?u=1&id=a1"}"""));
        Table("campaign_folders").Add(Rows.Row("""{"id":"f1","name":"2026","count":1}"""));
        Table("template_folders").Add(Rows.Row("""{"id":"f2","name":"House","count":1}"""));
        foreach (var number in Enumerable.Range(1, 3))
        {
            Table("campaigns").Add(Rows.Row($$$"""{"id":"ca{{{number}}}","web_id":{{{number}}},"type":"regular","create_time":"2026-01-0{{{number}}}T00:00:00+00:00","send_time":"2026-01-1{{{number}}}T00:00:00+00:00","status":"sent","emails_sent":1480,"recipients":{"list_id":"a1","recipient_count":1480},"settings":{"title":"Issue {{{number}}}","from_name":"Ann","folder_id":"f1","template_id":17},"report_summary":{"opens":5}}"""));
            Table("campaign_content").Add(Rows.Row($$"""{"campaign_id":"ca{{number}}","plain_text":"Hi *|FNAME|*","html":"<p>Grüße</p>","archive_html":"<p>Grüße</p>"}"""));
            Table("reports").Add(Rows.Row($$$"""{"id":"ca{{{number}}}","campaign_title":"Issue {{{number}}}","list_id":"a1","emails_sent":1480,"send_time":"2026-01-1{{{number}}}T00:00:00+00:00","opens":{"opens_total":5,"open_rate":0.0033783783783783786}}"""));
        }

        Table("unsubscribes").Add(Rows.Row("""{"campaign_id":"ca1","list_id":"a1","email_id":"e1","email_address":"left@example.com","reason":"None given","timestamp":"2026-01-12T00:00:00+00:00","merge_fields":{"FNAME":"Lea"}}"""));
        Table("templates").Add(Rows.Row("""{"id":17,"type":"user","name":"House","drag_and_drop":true,"active":true,"folder_id":"f2","thumbnail":"https://gallery.mailchimp.com/1.png"}"""));
        Table("template_content").Add(Rows.Row("""{"template_id":17,"sections":{"header":"<h1>Hi</h1>"}}"""));
        Table("automations").Add(Rows.Row("""{"id":"au1","create_time":"2025-01-01T00:00:00+00:00","status":"sending","emails_sent":12,"recipients":{"list_id":"a1"},"settings":{"title":"Welcome"},"trigger_settings":{"workflow_type":"welcomeSeries"}}"""));
        Table("automation_emails").Add(Rows.Row("""{"id":"ae1","workflow_id":"au1","position":1,"status":"sending","settings":{"subject_line":"Welcome"},"emails_sent":12}"""));
        Table("landing_pages").Add(Rows.Row("""{"id":"lp1","name":"Spring","title":"Spring","status":"published","list_id":"a1","url":"https://mailchi.mp/1","created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"}"""));
        Table("landing_page_content").Add(Rows.Row("""{"page_id":"lp1","html":"<p>Spring</p>"}"""));
        Table("files").Add(Rows.Row("""{"id":9007199254740993,"folder_id":3,"type":"image","name":"logo.png","full_size_url":"https://mcusercontent.com/1/images/logo.png","size":1204,"created_at":"2026-01-01T00:00:00+00:00","created_by":"Ann"}"""));
        Table("file_folders").Add(Rows.Row("""{"id":3,"name":"Logos","file_count":1,"created_at":"2026-01-01T00:00:00+00:00","created_by":"Ann"}"""));
        Table("verified_domains").Add(Rows.Row("""{"domain":"example.com","verified":true,"authenticated":true,"verification_email":"owner@example.com","verification_sent":"2025-01-01T00:00:00+00:00"}"""));
        Table("stores").Add(Rows.Row("""{"id":"st1","list_id":"a1","name":"Shop","platform":"Shopify","domain":"shop.example.com","currency_code":"EUR"}"""));
        Table("store_customers").Add(Rows.Row("""{"id":"cu1","store_id":"st1","email_address":"person1@example.com","opt_in_status":false,"first_name":"Pia","last_name":"One","orders_count":2,"total_spent":12.10}"""));
        Table("store_products").Add(Rows.Row("""{"id":"pr1","store_id":"st1","title":"Mug","variants":[{"id":"v1","price":6.05}]}"""));
        Table("store_orders").Add(Rows.Row("""{"id":"or1","store_id":"st1","customer":{"id":"cu1"},"currency_code":"EUR","order_total":12.10,"lines":[{"id":"l1","product_id":"pr1","quantity":2,"price":6.05}]}"""));
        Table("store_carts").Add(Rows.Row("""{"id":"ct1","store_id":"st1","customer":{"id":"cu1"},"currency_code":"EUR","order_total":6.05,"lines":[]}"""));
    }

    private void SeedList(string id, string name, int members)
    {
        Table("lists").Add(Rows.Row($$$"""{"id":"{{{id}}}","web_id":{{{++_count}}},"name":"{{{name}}}","contact":{"company":"Müller & Söhne","country":"DE"},"permission_reminder":"You signed up","use_archive_bar":true,"campaign_defaults":{"from_name":"Ann","from_email":"ann@example.com","subject":"","language":"de"},"notify_on_subscribe":"","notify_on_unsubscribe":"","date_created":"2025-01-01T00:00:00+00:00","list_rating":3,"email_type_option":false,"double_optin":true,"marketing_permissions":false,"stats":{"member_count":{{{members}}},"open_rate":21.4}}"""));
        foreach (var (tag, type) in new[] { ("FNAME", "text"), ("CITY", "text"), ("POINTS", "number") })
            Table("merge_fields").Add(Rows.Row($$"""{"merge_id":{{++_count}},"tag":"{{tag}}","name":"{{tag}}","type":"{{type}}","required":false,"default_value":"","public":false,"display_order":{{_count}},"options":{"size":25},"help_text":"","list_id":"{{id}}"}"""));
        Table("interest_categories").Add(Rows.Row($$"""{"list_id":"{{id}}","id":"cat-{{id}}","title":"Topics","display_order":0,"type":"checkboxes"}"""));
        foreach (var topic in new[] { "news", "offers" })
            Table("interests").Add(Rows.Row($$"""{"category_id":"cat-{{id}}","list_id":"{{id}}","id":"{{topic}}-{{id}}","name":"{{topic}}","subscriber_count":"3","display_order":1}"""));
        // Three quarters are subscribed: more than a page of them.
        string[] statuses = [.. Enumerable.Repeat("subscribed", 15), "unsubscribed", "cleaned", "pending", "transactional", "archived"];
        for (var number = 0; number < members; number++)
        {
            var address = $"Person{number}@example.com";

            // The first thirty are subscribed, so that a disaster has people to strike; the rest are of every kind.
            var status = number < 31 ? "subscribed" : statuses[number % statuses.Length];
            var member = Rows.Row($$$"""{"id":"{{{Md5(address)}}}","email_address":"{{{address}}}","unique_email_id":"u{{{number}}}","contact_id":"k{{{number}}}","full_name":"Pérson {{{number}}}","web_id":{{{9007199254740993 + number}}},"email_type":"html","status":"{{{status}}}","merge_fields":{"FNAME":"Pérson {{{number}}}","CITY":"Köln","POINTS":{{{number}}}.50},"interests":{"news-{{{id}}}":{{{(number % 2 == 0 ? "true" : "false")}}},"offers-{{{id}}}":false},"stats":{"avg_open_rate":0.25},"ip_signup":"","timestamp_signup":"","ip_opt":"203.0.113.9","timestamp_opt":"2025-05-05T10:00:00+00:00","member_rating":2,"last_changed":"{{{Ago(TimeSpan.FromDays(2) + TimeSpan.FromMinutes(number * 7), Format)}}}","language":"de","vip":false,"email_client":"","location":{"latitude":50.93,"longitude":6.95},"source":"Import","list_id":"{{{id}}}"}""");
            if (status is "unsubscribed") _saidNo.Add(Place(member));
            Table("members").Add(member);
        }
    }
}
