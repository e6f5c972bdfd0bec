using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// Shopify's Admin API as https://shopify.dev/docs/api/admin-rest and /admin-graphql tell it: pages by the Link header, whose page_info tolerates no filter; open
/// orders unless any are asked for; a log of deleted products; GraphQL connections by cursor.
/// </summary>
public sealed partial class ShopifyFake : VendorFake
{
    private const string Shop = "demo-shop.myshopify.com";
    private const string Base = "admin/api/2026-07";
    private const string Token = "shpat_listbackup_secret";
    private readonly Dictionary<string, (List<JsonObject> Rows, string? Fields)> _pages = [];
    private long _nextId = 9_007_199_254_740_993;
    private int _page;

    public ShopifyFake()
    {
        Tables = ShopifySeed.Tables(this);
        Graph = ShopifySeed.Graph();
        On("GET", $"{Base}/shop.json", _ => VendorAnswer.Ok(new JsonObject { ["shop"] = TheShop.Copy() }));
        On("POST", $"{Base}/graphql.json", Query);
        On("GET", $"{Base}/customers/search.json", Search);
        On("GET", $"{Base}/metafields/{{id}}", request => Metafield(request));
        On("PUT", $"{Base}/metafields/{{id}}", request => Metafield(request));
        foreach (var kind in ShopifyKind.All)
        {
            On("GET", $"{Base}/{kind.Path}.json", request => List(kind, request));
            On("GET", $"{Base}/{kind.Path}/count.json", request => Count(kind, request));
            On("POST", $"{Base}/{kind.Path}.json", request => Create(kind, request));
            On("GET", $"{Base}/{kind.Path}/{{id}}", request => Tables[kind.Stream].Find("id", Id(request)) is { } row ? One(kind, row) : Missing());
            On("PUT", $"{Base}/{kind.Path}/{{id}}", request => Update(kind, request));
        }
    }

    public override string Platform => "shopify";

    public override IReadOnlyList<string> Hosts => [Shop];

    public override object Config => new { shop = "demo-shop", credentials = new { auth_type = "access_token", access_token = Token } };

    public override object BadConfig => new { shop = "demo-shop", credentials = new { auth_type = "access_token", access_token = "shpat_wrong_secret" } };

    public Dictionary<string, List<JsonObject>> Tables { get; }

    /// <summary>Nodes of GraphQL by connection.</summary>
    public Dictionary<string, List<JsonObject>> Graph { get; }

