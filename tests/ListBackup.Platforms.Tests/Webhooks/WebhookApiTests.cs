using System.Net;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Connections;
using ListBackup.Domain;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Platforms.Tests;

public sealed class WebhookApiTests
{
    private const string Secret = "whsec_of_the_crm";
    private const string Event = """{"id":"evt_1","type":"contact.updated","record_id":7}""";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_gets_an_address_gives_the_platforms_secret_and_a_signed_call_announces_its_streams()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms);

        var made = (await PutAsync(platforms, connection)).ShouldBe(HttpStatusCode.OK);
        var ready = (await PutAsync(platforms, connection, new { secret = Secret })).ShouldBe(HttpStatusCode.OK);
        var answer = await CallAsync(platforms, made.Text("address"), Event);

        (made.Text("state"), ready.Text("state")).ShouldBe(("waiting", "ready"));
        ready.Text("address").ShouldBe(made.Text("address"));
        made.Text("address").ShouldStartWith($"http://localhost:8080/v1/hooks/{connection}/");
        made.Text("signatureHeader").ShouldBe("X-Demo-Signature");
        answer.ShouldBe(HttpStatusCode.Accepted).Body.ShouldBeEmpty();
        (await AnnouncedAsync(platforms, connection)).ShouldBe(["contacts"]);
        var shown = (await platforms.GetAsync($"{platforms.Connections}/{connection}/webhook")).ShouldBe(HttpStatusCode.OK);
        shown.Text("lastCallAt").ShouldNotBeEmpty();
        foreach (var body in new[] { ready.Body, shown.Body }) body.ShouldNotContain(Secret);
        ((MemoryItems)platforms.Api.Items).All.ShouldAllBe(item => !item.Body.Contains(Secret) && !item.Body.Contains(Token(made)));
    }

    [Fact]
    public async Task Wrong_altered_old_unsigned_and_unexpected_calls_are_refused_and_change_nothing_but_what_the_owner_is_shown()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms);
        var address = (await PutAsync(platforms, connection, new { secret = Secret })).Text("address");
        var now = platforms.Api.Clock.GetUtcNow();

        foreach (var (body, signature, reason) in new[]
        {
            (Event, Signature(Event, now, "another secret"), "not right"),
            (Event.Replace('7', '8'), Signature(Event, now), "not right"),
            (Event, Signature(Event, now.AddMinutes(-6)), "another time"),
            (Event, Signature(Event, now.AddMinutes(6)), "another time"),
            (Event, "", "no signature"),
        })
        {
            (await SendAsync(platforms, address, body, signature)).ShouldBe(HttpStatusCode.Unauthorized, "signature-refused");
            var shown = await platforms.GetAsync($"{platforms.Connections}/{connection}/webhook");
            shown.Text("lastRefusal").ShouldContain(reason);
            shown.Json["lastCallAt"].ShouldBeNull();
        }
        (await CallAsync(platforms, address, "no json")).ShouldBe(HttpStatusCode.BadRequest, "malformed");

        (await AnnouncedAsync(platforms, connection)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_call_that_comes_again_changes_nothing_and_a_later_event_does()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms);
        var address = (await PutAsync(platforms, connection, new { secret = Secret })).Text("address");
        var signature = Signature(Event, platforms.Api.Clock.GetUtcNow());
        (await SendAsync(platforms, address, Event, signature)).ShouldBe(HttpStatusCode.Accepted);
        await ForgetAsync(platforms, connection);

        (await SendAsync(platforms, address, Event, signature)).ShouldBe(HttpStatusCode.Accepted);
        platforms.Api.Clock.Advance(TimeSpan.FromHours(40));
        // As platforms repeat what they think failed: signed anew.
        (await CallAsync(platforms, address, Event)).ShouldBe(HttpStatusCode.Accepted);
        (await AnnouncedAsync(platforms, connection)).ShouldBeEmpty();

        (await CallAsync(platforms, address, Event.Replace("evt_1", "evt_2"))).ShouldBe(HttpStatusCode.Accepted);
        (await AnnouncedAsync(platforms, connection)).ShouldBe(["contacts"]);
    }

    [Fact]
    public async Task Where_events_have_no_ids_the_signature_is_remembered_however_it_is_spelt()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms, await ManifestAsync(platforms, """
              webhooks:
                signature: { header: X-Signature, encoding: hex }
                type_header: X-Topic
                types: { item.*: [items], other.*: [others] }
            """));
        var address = (await PutAsync(platforms, connection, new { secret = Secret })).Text("address");
        var signature = Convert.ToHexStringLower(Hmac("{}"));
        (await SendAsync(platforms, address, "{}", signature, "X-Signature", "item.made")).ShouldBe(HttpStatusCode.Accepted);
        await ForgetAsync(platforms, connection);

        (await SendAsync(platforms, address, "{}", signature.ToUpperInvariant(), "X-Signature", "item.made")).ShouldBe(HttpStatusCode.Accepted);
        (await AnnouncedAsync(platforms, connection)).ShouldBeEmpty();
        (await SendAsync(platforms, address, "{}", signature, "X-Signature", "other.made")).ShouldBe(HttpStatusCode.Accepted);
        (await AnnouncedAsync(platforms, connection)).ShouldBe(["others"]);
    }

    [Fact]
    public async Task A_platform_that_signs_nothing_is_known_by_the_address_alone()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms, await ManifestAsync(platforms, """
              webhooks:
                types: { "*": [items] }
            """));
        var made = (await PutAsync(platforms, connection)).ShouldBe(HttpStatusCode.OK);
        made.Text("state").ShouldBe("ready");

        (await SendAsync(platforms, made.Text("address"), "type=subscribe&data[email]=a%40example.com", "")).ShouldBe(HttpStatusCode.Accepted);

        (await AnnouncedAsync(platforms, connection)).ShouldBe(["items"]);
        (await PutAsync(platforms, connection, new { secret = Secret })).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["secret"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Addresses_of_nobody_are_answered_alike_whatever_is_wrong_with_them()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var (connection, disabled, deleted) = (await ConnectAsync(platforms), await ConnectAsync(platforms), await ConnectAsync(platforms));
        var right = (await PutAsync(platforms, connection, new { secret = Secret })).Text("address");
        var ended = (await PutAsync(platforms, disabled, new { secret = Secret })).Text("address");
        var gone = (await PutAsync(platforms, deleted, new { secret = Secret })).Text("address");
        (await platforms.Api.SendAsync(HttpMethod.Delete, $"{platforms.Connections}/{disabled}/webhook", null, platforms.Token)).ShouldBe(HttpStatusCode.NoContent);
        (await platforms.Api.SendAsync(HttpMethod.Delete, $"{platforms.Connections}/{deleted}", null, platforms.Token)).ShouldBe(HttpStatusCode.NoContent);

        var answers = new List<ApiAnswer>();
        foreach (var address in new[]
        {
            ended, gone, right + "x", right[..^1], right.Replace(connection, disabled), right.Replace(connection, ConnectionId.New(TimeProvider.System).ToString()),
            right.Replace(connection, "con_nonsense"), right.Replace(connection, new string('a', 500)), right[..(right.LastIndexOf('/') + 1)] + new string('a', 5_000),
        })
        {
            answers.Add((await CallAsync(platforms, address, Event)).ShouldBe(HttpStatusCode.NotFound, "not-found"));
        }

        answers.Select(answer => (answer.Text("title"), answer.Text("detail"))).Distinct().Count().ShouldBe(1);
        (await platforms.GetAsync($"{platforms.Connections}/{disabled}/webhook")).ShouldBe(HttpStatusCode.NotFound);
        (await AnnouncedAsync(platforms, disabled)).ShouldBeEmpty();
        (await CallAsync(platforms, right, Event)).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_new_address_ends_the_one_of_before_and_keeps_the_secret()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms);
        var before = (await PutAsync(platforms, connection, new { secret = Secret })).Text("address");

        var after = (await PutAsync(platforms, connection, new { newAddress = true })).ShouldBe(HttpStatusCode.OK);

        after.Text("address").ShouldNotBe(before);
        after.Text("state").ShouldBe("ready");
        (await CallAsync(platforms, before, Event)).ShouldBe(HttpStatusCode.NotFound);
        (await CallAsync(platforms, after.Text("address"), Event)).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_secret_that_stands_in_the_configuration_need_not_be_given_and_follows_it()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms, await ManifestAsync(platforms, """
              webhooks:
                secret_field: [app_secret]
                signature: { header: X-Signature, encoding: base64 }
                types: { "*": [items] }
            """), new { app_secret = Secret });
        var made = (await PutAsync(platforms, connection)).ShouldBe(HttpStatusCode.OK);
        made.Text("state").ShouldBe("ready");
        (await SendAsync(platforms, made.Text("address"), "{}", Convert.ToBase64String(Hmac("{}")), "X-Signature")).ShouldBe(HttpStatusCode.Accepted);

        (await platforms.Api.SendAsync(HttpMethod.Patch, $"{platforms.Connections}/{connection}", new { config = new { app_secret = "another secret" } }, platforms.Token)).ShouldBe(HttpStatusCode.OK);
        (await PutAsync(platforms, connection)).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(platforms, made.Text("address"), "{ }", Convert.ToBase64String(Hmac("{ }")), "X-Signature")).ShouldBe(HttpStatusCode.Unauthorized);
        (await SendAsync(platforms, made.Text("address"), "{ }", Convert.ToBase64String(Hmac("{ }", "another secret")), "X-Signature")).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task What_cannot_be_enabled_says_why()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var demo = await ConnectAsync(platforms);
        var silent = await ConnectAsync(platforms, await ManifestAsync(platforms, "  title: Silent"));

        foreach (var secret in new[] { "", "short", new string('a', 501), "with\nnewline" })
            (await PutAsync(platforms, demo, new { secret })).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["secret"].ShouldNotBeNull();
        (await PutAsync(platforms, silent)).ShouldBe(HttpStatusCode.Conflict, "no-webhooks");
        (await platforms.GetAsync($"{platforms.Connections}/{demo}/webhook")).ShouldBe(HttpStatusCode.NotFound);
        (await platforms.Api.SendAsync(HttpMethod.Delete, $"{platforms.Connections}/{demo}/webhook", null, platforms.Token)).ShouldBe(HttpStatusCode.NotFound);
        var (stranger, token) = await platforms.JoinAsync();
        (await platforms.Api.SendAsync(HttpMethod.Put, $"/v1/accounts/{stranger}/connections/{demo}/webhook", null, token)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(null)] // It does not say how long it is.
    [InlineData(1L)]
    [InlineData(5_000_000L)]
    public async Task A_body_that_is_too_large_is_not_read_to_its_end(long? told)
    {
        using var body = new MemoryStream(new byte[5_000_000]);
        var http = new DefaultHttpContext { Request = { Body = body, ContentLength = told } };

        (await Should.ThrowAsync<Problem>(() => WebhookRequest.ReadAsync(http, "", Cancellation))).Kind.ShouldBe(ProblemKind.TooLarge);

        body.Position.ShouldBeLessThan(ReceiveWebhook.BodyBytesMax + 100_000);
        if (told == 5_000_000) body.Position.ShouldBe(0);
    }

    [Fact]
    public async Task A_body_as_large_as_allowed_is_read_whole()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms);
        var address = (await PutAsync(platforms, connection, new { secret = Secret })).Text("address");

        (await CallAsync(platforms, address, Event.PadRight(ReceiveWebhook.BodyBytesMax))).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Each_step_is_in_the_activity_log_without_the_secret()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var connection = await ConnectAsync(platforms);
        await PutAsync(platforms, connection);
        await PutAsync(platforms, connection, new { secret = Secret });
        await platforms.Api.SendAsync(HttpMethod.Delete, $"{platforms.Connections}/{connection}/webhook", null, platforms.Token);

        var log = ((MemoryItems)platforms.Api.Items).All.Where(item => item.Key.Table == Table.Activities).Select(item => item.Body).ToList();

        foreach (var step in new[] { "connection.webhook-enabled", "connection.webhook-changed", "connection.webhook-disabled" }) log.Count(body => body.Contains(step)).ShouldBeGreaterThan(0, step);
        log.ShouldAllBe(body => !body.Contains(Secret));
    }

    private static async Task<string> ConnectAsync(PlatformApi platforms, string? manifest = null, object? config = null) =>
        (await platforms.PostAsync(platforms.Connections, manifest is null ? platforms.WithKey() : new { name = "Own", platform = manifest, config = config ?? new { } })).ShouldBe(HttpStatusCode.Created).Text("id");

    private static async Task<string> ManifestAsync(PlatformApi platforms, string extension) => (await platforms.PostAsync(platforms.Manifests, new
    {
        name = "Own",
        manifest = $$$"""
            version: 6.0.0
            type: DeclarativeSource
            check: { type: CheckStream, stream_names: [items] }
            streams:
              - { $ref: "#/definitions/stream", name: items }
              - { $ref: "#/definitions/stream", name: others }
            definitions:
              stream:
                type: DeclarativeStream
                retriever:
                  type: SimpleRetriever
                  requester: { type: HttpRequester, url_base: "https://example.com", path: / }
                  record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
            spec:
              type: Spec
              connection_specification: { type: object, properties: { app_secret: { type: string, airbyte_secret: true } } }
            x-listbackup:
            {{{extension}}}
            """,
    })).ShouldBe(HttpStatusCode.Created).Text("id");

    private static Task<ApiAnswer> PutAsync(PlatformApi platforms, string connection, object? change = null) =>
        platforms.Api.SendAsync(HttpMethod.Put, $"{platforms.Connections}/{connection}/webhook", change, platforms.Token);

    private static Task<ApiAnswer> CallAsync(PlatformApi platforms, string address, string body) =>
        SendAsync(platforms, address, body, Signature(body, platforms.Api.Clock.GetUtcNow()));

    private static Task<ApiAnswer> SendAsync(PlatformApi platforms, string address, string body, string signature, string header = "X-Demo-Signature", string topic = "") =>
        platforms.Api.SendAsync(HttpMethod.Post, address["http://localhost:8080".Length..], body, null, (header, signature), ("X-Topic", topic));

    private static string Signature(string body, DateTimeOffset at, string secret = Secret) =>
        $"t={at.ToUnixTimeSeconds()},v1={Convert.ToHexStringLower(Hmac($"{at.ToUnixTimeSeconds()}.{body}", secret))}";

    private static byte[] Hmac(string text, string secret = Secret) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));

    private static string Token(ApiAnswer made) => made.Text("address")[(made.Text("address").LastIndexOf('/') + 1)..];

    private static async Task<IReadOnlyList<string>> AnnouncedAsync(PlatformApi platforms, string connection) =>
        (await platforms.Api.Items.FindAsync(Announcements.Key(ConnectionId.Parse(connection)), ConnectionJson.Default.Announcement, Cancellation))?.Value.Streams ?? [];

    private static Task ForgetAsync(PlatformApi platforms, string connection) => platforms.Api.Items.DeleteAsync(Announcements.Key(ConnectionId.Parse(connection)), Condition.None, Cancellation);
}
