using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.Catalogue.Tests;

/// <summary>
/// Kit, version 4, as https://developers.kit.com/api-reference tells it: cursors over descending ids, active subscribers unless others are asked for,
/// creating as an upsert that never touches the state.
/// </summary>
public sealed class KitFake : VendorFake
{
    private const string Key = "kit-secret-key";
    private const string Access = "kit-access-token";
    private const int PageSizeMax = 1000;

    private readonly List<JsonObject> _fields = [];
    private readonly List<JsonObject> _subscribers = [];
    private readonly List<JsonObject> _tags = [];
    private readonly List<JsonObject> _taggings = [];
    private readonly List<JsonObject> _forms = [];
    private readonly List<JsonObject> _signUps = [];
    private readonly List<JsonObject> _sequences = [];
    private readonly List<JsonObject> _emails = [];
    private readonly List<JsonObject> _waiting = [];
    private readonly List<JsonObject> _broadcasts = [];
    private readonly Dictionary<string, List<JsonObject>> _others = [];
    private int _lastId = 5000;

    public KitFake()
    {
        Tokens = new VendorTokens(Time, TimeSpan.FromHours(2), rotates: true);
        On("POST", "/v4/oauth/token", Tokens.Answer);
        On("GET", "/v4/account", _ => VendorAnswer.Ok(Account));
        On("GET", "/v4/account/creator_profile", _ => VendorAnswer.Ok(new JsonObject { ["profile"] = Profile }));
        On("GET", "/v4/custom_fields", request => List(request, "custom_fields", _fields));
        On("POST", "/v4/custom_fields", CreateField);
        On("PUT", "/v4/custom_fields/{id}", request => Change(request, "custom_field", _fields));
        On("GET", "/v4/subscribers", request => List(request, "subscribers", Asked(request)));
        On("POST", "/v4/subscribers", CreateSubscriber);
        On("GET", "/v4/subscribers/{id}", request => One("subscriber", Find(_subscribers, request)));
        On("PUT", "/v4/subscribers/{id}", ChangeSubscriber);
        On("GET", "/v4/subscribers/{id}/tags", TagsOf);
        On("GET", "/v4/tags", request => List(request, "tags", _tags));
        On("POST", "/v4/tags", CreateTag);
        On("PUT", "/v4/tags/{id}", request => Change(request, "tag", _tags));
        On("GET", "/v4/tags/{parent}/subscribers", request => Members(request, _tags, _taggings, "tag_id"));
        On("POST", "/v4/tags/{parent}/subscribers/{id}", Tag);
        On("GET", "/v4/forms", request => List(request, "forms", _forms.Where(form => request["status"] == "all" || form["archived"]!.GetValue<bool>() == (request["status"] == "archived"))));
        On("GET", "/v4/forms/{parent}/subscribers", request => Members(request, _forms, _signUps, "form_id"));
        On("GET", "/v4/sequences", request => List(request, "sequences", _sequences));
        On("POST", "/v4/sequences", request => Create("sequence", _sequences, request.Json.With("created_at", Now()).With("updated_at", Now())));
        On("GET", "/v4/sequences/{id}", request => One("sequence", Find(_sequences, request)));
        On("PUT", "/v4/sequences/{id}", request => Change(request, "sequence", _sequences));
        On("GET", "/v4/sequences/{parent}/subscribers", request => Members(request, _sequences, _waiting, "sequence_id"));
        On("GET", "/v4/sequences/{parent}/emails", request => _sequences.Find("id", request.Route["parent"]) is null
            ? Missing
            : List(request, "emails", _emails.Where(email => email.Text("sequence_id") == request.Route["parent"]).Select(email => email.Without("content"))));
        On("POST", "/v4/sequences/{parent}/emails", CreateEmail);
        On("GET", "/v4/sequences/{parent}/emails/{id}", request => One("email", EmailOf(request)));
        On("PUT", "/v4/sequences/{parent}/emails/{id}", request => EmailOf(request) is null ? Missing : Change(request, "email", _emails));
        On("GET", "/v4/broadcasts", request => List(request, "broadcasts", _broadcasts));
        On("POST", "/v4/broadcasts", CreateBroadcast);
        On("GET", "/v4/broadcasts/{id}", request => One("broadcast", Find(_broadcasts, request)));
        On("PUT", "/v4/broadcasts/{id}", request => Find(_broadcasts, request)?.Text("status") is "draft" or null ? Change(request, "broadcast", _broadcasts) : Refused("Broadcast was already sent"));
        On("GET", "/v4/snippets", request => List(request, "snippets", Of("snippets").Where(row => row["archived"]!.GetValue<bool>() == (request["archived"] == "true"))
            .Select(row => request["include_content"] == "true" ? row : row.Without("content", "document"))));
        foreach (var name in (string[])["posts", "segments", "email_templates", "webhooks"]) On("GET", $"/v4/{name}", request => List(request, name, Of(name)));
        On("GET", "/v4/purchases", request => request.Bearer is null ? Unauthorized : List(request, "purchases", Of("purchases")));
        Seed();
    }

