using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Seeding;

namespace ListBackup.Demo.Webhooks;

/// <summary>
/// Calls whoever wants to know, one event a call, each signed: <c>X-Demo-Signature: t=SECONDS,v1=HEX</c>, where v1 is the HMAC-SHA256 of <c>t.body</c> under the
/// subscription's secret. A call that fails is not repeated.
/// </summary>
internal sealed class WebhookSender(WebhookSubscriptions subscriptions, TimeProvider time) : BackgroundService
{
    public const string Header = "X-Demo-Signature";
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = AnswerMax };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var told in subscriptions.Waiting.Reader.ReadAllAsync(stoppingToken))
        {
            foreach (var subscription in subscriptions.All) subscription.LastStatus = await SendAsync(subscription, Body(told), stoppingToken);
        }
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    private async Task<int> SendAsync(WebhookSubscription subscription, byte[] body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, subscription.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation(Header, Signature(subscription.Secret, time.GetUtcNow().ToUnixTimeSeconds(), body));
        try
        {
            using var response = await _http.SendAsync(request, cancellation);
            return (int)response.StatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return 0;
        }
    }

    private static byte[] Body(WebhookEvent told) => CrmJson.Write(new JsonObject
    {
        ["id"] = told.Id,
        ["type"] = told.Type,
        ["object"] = RecordKinds.Object(told.Kind),
        ["record_id"] = RecordKinds.HasNumericId(told.Kind) ? told.Number : RecordKinds.IdText(told.Kind, told.Number),
        ["created_at"] = SeedRecords.Time(told.At),
    });

    private static string Signature(string secret, long at, byte[] body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{at}."), .. body];
        return $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }
}
