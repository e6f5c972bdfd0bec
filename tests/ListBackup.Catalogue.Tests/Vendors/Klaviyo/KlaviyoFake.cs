using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// Klaviyo's API as https://developers.klaviyo.com/en/reference/api_overview tells it: JSON:API, links to the next page, page sizes by endpoint, filters in
/// words, sparse fieldsets, a revision in each request, consent that no write of profiles touches.
/// </summary>
public sealed partial class KlaviyoFake : VendorFake
{
    public const string Host = "a.klaviyo.com";
    private const string Key = "pk_listbackup_secret";
    private int _made;

    public KlaviyoFake()
    {
        Tables = KlaviyoSeed.Tables(this);
        Tokens = new VendorTokens(Time, TimeSpan.FromHours(1), rotates: false);
        On("POST", "oauth/token", request => Tokens.Answer(request));
        foreach (var kind in KlaviyoKind.All) On("GET", "api/" + kind.Path, request => List(kind, request));
        On("GET", "api/flows/{id}", request => Tables["flows"].Find("id", request.Route["id"]) is { } flow ? One(WithDefinition(flow)) : Missing());
        On("GET", "api/profiles/{id}/lists", ListsOf);
        On("POST", "api/lists/{id}/relationships/profiles", Join);
        foreach (var kind in KlaviyoKind.All.Where(kind => kind.Parent is null))
        {
            On("GET", $"api/{kind.Path}/{{id}}", request => Tables[kind.Stream].Find("id", request.Route["id"]) is { } row ? One(Shown(kind, row, request)) : Missing());
            On("POST", "api/" + kind.Path, request => Create(kind, request));
            On("PATCH", $"api/{kind.Path}/{{id}}", request => Update(kind, request));
        }
    }

    public override string Platform => "klaviyo";

    public override IReadOnlyList<string> Hosts => [Host];

    public override object Config => new { credentials = new { auth_type = "api_key", api_key = Key } };

    public override object BadConfig => new { credentials = new { auth_type = "api_key", api_key = "pk_wrong_secret" } };

    public override object OAuthConfig => new
    {
        credentials = new { auth_type = "oauth", client_id = VendorTokens.ClientId, client_secret = VendorTokens.ClientSecret, refresh_token = Tokens.RefreshToken },
    };

    public override VendorTokens Tokens { get; }

