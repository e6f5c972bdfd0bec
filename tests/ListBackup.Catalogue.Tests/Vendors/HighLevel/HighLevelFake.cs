using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// HighLevel's API v2 as https://marketplace.gohighlevel.com/docs/ tells it: a version in each request, a search of contacts that goes on behind the last one's
/// place, lists by offset, skip or page, submissions of one month unless dates are given, 400 for what is not there.
/// </summary>
public sealed class HighLevelFake : VendorFake
{
    public const string Location = "loc1";
    private const string Token = "pit-listbackup-secret";
    private int _made;

    public HighLevelFake()
    {
        Tables = HighLevelSeed.Tables(this);
        Tokens = new VendorTokens(Time, TimeSpan.FromDays(1), rotates: true);
        On("POST", "oauth/token", request => request.Form("user_type") == "Location" ? Tokens.Answer(request) : Bad("user_type is missing."));
        On("GET", $"locations/{Location}", _ => VendorAnswer.Ok(new JsonObject { ["location"] = TheLocation.Copy() }));
        On("POST", "contacts/search", SearchContacts);
        On("GET", "contacts/search/duplicate", Duplicate);
        On("GET", "opportunities/search", SearchOpportunities);
        On("GET", "conversations/search", SearchConversations);
        On("GET", "conversations/{parent}/messages", Messages);
        On("GET", "products/{parent}/price", request => List(new HighLevelKind("prices", "", "prices", HighLevelPaging.Offset, ("parent", "product")), request));
        On("POST", "objects/{key}/records/search", SearchRecords);
        foreach (var kind in HighLevelKind.All) On("GET", kind.Path.Replace("{location}", Location), request => List(kind, request));
        foreach (var resource in HighLevelWrites.All)
        {
            On("POST", resource.Path, request => Create(resource, request));
            On("GET", $"{resource.One}/{{id}}", request => Row(resource, request) is { } row ? One(resource, row) : Bad("Not found."));
            On("PUT", $"{resource.Path}/{{id}}", request => Update(resource, request));
            if (resource.Parent is not null)
                On("GET", resource.Path, request => Tables["contacts"].Find("id", request.Route["parent"]) is null ? Bad("Contact not found.") : Rows(resource.Stream, Tables[resource.Stream].Where(row => row.Text("contactId") == request.Route["parent"])));
        }
    }

    public override string Platform => "highlevel";

    public override IReadOnlyList<string> Hosts => ["services.leadconnectorhq.com"];

    public override object Config => new { location_id = Location, credentials = new { auth_type = "token", token = Token } };

    public override object BadConfig => new { location_id = Location, credentials = new { auth_type = "token", token = "pit-wrong-secret" } };

    public override object OAuthConfig => new
    {
        location_id = Location,
        credentials = new { auth_type = "oauth", client_id = VendorTokens.ClientId, client_secret = VendorTokens.ClientSecret, refresh_token = Tokens.RefreshToken },
    };

    public override VendorTokens Tokens { get; }

    public Dictionary<string, List<JsonObject>> Tables { get; }

