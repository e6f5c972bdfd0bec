using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ListBackup.Benchmarks.Restores;

/// <summary>
/// HubSpot's contacts with their companies: looked up and written by the hundred, as its documentation has it. The connector is the catalogue's with another address and
/// without its call limits. The catalogue's own fake searches its tables from end to end, which 40,000 contacts make slow; this one finds a record by id and address.
/// </summary>
internal sealed class LosingHubSpot : ILosingPlatform
{
    private const int BatchMax = 100;
    private const int Companies = 400;
    private const int PageMax = 100;
    private static readonly string[] Properties = ["email", "firstname", "lastname", "phone", "city", "jobtitle", "lifecyclestage", "hs_email_optout", "name", "domain"];

    private readonly SortedDictionary<long, Contact> _contacts = [];
    private readonly Dictionary<string, Contact> _byAddress = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<long, Contact> _companies = [];
    private readonly Dictionary<long, long> _employers = [];
    private readonly List<long> _lost = [];
    private readonly Lock _lock = new();
    private readonly RequestCount _count = new();
    private readonly WebApplication _app;
    private long _id = 100_000;

    private LosingHubSpot(WebApplication app, string connectors)
    {
        _app = app;
        HostArguments = ["--connectors", connectors];
    }

    public string Name => "hubspot";

    public JsonObject Config => new() { ["credentials"] = new JsonObject { ["auth_type"] = "private_app", ["access_token"] = "token" } };

    public IReadOnlyList<string> Streams => ["property_definitions", "companies", "contacts", "contact_companies"];

    public string[] HostArguments { get; }

    public long Requests => _count.Requests;

    public static async Task<LosingHubSpot> StartAsync(int contacts, string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var platform = new LosingHubSpot(app, Path.Combine(folder, "bench-connectors"));
        platform.Seed(contacts);
        app.Run(platform.AnswerAsync);
        await app.StartAsync();
        platform.CopyConnector(app.Urls.First());
        return platform;
    }

    /// <summary>All but one: a stream that is suddenly empty is not taken for deleted.</summary>
    public void LoseContacts()
    {
        lock (_lock)
        {
            foreach (var contact in _contacts.Values.Skip(1).ToList())
            {
                _lost.Add(contact.Id);
                _contacts.Remove(contact.Id);
                _employers.Remove(contact.Id);
                if (contact.Address is { } address) _byAddress.Remove(address);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _count.Dispose();
        await _app.DisposeAsync();
    }

    private void CopyConnector(string address)
    {
        var target = Path.Combine(HostArguments[1], Name);
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(BuildOutput.Root, "connectors", Name)))
        {
            var text = File.ReadAllText(file).Replace("https://api.hubapi.com", address, StringComparison.Ordinal);
            var budget = text.IndexOf("\napi_budget:", StringComparison.Ordinal);
            if (budget >= 0) text = text.Remove(budget, text.IndexOf("\n\n", budget, StringComparison.Ordinal) - budget);
            File.WriteAllText(Path.Combine(target, Path.GetFileName(file)), text);
        }
    }

    private void Seed(int contacts)
    {
        for (var number = 0; number < Companies; number++) Add(_companies, new JsonObject { ["name"] = $"Company {number}", ["domain"] = $"company{number}.example" });
        var companies = _companies.Keys.ToList();
        for (var number = 0; number < contacts; number++)
        {
            var contact = AddContact(new JsonObject
            {
                ["email"] = $"person{number}@company{number % Companies}.example", ["firstname"] = "Pérson", ["lastname"] = $"Number {number}", ["phone"] = $"+49 30 {number:000000}",
                ["city"] = "Köln", ["jobtitle"] = "Head of Purchasing", ["lifecyclestage"] = "customer", ["hs_email_optout"] = number % 9 == 4 ? "true" : null,
            });
            _employers[contact.Id] = companies[number % Companies];
        }
    }

