using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ListBackup.Catalogue.Tests;

/// <summary>
/// Ghost's Admin API as https://docs.ghost.org/admin-api tells it, and as a Ghost 6.65 was seen to answer (BackupGhostTests runs against that one): tokens
/// of five minutes, a hundred rows a page, times compared as texts of the database, members subscribed unless told otherwise.
/// </summary>
public sealed partial class GhostFake : VendorFake
{
    private const string Id = "6b0636d788ba4a2f3149e30d";
    private const string Secret = "3fb572b34c4d96182a1e7471cc32a3d1da64bf9afcb5e91eaed0e8bf1d8337a6";
    private const int PageSizeMax = 100;

    private static readonly string[] Rendered = ["html", "lexical", "mobiledoc"];

    private readonly Dictionary<string, List<JsonObject>> _tables = new(StringComparer.Ordinal);
    private int _lastId = 0x1000;

    public GhostFake()
    {
        On("GET", "/ghost/api/admin/site", _ => VendorAnswer.Ok(new JsonObject { ["site"] = Site }));
        On("GET", "/ghost/api/admin/settings", _ => VendorAnswer.Ok(new JsonObject { ["settings"] = Of("settings").ToJsonArray(), ["meta"] = new JsonObject() }));
        On("GET", "/ghost/api/admin/offers", _ => VendorAnswer.Ok(new JsonObject { ["offers"] = Of("offers").ToJsonArray() }));
        foreach (var name in (string[])["users", "tags", "newsletters", "tiers", "labels", "members", "posts", "pages", "comments"])
        {
            On("GET", $"/ghost/api/admin/{name}", request => List(request, name));
            On("GET", $"/ghost/api/admin/{name}/{{id}}", request => One(name, Of(name).Find("id", request.Route["id"])));
            On("GET", $"/ghost/api/admin/{name}/slug/{{slug}}", request => One(name, Of(name).Find("slug", request.Route["slug"])));
            On("POST", $"/ghost/api/admin/{name}", request => Create(name, Sent(request, name)));
            On("PUT", $"/ghost/api/admin/{name}/{{id}}", request => Change(name, request));
        }

        Seed();
    }

    public override string Platform => "ghost";

    public override IReadOnlyList<string> Hosts => ["letters.example.com"];

    public override object Config => new { url = "https://letters.example.com/", admin_api_key = $"{Id}:{Secret}" };

    public override object BadConfig => new { url = "https://letters.example.com", admin_api_key = $"{Id}:00{Secret[2..]}" };

    private static JsonObject Site => Rows.Row("""{"title":"Letters","description":"Thoughts","logo":null,"url":"https://letters.example.com/","version":"6.65"}""");

    private static VendorAnswer Missing => VendorAnswer.Of(404, Errors("NotFoundError", "Resource not found error."));

    public override VendorAnswer TooManyRequests(TimeSpan wait) =>
        VendorAnswer.Of(429, Errors("TooManyRequestsError", "Too many attempts.")).With("Retry-After", ((int)wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));

    public override IEnumerable<JsonObject> Truth(string stream) => stream == "site" ? [Site] : Of(stream);

    public override void Browse()
    {
        foreach (var member in Of("members")) member["last_seen_at"] = Stamp();
        foreach (var post in Of("posts")) post["authors"]![0]!["last_seen"] = Stamp();
    }

    public List<JsonObject> Of(string name) => _tables[name];

    public void Edit(IEnumerable<JsonObject> rows, string field, JsonNode? value)
    {
        foreach (var row in rows)
        {
            row[field] = value?.DeepClone();
            row["updated_at"] = Stamp();
        }
    }

    /// <summary>The person clicks on the link. Ghost does not change updated_at then.</summary>
    public static void Unsubscribe(JsonObject member)
    {
        member["newsletters"] = new JsonArray();
        member["subscribed"] = false;
    }

    public void Delete(string name, string id)
    {
        Of(name).RemoveAll(row => row.Text("id") == id);
        if (name != "tags") return;
        foreach (var post in Of("posts").Concat(Of("pages")))
        {
            post["tags"] = new JsonArray([.. post["tags"]!.AsArray().Where(tag => tag!["id"]!.GetValue<string>() != id).Select(tag => tag!.DeepClone())]);
            post["primary_tag"] = post["tags"]!.AsArray() is [{ } first, ..] ? first.DeepClone() : null;
        }
    }

