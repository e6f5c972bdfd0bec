using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The Runtime API, version 2018-06-01: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html</summary>
internal sealed class RuntimeApiClient : IDisposable
{
    private const string Version = "/2018-06-01/runtime/";

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue ErrorJson = new("application/vnd.aws.lambda.error+json");

    private readonly HttpClient _http;
    private readonly bool _ownsHttp;
    private readonly Uri _root;

    /// <param name="http">Null for a client of its own, at the address that Lambda names in AWS_LAMBDA_RUNTIME_API.</param>
    public RuntimeApiClient(HttpClient? http)
    {
        _ownsHttp = http is null;
        // "next" is answered when there is an event, be it hours later: no time-out, as the documentation asks. A proxy is never in between.
        _http = http ?? new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var host = _http.BaseAddress?.Authority ?? Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API")
            ?? throw new InvalidOperationException("AWS_LAMBDA_RUNTIME_API is not set. Lambda sets it; elsewhere start the function through its web host.");
        _root = new($"http://{host}{Version}");
    }

    public async Task<Invocation> NextAsync(CancellationToken cancellation)
    {
        var answer = await _http.GetAsync(new Uri(_root, "invocation/next"), cancellation);
        try
        {
            await ThrowIfRefusedAsync(answer, "next");
            return new(answer, await answer.Content.ReadAsStreamAsync(cancellation));
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public async Task RespondAsync(string requestId, Stream answer)
    {
        using var content = new StreamContent(answer) { Headers = { ContentType = Json } };
        using var accepted = await _http.PostAsync(new Uri(_root, $"invocation/{requestId}/response"), content);
        // The invocation has failed by now, and Lambda knows it; only this event is lost, and its sender hears of it.
        if (accepted.StatusCode == HttpStatusCode.RequestEntityTooLarge) return;
        await ThrowIfRefusedAsync(accepted, "response");
    }

    public Task ReportErrorAsync(string requestId, Exception exception) => ReportAsync($"invocation/{requestId}/error", exception, CancellationToken.None);

    public Task ReportInitErrorAsync(Exception exception, CancellationToken cancellation) => ReportAsync("init/error", exception, cancellation);

    public void Dispose()
    {
        if (_ownsHttp) _http.Dispose();
    }

    private async Task ReportAsync(string path, Exception exception, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_root, path))
        {
            Content = new ByteArrayContent(ErrorBody(exception)) { Headers = { ContentType = ErrorJson } },
        };
        request.Headers.Add("Lambda-Runtime-Function-Error-Type", $"Function.{exception.GetType().Name}");
        using var accepted = await _http.SendAsync(request, cancellation);
        await ThrowIfRefusedAsync(accepted, path);
    }

    private static byte[] ErrorBody(Exception exception)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body)) WriteError(json, exception);
        return body.ToArray();
    }

    private static void WriteError(Utf8JsonWriter json, Exception exception)
    {
        json.WriteStartObject();
        json.WriteString("errorType", exception.GetType().Name);
        json.WriteString("errorMessage", exception.Message);
        json.WriteStartArray("stackTrace");
        foreach (var line in exception.StackTrace?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
            json.WriteStringValue(line);
        json.WriteEndArray();
        if (exception.InnerException is { } cause)
        {
            json.WritePropertyName("cause");
            WriteError(json, cause);
        }
        json.WriteEndObject();
    }

    // A refusal of the Runtime API is no event's fault. Its documentation says of a 500 that the process should exit promptly; so do we for all of them.
    private static async Task ThrowIfRefusedAsync(HttpResponseMessage answer, string call)
    {
        if (answer.IsSuccessStatusCode) return;
        var body = await answer.Content.ReadAsStringAsync();
        throw new RuntimeApiException($"The Runtime API answered {(int)answer.StatusCode} to '{call}': {body}");
    }
}

/// <summary>The Runtime API refused a call; the process cannot go on.</summary>
internal sealed class RuntimeApiException(string message) : Exception(message);