    private Contact Add(SortedDictionary<long, Contact> table, JsonObject properties)
    {
        var id = ++_id;
        foreach (var name in Properties) properties.TryAdd(name, null);
        return table[id] = new(id, (string?)properties["email"], $$"""{"id":"{{id}}","properties":{{properties.ToJsonString()}},"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","archived":false}""");
    }

    private Contact AddContact(JsonObject properties)
    {
        var contact = Add(_contacts, properties);
        if (contact.Address is { } address) _byAddress[address] = contact;
        return contact;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = context.Request.ContentLength is null or 0 ? null : await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        int status;
        string answer;
        lock (_lock) (status, answer) = Answer(context.Request, body?.RootElement ?? default);
        context.Response.StatusCode = status;
        if (status == 204) return;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer), context.RequestAborted);
    }

    private (int Status, string Answer) Answer(HttpRequest request, JsonElement body) => (request.Method, request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch // A request has a path.
    {
        ("GET", ["crm", "v3", "owners"]) => Results([]),
        ("GET", ["crm", "v3", "properties", var kind]) => Results(kind is "contacts" or "companies" ? Properties.Select(Definition) : []),
        ("GET", ["crm", "v3", "properties", _, var name]) => (200, Definition(name)),
        ("GET", ["crm", "v3", "objects", "contacts"]) => request.Query["archived"] == "true" ? Listing(request, _lost, Lost) : Listing(request, _contacts.Keys, id => _contacts[id].Json),
        ("GET", ["crm", "v3", "objects", _]) => Results([]),
        ("POST", ["crm", "v3", "objects", var kind, "search"]) => Search(Table(kind), body),
        ("POST", ["crm", "v3", "objects", var kind, "batch", "read"]) => BatchRead(Table(kind), body),
        ("POST", ["crm", "v3", "objects", "contacts", "batch", "create"]) => BatchCreate(body),
        ("DELETE", ["crm", "v3", "objects", "contacts", var id]) => Delete(Number(id)),
        ("POST", ["crm", "v4", "associations", "contacts", "companies", "batch", "read"]) => Associations(body),
        ("GET", ["crm", "v4", "objects", "contacts", var id, "associations", "companies"]) => Results(_employers.TryGetValue(Number(id), out var employer) ? [Association(employer)] : []),
        ("PUT", ["crm", "v4", "objects", "contacts", var id, "associations", "default", "companies", var company]) => Associate(Number(id), Number(company)),
        _ => (404, """{"status":"error","message":"resource not found"}"""),
    };

    private SortedDictionary<long, Contact> Table(string kind) => kind == "contacts" ? _contacts : _companies;

    private static (int Status, string Answer) Results(IEnumerable<string> results) => (200, $$"""{"status":"COMPLETE","results":[{{string.Join(',', results)}}]}""");

    private static string Definition(string name) =>
        $$"""{"name":"{{name}}","label":"{{name}}","type":"string","fieldType":"text","groupName":"information","description":"","options":[],"hubspotDefined":true,"modificationMetadata":{"readOnlyValue":{{(name.StartsWith("hs_", StringComparison.Ordinal) ? "true" : "false")}} } }""";

    private static string Lost(long id) => $$"""{"id":"{{id}}","properties":{},"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","archived":true,"archivedAt":"2026-06-01T00:00:00.000Z"}""";

    private static (int Status, string Answer) Listing(HttpRequest request, IEnumerable<long> ids, Func<long, string> show)
    {
        var start = int.TryParse(request.Query["after"], CultureInfo.InvariantCulture, out var after) ? after : 0;
        var page = ids.Skip(start).Take(PageMax + 1).ToList();
        var next = page.Count > PageMax ? $$""","paging":{"next":{"after":"{{start + PageMax}}"} }""" : "";
        return (200, $$"""{"results":[{{string.Join(',', page.Take(PageMax).Select(show))}}]{{next}} }""");
    }

    /// <summary>By address or name, or the next page beyond an id: records never change here, so when they did is not asked.</summary>
    private (int Status, string Answer) Search(SortedDictionary<long, Contact> table, JsonElement body)
    {
        var filters = body.GetProperty("filterGroups")[0].GetProperty("filters").EnumerateArray().ToDictionary(filter => filter.GetProperty("propertyName").GetString()!, filter => filter.GetProperty("value").ToString());
        if (filters.TryGetValue("email", out var address)) return Results(_byAddress.TryGetValue(address, out var contact) ? [contact.Json] : []);
        var beyond = filters.TryGetValue("hs_object_id", out var id) ? Number(id) : 0;
        var left = table.Values.SkipWhile(row => row.Id <= beyond).ToList();
        return (200, $$"""{"total":{{left.Count}},"results":[{{string.Join(',', left.Take(body.GetProperty("limit").GetInt32()).Select(row => row.Json))}}]}""");
    }

    private (int Status, string Answer) BatchRead(SortedDictionary<long, Contact> table, JsonElement body)
    {
        var ids = Inputs(body).Select(input => input.GetProperty("id").GetString()!).ToList();
        if (ids.Count > BatchMax) return TooMany;
        var byAddress = body.TryGetProperty("idProperty", out _);
        var found = ids.Select(id => (Id: id, Row: byAddress ? _byAddress.GetValueOrDefault(id) : table.GetValueOrDefault(Number(id)))).ToList();
        var absent = found.Where(one => one.Row is null).Select(one => $"\"{one.Id}\"").ToList();
        var results = string.Join(',', found.Where(one => one.Row is not null).Select(one => one.Row!.Json));
        return absent.Count == 0 ? (200, $$"""{"status":"COMPLETE","results":[{{results}}]}""") : (207,
            $$"""{"status":"COMPLETE","results":[{{results}}],"numErrors":1,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","context":{"ids":[{{string.Join(',', absent)}}] } }]}""");
    }

    private (int Status, string Answer) BatchCreate(JsonElement body)
    {
        var inputs = Inputs(body).Select(input => JsonNode.Parse(input.GetProperty("properties").GetRawText())!.AsObject()).ToList();
        if (inputs.Count > BatchMax) return TooMany;
        if (inputs.Any(properties => _byAddress.ContainsKey((string)properties["email"]!))) return (409, """{"status":"error","message":"Contact already exists","category":"CONFLICT"}""");
        return (201, $$"""{"status":"COMPLETE","results":[{{string.Join(',', inputs.Select(properties => AddContact(properties).Json))}}]}""");
    }

    private (int Status, string Answer) Delete(long id)
    {
        if (_contacts.Remove(id, out var contact) && contact.Address is { } address) _byAddress.Remove(address);
        _employers.Remove(id);
        return (204, "");
    }

    private (int Status, string Answer) Associations(JsonElement body) => Results(Inputs(body).Select(input => Number(input.GetProperty("id").GetString()!)).Where(_employers.ContainsKey)
        .Select(id => $$"""{"from":{"id":"{{id}}"},"to":[{{Association(_employers[id])}}] }"""));

    private static string Association(long company) => $$"""{"toObjectId":{{company}},"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]}""";

    private (int Status, string Answer) Associate(long contact, long company)
    {
        if (!_contacts.ContainsKey(contact) || !_companies.ContainsKey(company)) return (404, """{"status":"error","message":"resource not found"}""");
        _employers[contact] = company;
        return (200, """{"status":"COMPLETE"}""");
    }

    private static JsonElement.ArrayEnumerator Inputs(JsonElement body) => body.GetProperty("inputs").EnumerateArray();

    private static (int Status, string Answer) TooMany => (400, """{"status":"error","message":"at most 100 inputs","category":"VALIDATION_ERROR"}""");

    private static long Number(string id) => long.Parse(id, CultureInfo.InvariantCulture);

    private sealed record Contact(long Id, string? Address, string Json);
}