    /// <summary>A signature over the bytes that the hexadecimal secret means, good for five minutes, for the admin.</summary>
    protected override VendorAnswer? Refuse(VendorRequest request)
    {
        if (request.Path.Trim('/').EndsWith("/site", StringComparison.Ordinal)) return null;
        var refusal = VendorAnswer.Of(401, Errors("UnauthorizedError", "Invalid token"));
        if (request.Header("Authorization") is not { } header || !header.StartsWith("Ghost ", StringComparison.Ordinal) || header["Ghost ".Length..].Split('.') is not [var head, var body, var signature]) return refusal;
        var (kid, claims) = (JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(head))!, JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(body))!);
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        var isGood = kid["kid"]!.GetValue<string>() == Id
            && System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(Convert.FromHexString(Secret), Encoding.ASCII.GetBytes($"{head}.{body}"))) == signature
            && claims["aud"]!.GetValue<string>() == "/admin/" && claims["iat"]!.GetValue<long>() <= now && now < claims["exp"]!.GetValue<long>()
            && claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>() <= 300;
        return isGood ? null : refusal;
    }

    protected override VendorAnswer NotFound(VendorRequest request) => Missing;

    private static JsonObject Errors(string type, string message) => new() { ["errors"] = new JsonArray(new JsonObject { ["message"] = message, ["type"] = type }) };

    private static JsonObject Sent(VendorRequest request, string name) => request.Json[name]![0]!.AsObject();

    private static bool Fits(JsonObject row, string? filter)
    {
        if (filter is null) return true;
        var match = Condition().Match(filter);
        var value = match.Groups["value"].Value.Replace("\\'", "'", StringComparison.Ordinal);
        return match.Groups["operator"].Value == ">="

            // As the database keeps and compares it: a T or Z in the filter is just another sign.
            ? string.CompareOrdinal(row.Text(match.Groups["field"].Value)[..19].Replace('T', ' '), value) >= 0
            : row.Text(match.Groups["field"].Value) == value;
    }

    private VendorAnswer List(VendorRequest request, string name)
    {
        var rows = Of(name).Where(row => Fits(row, request["filter"])).ToList();
        var limit = request["limit"] == "all" ? PageSizeMax : Math.Min(request.Number("limit", 15), PageSizeMax);
        var (page, pages) = (request.Number("page", 1), Math.Max(1, (rows.Count + limit - 1) / limit));
        var shown = rows.Page((page - 1) * limit, limit).Select(row => name is "posts" or "pages" ? row.Without([.. Rendered.Except((request["formats"] ?? "lexical").Split(','))]) : row);
        return VendorAnswer.Ok(new JsonObject
        {
            [name] = shown.ToJsonArray(),
            ["meta"] = new JsonObject { ["pagination"] = new JsonObject { ["page"] = page, ["limit"] = limit, ["pages"] = pages, ["total"] = rows.Count, ["next"] = page < pages ? page + 1 : null, ["prev"] = page > 1 ? page - 1 : null } },
        });
    }

    private static VendorAnswer One(string name, JsonObject? row)
    {
        if (row is null) return Missing;
        var shown = row.Copy();

        // A single post tells its authors' roles, a listing does not.
        if (shown["authors"] is JsonArray authors) foreach (var author in authors) author!["roles"] = new JsonArray(new JsonObject { ["name"] = "Owner" });
        return VendorAnswer.Ok(new JsonObject { [name] = new JsonArray(shown) });
    }

    private VendorAnswer? Invalid(string name, JsonObject sent, JsonObject? present)
    {
        if (name != "members") return null;
        if (sent.Any(member => member is { Key: "name" or "note", Value: null })) return VendorAnswer.Of(422, Errors("ValidationError", "must be string"));
        return sent["email"] is not null && Of("members").Find("email", sent.Text("email")) is { } other && other != present
            ? VendorAnswer.Of(422, Errors("ValidationError", "Member already exists. Attempting to add member with existing email address")) : null;
    }

    private VendorAnswer Create(string name, JsonObject sent)
    {
        if (Invalid(name, sent, null) is { } refusal) return refusal;
        var row = new JsonObject { ["id"] = NewId() };
        if (name == "members")
        {
            row.Merge(Rows.Row("""{"name":null,"note":null,"geolocation":null,"subscriptions":[],"comped":false,"email_count":0,"email_opened_count":0,"email_open_rate":null,"status":"free","last_seen_at":null,"tiers":[],"labels":[]}"""));
            row["newsletters"] = Of("newsletters").Where(list => list["subscribe_on_signup"]!.GetValue<bool>()).Select(Short).ToJsonArray();
        }

        row.Merge(sent);
        Finish(name, row);
        row["created_at"] = Stamp();
        row["updated_at"] = Stamp();
        Of(name).Add(row);
        return VendorAnswer.Of(201, new JsonObject { [name] = new JsonArray(row.Copy()) });
    }

    private VendorAnswer Change(string name, VendorRequest request)
    {
        if (Of(name).Find("id", request.Route["id"]) is not { } row) return Missing;
        var sent = Sent(request, name);
        if (Invalid(name, sent, row) is { } refusal) return refusal;
        if (name is "posts" or "pages")
        {
            if (sent["updated_at"] is null) return VendorAnswer.Of(422, Errors("ValidationError", "updated_at is required"));
            if (sent.Text("updated_at") != row.Text("updated_at")) return VendorAnswer.Of(409, Errors("UpdateCollisionError", "Saving failed! Someone else is editing this post."));
        }

        var ownFields = sent.Without("newsletters", "labels", "tags", "tiers", "authors", "updated_at").Any(member => VendorAnswer.Text(member.Value ?? "") != VendorAnswer.Text(row[member.Key] ?? ""));
        row.Merge(sent.Without("updated_at"));
        Finish(name, row);
        if (ownFields) row["updated_at"] = Stamp();
        return VendorAnswer.Ok(new JsonObject { [name] = new JsonArray(row.Copy()) });
    }

    /// <summary>What stands in a row as others know it.</summary>
    private void Finish(string name, JsonObject row)
    {
        if (name == "members")
        {
            foreach (var field in (string[])["name", "note"]) if (row.Text(field).Length == 0) row[field] = null;
            row["newsletters"] = Known(row, "newsletters").Select(Short).ToJsonArray();
            row["labels"] = Known(row, "labels").ToJsonArray();
            row["subscribed"] = row["newsletters"]!.AsArray().Count > 0;
        }

        if (name is not ("posts" or "pages")) return;
        row["tags"] = Known(row, "tags").ToJsonArray();
        row["authors"] = Of("users").ToJsonArray();
        row["primary_author"] = Of("users")[0].Copy();
        row["primary_tag"] = row["tags"]!.AsArray() is [{ } first, ..] ? first.DeepClone() : null;
        row["html"] = $"<p>{row.Text("lexical")}</p>";
        row["url"] = $"https://letters.example.com/{row.Text("slug")}/";
    }

    private IEnumerable<JsonObject> Known(JsonObject row, string name) =>
        (row[name]?.AsArray() ?? []).Select(item => Of(name).Find("id", item!["id"]?.GetValue<string>())).OfType<JsonObject>();

    private static JsonObject Short(JsonObject newsletter) => newsletter.Only("id", "name", "description", "status");

    private string NewId() => $"6b0636d788ba4a2f{++_lastId:x8}";

    private string Stamp() => Now("yyyy-MM-ddTHH:mm:ss.000Z");

    private void Add(string name, JsonObject row, TimeSpan ago)
    {
        var whole = new JsonObject { ["id"] = NewId() };
        whole.Merge(row);
        Finish(name, whole);
        whole["created_at"] = Ago(TimeSpan.FromDays(400), "yyyy-MM-ddTHH:mm:ss.000Z");
        whole["updated_at"] = Ago(ago, "yyyy-MM-ddTHH:mm:ss.000Z");
        Of(name).Add(whole);
    }

    private void Seed()
    {
        foreach (var name in (string[])["settings", "users", "tags", "newsletters", "tiers", "offers", "labels", "members", "posts", "pages", "comments"]) _tables[name] = [];
        var long_ago = TimeSpan.FromDays(300);
        Of("settings").AddRange([Rows.Row("""{"key":"title","value":"Letters"}"""), Rows.Row("""{"key":"stripe_secret_key","value":"••••"}""")]);
        Add("users", Rows.Row("""{"name":"Ada","slug":"ada","email":"ada@example.com","status":"active","last_seen":"2026-01-01T00:00:00.000Z","url":"https://letters.example.com/author/ada/"}"""), long_ago);
        for (var at = 1; at <= 4; at++) Add("tags", Rows.Row($$"""{"name":"Größe {{at}}","slug":"size-{{at}}","description":null,"visibility":"public","url":"https://letters.example.com/tag/size-{{at}}/"}"""), long_ago);
        Add("newsletters", Rows.Row("""{"uuid":"n1","name":"Letters","description":null,"slug":"default-newsletter","status":"active","sender_reply_to":"newsletter","subscribe_on_signup":true}"""), long_ago);
        Add("newsletters", Rows.Row("""{"uuid":"n2","name":"Weekly","description":"Jede Woche","slug":"weekly","status":"active","sender_reply_to":"newsletter","subscribe_on_signup":false}"""), long_ago);
        Add("tiers", Rows.Row("""{"name":"Gold","description":null,"slug":"gold","active":true,"type":"paid","visibility":"public","benefits":["Thanks"],"currency":"eur","monthly_price":700,"yearly_price":7000,"trial_days":0}"""), long_ago);
        Of("offers").Add(Rows.Row("""{"id":"of1","name":"Spring","code":"spring","status":"active","redemption_count":3,"tier":{"id":"t1","name":"Gold"}}"""));
        Add("labels", Rows.Row("""{"name":"vip","slug":"vip"}"""), long_ago);
        for (var at = 0; at < 240; at++)
        {
            var member = Rows.Row($$"""{"uuid":"u{{at}}","email":"person{{at}}@example.com","note":null,"geolocation":null,"subscriptions":[],"comped":false,"email_count":0,"email_opened_count":0,"email_open_rate":null,"status":"free","last_seen_at":null,"tiers":[]}""");
            member["name"] = at % 5 == 0 ? null : $"Zoë O'Neill {at}";
            member["newsletters"] = Of("newsletters").Take(at % 3).ToJsonArray();
            member["labels"] = at % 4 == 0 ? Of("labels").ToJsonArray() : [];
            Add("members", member, TimeSpan.FromDays(50));
        }

        for (var at = 0; at < 130; at++)
        {
            var post = Post($"Post {at}", $"post-{at}", at % 3 == 0 ? "draft" : "published");
            post["tags"] = new JsonArray(Of("tags")[at == 5 ? 3 : at % 3].Copy());
            Add("posts", post, TimeSpan.FromDays(200) - TimeSpan.FromHours(at));
        }

        foreach (var slug in (string[])["about", "imprint"]) Add("pages", Post(slug, slug, "published"), TimeSpan.FromDays(slug.Length));
        Add("comments", Rows.Row("""{"html":"<p>Schön</p>","status":"published","post_id":"p1","member":{"id":"m1","name":"Zoë","last_seen_at":null},"count":{"likes":1}}"""), long_ago);
    }

    private static JsonObject Post(string title, string slug, string status) => new()
    {
        ["uuid"] = $"uuid-{slug}", ["title"] = title, ["slug"] = slug, ["status"] = status, ["lexical"] = $$$"""{"root":{"text":"Grüße {{{slug}}}"}}""", ["mobiledoc"] = null, ["visibility"] = "public",
        ["featured"] = false, ["feature_image"] = null, ["custom_excerpt"] = null, ["tags"] = new JsonArray(), ["tiers"] = new JsonArray(), ["published_at"] = status == "published" ? "2024-01-01T09:00:00.000Z" : null,
        ["newsletter"] = null, ["email"] = null, ["reading_time"] = 1,
    };

    [GeneratedRegex("^(?<field>[a-z_]+):(?<operator>>=)?'(?<value>.*)'$")]
    private static partial Regex Condition();
}
