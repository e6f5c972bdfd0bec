using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Restoring;

public sealed class BatchTests : IDisposable
{
    private const string Restore = """
        version: 1
        streams:
          items:
            find:
              - { by: live_id, path: "/items/{{ record.id }}" }
              - { by: natural_key, fields: [email], path: /search, parameters: { email: "{{ record.email }}" }, records: [items] }
            create:
              path: /items
              json: { item: "{{ record }}" }
              new_id: [item, id]
              batch:
                size: 4
                path: "/lists/{{ original.list | default('a') }}/batch"
                json: { inputs: "{{ items }}" }
                item: { fields: "{{ record }}", trace: "{{ idempotency_key }}" }
                results: [added, [more, added]]
                match:
                  - { sent: "{{ idempotency_key }}", answered: "{{ result.trace }}" }
                  - { sent: "{{ record.email }}", answered: "{{ result.email }}" }
                errors: { records: [errors], sent: "{{ record.email }}", answered: "{{ result.emails }}", code: "{{ result.code }}" }
            update:
              path: "/items/{{ live_id }}"
              batch: { size: 3, method: PUT, path: /batch, item: { id: "{{ live_id }}", status: "{{ record.status }}" } }
            read_only: [id, list]
            never_weaken:
              - { field: status, strictest_first: [unsubscribed, subscribed] }
            idempotency_header: Idempotency-Key
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback);
    private readonly List<(string Request, string Body, string? Key)> _sent = [];

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task As_many_records_go_in_one_request_as_a_batch_takes_and_each_has_its_own_outcome()
    {
        await using var platform = await StartAsync(body => (200, Added(body, email => $"n-{email}")));

        var outcomes = await WriteAsync(platform, [.. Enumerable.Range(1, 10).Select(number => Create($"p{number}"))]);

        outcomes.ShouldAllBe(outcome => outcome.Result == WriteResult.Created);
        outcomes.Select(outcome => outcome.NewId).ShouldBe(Enumerable.Range(1, 10).Select(number => $"n-p{number}"));
        Requests.ShouldBe(["POST /lists/a/batch", "POST /lists/a/batch", "POST /lists/a/batch"]);
        Inputs(_sent[2].Body).ShouldBe(["p9", "p10"]);
        _sent[0].Body.ShouldStartWith("""{"inputs":[{"fields":{"email":"p1","status":"unsubscribed"},"trace":"key-p1"},""");
    }

    [Fact]
    public async Task What_the_platform_refuses_of_a_batch_is_that_records_outcome_alone()
    {
        await using var platform = await StartAsync(body => (207, Added(body, email => $"n-{email}", "p2", "p3")));

        var outcomes = await WriteAsync(platform, Create("p1"), Create("p2"), Create("p3"), Create("p4"));

        outcomes.Select(outcome => (outcome.Result, outcome.NewId)).ShouldBe([(WriteResult.Created, "n-p1"), (WriteResult.Refused, null), (WriteResult.Refused, null), (WriteResult.Created, "n-p4")]);
        outcomes[1].Reason.ShouldBe("The platform refused the record (in a batch, BAD_NAME).");
        outcomes[2].Failure.ShouldBeOfType<PlatformRefusedException>();
    }

    [Fact]
    public async Task An_answer_in_another_order_and_without_the_surest_mark_is_matched_by_the_next()
    {
        await using var platform = await StartAsync(_ => (200, """{"added":[{"id":2,"email":"P2"}],"more":{"added":[{"id":1,"email":"p1"},{"id":3,"email":"x","trace":"key-p3"}]}}"""));

        var outcomes = await WriteAsync(platform, Create("p1"), Create("p2"), Create("p3"));

        outcomes.Select(outcome => outcome.NewId).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task What_an_answer_passes_over_is_asked_for_and_never_guessed()
    {
        await using var platform = await StartAsync(
            _ => (200, """{"added":[{"id":1,"email":"p1"}]}"""),
            email => email == "p2" ? """{"items":[{"id":22,"email":"p2"}]}""" : """{"items":[]}""");

        var outcomes = await WriteAsync(platform, Create("p1"), Create("p2"), Create("p3"));

        outcomes.Select(outcome => (outcome.Result, outcome.NewId)).ShouldBe([(WriteResult.Created, "1"), (WriteResult.Created, "22"), (WriteResult.Refused, null)]);
        outcomes[2].Reason!.ShouldContain("does not name this record");
        Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_platform_that_cannot_be_asked_leaves_the_outcome_open()
    {
        await using var platform = await StartAsync(_ => (200, "{}"), _ => throw new HttpStatus(403));

        await Should.ThrowAsync<PlatformNotReadableException>(() => WriteAsync(platform, Create("p1"), Create("p2")));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task A_batch_that_is_refused_as_a_whole_is_halved_so_that_one_bad_record_spoils_no_other(int status)
    {
        await using var platform = await StartAsync(body => body.Contains("p3", StringComparison.Ordinal) ? (status, """{"error":"p3"}""")
            : body.StartsWith("""{"item":""", StringComparison.Ordinal) ? (200, """{"item":{"id":"single"}}""") : (200, Added(body, email => $"n-{email}")));

        var outcomes = await WriteAsync(platform, Create("p1"), Create("p2"), Create("p3"), Create("p4"));

        outcomes.Select(outcome => outcome.NewId).ShouldBe(["n-p1", "n-p2", null, "single"]);
        outcomes[2].Result.ShouldBe(WriteResult.Refused);
        Requests.ShouldBe(["POST /lists/a/batch", "POST /lists/a/batch", "POST /lists/a/batch", "POST /items", "POST /items"]);
    }

    [Fact]
    public async Task An_outage_keeps_the_outcomes_before_it_and_the_same_batch_has_the_same_key_again()
    {
        var batches = 0;
        await using var platform = await StartAsync(body => ++batches == 2 ? (401, "{}") : (200, Added(body, email => $"n-{email}")));
        WriteRequest[] requests = [.. Enumerable.Range(1, 6).Select(number => Create($"p{number}"))];
        var outcomes = new List<WriteOutcome>();

        await Should.ThrowAsync<PlatformUnauthorizedException>(async () =>
        {
            await foreach (var outcome in Target(platform).WriteManyAsync(requests.ToAsyncEnumerable(), TestContext.Current.CancellationToken))
                outcomes.Add(outcome);
        });
        await WriteAsync(platform, requests[4..]);

        outcomes.Count.ShouldBe(4);
        _sent[2].Key.ShouldBe(_sent[1].Key);
        _sent[1].Key.ShouldNotBe(_sent[0].Key);
    }

    [Fact]
    public async Task Consent_is_never_weakened_in_a_batch_and_what_changes_nothing_is_not_sent()
    {
        await using var platform = await StartAsync(_ => (200, """[{"id":1},{"id":3}]"""));

        var outcomes = await WriteAsync(
            platform,
            Update("1", "unsubscribed", "old"),
            Update("2", "unsubscribed", "p2"),
            Update("3", "subscribed", "old"));

        outcomes.Select(outcome => (outcome.Result, outcome.Kept.Count)).ShouldBe([(WriteResult.Updated, 1), (WriteResult.Unchanged, 1), (WriteResult.Updated, 0)]);
        _sent.Single().Body.ShouldBe("""[{"id":"1","status":"unsubscribed"},{"id":"3","status":"subscribed"}]""");
        _sent.Single().Request.ShouldBe("PUT /batch");
    }

    [Fact]
    public async Task Records_of_other_addresses_and_records_that_could_be_mistaken_for_each_other_go_apart()
    {
        await using var platform = await StartAsync(body => (200, Added(body, email => $"n-{email}")));

        var outcomes = await WriteAsync(platform, Create("p1"), Create("p2"), Create("p3", "b"), Create("p4", "b"), Create("P4", "b"), Create("p5", "b"));

        outcomes.ShouldAllBe(outcome => outcome.Result == WriteResult.Created);
        _sent.Select(request => (request.Request, string.Join(' ', Inputs(request.Body)))).ShouldBe(
            [("POST /lists/a/batch", "p1 p2"), ("POST /lists/b/batch", "p3 p4"), ("POST /lists/b/batch", "P4 p5")]);
    }

    [Fact]
    public async Task A_record_that_nobody_could_look_for_afterwards_goes_alone()
    {
        await using var platform = await StartAsync(body => body.StartsWith("""{"item":""", StringComparison.Ordinal) ? (200, """{"item":{"id":8}}""") : (200, Added(body, email => $"n-{email}")));

        var outcomes = await WriteAsync(platform, Create(""), Create("p1"), Create("p2"), Create("p3"));

        outcomes.Select(outcome => outcome.NewId).ShouldBe(["8", "n-p1", "n-p2", "n-p3"]);
        Requests.ShouldBe(["POST /items", "POST /lists/a/batch"]);
    }

    [Fact]
    public async Task A_single_record_is_written_as_it_always_was()
    {
        await using var platform = await StartAsync(_ => (200, """{"item":{"id":8}}"""));

        (await WriteAsync(platform, Create("p1"))).Single().NewId.ShouldBe("8");

        Requests.ShouldBe(["POST /items"]);
        Manifest(Restore).Streams.Single().BatchSize.ShouldBe(4);
    }

    [Theory]
    [InlineData("create: { path: /x, batch: { size: 1, path: /y } }", "create.batch.size")]
    [InlineData("create: { path: /x, batch: { size: 2, path: /y, without: [a] } }", "create.batch.without")]
    [InlineData("create: { path: /x, batch: { size: 2, path: /y } }", "create.batch")]
    [InlineData("create: [{ path: /x, batch: { size: 2, path: /y } }, { path: /z }]", "create.batch")]
    [InlineData("delete: { path: /x, batch: { size: 2, path: /y } }", "delete.batch")]
    [InlineData("update: { path: /x, batch: { size: 2, path: /y, errors: { sent: a, answered: b } } }", "update.batch.errors.records")]
    public void A_batch_that_could_not_be_honoured_is_a_mistake(string stream, string path) =>
        Should.Throw<ManifestException>(() => Manifest($"version: 1\nstreams:\n  items:\n    {stream}\n")).Problems[0].Path.ShouldBe($"restore.streams.items.{path}");

    private IEnumerable<string> Requests => _sent.Select(request => request.Request);

    private static RestoreManifest Manifest(string restore) => RestoreManifest.Load(restore, Connector.Load(Manifests.OneStream("/items")));

    private static WriteRequest Create(string email, string? list = null) =>
        Write(WriteKind.Create, email, $$"""{"id":"old","email":"{{email}}","status":"subscribed"{{(list is null ? "" : $",\"list\":\"{list}\"")}}}""");

    private static WriteRequest Update(string id, string liveStatus, string liveEmail) => Write(WriteKind.Update, $"p{id}", $$"""{"id":"{{id}}","email":"p{{id}}","status":"subscribed"}""") with
    {
        LiveId = id,
        LiveJson = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","email":"{{liveEmail}}","status":"{{liveStatus}}"}"""),
    };

    private static WriteRequest Write(WriteKind kind, string name, string json) =>
        new() { Stream = "items", Kind = kind, Record = new RestoreRecord(Encoding.UTF8.GetBytes(json), SameIds.Instance), IdempotencyKey = $"key-{name}" };

    private static IEnumerable<string> Inputs(string body) => JsonNode.Parse(body)!["inputs"]!.AsArray().Select(input => (string)input!["fields"]!["email"]!);

    /// <summary>What a platform answers that tells of each record; those that it refuses are told together.</summary>
    private static string Added(string body, Func<string, string> id, params string[] refused)
    {
        var added = Inputs(body).Except(refused).Select(email => $$"""{"id":{{JsonSerializer.Serialize(id(email))}},"email":{{JsonSerializer.Serialize(email)}}}""");

        return $$"""{"added":[{{string.Join(',', added)}}],"errors":[{"emails":{{JsonSerializer.Serialize(refused)}},"code":"BAD_NAME"}]}""";
    }

    private RestoreTarget Target(FakePlatform platform) => Manifest(Restore).Target(platform.Config(), Ports.For(_http));

    private Task<List<WriteOutcome>> WriteAsync(FakePlatform platform, params WriteRequest[] requests) =>
        Target(platform).WriteManyAsync(requests.ToAsyncEnumerable(), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken).AsTask();

    private Task<FakePlatform> StartAsync(Func<string, (int Status, string Json)> write, Func<string, string>? search = null) => FakePlatform.StartAsync(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (context.Request.Method == "GET")
        {
            try
            {
                await (context.Request.Path == "/search" && search is not null ? context.Json(search(context.Request.Query["email"]!)) : context.Json("{}", 404));
            }
            catch (HttpStatus refused)
            {
                await context.Json("{}", refused.Status);
            }

            return;
        }

        lock (_sent)
            _sent.Add(($"{context.Request.Method} {context.Request.Path}", body, context.Request.Headers["Idempotency-Key"]));
        var (status, json) = write(body);
        await context.Json(json, status);
    });

    private sealed class HttpStatus(int status) : Exception
    {
        public int Status => status;
    }
}
