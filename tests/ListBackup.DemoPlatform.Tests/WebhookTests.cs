using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Demo.Tests;

public sealed class WebhookTests
{
    [Fact]
    public async Task A_change_is_told_to_whoever_wants_to_know_signed_with_the_secret_that_was_shown_once()
    {
        await using var client = await DemoClient.StartAsync();
        using var listener = Listening(out var url);
        var (status, hook) = await client.SendAsync(HttpMethod.Post, "/api/v1/webhooks", $$"""{"url":"{{url}}"}""");
        status.ShouldBe(HttpStatusCode.Created);

        var told = TakeAsync(listener);
        var (_, contact) = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"neu@example.com"}""");
        var (signature, body) = await told;

        var at = client.Time.GetUtcNow().ToUnixTimeSeconds();
        signature.ShouldBe($"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(hook.GetProperty("secret").GetString()!), Encoding.UTF8.GetBytes($"{at}.{body}")))}");
        var read = DemoClient.Parse(body);
        read.GetProperty("type").GetString().ShouldBe("contact.created");
        read.GetProperty("record_id").GetInt64().ShouldBe(contact.GetProperty("id").GetInt64());
        (await client.TextAsync("/api/v1/webhooks")).ShouldNotContain(hook.GetProperty("secret").GetString()!);
    }

    [Fact]
    public async Task A_webhook_needs_an_address_and_ends_when_it_is_deleted()
    {
        await using var client = await DemoClient.StartAsync();

        (await client.SendAsync(HttpMethod.Post, "/api/v1/webhooks", """{"url":"file:///etc/passwd"}""")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var (_, hook) = await client.SendAsync(HttpMethod.Post, "/api/v1/webhooks", """{"url":"http://127.0.0.1:1/hook"}""");
        (await client.SendAsync(HttpMethod.Delete, $"/api/v1/webhooks/{hook.GetProperty("id").GetString()}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.SendAsync(HttpMethod.Delete, $"/api/v1/webhooks/{hook.GetProperty("id").GetString()}")).Status.ShouldBe(HttpStatusCode.NotFound);

        (await client.GetAsync("/api/v1/webhooks")).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    private static HttpListener Listening(out string url)
    {
        // A port that was free a moment ago; another try when somebody was faster.
        for (var tries = 0; ; tries++)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/hook/";
            probe.Stop();
            var listener = new HttpListener { Prefixes = { url } };
            try
            {
                listener.Start();
                return listener;
            }
            catch (HttpListenerException) when (tries < 20)
            {
                listener.Close();
            }
        }
    }

    private static async Task<(string Signature, string Body)> TakeAsync(HttpListener listener)
    {
        var context = await listener.GetContextAsync().WaitAsync(DemoClient.Cancellation);
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(DemoClient.Cancellation);
        context.Response.StatusCode = 204;
        context.Response.Close();
        return (context.Request.Headers["X-Demo-Signature"] ?? "", body);
    }
}
