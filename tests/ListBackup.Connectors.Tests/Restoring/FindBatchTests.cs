using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Restoring;

public sealed class FindBatchTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly List<string> _asked = [];

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Whatever_a_platform_answers_to_many_each_record_is_told_what_it_would_be_told_alone()
    {
        Landscape? landscape = null;
        await using var platform = await FakePlatform.StartAsync(context => landscape!.AnswerAsync(context));
        for (var seed = 0; seed < 60; seed++)
        {
            landscape = new Landscape(seed);
            var records = landscape.Records();
            var target = Manifest(landscape.Restore).Target(platform.Config(), Ports.For(_http));
            var alone = new List<LiveCounterpart>();
            foreach (var record in records) alone.Add(await target.FindAsync("items", record, TestContext.Current.CancellationToken));

            var together = await target.FindManyAsync("items", records, TestContext.Current.CancellationToken);

            together.Records.Select(Told).ShouldBe(alone.Select(Told), $"Seed {seed}.");
        }
    }

    [Fact]
    public async Task Many_cost_one_request_for_each_rule_and_only_who_is_not_found_is_asked_for_by_the_next()
    {
        await using var platform = await StartAsync(request => request switch
        {
            "GET /many" => """{"items":[{"id":"1","email":"p1"},{"id":"3","email":"p3"}]}""",
            _ => """{"found":[{"id":"9","email":"P2"}]}""",
        });

        var found = await FindAsync(platform, "1", "2", "3", "4");

        found.Records.Select(live => (live.State, live.LiveId, live.FoundBy)).ShouldBe(
        [
            (LiveState.Same, "1", MatchKind.LiveId), (LiveState.Differs, "9", MatchKind.NaturalKey), (LiveState.Same, "3", MatchKind.LiveId), (LiveState.Missing, null, null),
        ]);
        _asked.ShouldBe(["GET /many?ids=1&ids=2&ids=3&ids=4", """POST /search {"emails":["p2","p4"]}"""]);
        found.Requests.ShouldBe(2);
    }

    [Fact]
    public async Task What_nobody_asked_for_may_be_anybody_so_those_not_found_are_asked_for_again()
    {
        // The platform has made one record of two, and answers with what became of number 2.
        await using var platform = await StartAsync(request => request switch
        {
            "GET /many" => """{"items":[{"id":"1","email":"p1"},{"id":"77","email":"p2"}]}""",
            "GET /items/2" => """{"id":"77","email":"p2"}""",
            _ => null,
        });

        var found = await FindAsync(platform, "1", "2");

        found.Records.Select(live => live.LiveId).ShouldBe(["1", "77"]);
        _asked.ShouldBe(["GET /many?ids=1&ids=2", "GET /items/2"]);
    }

    [Fact]
    public async Task A_page_that_is_full_and_a_refusal_of_the_whole_are_answers_about_nobody()
    {
        await using var platform = await StartAsync(request => request switch
        {
            "GET /many" => """{"items":[{"id":"1"},{"id":"1"},{"id":"1"},{"id":"1"},{"id":"1"},{"id":"1"}]}""",
            "POST /search" => throw new HttpStatus(400),
            _ => null,
        });

        var found = await FindAsync(platform, "1", "2", "3");

        found.Records.ShouldAllBe(live => live.State == LiveState.Missing);
        _asked.ShouldBe(
        [
            "GET /many?ids=1&ids=2&ids=3", "GET /items/1", "GET /many?ids=2&ids=3", "GET /items/2", "GET /items/3",
            """POST /search {"emails":["p1","p2","p3"]}""", "GET /search?email=p1", """POST /search {"emails":["p2","p3"]}""", "GET /search?email=p2", "GET /search?email=p3",
        ]);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task Not_knowing_is_not_missing(int status)
    {
        await using var platform = await StartAsync(_ => throw new HttpStatus(status));

        await Should.ThrowAsync<PlatformException>(() => FindAsync(platform, "1", "2"));
    }

    [Fact]
    public async Task Records_that_need_other_requests_are_asked_for_apart_and_twins_share_a_place()
    {
        const string restore = """
            version: 1
            streams:
              items:
                find:
                  - by: natural_key
                    fields: [email]
                    path: /one
                    batch:
                      size: 2
                      method: POST
                      path: "/lists/{{ record.list }}/find"
                      json: { fields: "{{ record | list }}", emails: "{{ items }}" }
                      records: []
                      match: { sent: "{{ record.email }}", answered: "{{ result.email }}" }
            """;
        await using var platform = await StartAsync(_ => "[]");
        RestoreRecord[] records = [Record("""{"list":1,"email":"a"}"""), Record("""{"list":2,"email":"b"}"""), Record("""{"list":1,"email":"c"}"""), Record("""{"list":1,"email":"a"}"""), Record("""{"list":1,"email":"d","x":1}"""), Record("""{"list":1,"email":"e","x":1}""")];

        await Manifest(restore).Target(platform.Config(), Ports.For(_http)).FindManyAsync("items", records, TestContext.Current.CancellationToken);

        // What is asked for alone goes alone.
        _asked.ShouldBe(
        [
            """POST /lists/1/find {"fields":["list","email"],"emails":["a","c"]}""", """POST /lists/1/find {"fields":["list","email","x"],"emails":["d","e"]}""", "GET /one", "GET /one",
        ], ignoreOrder: true);
        Manifest(restore).Streams.Single().FindSize.ShouldBe(2);
    }

    [Theory]
    [InlineData("size: 1, path: /y, records: [], match: { sent: a, answered: b }", "size")]
    [InlineData("size: 2, path: /y, match: { sent: a, answered: b }", "records")]
    [InlineData("size: 2, path: /y, records: []", "match")]
    [InlineData("size: 2, path: /y, records: [], match: { sent: a, answered: b }, fields: [x]", "fields")]
    [InlineData("size: 2, path: /y, records: [], match: { sent: a, answered: b }, without: [x]", "without")]
    [InlineData("size: 2, path: /y, records: [], match: { sent: a, answered: b }, most: 0", "most")]
    public void A_look_up_of_many_that_could_not_be_honoured_is_a_mistake(string batch, string path) =>
        Should.Throw<ManifestException>(() => Manifest($"version: 1\nstreams:\n  items:\n    find: [{{ by: live_id, path: /x, batch: {{ {batch} }} }}]\n"))
            .Problems[0].Path.ShouldBe($"restore.streams.items.find[0].batch.{path}");

    private static (LiveState, string?, MatchKind?, string, string) Told(LiveCounterpart live) =>
        (live.State, live.LiveId, live.FoundBy, Encoding.UTF8.GetString(live.Json.Span), string.Join(' ', live.Differences));

    private static RestoreManifest Manifest(string restore) => RestoreManifest.Load(restore, Connector.Load(Manifests.OneStream("/items")));

    private static RestoreRecord Record(string json) => new(Encoding.UTF8.GetBytes(json), SameIds.Instance);

    private Task<LiveCounterparts> FindAsync(FakePlatform platform, params string[] ids) => Manifest("""
        version: 1
        streams:
          items:
            find:
              - by: live_id
                path: "/items/{{ record.id }}"
                batch: { size: 5, path: /many, parameters: { ids: "{{ items }}" }, records: [items], most: 6, match: { sent: "{{ record.id }}", answered: "{{ result.id }}" } }
              - by: natural_key
                fields: [email]
                path: /search
                parameters: { email: "{{ record.email }}" }
                records: [found]
                batch: { size: 5, method: POST, path: /search, json: { emails: "{{ items }}" }, records: [found], match: { sent: "{{ record.email }}", answered: "{{ result.email }}" } }
            read_only: [id]
        """).Target(platform.Config(), Ports.For(_http)).FindManyAsync("items", [.. ids.Select(id => Record($$"""{"id":"{{id}}","email":"p{{id}}"}"""))], TestContext.Current.CancellationToken);

    /// <summary>A platform that answers as told: by method and path, null when there is nothing.</summary>
    private Task<FakePlatform> StartAsync(Func<string, string?> answer) => FakePlatform.StartAsync(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        lock (_asked)
            _asked.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}{(body.Length > 0 ? $" {body}" : "")}");
        try
        {
            var json = answer($"{context.Request.Method} {context.Request.Path}");
            await context.Json(json ?? "{}", json is null ? 404 : 200);
        }
        catch (HttpStatus refused)
        {
            await context.Json("{}", refused.Status);
        }
    });

    private sealed class HttpStatus(int status) : Exception
    {
        public int Status => status;
    }

    /// <summary>A platform made by chance, with rows that are easily taken for one another, and the manifest that knows its ways.</summary>
    private sealed class Landscape
    {
        private readonly Random _random;
        private readonly int _seed;
        private readonly List<JsonObject> _rows = [];
        private readonly Dictionary<string, string> _merged = [];
        private readonly int _size;
        private readonly int? _most;
        private readonly int _tooLong;
        private readonly bool _refusesBad;
        private readonly bool _404ForNone;
        private readonly bool _tells404;
        private readonly bool _isFuzzy;
        private readonly bool _losesLists;
        private readonly bool _namesAbsent;

        public Landscape(int seed)
        {
            _seed = seed;
            _random = new Random(seed);
            _size = _random.Next(2, 9);
            _most = Chance(0.4) ? _random.Next(2, 12) : null;
            _tooLong = _random.Next(2, 12);
            _refusesBad = Chance(0.5);
            _404ForNone = Chance(0.3);
            _tells404 = Chance(0.5);
            _isFuzzy = Chance(0.4);
            _losesLists = Chance(0.1);
            _namesAbsent = Chance(0.5);
            var count = _random.Next(0, 30);
            for (var number = 0; number < count; number++)
            {
                _rows.Add(new JsonObject
                {
                    ["id"] = number.ToString(CultureInfo.InvariantCulture), ["email"] = Email(), ["external_id"] = Chance(0.6) ? $"e{_random.Next(12)}" : null, ["state"] = Chance(0.2) ? "gone" : "here", ["note"] = Chance(0.5) ? "a" : "b", ["was"] = new JsonArray(),
                });
            }

            for (var number = 30; number < 40 && count > 0; number++)
            {
                if (Chance(0.7)) continue;
                var (was, now) = (number.ToString(CultureInfo.InvariantCulture), _random.Next(count));
                _merged[was] = now.ToString(CultureInfo.InvariantCulture);
                _rows[now]["was"]!.AsArray().Add(was);
            }
        }

        public string Restore => $$$"""
            version: 1
            streams:
              items:
                find:
                  - by: live_id
                    path: "/items/{{ record.id }}"
                    batch:
                      size: {{{_size}}}
                      path: /many/id
                      parameters: { key: "{{ items }}" }
                      records: [items]
                      match: { sent: "{{ record.id }}", answered: "{{ {{{(_namesAbsent ? "result.id" : "[result.id] + result.was")}}} }}" }
                      {{{(_namesAbsent ? "errors: { records: [errors], sent: \"{{ record.id }}\", answered: \"{{ result.ids }}\" }" : "")}}}
                      {{{Options}}}
                  - by: external_id
                    fields: [external_id]
                    path: /one/external_id
                    parameters: { key: "{{ record.external_id }}" }
                    records: [items]
                    where: "{{ live.state != 'gone' }}"
                    batch:
                      size: {{{_size}}}
                      path: /many/external_id
                      parameters: { key: "{{ items }}" }
                      records: [items]
                      match: { sent: "{{ record.external_id }}", answered: "{{ result.external_id }}" }
                      {{{Options}}}
                  - by: natural_key
                    fields: [email]
                    path: /one/email
                    parameters: { key: "{{ record.email }}" }
                    records: [items]
                    batch:
                      size: {{{_size}}}
                      path: /many/email
                      parameters: { key: "{{ items }}", list: "{{ record.state }}" }
                      records: [items]
                      match: { sent: "{{ record.email }}", answered: "{{ result.email }}" }
                      {{{Options}}}
                read_only: [id, was]
            """;

        private string Options => $"missing: {(_404ForNone && _tells404 ? "[404]" : "[]")}{(_most is { } most ? $"\n          most: {most}" : "")}";

        public IReadOnlyList<RestoreRecord> Records()
        {
            var records = new List<RestoreRecord>();
            for (var count = _random.Next(1, 25); count > 0; count--)
            {
                var record = new JsonObject
                {
                    ["id"] = Chance(0.1) ? null : _random.Next(45).ToString(CultureInfo.InvariantCulture), ["email"] = Chance(0.1) ? "" : Email(), ["external_id"] = Chance(0.5) ? $"e{_random.Next(14)}" : null, ["state"] = "here", ["note"] = "a",
                };
                records.Add(Record(record.ToJsonString()));
                if (Chance(0.1)) records.Add(records[^1]);
            }

            return records;
        }

        public Task AnswerAsync(HttpContext context)
        {
            var (path, keys) = (context.Request.Path.Value!.Trim('/').Split('/'), context.Request.Query["key"].Select(key => key!).ToList());
            switch (path[0])
            {
                case "items":
                    return ById(path[1]) is { } row ? context.Json(row.ToJsonString()) : context.Json("{}", 404);
                case "one":
                    return keys[0].Contains('!') && _refusesBad ? context.Json("{}", 404) : context.Json(Listed(Rows(path[1], keys[0])));
                default:
                    if (keys.Count > _tooLong) return context.Json("{}", 414);
                    if (_refusesBad && keys.Any(key => key.Contains('!'))) return context.Json("{}", 400);
                    if (_losesLists && keys.Count % 3 == 0) return context.Json("{}");
                    var found = keys.SelectMany(key => Rows(path[1], key)).Distinct().ToList();
                    new Random(_seed).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(found));
                    var absent = keys.Where(key => !Rows(path[1], key).Any()).Select(key => $"\"{key}\"");
                    return found.Count == 0 && _404ForNone ? context.Json("{}", 404) : context.Json(Listed(_most is { } most ? found.Take(most) : found, $",\"errors\":[{{\"ids\":[{string.Join(',', absent)}]}}]"));
            }
        }

        private static string Listed(IEnumerable<JsonObject> rows, string besides = "") => $$"""{"items":[{{string.Join(',', rows.Select(row => row.ToJsonString()))}}]{{besides}}}""";

        private JsonObject? ById(string id) => _rows.Find(row => (string)row["id"]! == _merged.GetValueOrDefault(id, id));

        private IEnumerable<JsonObject> Rows(string field, string key) => field == "id"
            ? ById(key) is { } row ? [row] : []
            : _rows.Where(candidate => (string?)candidate[field] is { } value
                && (_isFuzzy ? value.Contains(key.Split('@')[0], StringComparison.OrdinalIgnoreCase) : string.Equals(value, key, StringComparison.OrdinalIgnoreCase)));

        private string Email() => $"{(Chance(0.3) ? "P" : "p")}{_random.Next(16)}{(Chance(0.1) ? "!" : "")}@x";

        private bool Chance(double part) => _random.NextDouble() < part;
    }
}
