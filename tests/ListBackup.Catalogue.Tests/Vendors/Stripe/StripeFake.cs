using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// Stripe's API v1 as https://docs.stripe.com/api tells it: cursors by id, newest first, at most 100 objects; unknown parameters are refused; deleted customers
/// and products answer as stubs; writes are forms and remember their idempotency key.
/// </summary>
public sealed class StripeFake : VendorFake
{
    private const string Key = "rk_live_listbackup_secret";
    private readonly Dictionary<string, (string Request, VendorAnswer Answer)> _idempotent = [];
    private readonly HashSet<string> _deleted = [];
    private int _made;

    public StripeFake()
    {
        Tables = new StripeSeed(Time).Tables;
        On("GET", "v1/account", _ => VendorAnswer.Ok(Account));
        On("GET", "v1/customers/search", SearchCustomers);
        foreach (var kind in StripeKind.All)
        {
            On("GET", "v1/" + kind.Path, request => List(kind, request));
            On("POST", "v1/" + kind.Path, request => Once(request, () => Create(kind, request)));
            On("GET", $"v1/{kind.Path}/{{id}}", request => Get(kind, request));
            On("POST", $"v1/{kind.Path}/{{id}}", request => Once(request, () => Update(kind, request)));
            On("DELETE", $"v1/{kind.Path}/{{id}}", request => Remove(kind, request.Route["id"]));
        }
    }

    public override string Platform => "stripe";

    public override IReadOnlyList<string> Hosts => ["api.stripe.com"];

    public override object Config => new { credentials = new { auth_type = "api_key", api_key = Key } };

    public override object BadConfig => new { credentials = new { auth_type = "api_key", api_key = "rk_live_wrong_secret" } };

    public Dictionary<string, List<JsonObject>> Tables { get; }

    private static JsonObject Account => Rows.Row("""{"id":"acct_1","object":"account","email":"shop@example.com","country":"DE","settings":{"dashboard":{"display_name":"Shop"}}}""");

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "account" => [Account],

