using System.Globalization;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>
/// HubSpot CRM API v3 and associations v4 (https://developers.hubspot.com/docs/reference/api/crm/understanding-the-crm): records show only the properties that
/// are asked for, a search ends at 10,000 results, deleted records wait in a recycling bin, read-only properties spoil a whole write.
/// </summary>
public sealed class HubSpotFake : VendorFake
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss.fff'Z'";
    private const string Token = "hubspot-secret";

    private static readonly string[] Objects =
        ["contacts", "companies", "deals", "tickets", "products", "line_items", "quotes", "calls", "emails", "meetings", "notes", "tasks"];

    private static readonly Dictionary<string, string[]> Properties = new(StringComparer.Ordinal)
    {
        ["contacts"] = ["email", "firstname", "lastname", "favourite_colour", "points", "hs_email_optout", "lastmodifieddate", "hubspot_owner_id"],
        ["companies"] = ["name", "domain", "city"],
        ["deals"] = ["dealname", "amount", "dealstage", "pipeline"],
        ["tickets"] = ["subject", "content"],
        ["products"] = ["name", "price"],
        ["2-1"] = ["serial"],
        ["notes"] = ["hs_note_body", "hs_timestamp", "hubspot_owner_id"],
        ["tasks"] = ["hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority", "hs_task_type", "hs_timestamp", "hubspot_owner_id"],
    };

    private readonly Dictionary<string, List<JsonObject>> _tables = [];
    private readonly List<(string From, string To, string FromId, string ToId)> _associations = [];
    private long _count = 9_007_199_254_900_000;

    public HubSpotFake()
        : this(650)
    {
    }

    public HubSpotFake(int contacts)
    {
        Tokens = new VendorTokens(Time, TimeSpan.FromMinutes(30), rotates: false);
        On("POST", "/oauth/v1/token", Tokens.Answer);
        On("GET", "/crm/v3/properties/{object}", request => VendorAnswer.Ok(new JsonObject { ["results"] = Definitions(request.Route["object"]).Select(row => row.Without("object")).ToJsonArray() }));
        On("GET", "/crm/v3/properties/{object}/{name}", request => Definitions(request.Route["object"]).Find("name", request.Route["name"]) is { } row ? VendorAnswer.Ok(row.Without("object")) : NotFound(request));
        On("POST", "/crm/v3/properties/{object}", request =>
        {
            var row = request.Json.With("hubspotDefined", false).With("object", request.Route["object"]);
            Table("property_definitions").Add(row);
            return VendorAnswer.Of(201, row.Without("object"));
        });
        On("GET", "/crm/v3/objects/{object}", Listing);
        On("POST", "/crm/v3/objects/{object}/search", Search);
        On("POST", "/crm/v3/objects/{object}/batch/read", BatchRead);
        On("POST", "/crm/v3/objects/{object}/batch/create", BatchCreate);
        On("POST", "/crm/v3/objects/{object}/batch/update", BatchUpdate);
        On("POST", "/crm/v3/objects/{object}", Create);
        On("PATCH", "/crm/v3/objects/{object}/{id}", Update);
        On("POST", "/crm/v4/associations/{from}/{to}/batch/read", Associated);
        On("GET", "/crm/v4/objects/{from}/{id}/associations/{to}", request => VendorAnswer.Ok(new JsonObject { ["results"] = Pairs(request.Route["from"], request.Route["to"], request.Route["id"]) }));
        On("PUT", "/crm/v4/objects/{from}/{id}/associations/default/{to}/{other}", Associate);
        On("POST", "/crm/v3/lists/search", Lists);
        On("GET", "/crm/v3/lists/{list}/memberships", request => Page(request, Table("list_memberships").Where(row => row.Text("list_id") == request.Route["list"]).Select(row => row.Without("list_id")), 100));
        On("GET", "/crm/v3/owners", request => Page(request, Table("owners"), 100));
        On("GET", "/crm/v3/pipelines/{object}", request => VendorAnswer.Ok(new JsonObject { ["results"] = Table("pipelines").Where(row => row.Text("object") == request.Route["object"]).Select(row => row.Without("object")).ToJsonArray() }));
        On("GET", "/crm/v3/schemas", _ => VendorAnswer.Ok(new JsonObject { ["results"] = Table("schemas").ToJsonArray() }));
        On("GET", "/communication-preferences/v3/definitions", _ => VendorAnswer.Ok(new JsonObject { ["subscriptionDefinitions"] = Table("subscription_types").ToJsonArray() }));
        On("POST", "/communication-preferences/v4/statuses/batch/read", Statuses);
        On("GET", "/marketing/v3/forms", request => Page(request, Table("forms"), 100));
        On("GET", "/marketing/v3/emails", request => Page(request, Table("marketing_emails"), 100));
        On("GET", "/files/v3/files/search", request => Page(request, Table("files"), 100));
        Seed(contacts);
    }

    /// <summary>Where a search ends. Lower in a test that has no ten thousand records.</summary>
    public int SearchResultsMax { get; init; } = 10_000;

    /// <summary>Ids of records that became part of another, and its id.</summary>
    public Dictionary<string, string> Merged { get; } = [];

    public override string Platform => "hubspot";

    public override IReadOnlyList<string> Hosts => ["api.hubapi.com"];

    public override VendorTokens Tokens { get; }

    public override object Config => new { credentials = new { auth_type = "private_app", access_token = Token } };

    public override object BadConfig => new { credentials = new { auth_type = "private_app", access_token = "wrong-secret" } };

    public override object OAuthConfig => new
    {
        credentials = new { auth_type = "oauth", client_id = VendorTokens.ClientId, client_secret = VendorTokens.ClientSecret, refresh_token = Tokens.RefreshToken },
    };

    public List<JsonObject> Table(string name) => _tables.TryGetValue(name, out var rows) ? rows : _tables[name] = [];

    public override IEnumerable<JsonObject> Truth(string stream)
    {
        if (stream.StartsWith("deleted_", StringComparison.Ordinal))
            return Table(stream["deleted_".Length..]).Where(IsArchived).Select(row => row.With("properties", new JsonObject()));
        if (stream == "custom_records") return Table("2-1").Select(row => Shown("2-1", row, Names("2-1")).With("object", "2-1"));
        if (Objects.Contains(stream)) return Table(stream).Where(row => !IsArchived(row)).Select(row => Shown(stream, row, Names(stream)));
        if (stream.Split('_', 2) is [var from, var to] && Objects.FirstOrDefault(name => name.TrimEnd('s') == from) is { } many && Objects.Contains(to))
            return _associations.Where(pair => pair.From == many && pair.To == to).Select(pair => Pair(pair.ToId).With("from_id", pair.FromId));

        if (stream == "property_definitions") return Table(stream).Where(row => row.Text("object") != "2-1");

        return _tables.TryGetValue(stream, out var rows) ? rows : throw new ArgumentOutOfRangeException(nameof(stream), stream, "The fake has no such stream.");
    }

    public override VendorAnswer TooManyRequests(TimeSpan wait) => VendorAnswer.Of(429, new JsonObject
    {
        ["status"] = "error", ["message"] = "You have reached your ten_secondly_rolling limit.", ["errorType"] = "RATE_LIMIT", ["policyName"] = "TEN_SECONDLY_ROLLING",
    }).With("X-HubSpot-RateLimit-Max", "100");

    public override void Browse()
    {
        foreach (var list in Table("lists")) list["additionalProperties"] = new JsonObject { ["hs_list_size"] = $"{++_count}" };
        foreach (var mail in Table("marketing_emails")) mail["stats"] = new JsonObject { ["opened"] = ++_count };
    }

    public void Touch(JsonObject row) => row["updatedAt"] = Now(Format);

    /// <summary>Into the recycling bin; associations go.</summary>
    public void Archive(string name, JsonObject row)
    {
        row["archived"] = true;
        row["archivedAt"] = Now(Format);
        _associations.RemoveAll(pair => (pair.From == name && pair.FromId == row.Text("id")) || (pair.To == name && pair.ToId == row.Text("id")));
        if (name == "contacts") Table("subscription_statuses").RemoveAll(status => status.Text("subscriberIdString") == row["properties"]!.AsObject().Text("email"));
    }

    protected override VendorAnswer? Refuse(VendorRequest request) => request.Path == "/oauth/v1/token" || request.Bearer == Token || Tokens.IsGood(request.Bearer)
        ? null
        : VendorAnswer.Of(401, new JsonObject { ["status"] = "error", ["message"] = "Authentication credentials not found.", ["category"] = "INVALID_AUTHENTICATION" });

    protected override VendorAnswer NotFound(VendorRequest request) => VendorAnswer.Of(404, new JsonObject { ["status"] = "error", ["message"] = "resource not found" });

    private static VendorAnswer Problem(int status, string message, string category) =>
        VendorAnswer.Of(status, new JsonObject { ["status"] = "error", ["message"] = message, ["category"] = category });

    private static bool IsArchived(JsonObject row) => row.Text("archived") == "true";

    private IEnumerable<JsonObject> Definitions(string name) => Table("property_definitions").Where(row => row.Text("object") == name);

    private List<string> Names(string name) => [.. Definitions(name).Select(row => row.Text("name"))];

    /// <summary>A record with the properties that were asked for, null where it has none, and those that come along always.</summary>
    private JsonObject Shown(string name, JsonObject row, IReadOnlyList<string> asked)
    {
        var shown = new JsonObject();
        foreach (var property in Names(name).Where(asked.Contains)) shown[property] = Value(row, property)?.DeepClone();
        return row.With("properties", shown);
    }

    private static JsonNode? Value(JsonObject row, string property) => property switch
    {
        "hs_object_id" => row["id"],
        "createdate" or "hs_createdate" => row["createdAt"],
        "lastmodifieddate" or "hs_lastmodifieddate" => row["updatedAt"],
        _ => row["properties"]![property],
    };

    private static VendorAnswer Page(VendorRequest request, IEnumerable<JsonObject> rows, int most)
    {
        var limit = request.Number("limit", 10);
        if (limit > most) return Problem(400, $"limit must be at most {most}", "VALIDATION_ERROR");
        var all = rows.ToList();
        var start = request.Number("after", 0);
        var body = new JsonObject { ["results"] = all.Page(start, limit).ToJsonArray() };
        if (start + limit < all.Count) body["paging"] = new JsonObject { ["next"] = new JsonObject { ["after"] = $"{start + limit}" } };
        return VendorAnswer.Ok(body);
    }

    private VendorAnswer Listing(VendorRequest request)
    {
        var name = request.Route["object"];
        var archived = request["archived"] == "true";
        var asked = (request["properties"] ?? "").Split(',');
        return Page(request, Table(name).Where(row => IsArchived(row) == archived).Select(row => Shown(name, row, asked)), 100);
    }

    private VendorAnswer Search(VendorRequest request)
    {
        var name = request.Route["object"];
        var body = request.Json;
        var limit = int.Parse(body.Text("limit"), CultureInfo.InvariantCulture);
        var after = int.TryParse(body.Text("after"), out var given) ? given : 0;
        if (limit > 200) return Problem(400, "limit must be at most 200", "VALIDATION_ERROR");
        if (body.ToJsonString().Length > 3000) return Problem(400, "A query is at most 3,000 characters", "VALIDATION_ERROR");
        if (after + limit > SearchResultsMax) return Problem(400, "The search ends here.", "VALIDATION_ERROR");
        var groups = body["filterGroups"]!.AsArray().Select(group => group!["filters"]!.AsArray().Select(filter => filter!.AsObject()).ToList()).ToList();
        if (groups.Count > 5 || groups.Any(group => group.Count > 6)) return Problem(400, "At most 5 filter groups with 6 filters each", "VALIDATION_ERROR");
        var asked = body["properties"]!.AsArray().Select(property => property!.GetValue<string>()).ToList();
        var found = Table(name).Where(row => !IsArchived(row) && groups.Any(filters => filters.All(filter => Holds(row, filter)))).OrderBy(row => long.Parse(row.Text("id"), CultureInfo.InvariantCulture)).ToList();
        var answer = new JsonObject { ["total"] = found.Count, ["results"] = found.Page(after, limit).Select(row => Shown(name, row, asked)).ToJsonArray() };
        if (after + limit < found.Count) answer["paging"] = new JsonObject { ["next"] = new JsonObject { ["after"] = $"{after + limit}" } };
        return VendorAnswer.Ok(answer);
    }

    private static bool Holds(JsonObject row, JsonObject filter)
    {
        var value = Value(row, filter.Text("propertyName"))?.GetValue<string>() ?? "";
        return filter.Text("operator") switch
        {
            // Values in capitals find nobody: "values must be lowercase".
            "IN" => filter["values"]!.AsArray().Select(wanted => wanted!.GetValue<string>()).Any(wanted => !wanted.Any(char.IsUpper) && string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase)),
            "EQ" => string.Equals(value, filter.Text("value"), StringComparison.OrdinalIgnoreCase),
            "GT" => long.Parse(value, CultureInfo.InvariantCulture) > long.Parse(filter["value"]!.GetValue<string>(), CultureInfo.InvariantCulture),
            "GTE" => DateTimeOffset.Parse(value, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() >= long.Parse(filter["value"]!.GetValue<string>(), CultureInfo.InvariantCulture),
            _ => throw new NotSupportedException(filter.Text("operator")),
        };
    }

    /// <summary>
    /// By id or by a property whose values are unique. Who is not there is named; who was merged is answered under the id of now
    /// (https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies).
    /// </summary>
    private VendorAnswer BatchRead(VendorRequest request)
    {
        var name = request.Route["object"];
        var body = request.Json;
        var property = body.Text("idProperty");
        var ids = body["inputs"]!.AsArray().Select(input => input!.AsObject().Text("id")).ToList();
        var asked = body["properties"]!.AsArray().Select(node => node!.GetValue<string>()).ToList();
        if (ids.Count > 100) return Problem(400, "at most 100 inputs", "VALIDATION_ERROR");
        if (property.Length > 0 && (name, property) != ("contacts", "email")) return Problem(400, "The property has no unique values", "VALIDATION_ERROR");
        var live = Table(name).Where(row => !IsArchived(row)).ToLookup(row => property.Length == 0 ? row.Text("id") : row["properties"]!.AsObject().Text("email"), StringComparer.OrdinalIgnoreCase);
        var (results, absent) = (new JsonArray(), new JsonArray());
        foreach (var id in ids)
        {
            if (live[Merged.GetValueOrDefault(id, id)].FirstOrDefault() is { } row) results.Add((JsonNode)Shown(name, row, asked));
            else absent.Add(id);
        }

        return absent.Count == 0
            ? VendorAnswer.Ok(new JsonObject { ["status"] = "COMPLETE", ["results"] = results })
            : VendorAnswer.Of(207, new JsonObject
            {
                ["status"] = "COMPLETE", ["results"] = results, ["numErrors"] = 1,
                ["errors"] = new JsonArray(new JsonObject { ["status"] = "error", ["category"] = "OBJECT_NOT_FOUND", ["context"] = new JsonObject { ["ids"] = absent } }),
            });
    }

    private VendorAnswer? Wrong(string name, JsonObject properties)
    {
        foreach (var (property, _) in properties)
        {
            if (Definitions(name).Find("name", property) is not { } definition) return Problem(400, "Property does not exist", "VALIDATION_ERROR");
            if (definition["modificationMetadata"]?["readOnlyValue"]?.GetValue<bool>() == true) return Problem(400, "Property is read only", "VALIDATION_ERROR");
        }

        return null;
    }

    private VendorAnswer Create(VendorRequest request) => Create(request.Route["object"], request.Json["properties"]!.AsObject());

    private VendorAnswer Create(string name, JsonObject properties)
    {
        if (Wrong(name, properties) is { } wrong) return wrong;
        if (name == "contacts" && Table(name).Any(row => !IsArchived(row) && row["properties"]!.AsObject().Text("email") == properties.Text("email")))
            return Problem(409, "Contact already exists", "CONFLICT");
        var row = Record($"{++_count}", properties.Copy(), Time.GetUtcNow());

        // HubSpot remembers by address who opted out.
        if (name == "contacts" && Table(name).LastOrDefault(other => other["properties"]!.AsObject().Text("email") == properties.Text("email")) is { } former)
            row["properties"]!["hs_email_optout"] = former["properties"]!["hs_email_optout"]?.DeepClone();
        Table(name).Add(row);
        return VendorAnswer.Of(201, Shown(name, row, Names(name)));
    }

    private VendorAnswer Update(VendorRequest request) => Update(request.Route["object"], request.Route["id"], request.Json["properties"]!.AsObject()) ?? NotFound(request);

    private VendorAnswer? Update(string name, string id, JsonObject properties)
    {
        if (Table(name).Find("id", id) is not { } row || IsArchived(row)) return null;
        if (Wrong(name, properties) is { } wrong) return wrong;
        row["properties"]!.AsObject().Merge(properties);
        Touch(row);
        return VendorAnswer.Ok(Shown(name, row, Names(name)));
    }

    /// <summary>
    /// With a trace id in each input the good ones are written and the others named (https://developers.hubspot.com/docs/api-reference/error-handling); without,
    /// one bad input spoils all. What was written is told as the documentation shows it: in no promised order and without the trace id.
    /// </summary>
    private VendorAnswer BatchCreate(VendorRequest request)
    {
        var name = request.Route["object"];
        var inputs = request.Json["inputs"]!.AsArray().Select(input => input!.AsObject()).ToList();
        if (inputs.Count > 100) return Problem(400, "at most 100 inputs", "VALIDATION_ERROR");
        var tracesEach = inputs.Select(input => input.Text("objectWriteTraceId")).Where(trace => trace.Length > 0).Distinct().Count() == inputs.Count;
        if (!tracesEach && inputs.Select(input => Wrong(name, input["properties"]!.AsObject())).FirstOrDefault(wrong => wrong is not null) is { } whole) return whole;
        return Batch(inputs.AsEnumerable().Reverse(), 201, "objectWriteTraceId", input => (input.Text("objectWriteTraceId"), Create(name, input["properties"]!.AsObject())));
    }

    /// <summary>One bad input spoils all; what is not there is named by its id.</summary>
    private VendorAnswer BatchUpdate(VendorRequest request)
    {
        var name = request.Route["object"];
        var inputs = request.Json["inputs"]!.AsArray().Select(input => input!.AsObject()).ToList();
        if (inputs.Count > 100) return Problem(400, "at most 100 inputs", "VALIDATION_ERROR");
        return inputs.Select(input => Wrong(name, input["properties"]!.AsObject())).FirstOrDefault(wrong => wrong is not null)
            ?? Batch(inputs, 200, "ids", input => (input.Text("id"), Update(name, input.Text("id"), input["properties"]!.AsObject()) ?? Problem(404, "resource not found", "OBJECT_NOT_FOUND")));
    }

    private static VendorAnswer Batch(IEnumerable<JsonObject> inputs, int status, string named, Func<JsonObject, (string Name, VendorAnswer Answer)> write)
    {
        var (results, errors) = (new JsonArray(), new JsonArray());
        foreach (var (name, answer) in inputs.Select(write))
        {
            var body = JsonNode.Parse(answer.Body)!.AsObject();
            if (answer.Status < 300) results.Add((JsonNode)body);
            else errors.Add((JsonNode)body.With("context", new JsonObject { [named] = new JsonArray(name) }));
        }

        return errors.Count == 0
            ? VendorAnswer.Of(status, new JsonObject { ["status"] = "COMPLETE", ["results"] = results })
            : VendorAnswer.Of(207, new JsonObject { ["status"] = "COMPLETE", ["results"] = results, ["numErrors"] = errors.Count, ["errors"] = errors });
    }

    private VendorAnswer Associated(VendorRequest request)
    {
        var ids = request.Json["inputs"]!.AsArray().Select(input => input!["id"]!.GetValue<string>()).ToList();
        if (ids.Count > 1000) return Problem(400, "at most 1000 inputs", "VALIDATION_ERROR");
        var results = new JsonArray();
        foreach (var id in ids)
        {
            var to = Pairs(request.Route["from"], request.Route["to"], id);
            if (to.Count > 0) results.Add((JsonNode)new JsonObject { ["from"] = new JsonObject { ["id"] = id }, ["to"] = to });
        }

        return VendorAnswer.Of(results.Count == ids.Count ? 200 : 207, new JsonObject { ["status"] = "COMPLETE", ["results"] = results });
    }

    private JsonArray Pairs(string from, string to, string id) => _associations.Where(pair => pair.From == from && pair.To == to && pair.FromId == id).Select(pair => Pair(pair.ToId)).ToJsonArray();

    private static JsonObject Pair(string to) => Rows.Row($$"""{"toObjectId":{{to}},"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]}""");

    private VendorAnswer Associate(VendorRequest request)
    {
        var (from, to, id, other) = (request.Route["from"], request.Route["to"], request.Route["id"], request.Route["other"]);
        if (Table(from).Find("id", id) is not { } one || IsArchived(one) || Table(to).Find("id", other) is not { } two || IsArchived(two)) return NotFound(request);
        if (!_associations.Contains((from, to, id, other))) _associations.Add((from, to, id, other));
        return VendorAnswer.Ok(new JsonObject { ["status"] = "COMPLETE" });
    }

    private VendorAnswer Lists(VendorRequest request)
    {
        var offset = int.Parse(request.Json.Text("offset"), CultureInfo.InvariantCulture);
        var count = int.Parse(request.Json.Text("count"), CultureInfo.InvariantCulture);
        var all = Table("lists");
        return VendorAnswer.Ok(new JsonObject { ["lists"] = all.Page(offset, count).ToJsonArray(), ["offset"] = offset + count, ["hasMore"] = offset + count < all.Count, ["total"] = all.Count });
    }

    private VendorAnswer Statuses(VendorRequest request)
    {
        var addresses = request.Json["inputs"]!.AsArray().Select(address => address!.GetValue<string>()).ToHashSet();
        if (addresses.Count > 100 || request["channel"] != "EMAIL") return Problem(400, "at most 100 inputs of a channel", "VALIDATION_ERROR");
        return VendorAnswer.Ok(new JsonObject { ["status"] = "COMPLETE", ["results"] = Table("subscription_statuses").Where(row => addresses.Contains(row.Text("subscriberIdString"))).ToJsonArray() });
    }

    private JsonObject Record(string id, JsonObject properties, DateTimeOffset updated) => new()
    {
        ["id"] = id, ["properties"] = properties, ["createdAt"] = "2025-01-01T00:00:00.000Z", ["updatedAt"] = updated.ToString(Format, CultureInfo.InvariantCulture), ["archived"] = false,
    };

    private void Add(string name, string json) => Table(name).Add(Rows.Row(json));

    private void AddRecord(string name, long id, string properties) => Table(name).Add(Record($"{id}", Rows.Row(properties), Time.GetUtcNow() - TimeSpan.FromDays(20)));

    private void Seed(int contacts)
    {
        foreach (var name in Objects.Append("2-1"))
        {
            var changed = name == "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate";
            foreach (var property in Properties.GetValueOrDefault(name, ["hs_title"]).Concat(["hs_object_id", "hs_createdate", changed]).Distinct())
            {
                var isReadOnly = property is "hs_object_id" or "hs_createdate" or "lastmodifieddate" or "hs_lastmodifieddate" or "hs_email_optout";
                Add("property_definitions", $$"""{"name":"{{property}}","label":"{{property}}","type":"string","fieldType":"text","groupName":"information","description":"","options":[],"hubspotDefined":{{(property is "favourite_colour" or "points" ? "false" : "true")}},"modificationMetadata":{"readOnlyValue":{{(isReadOnly ? "true" : "false")}} },"object":"{{name}}"}""");
            }
        }

        for (var number = 0; number < contacts; number++)
        {
            var optedOut = number % 9 == 4 ? "\"true\"" : "null";
            Table("contacts").Add(Record(
                $"{101 + number}",
                Rows.Row($$"""{"email":"person{{number}}@example.com","firstname":"Pérson","lastname":"{{number}}","favourite_colour":"blue","points":"{{number}}.50","hs_email_optout":{{optedOut}},"hubspot_owner_id":"1"}"""),
                Time.GetUtcNow() - TimeSpan.FromDays(3) - TimeSpan.FromHours(number)));
            if (number % 5 == 0)
                Add("subscription_statuses", $$"""{"subscriberIdString":"person{{number}}@example.com","statuses":[{"subscriptionId":9,"status":"{{(number % 2 == 0 ? "SUBSCRIBED" : "UNSUBSCRIBED")}}","channel":"EMAIL"}]}""");
        }

        AddRecord("companies", 501, """{"name":"Müller & Söhne","domain":"mueller.example","city":"Köln"}""");
        AddRecord("companies", 502, """{"name":"Kiel AG","domain":null,"city":"Kiel"}""");
        AddRecord("deals", 601, """{"dealname":"Catalogue","amount":"1200.50","dealstage":"new","pipeline":"default"}""");
        AddRecord("deals", 602, """{"dealname":"Fair","amount":null,"dealstage":"new","pipeline":"default"}""");
        AddRecord("tickets", 701, """{"subject":"Late","content":"Where is it?"}""");
        AddRecord("products", 801, """{"name":"Mug","price":"6.05"}""");
        AddRecord("notes", 901, """{"hs_note_body":"Wants the catalogue","hs_timestamp":"2026-01-05T00:00:00Z","hubspot_owner_id":"1"}""");
        AddRecord("tasks", 911, """{"hs_task_subject":"Call","hs_task_body":null,"hs_task_status":"NOT_STARTED","hs_task_priority":"HIGH","hs_task_type":"CALL","hs_timestamp":"2026-04-01T00:00:00Z","hubspot_owner_id":"1"}""");
        foreach (var (name, id) in new[] { ("line_items", 921), ("quotes", 931), ("calls", 941), ("emails", 951), ("meetings", 961) }) AddRecord(name, id, """{"hs_title":"One"}""");
        foreach (var name in new[] { "contacts", "companies", "deals", "tickets" })
        {
            var gone = Record("51", Rows.Row("{}"), Time.GetUtcNow() - TimeSpan.FromDays(30));
            gone["properties"]!["email"] = "gone@example.com";
            gone["archived"] = true;
            gone["archivedAt"] = "2026-02-20T00:00:00.000Z";
            Table(name).Add(gone);
        }

        _associations.AddRange(
        [
            ("contacts", "companies", "102", "501"), ("contacts", "companies", "103", "501"), ("contacts", "companies", "104", "502"), ("deals", "contacts", "601", "102"), ("deals", "companies", "601", "501"),
            ("deals", "line_items", "601", "921"), ("tickets", "contacts", "701", "103"), ("notes", "contacts", "901", "102"), ("tasks", "contacts", "911", "102"),
        ]);
        Add("lists", """{"listId":"1","name":"Fair","objectTypeId":"0-1","processingType":"MANUAL","additionalProperties":{"hs_list_size":"2"} }""");
        Add("lists", """{"listId":"2","name":"Köln","objectTypeId":"0-1","processingType":"DYNAMIC","additionalProperties":{"hs_list_size":"9"} }""");
        Add("list_memberships", """{"recordId":"102","membershipTimestamp":"2026-01-05T00:00:00Z","list_id":"1"}""");
        Add("list_memberships", """{"recordId":"103","membershipTimestamp":"2026-01-05T00:00:00Z","list_id":"1"}""");
        Add("owners", """{"id":"1","email":"ann@example.com","firstName":"Ann","lastName":"Müller","userId":9007199254740993,"archived":false}""");
        Add("pipelines", """{"id":"default","label":"Sales","displayOrder":0,"stages":[{"id":"new","label":"New"}],"archived":false,"object":"deals"}""");
        Add("pipelines", """{"id":"0","label":"Support","displayOrder":0,"stages":[{"id":"1","label":"New"}],"archived":false,"object":"tickets"}""");
        Add("schemas", """{"objectTypeId":"2-1","name":"machines","labels":{"singular":"Machine"},"properties":[{"name":"serial"},{"name":"hs_object_id"},{"name":"hs_createdate"},{"name":"hs_lastmodifieddate"}]}""");
        AddRecord("2-1", 971, """{"serial":"A-1"}""");
        AddRecord("2-1", 972, """{"serial":"A-2"}""");
        Add("subscription_types", """{"id":"9","name":"Newsletter","description":"","isActive":true}""");
        Add("forms", """{"id":"f1","name":"Contact","formType":"hubspot","fieldGroups":[],"createdAt":"2025-01-01T00:00:00.000Z","updatedAt":"2025-01-01T00:00:00.000Z","archived":false}""");
        Add("marketing_emails", """{"id":"77","name":"Issue 1","subject":"Grüße","state":"PUBLISHED","content":{},"stats":{"opened":1}}""");
        Add("files", """{"id":"88","name":"logo","path":"/logo.png","url":"https://cdn.example.com/logo.png","size":1204,"access":"PUBLIC_INDEXABLE"}""");
    }
}