    public override string Platform => "kit";

    public override IReadOnlyList<string> Hosts => ["api.kit.com"];

    /// <summary>Signed in, because purchases are shown to nobody else, and with a token at hand, so that no refresh token is used up.</summary>
    public override object Config => SignedIn(VendorTokens.ClientSecret, Access);

    public override object BadConfig => SignedIn("another-secret", "another-secret-token");

    public override object? OAuthConfig => SignedIn(VendorTokens.ClientSecret, null);

    public static object KeyConfig => new { credentials = new { auth_type = "api_key", api_key = Key } };

    public override VendorTokens Tokens { get; }

    public IReadOnlyList<JsonObject> Subscribers => _subscribers;

    private static VendorAnswer Unauthorized => VendorAnswer.Of(401, Errors("The access token is invalid"));

    private static VendorAnswer Missing => VendorAnswer.Of(404, Errors("Not Found"));

    private static JsonObject Account => Rows.Row("""
        {"user":{"email":"ada@example.com"},"account":{"id":9007199254740993,"name":"Ada's letters","plan_type":"creator","primary_email_address":"ada@example.com","timezone":{"name":"Europe/Berlin","utc_offset":"+01:00"}}}
        """);

    private static JsonObject Profile => Rows.Row("""{"name":"Ada","byline":"Letters","bio":null,"image_url":null,"profile_url":"https://ada.kit.com/profile"}""");

    public override VendorAnswer TooManyRequests(TimeSpan wait) => VendorAnswer.Of(429, Errors("API rate limit exceeded"));

    public override void Browse()
    {
        foreach (var tag in _tags) tag["subscriber_count"] = (tag["subscriber_count"]?.GetValue<int>() ?? 0) + 1;
    }

    public override IEnumerable<JsonObject> Truth(string stream) => stream switch
    {
        "account" => [Account],
        "creator_profile" => [Profile],
        "custom_fields" => _fields,
        "subscribers" => _subscribers.Select(row => Shown(row, "attribution,location,canceled_at").With("read_on", Now("yyyy-MM-dd"))),
        "tags" => _tags,
        "taggings" => _taggings.Select(Member),
        "forms" => _forms,
        "form_subscribers" => _signUps.Select(Member),
        "sequences" => _sequences,
        "sequence_emails" => _emails,
        "sequence_subscribers" => _waiting.Select(Member),
        "broadcasts" => _broadcasts,
        _ => Of(stream),
    };

    public void Rename(IEnumerable<JsonObject> subscribers, string name)
    {
        foreach (var row in subscribers)
        {
            row["first_name"] = name;
            row["updated"] = Now();
        }
    }

