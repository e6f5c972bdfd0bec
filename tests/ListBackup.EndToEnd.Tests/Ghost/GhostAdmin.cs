using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>What a person does to a Ghost in its admin. It signs its requests by itself, so that the connector's signature is proved by the server alone.</summary>
internal sealed class GhostAdmin(ScriptedServer server) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"{server.Url}/ghost/api/admin/") };

    public async Task<JsonObject> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path, null))!;

    public Task<JsonObject?> PutAsync(string path, JsonObject body) => SendAsync(HttpMethod.Put, path, body);

    public Task<JsonObject?> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public async Task<JsonObject> MemberAsync(string email) => (await GetAsync($"members/?filter=email:'{email}'"))["members"]![0]!.AsObject();

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject?> SendAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Ghost {Token()}");
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject();
    }

    private string Token()
    {
        var (id, secret) = server.Settings["ADMIN_API_KEY"].Split(':') is [var head, var tail] ? (head, tail) : throw new InvalidOperationException("The key is no pair.");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var content = $"{Encoded($$"""{"alg":"HS256","typ":"JWT","kid":"{{id}}"}""")}.{Encoded($$"""{"iat":{{now}},"exp":{{now + 300}},"aud":"/admin/"}""")}";
        return $"{content}.{System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(Convert.FromHexString(secret), Encoding.ASCII.GetBytes(content)))}";
    }

    private static string Encoded(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
