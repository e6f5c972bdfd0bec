using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Accounts.Tests;

public class ChannelTests
{
    [Fact]
    public async Task A_webhook_gets_signed_notifications_of_the_events_it_wants_from_below_too()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var child = await ada.ChildAsync(ada.Home);
        var channel = await WebhookAsync(ada, receiver, ["run.*"]);
        var secret = channel.Text("signingSecret");
        (await ada.GetAsync($"/accounts/{ada.Home}/channels")).Body.ShouldNotContain(secret);

        await NotifyAsync(api, child, "run.failed");
        await NotifyAsync(api, child, "snapshot.proven");
        await NotifyAsync(api, ada.Home, "run.finished");
        await PumpAsync(api);

        receiver.Received.Count.ShouldBe(2);
        var (body, headers) = receiver.Received.First();
        ((string)JsonNode.Parse(body)!["event"]!).ShouldBe("run.failed");
        // As a receiver checks it, from the specification.
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var signed = Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}");
        headers["webhook-signature"].ShouldBe("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)));
        long.Parse(headers["webhook-timestamp"], CultureInfo.InvariantCulture).ShouldBe(api.Clock.GetUtcNow().ToUnixTimeSeconds());
        var deliveries = (await ada.GetAsync($"/accounts/{ada.Home}/channels/{channel.Text("id")}/deliveries")).Json["items"]!.AsArray();
        deliveries.Select(d => (string)d!["status"]!).ShouldBe(["delivered", "delivered"]);
    }

    [Fact]
    public async Task The_same_notification_twice_is_one_delivery()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        await WebhookAsync(ada, receiver, ["*"]);

        var id = IdText.New("ntf", api.Clock);
        for (var i = 0; i < 3; i++)
        {
            await api.Get<Notifications>().SendAsync(AccountId.Parse(ada.Home), "run.failed", "run_x", "Failed", "It failed.", id, CancellationToken.None);
            await PumpAsync(api);
        }

        receiver.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_failing_receiver_is_tried_again_then_given_up_and_can_be_replayed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Status = 503;
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var channel = (await WebhookAsync(ada, receiver, ["run.failed"])).Text("id");
        var deliveries = $"/accounts/{ada.Home}/channels/{channel}/deliveries";

        (await ada.PostAsync($"/accounts/{ada.Home}/channels/{channel}/test")).ShouldBe(HttpStatusCode.Accepted).Text("status").ShouldBe("pending");
        await PumpAsync(api);

        receiver.Received.Count.ShouldBe(7);
        var failed = (await ada.GetAsync(deliveries)).Json["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)failed["status"]!).ShouldBe("failed");
        ((int)failed["responseStatus"]!).ShouldBe(503);
        ((int)failed["attempts"]!).ShouldBe(7);

        receiver.Status = 204;
        (await ada.PostAsync($"{deliveries}/{(string)failed["id"]!}/replay")).ShouldBe(HttpStatusCode.Accepted);
        await PumpAsync(api);
        ((string)(await ada.GetAsync(deliveries)).Json["items"]!.AsArray().Single()!["status"]!).ShouldBe("delivered");
        receiver.Received.Select(r => r.Headers["webhook-id"]).Distinct().ShouldHaveSingleItem();
        (await ada.PostAsync($"{deliveries}/ntf_00000000000000000000000000/replay")).ShouldBe(HttpStatusCode.NotFound);
        (await ada.PostAsync($"{deliveries}/x/replay")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_nobody_there_is_an_outcome()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Status = 302;
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var redirecting = (await WebhookAsync(ada, receiver, ["run.failed"])).Text("id");
        var nobody = (await ada.PostAsync($"/accounts/{ada.Home}/channels", new { kind = "webhook", name = "Nobody", target = "http://127.0.0.1:1/", events = new[] { "run.failed" } })).Text("id");

        await NotifyAsync(api, ada.Home, "run.failed");
        await PumpAsync(api, rounds: 2);

        receiver.Received.Count.ShouldBe(1);
        ((string)(await LastAsync(ada, redirecting))["error"]!).ShouldContain("302");
        ((string)(await LastAsync(ada, nobody))["error"]!).ShouldContain("No connection");
    }

    [Fact]
    public async Task What_is_not_on_the_public_internet_is_not_reached()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var http = new WebhookHttp(new("https://backup.example"));

        foreach (var host in new[] { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1" })
        {
            var url = new Uri(receiver.Url.Replace("127.0.0.1", host, StringComparison.Ordinal));
            await Should.ThrowAsync<HttpRequestException>(() => http.PostAsync(url, "{}", [], CancellationToken.None));
        }

        receiver.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://example.com/hook")]
    [InlineData("https://10.0.0.1/hook")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://localhost/hook")]
    [InlineData("https://user:password@example.com/hook")]
    [InlineData("ftp://example.com/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void A_url_that_no_webhook_may_have_is_refused(string url) =>
        Should.Throw<Problem>(() => ChannelRules.RequireUrl(url, ChannelKind.Webhook, allowPrivate: false)).Errors.Keys.ShouldBe(["target"]);

    [Fact]
    public async Task Slack_gets_text_and_its_address_stays_secret()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var made = (await ada.PostAsync($"/accounts/{ada.Home}/channels", new { kind = "slack", name = "Ops", target = receiver.Url, events = new[] { "*" } })).ShouldBe(HttpStatusCode.Created);

        await api.Get<Notifications>().SendAsync(AccountId.Parse(ada.Home), "run.failed", "run_x", "Failed <now>", "It failed.", null, CancellationToken.None);
        await PumpAsync(api);

        ((string)JsonNode.Parse(receiver.Received.Single().Body)!["text"]!).ShouldBe("*Failed &lt;now&gt;*\nIt failed.");
        made.Body.ShouldNotContain("/hook");
        Should.Throw<Problem>(() => ChannelRules.RequireUrl("https://hooks.example.com/x", ChannelKind.Slack, allowPrivate: false));
    }

    [Fact]
    public async Task The_path_of_a_page_is_delivered_as_a_link_that_opens()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        await WebhookAsync(ada, receiver, ["*"]);

        await api.Get<Notifications>().SendAsync(AccountId.Parse(ada.Home), "run.failed", "run_x", "Failed", "It failed.", null, CancellationToken.None, (Notification.Link, "/sources/src_x"));
        await PumpAsync(api);

        var link = (string)JsonNode.Parse(receiver.Received.Single().Body)!["details"]!["link"]!;
        link.ShouldBe(api.Get<AccountOptions>().PublicUrl + "/sources/src_x");
    }

    [Fact]
    public async Task Mail_goes_to_members_only()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var child = await ada.ChildAsync(ada.Home);
        var request = new { kind = "email", name = "Me", target = "victim@example.com", events = new[] { "*" } };
        (await ada.PostAsync($"/accounts/{child}/channels", request)).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["target"].ShouldNotBeNull();
        (await ada.PostAsync($"/accounts/{child}/channels", request with { target = ada.Email })).ShouldBe(HttpStatusCode.Created);

        await NotifyAsync(api, child, "run.failed");
        await PumpAsync(api);

        api.Mail.To(ada.Email)[^1].Subject.ShouldBe("Something happened");
    }

    [Fact]
    public async Task In_quiet_hours_what_comes_waits_and_what_a_person_asks_for_or_excepts_does_not()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var channel = $"/accounts/{ada.Home}/channels/{(await WebhookAsync(ada, receiver, ["*"])).Text("id")}";
        var now = api.Clock.GetUtcNow();
        var quiet = new { from = $"{now.AddHours(-1):HH:mm}", to = $"{now.AddHours(2):HH:mm}", except = new[] { "snapshot.*" } };
        (await ada.PatchAsync(channel, new { clear = new[] { "quietHours" } })).ShouldBe(HttpStatusCode.OK).Json["quietHours"].ShouldBeNull();
        foreach (var wrong in new object[] { new { from = "25:00", to = "07:00" }, new { from = "07:00", to = "07:00" }, new { from = "22:00", to = "07:00", timeZone = "Europe/Atlantis" } })
            (await ada.PatchAsync(channel, new { quietHours = wrong })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.PatchAsync(channel, new { quietHours = quiet })).ShouldBe(HttpStatusCode.OK).Json["quietHours"]!["to"]!.ToString().ShouldBe(quiet.to);

        await NotifyAsync(api, ada.Home, "run.failed");
        await PumpAsync(api, rounds: 4);
        receiver.Received.ShouldBeEmpty();
        var held = await LastAsync(ada, channel.Split('/')[^1]);
        ((string)held["status"]!).ShouldBe("pending");
        ((int)held["attempts"]!).ShouldBe(0);
        DateTimeOffset.Parse((string)held["heldUntil"]!, CultureInfo.InvariantCulture).ShouldBe(now.AddHours(2), TimeSpan.FromMinutes(1));

        await NotifyAsync(api, ada.Home, "snapshot.quarantined");
        (await ada.PostAsync($"{channel}/test")).ShouldBe(HttpStatusCode.Accepted);
        await PumpAsync(api, rounds: 4);
        receiver.Received.Select(r => (string)JsonNode.Parse(r.Body)!["event"]!).ShouldBe(["snapshot.quarantined", "channel.test"], ignoreOrder: true);

        api.Clock.Advance(TimeSpan.FromHours(2));
        await PumpAsync(api);
        receiver.Received.Select(r => (string)JsonNode.Parse(r.Body)!["event"]!).ShouldContain("run.failed");
    }

    [Fact]
    public async Task A_channel_changes_under_its_version_is_switched_off_and_deleted()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        var made = await WebhookAsync(ada, receiver, ["*"]);
        var channel = $"/accounts/{ada.Home}/channels/{made.Text("id")}";
        var seen = (await ada.GetAsync(channel)).ETag!;

        (await ada.SendAsync(HttpMethod.Patch, channel, new { enabled = false }, ("If-Match", seen))).ShouldBe(HttpStatusCode.OK).Json["enabled"]!.GetValue<bool>().ShouldBeFalse();
        (await ada.SendAsync(HttpMethod.Patch, channel, new { enabled = true }, ("If-Match", seen))).ShouldBe(HttpStatusCode.PreconditionFailed);
        await NotifyAsync(api, ada.Home, "run.failed");
        await PumpAsync(api);
        receiver.Received.ShouldBeEmpty();

        var rotated = (await ada.PostAsync($"{channel}/secret")).ShouldBe(HttpStatusCode.OK).Text("signingSecret");
        rotated.ShouldNotBe(made.Text("signingSecret"));
        (await ada.PatchAsync(channel, new { events = new[] { "Run.Failed" } })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.PatchAsync(channel, new { events = Array.Empty<string>() })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.DeleteAsync(channel)).ShouldBe(HttpStatusCode.NoContent);
        (await ada.GetAsync(channel)).ShouldBe(HttpStatusCode.NotFound);
        (await api.Get<ISecrets>().FindAsync($"channels/{made.Text("id")}", CancellationToken.None)).ShouldBeNull();
    }

    private static async Task<ApiAnswer> WebhookAsync(Person person, WebhookReceiver receiver, string[] events) =>
        (await person.PostAsync($"/accounts/{person.Home}/channels", new { kind = "webhook", name = "Hook", target = receiver.Url, events })).ShouldBe(HttpStatusCode.Created);

    private static Task NotifyAsync(ApiUnderTest api, string account, string @event) =>
        api.Get<Notifications>().SendAsync(AccountId.Parse(account), @event, "run_x", "Something happened", "It happened.", null, CancellationToken.None);

    private static async Task<JsonNode> LastAsync(Person person, string channel) =>
        (await person.GetAsync($"/accounts/{person.Home}/channels/{channel}/deliveries")).Json["items"]!.AsArray().First()!;

    /// <summary>Delivers until nothing waits; the queue in memory does not wait for delays.</summary>
    private static async Task PumpAsync(ApiUnderTest api, int rounds = 50)
    {
        for (var i = 0; i < rounds && api.Queues.Count(QueueName.Notify) > 0; i++)
            await api.Queues.DeliverAsync(QueueName.Notify, api.Get<NotifyWorker>(), api.Clock, CancellationToken.None);
    }
}
