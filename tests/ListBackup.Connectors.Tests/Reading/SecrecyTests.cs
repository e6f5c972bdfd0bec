using System.Text;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// What a customer filled in and what a platform sent never shows in what the engine says: it keeps no log of its own, so all it says are exceptions, results of
/// checks, states and warnings.
/// </summary>
public sealed class SecrecyTests : IDisposable
{
    /// <summary>In every secret field of the configuration.</summary>
    private const string Secret = "MARKED-SECRET";

    /// <summary>In everything that the platform answers.</summary>
    private const string Content = "MARKED-CONTENT";

    private readonly ConnectorHttp _http = new(Ports.Loopback with { AnswerTimeout = TimeSpan.FromMilliseconds(500), AnswerBytesMax = 100_000, HeldBytesMax = 50_000 });

    public void Dispose() => _http.Dispose();

    public static TheoryData<string, string> Ways
    {
        get
        {
            string[] requests =
            [
                "authenticator: { type: BearerAuthenticator, api_token: \"{{ config['key'] }}\" }",
                "authenticator: { type: BasicHttpAuthenticator, username: \"{{ config['key'] }}\", password: \"{{ config['password'] }}\" }",
                "authenticator: { type: ApiKeyAuthenticator, api_token: \"{{ config['key'] }}\", inject_into: { type: RequestOption, inject_into: request_parameter, field_name: key } }",
                "authenticator: { type: OAuthAuthenticator, token_refresh_endpoint: \"{{ config['url'] }}/token?k={{ config['key'] }}\", client_id: a, client_secret: \"{{ config['password'] }}\", refresh_token: \"{{ config['key'] }}\" }",
                "authenticator: { type: SessionTokenAuthenticator, login_requester: { type: HttpRequester, url_base: \"{{ config['url'] }}\", path: \"/login/{{ config['key'] }}\", http_method: POST, request_body_json: { p: \"{{ config['password'] }}\" } }, session_token_path: [token], request_authentication: { type: Bearer } }",
                "authenticator: { type: JwtAuthenticator, secret_key: \"{{ config['key'] }}\", algorithm: RS256 }",
                "authenticator: { type: JwtAuthenticator, secret_key: \"{{ config['key'] }}\", base64_encode_secret_key: true, algorithm: ES256 }",
                "authenticator: { type: JwtAuthenticator, secret_key: \"{{ config['key'] }}\", algorithm: HS256, x-listbackup: { secret_key: hex } }",
                "authenticator: { type: SelectiveAuthenticator, authenticator_selection_path: [key], authenticators: { a: { type: NoAuth } } }",
                "request_headers: { X-Key: \"{{ config['key'] }}\\n{{ config['password'] }}\" }",
                "request_headers: { \"{{ config['key'] }}\\n\": x }",
                "request_parameters: { key: \"{{ config['key'] | regex_search('(') }}\" }",
                "request_parameters: { key: \"{{ config['key'].nonsense(config['password']) }}\" }",
                "request_parameters: { key: \"{{ (config['key'] | length) / 0 }}\" }",
                "request_parameters: { key: \"{{ str_to_datetime(config['key']) }}\" }",
                "request_parameters: { key: \"{{ duration(config['key']) }}\" }",
                "request_parameters: { key: \"{{ config['key'] | hash(config['password']) }}\" }",
                "request_body_json: { key: \"{{ config['key'] }}\" }\nhttp_method: POST",
                "error_handler: { type: DefaultErrorHandler, max_retries: 0, response_filters: [{ type: HttpResponseFilter, http_codes: [200, 401, 500], action: FAIL, error_message: \"It said {{ response }} to {{ config['key'] }}\" }] }",
                "error_handler: { type: DefaultErrorHandler, max_retries: 0, response_filters: [{ type: HttpResponseFilter, predicate: \"{{ (response.x | length) / 0 and config.key }}\", action: FAIL }] }",
            ];
            string[] answers = ["401", "403", "400", "404", "429", "500", "json", "html", "record", "token", "large", "cut", "redirect", "loop"];
            var ways = new TheoryData<string, string>();
            foreach (var request in requests)
                ways.Add(request, string.Join(' ', answers));
            ways.Add(requests[0], "late 401 403 404");

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task However_a_read_fails_neither_a_secret_nor_content_is_told(string requester, string answers)
    {
        var (failures, how) = (0, "");
        await using var platform = await FakePlatform.StartAsync(context => Answer(context, how));
        var config = platform.Config(new { key = $"{Secret}-1", password = $"{Secret}-2" });
        foreach (var answer in answers.Split(' '))
        {
            how = answer;
            var connector = Connector.Load(Manifests.OneStream("/items", requester: requester.Contains("error_handler", StringComparison.Ordinal) ? requester : $"{requester}\nerror_handler: {{ type: DefaultErrorHandler, max_retries: 0 }}", retriever: """
                paginator:
                  type: DefaultPaginator
                  page_token_option: { type: RequestPath }
                  pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.get('next') }}", stop_condition: "{{ not response.get('next') }}" }
                """));

            var check = await connector.CheckAsync(config, Ports.For(_http), TestContext.Current.CancellationToken);
            var exception = await Record.ExceptionAsync(() => ReadResult.Of(
                connector.ReadAsync(new ReadRequest { Stream = "items", Config = config }, Ports.For(_http), TestContext.Current.CancellationToken)));

            var told = new StringBuilder($"{check} {check.Reason}");
            for (var each = exception; each is not null; each = each.InnerException)
                told.Append(each).Append(each.Message).Append(string.Join(' ', each.Data.Values.Cast<object?>()));
            if (exception is PlatformException { Failure: var failure })
                told.Append(failure);
            told.ToString().ShouldNotContain(Secret, customMessage: answer);
            told.ToString().ShouldNotContain(Content, customMessage: answer);
            if (exception is not null)
            {
                failures++;
                (exception is PlatformException or ConfigException or Expressions.ExpressionException).ShouldBeTrue($"{answer}: {exception.GetType()}");
            }
        }

        failures.ShouldBeGreaterThan(3);
    }

    private static async Task Answer(HttpContext context, string how)
    {
        const string Json = $$"""{"error":"{{Content}}","message":"{{Content}}"}""";
        context.Response.Headers["X-Told"] = Content;
        context.Response.Headers.RetryAfter = "3600";
        switch (how)
        {
            case "json":
                await context.Json($$"""{"items":[{"id":"{{Content}}" broken""");
                break;
            case "html":
                await context.Json($"<html>{Content}</html>");
                break;
            case "record":
                await context.Json($$"""{"items":[{"id":1,"name":"{{Content}}"}],"next":"http://127.0.0.1:1/{{Content}}?key={{Content}}"}""");
                break;
            case "token":
                await context.Json($$"""{"access_token":"{{Content}}\n","token":"{{Content}}\n","items":"{{Content}}","next":"{{Content}}://{{Content}}"}""");
                break;
            case "large":
                await context.Json($$"""{"items":[{"id":"{{Content}}{{new string('x', 200_000)}}"}]}""");
                break;
            case "late":
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case "cut":
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync(Json);
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "redirect":
                context.Response.StatusCode = 302;
                context.Response.Headers.Location = $"http://127.0.0.1:1/{Content}?key={Content}";
                break;
            case "loop":
                context.Response.StatusCode = 307;
                context.Response.Headers.Location = context.Request.Path + context.Request.QueryString;
                break;
            default:
                await context.Json(Json, int.Parse(how, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }
}
