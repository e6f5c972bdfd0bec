using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests;

/// <summary>
/// Directus as https://directus.io/docs/api tells it and a real one answers: tables of the system and of the project, a data model that says how these relate,
/// 403 for what is not there, foreign keys that are kept.
/// </summary>
public sealed class DirectusFake : VendorFake
{
    private const string Token = "directus-secret-token";
    private const int PageSize = 100;

    private static readonly string[] System =
    [
        "users", "roles", "policies", "access", "folders", "flows", "operations", "dashboards", "panels", "presets", "translations", "comments", "permissions", "files",
    ];

    private readonly Dictionary<string, List<JsonObject>> _system = System.ToDictionary(name => name, _ => new List<JsonObject>());
    private readonly Dictionary<string, List<JsonObject>> _items = new(StringComparer.Ordinal);
    private readonly List<JsonObject> _collections = [];
    private readonly List<JsonObject> _fields = [];
    private readonly List<JsonObject> _relations = [];
    private readonly JsonObject _settings = Rows.Row("""{"id":1,"project_name":"Größe & Co","default_language":"de-DE"}""");
    private int _lastId;

    public DirectusFake()
        : this(230)
    {
    }

    public DirectusFake(int articles)
    {
        On("GET", "/collections", _ => Data(_collections));
        On("GET", "/fields", _ => Data(_fields));
        On("GET", "/fields/{collection}", request => Data(_fields.Where(field => field.Text("collection") == request.Route["collection"])));
        On("GET", "/relations", _ => Data(_relations));
        On("GET", "/settings", _ => VendorAnswer.Ok(new JsonObject { ["data"] = _settings.Copy() }));
        On("GET", "/permissions", _ => Data(_system["permissions"].Append(Rows.Row("""{"collection":"directus_collections","action":"read","policy":null,"system":true}"""))));
        foreach (var name in System.Where(name => name != "permissions")) Table($"/{name}", _ => _system[name], _ => "id", _ => name);
        Table("/items/{collection}", request => _items.GetValueOrDefault(request.Route["collection"]), request => KeyOf(request.Route["collection"]), request => request.Route["collection"]);
        Seed(articles);
    }

    public override string Platform => "directus";

    public override IReadOnlyList<string> Hosts => ["cms.example.com"];

    public override object Config => new { url = "https://cms.example.com/", token = Token };

    public override object BadConfig => new { url = "https://cms.example.com", token = "another-secret" };

    /// <summary>The items of a collection, or a table of the system.</summary>
    public IReadOnlyList<JsonObject> Of(string name) => _items.GetValueOrDefault(name) ?? _system[name];

    public void Delete(string name, string key) => Rowset(name).RemoveAll(row => row.Text(_items.ContainsKey(name) ? KeyOf(name) : "id") == key);