    private static JsonObject TheShop => Rows.Row("""{"id":548380009,"name":"Demo","email":"owner@example.com","currency":"EUR"}""");

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "shop" => [TheShop],
        "customer_ids" => Tables["customers"].Select(row => row.Only("id")),
        "order_ids" => Tables["orders"].Select(row => row.Only("id")),
        _ => ShopifySeed.Connections.TryGetValue(stream, out var connection) ? Graph[connection] : Tables[stream],
    };

    public override VendorAnswer TooManyRequests(TimeSpan wait) =>
        VendorAnswer.Of(429, Errors("Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."))
            .With("Retry-After", wait.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture));

    public override void Browse()
    {
        foreach (var customer in Tables["customers"]) customer["orders_count"] = customer["orders_count"]!.GetValue<int>() + 1;
        foreach (var order in Tables["orders"]) order["order_status_url"] = $"https://shop.example.com/orders?key={++_page}";
        foreach (var product in Tables["products"]) product["variants"]![0]!["inventory_quantity"] = ++_page;
    }

    public string Stamp() => Now("yyyy-MM-ddTHH:mm:ss+00:00");

    public string DaysAgo(int days) => Ago(TimeSpan.FromDays(days), "yyyy-MM-ddTHH:mm:ss+00:00");

    public long NewId() => ++_nextId;

    public JsonObject Row(string stream, long id) => Tables[stream].Find("id", id.ToString(CultureInfo.InvariantCulture))!;

    public void Delete(string stream, long id)
    {
        var text = id.ToString(CultureInfo.InvariantCulture);
        Tables[stream].RemoveAll(row => row.Text("id") == text);
        foreach (var child in ShopifyKind.All.Where(kind => kind.Parent is not null && kind.Path.StartsWith(stream + "/", StringComparison.Ordinal)))
            Tables[child.Stream].RemoveAll(row => row.Text(child.Parent!) == text);
        Tables["collects"].RemoveAll(row => row.Text("product_id") == text || row.Text("collection_id") == text);
        if (stream == "products")
            Tables["deleted_products"].Add(new JsonObject { ["id"] = NewId(), ["subject_id"] = id, ["subject_type"] = "Product", ["verb"] = "destroy", ["created_at"] = Stamp() });
    }

    protected override VendorAnswer? Refuse(VendorRequest request) =>
        request.Header("X-Shopify-Access-Token") == Token ? null : VendorAnswer.Of(401, Errors("[API] Invalid API key or access token (unrecognized login or wrong password)"));

    protected override VendorAnswer NotFound(VendorRequest request) => Missing();

    private static JsonObject Errors(string text) => new() { ["errors"] = text };

    private static VendorAnswer Missing() => VendorAnswer.Of(404, Errors("Not Found"));

    private static VendorAnswer One(ShopifyKind kind, JsonObject row, int status = 200) => VendorAnswer.Of(status, new JsonObject { [kind.Single] = row.DeepClone() });

    private static string Id(VendorRequest request) => request.Route["id"].Replace(".json", "");

    private VendorAnswer List(ShopifyKind kind, VendorRequest request)
    {
        var limit = request.Number("limit", 50);
        if (limit > 250) limit = 250;
        if (request["page_info"] is { } info)
        {
            if (request.QueryNames.Any(name => name is not ("page_info" or "limit" or "fields"))) return VendorAnswer.Of(400, Errors("page_info: Invalid value."));
            return _pages.TryGetValue(info, out var page) ? Page(kind, page.Rows, page.Fields, limit) : VendorAnswer.Of(400, Errors("page_info: Invalid value."));
        }

        string[] known = [.. kind.IsPaged ? (string[])["limit", "fields"] : [], .. kind.Filters ?? []];
        if (request.QueryNames.FirstOrDefault(name => !known.Contains(name)) is { } unknown) return VendorAnswer.Of(400, Errors($"{unknown} is unknown here."));
        return Page(kind, [.. Filtered(kind, request)], request["fields"], limit);
    }

    private VendorAnswer Page(ShopifyKind kind, List<JsonObject> rows, string? fields, int limit)
    {
        var shown = rows.Page(0, limit).Select(row => fields is null ? row : row.Only(fields.Split(',')));
        var answer = VendorAnswer.Ok(new JsonObject { [kind.Path.Split('/')[^1]] = shown.ToJsonArray() });
        if (rows.Count <= limit) return answer;
        var info = $"page{++_page}";
        _pages[info] = ([.. rows.Skip(limit)], fields);
        return answer.With("Link", $"<https://{Shop}/{Base}/previous>; rel=\"previous\", <https://{Shop}/{Base}/{kind.Path.Replace("{parent}", Parent(kind, rows))}.json?limit={limit}&page_info={info}>; rel=\"next\"");
    }

    private static string Parent(ShopifyKind kind, List<JsonObject> rows) => kind.Parent is { } field ? rows[0].Text(field) : "";

    private IEnumerable<JsonObject> Filtered(ShopifyKind kind, VendorRequest request)
    {
        var rows = Tables[kind.Stream].AsEnumerable();
        if (kind.Parent is { } parent) rows = rows.Where(row => row.Text(parent) == request.Route["parent"]);
        if (kind.Stream == "orders" && request["status"] != "any") rows = rows.Where(row => row.Text("closed_at").Length == 0);
        if (kind.Stream == "draft_orders") rows = rows.Where(row => row.Text("status") == (request["status"] ?? "open"));
        if (request["location_ids"] is { } location) rows = rows.Where(row => row.Text("location_id") == location);
        if (request["ids"]?.Split(',') is { } ids) rows = rows.Where(row => ids.Contains(row.Text("id")));
        foreach (var name in (string[])["handle", "path", "collection_id", "product_id"])
        {
            if (request[name] is { } wanted) rows = rows.Where(row => row.Text(name) == wanted);
        }

        foreach (var name in (string[])["updated_at", "created_at"])
        {
            if (request[name + "_min"] is { } since) rows = rows.Where(row => At(row.Text(name)) >= At(since));
        }

        return rows;
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private VendorAnswer Count(ShopifyKind kind, VendorRequest request) => VendorAnswer.Ok(new JsonObject { ["count"] = Filtered(kind, request).Count() });

    private VendorAnswer Search(VendorRequest request)
    {
        var words = Word().Matches(request["query"]!).Select(word => (Field: word.Groups[1].Value, Value: word.Groups[2].Value)).ToList();
        if (string.Join(" OR ", words.Select(word => $"{word.Field}:\"{word.Value}\"")) != request["query"]) return VendorAnswer.Of(400, Errors("query: Invalid value."));
        var found = Tables["customers"].Where(row => words.Any(word => row.Text(word.Field) == word.Value)).ToList();
        return VendorAnswer.Ok(new JsonObject { ["customers"] = found.Page(0, Math.Min(request.Number("limit", 50), 250)).ToJsonArray() });
    }

    /// <summary>A metafield has an address of its own, whoever owns it.</summary>
    private VendorAnswer Metafield(VendorRequest request)
    {
        foreach (var kind in ShopifyKind.All.Where(kind => kind.Single == "metafield"))
        {
            if (Tables[kind.Stream].Find("id", Id(request)) is { } row) return request.Writes ? Update(kind, request) : One(kind, row);
        }

        return Missing();
    }

    private VendorAnswer Create(ShopifyKind kind, VendorRequest request)
    {
        if (Sent(kind, request) is not { } sent) return Unprocessable();
        if (kind.Stream == "customers" && Tables["customers"].Find("email", sent.Text("email")) is not null && sent.Text("email").Length > 0) return Unprocessable();
        if (Inner(sent).Any(inner => inner.ContainsKey("id"))) return Unprocessable();
        var row = ShopifySeed.Blank(kind.Stream, Stamp()).With("id", NewId());
        row.Merge(sent.Without("send_email_welcome"));
        if (kind.Parent is { } parent) row[parent] = long.Parse(request.Route["parent"], CultureInfo.InvariantCulture);
        foreach (var inner in Inner(row)) inner["id"] = NewId();
        if (kind.Stream == "customers") Settle(row);
        Tables[kind.Stream].Add(row);
        return One(kind, row, 201);
    }

    private VendorAnswer Update(ShopifyKind kind, VendorRequest request)
    {
        if (Tables[kind.Stream].Find("id", Id(request)) is not { } row) return Missing();
        if (Sent(kind, request) is not { } sent) return Unprocessable();
        if (kind.Stream == "products" && !ShopifySeed.MergeVariants(row, sent)) return Unprocessable();
        row.Merge(sent.Without("id"));
        if (row.ContainsKey("updated_at")) row["updated_at"] = Stamp();
        return One(kind, row);
    }

    /// <summary>Addresses are records of their own too; consent begins with none.</summary>
    private void Settle(JsonObject customer)
    {
        foreach (var name in (string[])["email_marketing_consent", "sms_marketing_consent"])
            customer[name] ??= customer.Text(name == "email_marketing_consent" ? "email" : "phone").Length > 0 ? Rows.Row("""{"state":"not_subscribed","opt_in_level":null,"consent_updated_at":null}""") : null;
        foreach (var address in customer["addresses"]!.AsArray().OfType<JsonObject>())
        {
            address["customer_id"] = customer["id"]!.DeepClone();
            Tables["customer_addresses"].Add(address.Copy());
        }
    }

    private static IEnumerable<JsonObject> Inner(JsonObject row) =>
        ((string[])["addresses", "variants", "options"]).SelectMany(name => (row[name] as JsonArray)?.OfType<JsonObject>() ?? []);

    private static JsonObject? Sent(ShopifyKind kind, VendorRequest request)
    {
        var name = kind.Stream == "customer_addresses" ? "address" : kind.Single;
        return request.Json[name] is JsonObject sent && kind.Writable is { } fields && sent.All(member => fields.Contains(member.Key)) ? sent.Copy() : null;
    }

    private static VendorAnswer Unprocessable() => VendorAnswer.Of(422, new JsonObject { ["errors"] = new JsonObject { ["base"] = new JsonArray("is invalid") } });

    private VendorAnswer Query(VendorRequest request)
    {
        var query = request.Json["query"]!.GetValue<string>();
        var variables = request.Json["variables"] as JsonObject ?? [];
        var match = Connection().Match(query);
        if (!match.Success || !Graph.TryGetValue(match.Groups[2].Value, out var nodes))
            return VendorAnswer.Ok(new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = "Field doesn't exist on type 'QueryRoot'" }) });
        if (variables["type"] is { } type) nodes = [.. nodes.Where(node => node.Text("type") == type.GetValue<string>())];
        var first = int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture);
        var start = variables["after"] is { } after ? int.Parse(after.GetValue<string>()["cursor".Length..], CultureInfo.InvariantCulture) : 0;
        return VendorAnswer.Ok(new JsonObject
        {
            ["data"] = new JsonObject
            {
                [match.Groups[1].Value] = new JsonObject
                {
                    ["pageInfo"] = new JsonObject { ["hasNextPage"] = start + first < nodes.Count, ["endCursor"] = $"cursor{start + first}" },
                    ["nodes"] = nodes.Page(start, first).ToJsonArray(),
                },
            },
            ["extensions"] = new JsonObject { ["cost"] = new JsonObject { ["requestedQueryCost"] = 10 } },
        });
    }

    [GeneratedRegex("\\{ (\\w+): (\\w+)\\((?:type: \\$type, )?first: (\\d+), after: \\$after\\)")]
    private static partial Regex Connection();

    [GeneratedRegex("(\\w+):\"([^\"]*)\"")]
    private static partial Regex Word();
}
