using ListBackup.Connectors.Hooks;
using ListBackup.Domain;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Platforms;

/// <summary>Makes a call of a request: with the bytes of its body as they came, which is what was signed.</summary>
internal static class WebhookRequest
{
    /// <exception cref="Problem">TooLarge.</exception>
    public static async Task<WebhookCall> ReadAsync(HttpContext http, string url, CancellationToken cancellation)
    {
        if (http.Request.ContentLength > ReceiveWebhook.BodyBytesMax) throw TooLarge();
        using var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (body.Length + read > ReceiveWebhook.BodyBytesMax) throw TooLarge();
            body.Write(chunk, 0, read);
        }
        var headers = http.Request.Headers;
        return new(http.Request.Method, url, name => headers.TryGetValue(name, out var values) && values.Count > 0 ? values.ToString() : null, body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static Problem TooLarge() => Problem.TooLarge($"A call has at most {ReceiveWebhook.BodyBytesMax} bytes.");
}
