using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine;

/// <summary>The API as the command line uses it: JSON in and out, the session renewed when it runs out, refusals as one line.</summary>
internal sealed class ApiClient : IDisposable
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private StoredSession? _session;

    public ApiClient(string server, StoredSession? session, TimeProvider clock)
    {
        _http = new() { BaseAddress = new Uri(server.TrimEnd('/') + "/"), Timeout = TimeSpan.FromMinutes(2) };
        (_session, _clock) = (session, clock);
    }

    public string Server => _http.BaseAddress!.ToString().TrimEnd('/');

    public StoredSession Session => _session ?? throw new CommandException("You are not signed in. Use 'listbackup login'.", ExitCode.NotSignedIn);

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    public Task<JsonNode> PostAsync(string path, JsonNode? body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, cancellation);

    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, null, cancellation);

    /// <summary>All items of a list, page by page, at most <paramref name="most"/>.</summary>
    public async IAsyncEnumerable<JsonNode> ListAsync(
        string path, int most, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync(cursor is null ? path : $"{path}{separator}cursor={Uri.EscapeDataString(cursor)}", cancellation);
            foreach (var item in page["items"]!.AsArray())
            {
                if (most-- <= 0) yield break;
                yield return item!;
            }
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
    }

    /// <summary>Sends without a session: what signing in itself needs.</summary>
    public Task<JsonNode> PostAnonymouslyAsync(string path, JsonNode body, CancellationToken cancellation) => ExchangeAsync(HttpMethod.Post, path, body, null, cancellation);

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        using var answer = await SendRawAsync(method, path, body, HttpCompletionOption.ResponseContentRead, cancellation);
        return await ReadAsync(answer, cancellation);
    }

    /// <summary>The answer with its body unread, for downloads and event streams; refusals are already thrown.</summary>
    public async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string path, JsonNode? body, HttpCompletionOption completion, CancellationToken cancellation)
    {
        await RenewAsync(cancellation);
        using var request = Request(method, path, body, Session.AccessToken);
        // One key per command: a write that is sent again after a lost answer does not happen twice.
        if (method != HttpMethod.Get) request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        var answer = await ReachAsync(request, completion, cancellation);
        await RefuseAsync(answer, cancellation);
        return answer;
    }

    public void Dispose() => _http.Dispose();

    public void Use(StoredSession session) => SessionFile.Save(_session = session);

    private async Task RenewAsync(CancellationToken cancellation)
    {
        if (Session.ExpiresAt - _clock.GetUtcNow() > RenewBefore) return;
        if (Session.RefreshToken is not { } refresh) throw new CommandException("Your session has ended. Use 'listbackup login'.", ExitCode.NotSignedIn);
        var tokens = await PostAnonymouslyAsync("v1/auth/refresh", new JsonObject { ["refreshToken"] = refresh }, cancellation);
        Use(SignedIn(tokens) with { AccountId = Session.AccountId });
    }

    public StoredSession SignedIn(JsonNode tokens) => new()
    {
        Server = Server,
        AccessToken = (string)tokens["accessToken"]!,
        RefreshToken = (string?)tokens["refreshToken"],
        ExpiresAt = _clock.GetUtcNow() + TimeSpan.FromSeconds((double)tokens["expiresIn"]!),
    };

    private async Task<JsonNode> ExchangeAsync(HttpMethod method, string path, JsonNode? body, string? token, CancellationToken cancellation)
    {
        using var request = Request(method, path, body, token);
        using var answer = await ReachAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
        await RefuseAsync(answer, cancellation);
        return await ReadAsync(answer, cancellation);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, JsonNode? body, string? token)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, completion, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"{Server} does not answer: {exception.Message}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandException($"{Server} did not answer within {_http.Timeout.TotalSeconds:0} s.");
        }
    }

    private static async Task RefuseAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.IsSuccessStatusCode) return;
        using (answer)
        {
            var problem = await TryReadProblemAsync(answer, cancellation);
            var message = (string?)problem?["detail"] ?? $"The server answered {(int)answer.StatusCode} {answer.ReasonPhrase}.";
            if (problem?["errors"] is JsonObject errors)
                message += string.Concat(errors.Select(e => $" {e.Key}: {string.Join(" ", e.Value!.AsArray().Select(m => (string?)m))}"));
            throw new CommandException(message, answer.StatusCode == HttpStatusCode.Unauthorized ? ExitCode.NotSignedIn : ExitCode.Failure);
        }
    }

    private static async Task<JsonNode?> TryReadProblemAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        try
        {
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
        }
        catch (JsonException)
        {
            throw new CommandException("The server's answer is not JSON. Is this the address of a ListBackup Host?");
        }
    }
}