        // What is short is whole where it stands; only long lists are read by their own address.
        "invoice_lines" => OfLong("invoice_lines", "invoices", "lines", "invoice"),
        "subscription_items" => OfLong("subscription_items", "subscriptions", "items", "subscription"),
        "credit_note_lines" => OfLong("credit_note_lines", "credit_notes", "lines", "credit_note"),
        "transfer_reversals" => OfLong("transfer_reversals", "transfers", "reversals", "transfer"),
        "customers" => Tables[stream].Select(row => row.Without("tax_ids", "sources")),
        _ => Tables[stream],
    };

    public override VendorAnswer TooManyRequests(TimeSpan wait) => Error(429, "rate_limit_error", "rate_limit", "Too many requests.");

    public override void Browse()
    {
        foreach (var invoice in Tables["invoices"]) invoice["invoice_pdf"] = $"https://pay.example.com/pdf?s={++_made}";
        foreach (var charge in Tables["charges"]) charge["receipt_url"] = $"https://pay.example.com/receipt?s={++_made}";
    }

    public void Delete(string stream, string id)
    {
        _deleted.Add(id);
        Tables[stream].RemoveAll(row => row.Text("id") == id);
        if (stream != "customers") return;
        foreach (var kind in StripeKind.All.Where(kind => kind.ParentField == "customer")) Tables[kind.Stream].RemoveAll(row => row.Text("customer") == id);
    }

    public JsonObject Row(string stream, string id) => Tables[stream].Find("id", id)!;

    public long Stamp() => Time.GetUtcNow().ToUnixTimeSeconds();

    protected override VendorAnswer? Refuse(VendorRequest request)
    {
        if (request.Bearer != Key) return Error(401, "invalid_request_error", null, "Invalid API Key provided.");
        return request.Header("Stripe-Version") is null ? Error(400, "invalid_request_error", null, "The connector pins no version.") : null;
    }

    protected override VendorAnswer NotFound(VendorRequest request) => Error(404, "invalid_request_error", "resource_missing", "No such address.");

    private static VendorAnswer Error(int status, string type, string? code, string message) =>
        VendorAnswer.Of(status, new JsonObject { ["error"] = new JsonObject { ["type"] = type, ["code"] = code, ["message"] = message } });

    private IEnumerable<JsonObject> OfLong(string children, string parents, string list, string field)
    {
        var isLong = Tables[parents].Where(row => row[list]!["has_more"]!.GetValue<bool>()).Select(row => row.Text("id")).ToHashSet();
        return Tables[children].Where(row => isLong.Contains(row.Text(field)));
    }

    private VendorAnswer List(StripeKind kind, VendorRequest request)
    {
        string[] known = ["limit", "starting_after", "expand[]", .. kind.Filters ?? []];
        if (request.QueryNames.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            return Error(400, "invalid_request_error", "parameter_unknown", $"Received unknown parameter: {unknown}");
        if (request.All("expand[]").FirstOrDefault(path => !(kind.Expandable ?? []).Contains(path["data.".Length..])) is { } expansion)
            return Error(400, "invalid_request_error", null, $"This property cannot be expanded ({expansion}).");
        var limit = request.Number("limit", 10);
        if (limit is < 1 or > 100) return Error(400, "invalid_request_error", null, "A limit is between 1 and 100.");
        var rows = Filtered(kind, request).ToList();
        var start = 0;
        if (request["starting_after"] is not null && request.All("ids[]").Count > 0) return Error(400, "invalid_request_error", null, "ids cannot be used with starting_after.");
        if (request["starting_after"] is { } after)
        {
            start = rows.FindIndex(row => row.Text("id") == after) + 1;
            if (start == 0) return Error(400, "invalid_request_error", "resource_missing", "No such cursor.");
        }

        return VendorAnswer.Ok(new JsonObject
        {
            ["object"] = "list",
            ["url"] = request.Path,
            ["has_more"] = start + limit < rows.Count,
            ["data"] = rows.Page(start, limit).Select(row => Shown(kind, row, request)).ToJsonArray(),
        });
    }

    /// <summary>Newest first; subscriptions that ended are left out unless asked for.</summary>
    private IEnumerable<JsonObject> Filtered(StripeKind kind, VendorRequest request)
    {
        var rows = Tables[kind.Stream].AsEnumerable().Reverse();
        if (kind.ParentField is { } field) rows = rows.Where(row => row.Text(field) == (request.Route.GetValueOrDefault("parent") ?? request[field]));
        if (kind.Stream == "subscriptions" && request["status"] != "all") rows = rows.Where(row => row.Text("status") != "canceled");
        if (request["created[gte]"] is { } since) rows = rows.Where(row => row["created"]!.GetValue<long>() >= long.Parse(since, CultureInfo.InvariantCulture));
        if (request.All("ids[]") is { Count: > 0 } ids) rows = rows.Where(row => ids.Contains(row.Text("id")));
        foreach (var name in (string[])["email", "product", "code"])
        {
            if (request[name] is { } wanted) rows = rows.Where(row => row.Text(name) == wanted);
        }

        return rows;
    }

    private static JsonObject Shown(StripeKind kind, JsonObject row, VendorRequest request)
    {
        var expanded = request.All("expand[]").Select(path => path["data.".Length..]).ToList();
        string[] hidden = [.. (kind.Expandable ?? []).Except(expanded), .. kind.IsParentShown ? [] : new[] { kind.ParentField! }];
        return row.Without(hidden);
    }

    private VendorAnswer SearchCustomers(VendorRequest request)
    {
        var wanted = request["query"]!.Split('\'')[3];
        return VendorAnswer.Ok(new JsonObject
        {
            ["object"] = "search_result",
            ["has_more"] = false,
            ["data"] = Tables["customers"].Where(row => row["metadata"]!.AsObject().Text("listbackup_id") == wanted).Select(row => row.Without("tax_ids", "sources")).ToJsonArray(),
        });
    }

    private VendorAnswer Get(StripeKind kind, VendorRequest request)
    {
        var id = request.Route["id"];
        if (Tables[kind.Stream].Find("id", id) is { } row) return VendorAnswer.Ok(Shown(kind, row, request));
        if (_deleted.Contains(id) && kind.Stream is "customers" or "products")
            return VendorAnswer.Ok(new JsonObject { ["id"] = id, ["object"] = kind.Stream.TrimEnd('s'), ["deleted"] = true });
        return Error(404, "invalid_request_error", "resource_missing", "No such object.");
    }

    /// <summary>The same key and request give the same answer; the same key with another request is a mistake.</summary>
    private VendorAnswer Once(VendorRequest request, Func<VendorAnswer> act)
    {
        if (request.Header("Idempotency-Key") is not { } key) return Error(400, "invalid_request_error", null, "The connector sends no idempotency key.");
        var asked = request.Path + request.Body;
        if (_idempotent.TryGetValue(key, out var before)) return before.Request == asked ? before.Answer : Error(400, "idempotency_error", null, "The key was used for another request.");
        var answer = act();
        _idempotent[key] = (asked, answer);
        return answer;
    }

    private VendorAnswer Create(StripeKind kind, VendorRequest request)
    {
        if (!StripeWrites.Creatable.TryGetValue(kind.Stream, out var fields)) return Error(404, "invalid_request_error", null, "Unrecognized request URL.");
        var sent = StripeForm.Parse(request.Body);
        if (sent.FirstOrDefault(member => !fields.Contains(member.Key)).Key is { } unknown) return Unknown(unknown);
        if (sent.Any(member => member.Value is null)) return Error(400, "invalid_request_error", "parameter_invalid_empty", "An empty value cannot be set on creation.");
        var id = sent.Text("id") is { Length: > 0 } own ? own : $"{StripeWrites.Prefix(kind.Stream)}_new{++_made}";
        if (Tables[kind.Stream].Find("id", id) is not null) return Error(400, "invalid_request_error", "resource_already_exists", "It exists already.");

        var row = StripeWrites.Blank(kind.Stream).With("id", id).With("created", Stamp());
        row.Merge(sent.Without("id"));
        if (request.Route.GetValueOrDefault("parent") is { } parent) row[kind.ParentField!] = parent;
        Tables[kind.Stream].Add(row);
        return VendorAnswer.Ok(Shown(kind, row, request));
    }

    private VendorAnswer Update(StripeKind kind, VendorRequest request)
    {
        if (Tables[kind.Stream].Find("id", request.Route["id"]) is not { } row) return Error(404, "invalid_request_error", "resource_missing", "No such object.");
        if (!StripeWrites.Changeable.TryGetValue(kind.Stream, out var fields)) return Error(404, "invalid_request_error", null, "Unrecognized request URL.");
        var sent = StripeForm.Parse(request.Body);
        if (sent.FirstOrDefault(member => !fields.Contains(member.Key)).Key is { } unknown) return Unknown(unknown);
        foreach (var (name, value) in sent)
        {
            if (value is JsonObject changes && row[name] is JsonObject inner) inner.Merge(changes);
            else row[name] = value?.DeepClone();
        }

        return VendorAnswer.Ok(Shown(kind, row, request));
    }

    private VendorAnswer Remove(StripeKind kind, string id)
    {
        if (Tables[kind.Stream].Find("id", id) is null) return Error(404, "invalid_request_error", "resource_missing", "No such object.");
        Delete(kind.Stream, id);
        return VendorAnswer.Ok(new JsonObject { ["id"] = id, ["deleted"] = true });
    }

    private static VendorAnswer Unknown(string name) => Error(400, "invalid_request_error", "parameter_unknown", $"Received unknown parameter: {name}");
}