    public Dictionary<string, List<JsonObject>> Tables { get; }

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "profiles" => Tables["profiles"].Select(row => row.With("updated", row["attributes"]!["updated"])),
        "profile_ids" => Tables["profiles"].Select(row => row.With("attributes", row["attributes"]!.AsObject().Only("created"))),
        "events" => Tables["events"].Select(row => row.With("datetime", row["attributes"]!["datetime"])),
        "flow_definitions" => Tables["flows"].Select(WithDefinition),
        "campaign_messages" => Tables[stream].Select(row => row.Without("campaign")),
        "form_versions" => Tables[stream].Select(row => row.Without("form")),
        _ => Tables[stream],
    };

    public override VendorAnswer TooManyRequests(TimeSpan wait) => Error(429, "throttled", "Request was throttled.").With("Retry-After", wait.TotalSeconds.ToString(CultureInfo.InvariantCulture));

    public override void Browse()
    {
        foreach (var profile in Tables["profiles"])
        {
            profile["attributes"]!["last_event_date"] = Stamp();
            profile["attributes"]!["updated"] = Stamp();
        }
    }

    public string Stamp() => Now("yyyy-MM-ddTHH:mm:ss+00:00");

    public string DaysAgo(int days) => Ago(TimeSpan.FromDays(days), "yyyy-MM-ddTHH:mm:ss+00:00");

    public JsonObject Attributes(string stream, string id) => Tables[stream].Find("id", id)!["attributes"]!.AsObject();

    public void Delete(string stream, string id)
    {
        Tables[stream].RemoveAll(row => row.Text("id") == id);
        if (stream == "profiles") Tables["list_members"].RemoveAll(row => row.Text("id") == id);
        if (stream == "profiles") Tables["segment_members"].RemoveAll(row => row.Text("id") == id);
        if (stream == "lists") Tables["list_members"].RemoveAll(row => row.Text("list_id") == id);
    }

    protected override VendorAnswer? Refuse(VendorRequest request)
    {
        if (request.Path == "/oauth/token") return null;
        if (request.Header("Authorization") != $"Klaviyo-API-Key {Key}" && !Tokens.IsGood(request.Bearer)) return Error(401, "not_authenticated", "Missing or invalid credentials.");
        return request.Header("revision") is null ? Error(400, "invalid", "The revision header is required.") : null;
    }

    protected override VendorAnswer NotFound(VendorRequest request) => Missing();

    private static VendorAnswer Missing() => Error(404, "not_found", "No such resource.");

    private static VendorAnswer Error(int status, string code, string detail) =>
        VendorAnswer.Of(status, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["status"] = status, ["code"] = code, ["detail"] = detail }) });

    private static VendorAnswer One(JsonObject row) => VendorAnswer.Ok(new JsonObject { ["data"] = row.DeepClone() });

    private static JsonObject WithDefinition(JsonObject flow)
    {
        var copy = flow.Copy();
        copy["attributes"]!["definition"] = Rows.Row("""{"triggers":[{"type":"list","id":"L1"}],"actions":[{"type":"send-email"}]}""");
        return copy;
    }

    private VendorAnswer List(KlaviyoKind kind, VendorRequest request)
    {
        string[] known = ["page[cursor]", "page[size]", "sort", "filter", "include", $"fields[{kind.Type}]", "additional-fields[profile]"];
        if (request.QueryNames.FirstOrDefault(name => !known.Contains(name)) is { } unknown) return Error(400, "invalid", $"{unknown} is not a parameter.");
        if (request["page[size]"] is not null && kind.PageMax is null) return Error(400, "invalid", "page[size] is not a parameter.");
        var size = request.Number("page[size]", Math.Min(20, kind.PageMax ?? 200));
        if (size > (kind.PageMax ?? 200)) return Error(400, "invalid", "Page size too large.");
        if (request["include"] is { } include && include != kind.Include) return Error(400, "invalid", $"{include} cannot be included.");
        if (Filtered(kind, request) is not { } rows) return Error(400, "invalid", "The filter is missing or not allowed.");
        if (kind.Parent is not null && rows.Count == 0 && !ParentExists(kind, request)) return Missing();

        var start = request["page[cursor]"] is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var next = start + size < rows.Count ? Next(request, start + size) : null;
        return VendorAnswer.Ok(new JsonObject
        {
            ["data"] = rows.Page(start, size).Select(row => Shown(kind, row, request)).ToJsonArray(),
            ["links"] = new JsonObject { ["self"] = $"https://{Host}{request.Path}", ["next"] = next },
        });
    }

    private bool ParentExists(KlaviyoKind kind, VendorRequest request) =>
        Tables[kind.Path.Split('/')[0]].Find("id", request.Route["parent"]) is not null;

    private static string Next(VendorRequest request, int start)
    {
        var kept = request.QueryNames.Where(name => name != "page[cursor]").Select(name => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(request[name]!)}&");
        return $"https://{Host}{request.Path}?{string.Concat(kept)}{Uri.EscapeDataString("page[cursor]")}={start}";
    }

    /// <summary>Null: the filter is missing where it must be, or is none of the endpoint.</summary>
    private List<JsonObject>? Filtered(KlaviyoKind kind, VendorRequest request)
    {
        var rows = Tables[kind.Stream].AsEnumerable();
        if (kind.Parent is { } parent) rows = rows.Where(row => row.Text(parent) == request.Route["parent"]);
        var filter = request["filter"] ?? "";
        if (kind.Filter is "channel" or "coupon.id" && !filter.Contains(kind.Filter, StringComparison.Ordinal)) return null;
        foreach (Match word in Words().Matches(filter))
        {
            var (operation, field, value) = (word.Groups[1].Value, word.Groups[2].Value, word.Groups[3].Value.Trim('\'', '"'));
            if (Allowed(kind, operation, field) is not { } kept) return null;
            rows = rows.Where(row => kept(row, value));
        }

        var sort = request["sort"];
        return sort is null or "id" ? [.. rows] : [.. rows.OrderBy(row => row["attributes"]!.AsObject().Text(sort), StringComparer.Ordinal)];
    }

    private static Func<JsonObject, string, bool>? Allowed(KlaviyoKind kind, string operation, string field) => (kind.Stream, operation, field) switch
    {
        ("profiles", "greater-than", "updated") => (row, value) => Moment(row, field) > DateTimeOffset.Parse(value, CultureInfo.InvariantCulture),
        ("events", "greater-or-equal", "datetime") => (row, value) => Moment(row, field) >= DateTimeOffset.Parse(value, CultureInfo.InvariantCulture),
        ("profiles", "any", "id") => (row, value) => Listed(value).Contains(row.Text("id")),
        ("profiles", "any", "email" or "external_id" or "phone_number") => (row, value) => Listed(value).Contains(row["attributes"]!.AsObject().Text(field)),
        ("profiles", "equals", "email" or "external_id" or "phone_number") => (row, value) => row["attributes"]!.AsObject().Text(field) == value,
        ("campaigns", "equals", "messages.channel") => (row, value) => row["attributes"]!.AsObject().Text("channel") == value,
        ("campaigns" or "flows", "equals", "archived") => (row, value) => row["attributes"]!.AsObject().Text("archived") == value,
        ("coupon_codes", "equals", "coupon.id") => (row, value) => row["relationships"]!["coupon"]!["data"]!["id"]!.GetValue<string>() == value,
        ("lists" or "segments" or "templates" or "tags" or "tag_groups", "equals", "name") => (row, value) => row["attributes"]!.AsObject().Text("name") == value,
        _ => null,
    };

    private static IEnumerable<string> Listed(string value) => value.Trim('[', ']').Split(',').Select(word => word.Trim('"'));

    private static DateTimeOffset Moment(JsonObject row, string field) => DateTimeOffset.Parse(row["attributes"]!.AsObject().Text(field), CultureInfo.InvariantCulture);

    private static JsonObject Shown(KlaviyoKind kind, JsonObject row, VendorRequest request)
    {
        var shown = kind.Parent is { } parent ? row.Without(parent) : row.Copy();
        var attributes = shown["attributes"]!.AsObject();
        if (kind.Stream == "profiles" && request["additional-fields[profile]"] != "subscriptions") attributes = attributes.Without("subscriptions");
        if (request[$"fields[{kind.Type}]"] is { } fields) attributes = attributes.Only(fields.Split(','));
        shown["attributes"] = attributes.DeepClone();

        // Without include a relationship is an address and no id.
        if (kind.Include is { } include && request["include"] is null && shown["relationships"]?[include] is JsonObject relationship) relationship.Remove("data");
        return shown;
    }

    private VendorAnswer ListsOf(VendorRequest request)
    {
        if (Tables["profiles"].Find("id", request.Route["id"]) is null) return Missing();
        var ids = Tables["list_members"].Where(row => row.Text("id") == request.Route["id"]).Select(row => row.Text("list_id")).ToHashSet();
        return VendorAnswer.Ok(new JsonObject { ["data"] = Tables["lists"].Where(row => ids.Contains(row.Text("id"))).ToJsonArray() });
    }

    private VendorAnswer Join(VendorRequest request)
    {
        foreach (var member in request.Json["data"]!.AsArray())
        {
            var id = member!["id"]!.GetValue<string>();
            if (Tables["profiles"].Find("id", id) is null) return Error(400, "invalid", "No such profile.");
            Tables["list_members"].Add(KlaviyoSeed.Member("list_id", request.Route["id"], id, Stamp()));
        }

        return VendorAnswer.Empty();
    }

    private VendorAnswer Create(KlaviyoKind kind, VendorRequest request)
    {
        if (Sent(kind, request) is not { } sent) return Error(400, "invalid", "A field is not one that can be written.");
        if (kind.Stream == "profiles" && Tables["profiles"].FirstOrDefault(row => IsSame(row, sent)) is not null) return Error(409, "duplicate_profile", "A profile with this identifier exists.");
        var id = kind.Stream is "coupons" or "catalog_categories" ? KlaviyoSeed.IdOf(kind.Stream, sent.Text("external_id")) : $"NEW{++_made}";
        var row = KlaviyoSeed.Resource(kind.Type, id, KlaviyoSeed.Blank(kind.Stream, Stamp()));
        row["attributes"]!.AsObject().Merge(sent.Without("integration_type", "catalog_type"));
        if (request.Json["data"]!["relationships"] is { } relationships) row["relationships"] = relationships.DeepClone();
        Tables[kind.Stream].Add(row);
        return VendorAnswer.Of(201, new JsonObject { ["data"] = row.DeepClone() });
    }

    private VendorAnswer Update(KlaviyoKind kind, VendorRequest request)
    {
        if (Tables[kind.Stream].Find("id", request.Route["id"]) is not { } row) return Missing();
        if (Sent(kind, request) is not { } sent || request.Json["data"]!["id"]?.GetValue<string>() != row.Text("id")) return Error(400, "invalid", "A field is not one that can be written.");
        row["attributes"]!.AsObject().Merge(sent);
        if (row["attributes"]!.AsObject().ContainsKey("updated")) row["attributes"]!["updated"] = Stamp();
        return kind.Stream == "tags" ? VendorAnswer.Empty() : One(row);
    }

    private static JsonObject? Sent(KlaviyoKind kind, VendorRequest request)
    {
        var attributes = request.Json["data"]?["attributes"] as JsonObject;
        return request.Json["data"]?["type"]?.GetValue<string>() == kind.Type && attributes is not null && attributes.All(member => KlaviyoSeed.Writable(kind.Stream).Contains(member.Key)) ? attributes : null;
    }

    private static bool IsSame(JsonObject row, JsonObject sent) =>
        ((string[])["email", "external_id", "phone_number"]).Any(name => sent.Text(name).Length > 0 && row["attributes"]!.AsObject().Text(name) == sent.Text(name));

    [GeneratedRegex("(greater-than|greater-or-equal|equals|any)\\(([^,()]+),([^()]*)\\)")]
    private static partial Regex Words();
}
