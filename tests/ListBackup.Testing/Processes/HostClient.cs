using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ListBackup.Testing;

/// <summary>A person who uses a running Host through its API, from the sign-up on.</summary>
public sealed class HostClient : IDisposable
{
    private const string Password = "correct horse battery staple 9";
    private readonly HttpClient _http;

    private HostClient(Uri address) => _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };

    public HttpClient Http => _http;

    public string Email { get; private init; } = "";

    /// <summary>Path of the person's own account, below <c>v1/</c>.</summary>
    public string AccountPath { get; private set; } = "";

    /// <summary>Signs up, confirms with the code from the Host's outbox folder, signs in.</summary>
    public static async Task<HostClient> SignUpAsync(Uri address, string data, string name)
    {
        var client = new HostClient(address) { Email = $"{name.ToLowerInvariant()}@example.com" };
        await client.PostAsync("v1/auth/register", new JsonObject { ["email"] = client.Email, ["password"] = Password, ["name"] = name });
        await client.PostAsync("v1/auth/confirm", new JsonObject { ["email"] = client.Email, ["code"] = CodeFor(client.Email, data) });
        await client.SignInAsync();
        return client;
    }

    /// <summary>Signs a person in whom an earlier process signed up.</summary>
    public static async Task<HostClient> ReturnAsync(Uri address, string email)
    {
        var client = new HostClient(address) { Email = email };
        await client.SignInAsync();
        return client;
    }

    /// <summary>The same person, signed in as before, at a Host that was started again and listens elsewhere.</summary>
    public HostClient At(Uri address)
    {
        var moved = new HostClient(address) { Email = Email, AccountPath = AccountPath };
        moved._http.DefaultRequestHeaders.Authorization = _http.DefaultRequestHeaders.Authorization;
        return moved;
    }

    public Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<JsonNode> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body);

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body) =>
        await SendTextAsync(method, path, body) is { Length: > 0 } text ? JsonNode.Parse(text)! : new JsonObject();

    private async Task<string> SendTextAsync(HttpMethod method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {path} was answered {(int)answer.StatusCode}: {text}");
        return text;
    }

    /// <summary>All items of a list.</summary>
    public async Task<List<JsonNode>> ListAsync(string path) => [.. (await ListElementsAsync(path)).Select(item => JsonNode.Parse(item.GetRawText())!)];

    /// <summary>All items of a list, as the Host wrote them to the byte.</summary>
    public async Task<List<JsonElement>> ListElementsAsync(string path)
    {
        var items = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            using var page = JsonDocument.Parse(await SendTextAsync(HttpMethod.Get, cursor.Length == 0 ? path : $"{path}{separator}cursor={Uri.EscapeDataString(cursor)}", null));
            items.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone()));
            cursor = page.RootElement.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        return items;
    }

    public void Dispose() => _http.Dispose();

    private async Task SignInAsync()
    {
        var tokens = await PostAsync("v1/auth/login", new JsonObject { ["email"] = Email, ["password"] = Password });
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)tokens["accessToken"]!);
        var account = (await ListAsync("v1/users/me/accounts"))[0];
        AccountPath = $"v1/accounts/{(string)account["id"]!}";
    }

    /// <summary>The newest code that was mailed to the address: the line after "… code … is".</summary>
    public static string CodeFor(string email, string data)
    {
        var message = new DirectoryInfo(Path.Combine(data, "outbox")).EnumerateFiles("*", SearchOption.AllDirectories)
            .OrderByDescending(file => file.LastWriteTimeUtc).ThenByDescending(file => file.Name, StringComparer.Ordinal)
            .Select(file => File.ReadAllText(file.FullName))
            .FirstOrDefault(text => text.Contains(email, StringComparison.OrdinalIgnoreCase) && text.Contains(" code ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"No message with a code for {email} lies in the outbox.");
        return message.Split('\n').Select(line => line.Trim()).SkipWhile(line => !line.EndsWith("code is", StringComparison.Ordinal)).Skip(1).First(line => line.Length > 0);
    }
}