    private static JsonObject TheLocation => ListBackup.Catalogue.Tests.Rows.Row("""{"id":"loc1","name":"Studio","email":"owner@example.com","timezone":"Europe/Berlin"}""");

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "location" => [TheLocation],
        "contacts" => Tables[stream].Select(Placed),
        _ => Tables[stream],
    };

    public override VendorAnswer TooManyRequests(TimeSpan wait) => VendorAnswer.Of(429, new JsonObject { ["statusCode"] = 429, ["message"] = "Too Many Requests" });

    public override void Browse()
    {
        foreach (var contact in Tables["contacts"]) contact["lastActivity"] = ++_made;
    }

    public string Stamp() => Now("yyyy-MM-ddTHH:mm:ss.000Z");

    public string DaysAgo(int days) => Ago(TimeSpan.FromDays(days), "yyyy-MM-ddTHH:mm:ss.000Z");

    public JsonObject Row(string stream, string id) => Tables[stream].Find("id", id)!;

    public void Delete(string stream, string id)
    {
        Tables[stream].RemoveAll(row => row.Text("id") == id);
        if (stream == "custom_fields")
        {
            // A field takes its values with it.
            foreach (var contact in Tables["contacts"]) contact["customFields"] = contact["customFields"]!.AsArray().OfType<JsonObject>().Where(field => field.Text("id") != id).ToJsonArray();
        }

        if (stream != "contacts") return;
        foreach (var child in (string[])["notes", "tasks", "opportunities"]) Tables[child].RemoveAll(row => row.Text("contactId") == id);
    }

    protected override VendorAnswer? Refuse(VendorRequest request)
    {
        if (request.Path == "/oauth/token") return null;
        if (request.Bearer != Token && !Tokens.IsGood(request.Bearer)) return VendorAnswer.Of(401, new JsonObject { ["statusCode"] = 401, ["message"] = "Invalid JWT" });
        return request.Header("Version") is null ? VendorAnswer.Of(401, new JsonObject { ["statusCode"] = 401, ["message"] = "version header was not found." }) : null;
    }

    private static VendorAnswer Bad(string message) => VendorAnswer.Of(400, new JsonObject { ["statusCode"] = 400, ["message"] = message });

    private static VendorAnswer One(HighLevelResource resource, JsonObject row, int status = 200) => VendorAnswer.Of(status, new JsonObject { [resource.Single] = row.DeepClone() });

    private static VendorAnswer Rows(string name, IEnumerable<JsonObject> rows) => VendorAnswer.Ok(new JsonObject { [name] = rows.ToJsonArray() });

    /// <summary>A contact as the search shows it: with its place in the listing.</summary>
    private static JsonObject Placed(JsonObject contact) => contact.With("searchAfter", new JsonArray(Milliseconds(contact), contact.Text("id")));

    private static long Milliseconds(JsonObject contact) => DateTimeOffset.Parse(contact.Text("dateUpdated"), CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private VendorAnswer SearchContacts(VendorRequest request)
    {
        var body = request.Json;
        var limit = body["pageLimit"]!.GetValue<int>();
        if (body.Text("locationId") != Location || limit is < 1 or > 500) return Bad("pageLimit is at most 500.");
        var rows = Tables["contacts"].OrderBy(Milliseconds).ThenBy(row => row.Text("id"), StringComparer.Ordinal).ToList();
        foreach (var filter in body["filters"]!.AsArray().OfType<JsonObject>())
        {
            if (filter.Text("field") != "dateUpdated" || filter.Text("operator") != "range") return Bad("Unknown filter.");
            var since = DateTimeOffset.Parse(filter["value"]!["gte"]!.GetValue<string>(), CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
            rows = [.. rows.Where(row => Milliseconds(row) >= since)];
        }

        var total = rows.Count;
        if (body["searchAfter"] is JsonArray after)
        {
            var (time, id) = (after[0]!.GetValue<long>(), after[1]!.GetValue<string>());
            rows = [.. rows.Where(row => Milliseconds(row) > time || (Milliseconds(row) == time && string.CompareOrdinal(row.Text("id"), id) > 0))];
        }

        return VendorAnswer.Ok(new JsonObject { ["contacts"] = rows.Take(limit).Select(Placed).ToJsonArray(), ["total"] = total });
    }

    private VendorAnswer Duplicate(VendorRequest request)
    {
        var found = request["email"] is { } email ? Tables["contacts"].Find("email", email) : Tables["contacts"].Find("phone", request["number"]);
        return VendorAnswer.Ok(new JsonObject { ["contact"] = found?.DeepClone() });
    }

    private VendorAnswer SearchOpportunities(VendorRequest request)
    {
        if (request["location_id"] != Location) return Bad("location_id is missing.");
        var limit = request.Number("limit", 20);
        if (limit > 100) return Bad("limit is at most 100.");
        var rows = Tables["opportunities"].Where(row => request["contact_id"] is not { } contact || row.Text("contactId") == contact).ToList();
        var start = request["startAfterId"] is { } after ? rows.FindIndex(row => row.Text("id") == after) + 1 : 0;
        if (start > 0 && request["startAfter"] != "17") return Bad("startAfter is missing.");
        var page = rows.Page(start, limit);
        var hasMore = start + limit < rows.Count;
        return VendorAnswer.Ok(new JsonObject
        {
            ["opportunities"] = page.ToJsonArray(),
            ["meta"] = new JsonObject
            {
                ["total"] = rows.Count, ["nextPage"] = hasMore ? 2 : null, ["startAfter"] = hasMore ? 17 : null, ["startAfterId"] = hasMore ? page[^1].Text("id") : null,
                ["nextPageUrl"] = hasMore ? "http://services.leadconnectorhq.com/opportunities/search?page=2" : null,
            },
        });
    }

    private VendorAnswer SearchConversations(VendorRequest request)
    {
        var rows = Tables["conversations"].Where(row => request["startAfterDate"] is not { } after || row["sort"]![0]!.GetValue<long>() > long.Parse(after, CultureInfo.InvariantCulture));
        return VendorAnswer.Ok(new JsonObject { ["conversations"] = rows.Take(request.Number("limit", 20)).ToJsonArray(), ["total"] = Tables["conversations"].Count });
    }

    private VendorAnswer Messages(VendorRequest request)
    {
        var rows = Tables["messages"].Where(row => row.Text("conversationId") == request.Route["parent"]).ToList();
        var start = request["lastMessageId"] is { } last ? rows.FindIndex(row => row.Text("id") == last) + 1 : 0;
        var page = rows.Page(start, request.Number("limit", 20));
        return VendorAnswer.Ok(new JsonObject
        {
            ["messages"] = new JsonObject { ["lastMessageId"] = page.Count > 0 ? page[^1].Text("id") : null, ["nextPage"] = start + page.Count < rows.Count, ["messages"] = page.ToJsonArray() },
        });
    }

    private VendorAnswer SearchRecords(VendorRequest request)
    {
        var (page, limit) = (request.Json["page"]!.GetValue<int>(), request.Json["pageLimit"]!.GetValue<int>());
        var rows = Tables["object_records"].Where(row => row.Text("objectKey") == request.Route["key"]).ToList();
        return VendorAnswer.Ok(new JsonObject { ["records"] = rows.Page((page - 1) * limit, limit).ToJsonArray(), ["total"] = rows.Count });
    }

    private VendorAnswer List(HighLevelKind kind, VendorRequest request)
    {
        if (request.Header("Version") != kind.Version) return Bad("The version is another one here.");
        var named = kind.UsesAlt ? request["altId"] == Location && request["altType"] == "location" : request["locationId"] == Location || request.Path.Contains(Location, StringComparison.Ordinal);
        if (!named) return VendorAnswer.Of(422, new JsonObject { ["message"] = "The sub-account is missing." });
        if (kind.Stream is "appointments" or "blocked_slots" && (request["startTime"] is null || request["endTime"] is null)) return Bad("A window is missing.");
        var rows = Tables[kind.Stream].AsEnumerable();
        if (kind.By is var (parameter, field)) rows = rows.Where(row => row.Text(field) == (request[parameter] ?? request.Route.GetValueOrDefault(parameter)));
        if (kind.Paging == HighLevelPaging.Page) rows = rows.Where(row => string.CompareOrdinal(row.Text("createdAt"), request["startAt"] ?? Ago(TimeSpan.FromDays(30))) >= 0);
        var all = rows.ToList();
        var limit = kind.Paging == HighLevelPaging.Whole ? all.Count : request.Number("limit", 20);
        if (limit > (kind.Paging == HighLevelPaging.Skip ? 50 : 100) && kind.Paging != HighLevelPaging.Whole) return VendorAnswer.Of(422, new JsonObject { ["message"] = "limit is too large." });
        var start = kind.Paging switch
        {
            HighLevelPaging.Offset => request.Number("offset", 0),
            HighLevelPaging.Skip => request.Number("skip", 0),
            HighLevelPaging.Page => (request.Number("page", 1) - 1) * limit,
            _ => 0,
        };
        var shown = all.Page(start, limit).ToJsonArray();
        if (kind.Rows is null) return VendorAnswer.Ok(shown);
        var answer = new JsonObject { [kind.Rows] = shown };
        if (kind.Total is { } total) answer[total] = total == "meta" ? new JsonObject { ["total"] = all.Count } : all.Count;
        return VendorAnswer.Ok(answer);
    }

    private JsonObject? Row(HighLevelResource resource, VendorRequest request) =>
        Tables[resource.Stream].FirstOrDefault(row => row.Text("id") == request.Route["id"] && (resource.Parent is not { } parent || row.Text(parent) == request.Route["parent"]));

    private VendorAnswer Create(HighLevelResource resource, VendorRequest request)
    {
        var sent = request.Json;
        if (sent.FirstOrDefault(member => !resource.Creatable.Contains(member.Key)).Key is { } unknown) return VendorAnswer.Of(422, new JsonObject { ["message"] = $"property {unknown} should not exist" });
        if (resource.Stream == "contacts" && sent.Text("email").Length > 0 && Tables["contacts"].Find("email", sent.Text("email")) is not null) return Bad("This location does not allow duplicated contacts.");
        var row = new JsonObject { ["id"] = $"new{++_made}" };
        if (resource.Parent is { } parent) row[parent] = request.Route["parent"];
        else row["locationId"] = Location;
        if (resource.Stream == "contacts") row.Merge(new JsonObject { ["dateAdded"] = Stamp(), ["dateUpdated"] = Stamp() });
        row.Merge(HighLevelWrites.Read(resource.Stream, sent));
        if (resource.Stream == "custom_fields") row["fieldKey"] = $"contact.{sent.Text("name").ToLowerInvariant()}";
        Tables[resource.Stream].Add(row);
        return One(resource, row, 201);
    }

    private VendorAnswer Update(HighLevelResource resource, VendorRequest request)
    {
        if (Row(resource, request) is not { } row) return Bad("Not found.");
        if (request.Json.FirstOrDefault(member => !resource.Changeable.Contains(member.Key)).Key is { } unknown) return VendorAnswer.Of(422, new JsonObject { ["message"] = $"property {unknown} should not exist" });
        row.Merge(HighLevelWrites.Read(resource.Stream, request.Json));
        if (row.ContainsKey("dateUpdated")) row["dateUpdated"] = Stamp();
        return One(resource, row);
    }
}