    /// <summary>The person clicks on the link.</summary>
    public void Unsubscribe(JsonObject subscriber)
    {
        subscriber["state"] = "cancelled";
        subscriber["canceled_at"] = Now();
        subscriber["updated"] = Now();
    }

    public void DeleteSubscriber(JsonObject subscriber)
    {
        _subscribers.Remove(subscriber);
        foreach (var links in (List<JsonObject>[])[_taggings, _signUps, _waiting]) links.RemoveAll(link => link.Text("id") == subscriber.Text("id"));
    }

    public void DeleteTag(string id)
    {
        _tags.RemoveAll(tag => tag.Text("id") == id);
        _taggings.RemoveAll(link => link.Text("tag_id") == id);
    }

    public void DeleteSequence(string id)
    {
        _sequences.RemoveAll(sequence => sequence.Text("id") == id);
        _emails.RemoveAll(email => email.Text("sequence_id") == id);
        _waiting.RemoveAll(link => link.Text("sequence_id") == id);
    }

    public void DeleteBroadcast(string id) => _broadcasts.RemoveAll(broadcast => broadcast.Text("id") == id);

    public void DeleteField(string key)
    {
        _fields.RemoveAll(field => field.Text("key") == key);
        foreach (var subscriber in _subscribers) subscriber["fields"]!.AsObject().Remove(key);
    }

    protected override VendorAnswer? Refuse(VendorRequest request) =>
        request.Path == "/v4/oauth/token" || request.Header("X-Kit-Api-Key") == Key || request.Bearer == Access || Tokens.IsGood(request.Bearer) ? null : Unauthorized;

    protected override VendorAnswer NotFound(VendorRequest request) => Missing;

    private static object SignedIn(string secret, string? access) => new
    {
        credentials = new
        {
            auth_type = "oauth", client_id = VendorTokens.ClientId, client_secret = secret, refresh_token = "refresh-0", access_token = access, token_expiry_date = access is null ? null : "2030-01-01T00:00:00Z",
        },
    };