    /// <summary>A change in the project's own tables, with the marks that Directus leaves.</summary>
    public void Edit(JsonObject row, string field, JsonNode? value)
    {
        row[field] = value;
        if (row.ContainsKey("date_updated")) row["date_updated"] = Now();
    }

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "directus_collections" => _collections.Where(row => !row.Text("collection").StartsWith("directus_", StringComparison.Ordinal)),
        "directus_fields" => _fields.Where(row => !row.Text("collection").StartsWith("directus_", StringComparison.Ordinal)),
        "directus_relations" => _relations.Where(row => !row.Text("collection").StartsWith("directus_", StringComparison.Ordinal)),
        "directus_settings" => [_settings],
        "directus_files" => _system["files"].Select(row => row.With("asset_url", $"https://cms.example.com/assets/{row.Text("id")}")),
        _ when _items.ContainsKey(stream) => _items[stream].Select(row => Shown(stream, row)),
        _ => _system[stream["directus_".Length..]],
    };

    public override VendorAnswer TooManyRequests(TimeSpan wait) =>
        Error(429, "REQUESTS_EXCEEDED").With("Retry-After", ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));

    public override void Browse() => _system["users"][0]["last_access"] = Now();

    protected override VendorAnswer? Refuse(VendorRequest request) => request.Bearer == Token ? null : Error(401, "INVALID_CREDENTIALS");

    protected override VendorAnswer NotFound(VendorRequest request) => Error(404, "ROUTE_NOT_FOUND");

    /// <summary>Listing, making, changing and deleting, as they are for every table.</summary>
    private void Table(string path, Func<VendorRequest, List<JsonObject>?> rows, Func<VendorRequest, string> keyOf, Func<VendorRequest, string> nameOf)
    {
        On("GET", path, request => rows(request) is { } table ? IsSingle(nameOf(request)) ? One(Shown(nameOf(request), table[0])) : List(request, nameOf(request), table, keyOf(request)) : Forbidden);
        On("POST", path, request => rows(request) is { } table ? Create(request, nameOf(request), table, keyOf(request)) : Forbidden);
        On("PATCH", path, request => rows(request) is { } table && IsSingle(nameOf(request)) ? Change(request, nameOf(request), table[0]) : Forbidden);
        On("PATCH", $"{path}/{{id}}", request => rows(request)?.Find(keyOf(request), request.Route["id"]) is { } row ? Change(request, nameOf(request), row) : Forbidden);
        On("DELETE", $"{path}/{{id}}", request => rows(request)?.Find(keyOf(request), request.Route["id"]) is { } row && rows(request)!.Remove(row) ? VendorAnswer.Empty() : Forbidden);
    }

    private VendorAnswer List(VendorRequest request, string name, List<JsonObject> table, string key)
    {
        var filters = request.QueryNames.Where(parameter => parameter.StartsWith("filter[", StringComparison.Ordinal)).ToDictionary(parameter => parameter["filter[".Length..].Split(']')[0], parameter => request[parameter]);
        var rows = table.Where(row => filters.All(filter => row.Text(filter.Key) == filter.Value)).ToList();
        if (request["sort"] is { } sort) rows = [.. rows.OrderBy(row => long.TryParse(row.Text(sort), out var number) ? number : 0).ThenBy(row => row.Text(sort), StringComparer.Ordinal)];
        var page = rows.Page(request.Number("offset", 0), request.Number("limit", PageSize) is var limit and > 0 ? limit : rows.Count);
        var answer = new JsonObject { ["data"] = page.Select(row => Shown(name, row)).ToJsonArray() };
        if (request["meta"] == "filter_count") answer["meta"] = new JsonObject { ["filter_count"] = rows.Count };
        return VendorAnswer.Ok(answer);
    }

    private VendorAnswer Create(VendorRequest request, string name, List<JsonObject> table, string key)
    {
        var row = request.Json;
        if (row[key] is null) row[key] = name is "presets" or "permissions" || _items.ContainsKey(name) ? ++_lastId : Guid.CreateVersion7(Time.GetUtcNow()).ToString();
        if (table.Find(key, row.Text(key)) is not null) return Error(400, "RECORD_NOT_UNIQUE");
        if (Refused(name, row) is { } refusal) return refusal;
        foreach (var field in Special(name, "date-created")) row[field] = Now();
        table.Add(row);
        return One(Shown(name, row));
    }

    private VendorAnswer Change(VendorRequest request, string name, JsonObject row)
    {
        var changes = request.Json;
        if (Refused(name, changes) is { } refusal) return refusal;
        row.Merge(changes);
        foreach (var field in Special(name, "date-updated")) row[field] = Now();
        return One(Shown(name, row));
    }

    /// <summary>A key of what is not there, a field that nobody knows, or a mark that only the server sets.</summary>
    private VendorAnswer? Refused(string name, JsonObject row)
    {
        if (name == "folders" && row.Text("parent") is { Length: > 0 } parent && _system["folders"].Find("id", parent) is null) return Error(400, "INVALID_FOREIGN_KEY");
        if (!_items.ContainsKey(name)) return null;
        foreach (var relation in _relations.Where(relation => relation.Text("collection") == name))
        {
            if (row.Text(relation.Text("field")) is { Length: > 0 } target && _items[relation.Text("related_collection")].Find(KeyOf(relation.Text("related_collection")), target) is null)
                return Error(400, "INVALID_FOREIGN_KEY");
        }

        return row.All(field => _fields.Any(known => known.Text("collection") == name && known.Text("field") == field.Key && known["schema"] is not null)) ? null : Error(403, "FORBIDDEN");
    }

    /// <summary>With the lists of those that refer to it, which are no columns.</summary>
    private JsonObject Shown(string name, JsonObject row)
    {
        if (!_items.ContainsKey(name)) return row.Copy();
        var shown = row.Copy();
        foreach (var relation in _relations.Where(relation => relation.Text("related_collection") == name))
        {
            var other = relation.Text("collection");
            shown[relation["meta"]!.AsObject().Text("one_field")] = new JsonArray([.. _items[other].Where(item => item.Text(relation.Text("field")) == row.Text(KeyOf(name))).Select(item => item[KeyOf(other)]!.DeepClone())]);
        }

        return shown;
    }

    private IEnumerable<string> Special(string name, string mark) =>
        _fields.Where(field => field.Text("collection") == name && field["meta"]?["special"] is JsonArray special && special.Any(value => (string?)value == mark)).Select(field => field.Text("field"));

    private List<JsonObject> Rowset(string name) => _items.GetValueOrDefault(name) ?? _system[name];

    private string KeyOf(string collection) => _fields.First(field => field.Text("collection") == collection && field["schema"]?["is_primary_key"]?.GetValue<bool>() == true).Text("field");

    private bool IsSingle(string name) => _collections.Find("collection", name)?["meta"]?["singleton"]?.GetValue<bool>() == true;

    private static VendorAnswer One(JsonObject row) => VendorAnswer.Ok(new JsonObject { ["data"] = row.Copy() });

    private static VendorAnswer Data(IEnumerable<JsonObject> rows) => VendorAnswer.Ok(new JsonObject { ["data"] = rows.ToJsonArray() });

    private static VendorAnswer Forbidden => Error(403, "FORBIDDEN");

    private static VendorAnswer Error(int status, string code) =>
        VendorAnswer.Of(status, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = "No.", ["extensions"] = new JsonObject { ["code"] = code } }) });

    private void Seed(int articles)
    {
        Collection("articles", "id", ("title", null), ("date_created", "date-created"), ("date_updated", "date-updated"));
        Collection("authors", "id", ("name", null));
        Collection("pages", "id", ("title", null), ("parent", null), ("author", null));
        Collection("codes", "code", ("label", null));
        Collection("home", "id", ("headline", null));
        _collections.Find("collection", "home")!["meta"] = new JsonObject { ["singleton"] = true };
        _collections.Add(Rows.Row("""{"collection":"group","meta":{"icon":"folder"},"schema":null}"""));
        _collections.Add(Rows.Row("""{"collection":"directus_users","meta":{},"schema":{"name":"directus_users"}}"""));
        Relate("pages", "parent", "pages", "children");
        Relate("pages", "author", "authors", "pages");

        for (var at = 1; at <= articles; at++)
            _items["articles"].Add(new JsonObject { ["id"] = at, ["title"] = $"Größe {at}", ["date_created"] = Ago(TimeSpan.FromDays(articles - at + 1)), ["date_updated"] = null });
        for (var at = 1; at <= 3; at++) _items["authors"].Add(new JsonObject { ["id"] = $"0190-{at}", ["name"] = $"Änne {at}" });
        int?[] parents = [2, 5, 5, null, 6, null];
        for (var at = 1; at <= parents.Length; at++)
            _items["pages"].Add(new JsonObject { ["id"] = at, ["title"] = $"Seite {at}", ["parent"] = parents[at - 1], ["author"] = $"0190-{at % 3 + 1}" });
        _items["codes"].Add(Rows.Row("""{"code":"a/b c","label":"Schrägstrich"}"""));
        _items["codes"].Add(Rows.Row("""{"code":"ü&?","label":null}"""));
        _items["home"].Add(Rows.Row("""{"id":1,"headline":"Willkommen"}"""));
        _lastId = 10_000;

        foreach (var name in System.Where(name => name is not ("folders" or "presets" or "permissions")))
        {
            for (var at = 1; at <= 3; at++) _system[name].Add(new JsonObject { ["id"] = $"{name}-{at}", ["name"] = $"{name} {at}" });
        }

        foreach (var user in _system["users"]) user["last_access"] = Now();
        // Ids that are random: a folder may come before the one that it lies in.
        _system["folders"].Add(Rows.Row("""{"id":"f-1","name":"2026","parent":"f-3"}"""));
        _system["folders"].Add(Rows.Row("""{"id":"f-2","name":"March","parent":"f-1"}"""));
        _system["folders"].Add(Rows.Row("""{"id":"f-3","name":"Pictures","parent":null}"""));
        _system["presets"].Add(Rows.Row("""{"id":1,"collection":"articles","user":"users-1","role":null,"bookmark":"Mine"}"""));
        _system["permissions"].Add(Rows.Row("""{"id":1,"collection":"articles","action":"read","policy":"policies-1"}"""));
    }

    private void Collection(string name, string key, params (string Name, string? Special)[] fields)
    {
        _items[name] = [];
        _collections.Add(new JsonObject { ["collection"] = name, ["meta"] = new JsonObject { ["singleton"] = false }, ["schema"] = new JsonObject { ["name"] = name } });
        _fields.Add(new JsonObject { ["collection"] = name, ["field"] = key, ["schema"] = new JsonObject { ["is_primary_key"] = true }, ["meta"] = null });
        foreach (var (field, special) in fields)
        {
            _fields.Add(new JsonObject
            {
                ["collection"] = name, ["field"] = field, ["schema"] = new JsonObject { ["is_primary_key"] = false },
                ["meta"] = new JsonObject { ["special"] = special is null ? null : new JsonArray(special) },
            });
        }
    }

    private void Relate(string collection, string field, string related, string mirror)
    {
        _relations.Add(new JsonObject { ["collection"] = collection, ["field"] = field, ["related_collection"] = related, ["meta"] = new JsonObject { ["one_field"] = mirror } });
        _fields.Add(new JsonObject { ["collection"] = related, ["field"] = mirror, ["schema"] = null, ["meta"] = new JsonObject { ["special"] = new JsonArray("o2m") } });
    }
}