    private static VendorAnswer List(VendorRequest request, string name, IEnumerable<JsonObject> rows)
    {
        var sorted = rows.OrderByDescending(Id).ToList();
        var size = Math.Clamp(request.Number("per_page", 500), 1, PageSizeMax);
        var before = request["after"] is { } cursor ? long.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(cursor)).Trim('[', ']')) : long.MaxValue;
        var rest = sorted.Where(row => Id(row) < before).ToList();
        var page = rest.Take(size).ToList();
        var pagination = new JsonObject
        {
            ["has_previous_page"] = rest.Count < sorted.Count,
            ["has_next_page"] = page.Count < rest.Count,
            ["start_cursor"] = page.Count == 0 ? null : Cursor(page[0]),
            ["end_cursor"] = page.Count == 0 ? null : Cursor(page[^1]),
            ["per_page"] = size,
        };
        if (request["include_total_count"] == "true") pagination["total_count"] = sorted.Count;
        return VendorAnswer.Ok(new JsonObject { [name] = page.ToJsonArray(), ["pagination"] = pagination });
    }

    private static long Id(JsonObject row) => row["id"]!.GetValue<long>();

    private static string Cursor(JsonObject row) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"[{Id(row)}]"));

    private static VendorAnswer One(string name, JsonObject? row) => row is null ? Missing : VendorAnswer.Ok(new JsonObject { [name] = row.Without("updated") });

    private static JsonObject? Find(IEnumerable<JsonObject> rows, VendorRequest request) => rows.Find("id", request.Route["id"]);

    private static JsonObject Errors(string message) => new() { ["errors"] = new JsonArray(message) };

    private static VendorAnswer Refused(string message) => VendorAnswer.Of(422, Errors(message));

    private static VendorAnswer Change(VendorRequest request, string name, List<JsonObject> rows)
    {
        if (Find(rows, request) is not { } row) return Missing;
        row.Merge(request.Json);
        return One(name, row);
    }

    /// <summary>Fields that have to be asked for are left out otherwise.</summary>
    private static JsonObject Shown(JsonObject subscriber, string? include)
    {
        var asked = (include ?? "").Split(',');
        return subscriber.Without(["updated", .. ((string[])["attribution", "location", "canceled_at"]).Except(asked)]);
    }

    private VendorAnswer Create(string name, List<JsonObject> rows, JsonObject row)
    {
        var created = new JsonObject { ["id"] = (long)++_lastId };
        created.Merge(row);
        rows.Add(created);
        return VendorAnswer.Of(201, new JsonObject { [name] = created.Without("updated") });
    }

    private List<JsonObject> Of(string name) => _others[name];

    private IEnumerable<JsonObject> Asked(VendorRequest request)
    {
        var status = request["status"] ?? "active";
        return _subscribers
            .Where(row => status == "all" || row.Text("state") == status)
            .Where(row => request["email_address"] is not { } address || address.Split(',').Contains(row.Text("email_address"), StringComparer.OrdinalIgnoreCase))
            .Where(row => request["updated_after"] is not { } day || string.CompareOrdinal(row.Text("updated"), day) >= 0)
            .Select(row => Shown(row, request["include"]));
    }

    private VendorAnswer CreateSubscriber(VendorRequest request)
    {
        if (Unknown(request.Json) is { } refusal) return refusal;
        var address = request.Json.Text("email_address");
        if (_subscribers.Find("email_address", address) is not { } present)
        {
            return Create("subscriber", _subscribers, new JsonObject
            {
                ["first_name"] = request.Json["first_name"]?.DeepClone(), ["email_address"] = address, ["state"] = request.Json["state"]?.DeepClone() ?? "active",
                ["created_at"] = Now(), ["canceled_at"] = null, ["fields"] = AllFields(request.Json["fields"]), ["attribution"] = null, ["location"] = null, ["updated"] = Now(),
            });
        }

        present["first_name"] = request.Json["first_name"]?.DeepClone();
        present["updated"] = Now();
        return One("subscriber", present);
    }

    private VendorAnswer ChangeSubscriber(VendorRequest request)
    {
        if (Find(_subscribers, request) is not { } row) return Missing;
        if (Unknown(request.Json) is { } refusal) return refusal;
        if (_subscribers.Find("email_address", request.Json.Text("email_address")) is { } other && other != row) return Refused("Email address has already been taken");

        row["first_name"] = request.Json["first_name"]?.DeepClone();
        row["email_address"] = request.Json["email_address"]?.DeepClone();
        row["fields"]!.AsObject().Merge(request.Json["fields"]?.AsObject() ?? []);
        row["updated"] = Now();
        return One("subscriber", row);
    }

    private VendorAnswer? Unknown(JsonObject json) =>
        (json["fields"]?.AsObject() ?? []).FirstOrDefault(field => _fields.Find("key", field.Key) is null) is { Key: { } key } ? Refused($"Unknown custom field {key}") : null;

    /// <summary>Every custom field of the account stands in every record, with null where there is no value.</summary>
    private JsonObject AllFields(JsonNode? values) => new(_fields.Select(field => KeyValuePair.Create(field.Text("key"), values?[field.Text("key")]?.DeepClone())));

    private VendorAnswer CreateField(VendorRequest request)
    {
        var label = request.Json.Text("label").Trim();
        var key = label.ToLowerInvariant().Replace(' ', '_');
        if (_fields.Find("key", key) is not null) return Refused("Label has already been taken");
        foreach (var subscriber in _subscribers) subscriber["fields"]![key] = null;
        return Create("custom_field", _fields, new JsonObject { ["name"] = $"ck_field_{_lastId + 1}_{key}", ["key"] = key, ["label"] = label });
    }

    private VendorAnswer CreateTag(VendorRequest request)
    {
        var name = request.Json.Text("name");
        return _tags.FirstOrDefault(tag => string.Equals(tag.Text("name"), name, StringComparison.OrdinalIgnoreCase)) is { } present
            ? One("tag", present)
            : Create("tag", _tags, new JsonObject { ["name"] = name, ["created_at"] = Now() });
    }

    private VendorAnswer Tag(VendorRequest request)
    {
        if (_tags.Find("id", request.Route["parent"]) is not { } tag || Find(_subscribers, request) is not { } subscriber) return Missing;
        var link = _taggings.FirstOrDefault(link => Id(link) == Id(subscriber) && link.Text("tag_id") == tag.Text("id"));
        if (link is not null) return One("subscriber", Member(link).Without("tag_id"));
        link = new JsonObject { ["id"] = Id(subscriber), ["tagged_at"] = Now(), ["tag_id"] = Id(tag) };
        _taggings.Add(link);
        return VendorAnswer.Of(201, new JsonObject { ["subscriber"] = Member(link).Without("tag_id") });
    }

    private VendorAnswer TagsOf(VendorRequest request) => Find(_subscribers, request) is not { } subscriber
        ? Missing
        : List(request, "tags", _taggings.Where(link => Id(link) == Id(subscriber)).Select(link => _tags.Find("id", link.Text("tag_id"))!.With("tagged_at", link["tagged_at"])));

    /// <summary>The link and what the platform tells about the subscriber beside it.</summary>
    private JsonObject Member(JsonObject link)
    {
        var subscriber = _subscribers.Find("id", link.Text("id"))!.Only("id", "first_name", "email_address", "state", "created_at");
        subscriber.Merge(link);
        return subscriber;
    }

    private VendorAnswer Members(VendorRequest request, List<JsonObject> parents, List<JsonObject> links, string field)
    {
        if (parents.Find("id", request.Route["parent"]) is null) return Missing;
        var status = request["status"] ?? "active";
        return List(request, "subscribers", links
            .Where(link => link.Text(field) == request.Route["parent"])
            .Select(link => Member(link).Without(field))
            .Where(row => status == "all" || row.Text("state") == status)
            .Select(row => request["slim"] == "true" ? row : row.With("fields", _subscribers.Find("id", row.Text("id"))!["fields"])));
    }

    private VendorAnswer CreateEmail(VendorRequest request)
    {
        if (_sequences.Find("id", request.Route["parent"]) is not { } sequence) return Missing;
        var row = new JsonObject
        {
            ["sequence_id"] = Id(sequence), ["email_address"] = "ada@example.com", ["published"] = false,
            ["position"] = _emails.Count(email => email.Text("sequence_id") == sequence.Text("id")),
        };
        row.Merge(request.Json);
        return Create("email", _emails, row);
    }

    private JsonObject? EmailOf(VendorRequest request) => Find(_emails.Where(email => email.Text("sequence_id") == request.Route["parent"]), request);

    private VendorAnswer CreateBroadcast(VendorRequest request)
    {
        var row = new JsonObject
        {
            ["publication_id"] = (long)_lastId, ["created_at"] = Now(), ["status"] = request.Json["send_at"] is null ? "draft" : "scheduled", ["published_at"] = null,
            ["public_url"] = null, ["email_address"] = "ada@example.com", ["subscriber_filter"] = new JsonArray(Rows.Row("""{"all":[{"type":"all_subscribers"}]}""")),
        };
        row.Merge(request.Json.Without("email_template_id"));
        row["email_template"] = Of("email_templates").Find("id", request.Json.Text("email_template_id"))?.Only("id", "name");
        return Create("broadcast", _broadcasts, row);
    }

    private void Seed()
    {
        _fields.AddRange(
        [
            Rows.Row("""{"id":1,"name":"ck_field_1_last_name","key":"last_name","label":"Last name"}"""),
            Rows.Row("""{"id":2,"name":"ck_field_2_city","key":"city","label":"City"}"""),
        ]);
        string[] states = ["active", "active", "active", "cancelled", "inactive", "bounced", "complained"];
        for (var at = 0; at < 1060; at++)
        {
            var state = states[at % states.Length];
            _subscribers.Add(new JsonObject
            {
                ["id"] = 1000L + at, ["first_name"] = at % 9 == 0 ? null : $"Élodie {at}", ["email_address"] = $"person{at}@example.com", ["state"] = state,
                ["created_at"] = Ago(TimeSpan.FromDays(400) - TimeSpan.FromMinutes(at)), ["canceled_at"] = state == "cancelled" ? Ago(TimeSpan.FromDays(90)) : null,
                ["fields"] = new JsonObject { ["last_name"] = at % 4 == 0 ? null : $"Nº {at}", ["city"] = at % 2 == 0 ? "München" : null },
                ["attribution"] = new JsonObject { ["source_type"] = "form_subscription", ["source_name"] = "Welcome", ["referrer"] = null },
                ["location"] = new JsonObject { ["city"] = "Portland", ["latitude"] = 45.5, ["longitude"] = -122.6 },
                ["updated"] = Ago(TimeSpan.FromDays(30)),
            });
        }

        _tags.AddRange([Rows.Row("""{"id":11,"name":"VIP","created_at":"2023-02-17T11:43:55Z"}"""), Rows.Row("""{"id":12,"name":"Newsletter","created_at":"2023-02-17T11:43:56Z"}"""), Rows.Row("""{"id":13,"name":"Empty","created_at":"2023-02-17T11:43:57Z"}""")]);
        _forms.AddRange(
        [
            Rows.Row("""{"id":21,"name":"Welcome","created_at":"2023-02-17T11:43:55Z","type":"embed","format":"inline","embed_js":"https://ada.kit.com/abc/index.js","embed_url":"https://ada.kit.com/abc","archived":false,"uid":"abc"}"""),
            Rows.Row("""{"id":22,"name":"Old page","created_at":"2022-02-17T11:43:55Z","type":"hosted","format":null,"embed_js":"https://ada.kit.com/def/index.js","embed_url":"https://ada.kit.com/def","archived":true,"uid":"def"}"""),
        ]);
        _sequences.AddRange(
        [
            Rows.Row("""{"id":31,"name":"Full series","hold":true,"repeat":false,"created_at":"2026-01-17T13:55:22Z","updated_at":"2026-01-17T13:55:22Z","email_address":"ada@example.com","email_template_id":51,"send_days":["monday","friday"],"send_hour":9,"time_zone":"Europe/Berlin","active":true,"exclude_subscriber_sources":[{"type":"tag","ids":[12]}]}"""),
            Rows.Row("""{"id":32,"name":"Second series","hold":false,"repeat":false,"created_at":"2026-01-18T13:55:22Z","updated_at":"2026-01-18T13:55:22Z","email_address":null,"email_template_id":null,"send_days":["monday"],"send_hour":7,"time_zone":"Europe/Berlin","active":false,"exclude_subscriber_sources":[]}"""),
        ]);
        for (var at = 0; at < 4; at++)
        {
            _emails.Add(new JsonObject
            {
                ["id"] = 311L + at, ["sequence_id"] = at < 3 ? 31L : 32L, ["subject"] = $"Letter {at}", ["preview_text"] = null, ["email_address"] = "ada@example.com",
                ["email_template_id"] = null, ["published"] = at != 1, ["position"] = at % 3, ["delay_value"] = at, ["delay_unit"] = "days",
                ["send_days"] = new JsonArray("monday"), ["content"] = $"<p>Grüße {at}</p>",
            });
        }

        for (var at = 0; at < 40; at++)
        {
            var id = _subscribers[at * 7]["id"]!.GetValue<long>();
            _taggings.Add(new JsonObject { ["id"] = id, ["tagged_at"] = Ago(TimeSpan.FromDays(20)), ["tag_id"] = at % 2 == 0 ? 11L : 12L });
            _signUps.Add(new JsonObject { ["id"] = id, ["added_at"] = Ago(TimeSpan.FromDays(21)), ["referrer"] = "https://example.com/", ["referrer_utm_parameters"] = new JsonObject { ["source"] = "t.co" }, ["form_id"] = at % 3 == 0 ? 22L : 21L });
            _waiting.Add(new JsonObject { ["id"] = id, ["added_at"] = Ago(TimeSpan.FromDays(21)), ["sequence_id"] = 31L });
        }

        // Whoever left is a member of lists too, and has to be in the backup.
        _taggings.Add(new JsonObject { ["id"] = 1003L, ["tagged_at"] = Ago(TimeSpan.FromDays(20)), ["tag_id"] = 11L });
        _broadcasts.AddRange(
        [
            Rows.Row("""{"id":41,"publication_id":41,"created_at":"2026-02-17T11:43:55Z","subject":"Sent","preview_text":null,"description":null,"public":true,"published_at":"2026-02-18T11:43:55Z","send_at":"2026-02-18T11:43:55Z","status":"completed","thumbnail_alt":null,"thumbnail_url":"https://example.com/picture.png","content":"<p>Sent</p>","public_url":"https://ada.kit.com/posts/sent","email_address":"ada@example.com","email_template":{"id":51,"name":"Text only"},"subscriber_filter":[{"all":[{"type":"tag","ids":[11]}]}]}"""),
            Rows.Row("""{"id":42,"publication_id":42,"created_at":"2026-02-19T11:43:55Z","subject":"Draft","preview_text":"Soon","description":null,"public":false,"published_at":null,"send_at":null,"status":"draft","thumbnail_alt":null,"thumbnail_url":null,"content":"<p>Soon</p>","public_url":null,"email_address":"ada@example.com","email_template":{"id":51,"name":"Text only"},"subscriber_filter":[{"all":[{"type":"all_subscribers"}]}]}"""),
        ]);
        _others["posts"] = [Rows.Row("""{"id":61,"publication_id":41,"created_at":"2026-02-17T11:43:55Z","title":"Sent","slug":"sent","description":null,"status":"published","is_paid":false,"public_url":"https://ada.kit.com/posts/sent","published_at":"2026-02-18T11:43:55Z","thumbnail_url":null}""")];
        _others["snippets"] =
        [
            Rows.Row("""{"id":71,"name":"Welcome message","snippet_type":"inline","archived":false,"key":"welcome-message","created_at":"2023-02-17T11:43:55Z","updated_at":"2023-02-17T11:43:55Z","content":"Hello {{ subscriber.first_name }}","document":null}"""),
            Rows.Row("""{"id":72,"name":"Old footer","snippet_type":"block","archived":true,"key":"old-footer","created_at":"2022-02-17T11:43:55Z","updated_at":"2022-02-17T11:43:55Z","content":null,"document":{"id":81,"value_html":"<p>Bye</p>","version":1}}"""),
        ];
        _others["segments"] = [Rows.Row("""{"id":81,"name":"Berlin","created_at":"2023-02-17T11:43:55Z"}""")];
        _others["email_templates"] = [Rows.Row("""{"id":51,"name":"Text only","is_default":true,"category":"Classic"}""")];
        _others["webhooks"] = [Rows.Row("""{"id":91,"account_id":9007199254740993,"event":{"name":"subscriber_activate","initiator_value":null},"target_url":"https://example.com/hook"}""")];
        _others["purchases"] = [Rows.Row("""{"id":101,"transaction_id":"512-41-4101","status":"paid","email_address":"person0@example.com","subscriber_id":1000,"currency":"USD","transaction_time":"2023-02-17T11:43:55Z","subtotal":5.00,"discount":0.0,"tax":0.0,"total":5.10,"products":[{"quantity":1,"lid":"000-13-0000","unit_price":0.05,"sku":null,"name":"Tip","pid":"111-75-7524"}]}""")];
    }
}
