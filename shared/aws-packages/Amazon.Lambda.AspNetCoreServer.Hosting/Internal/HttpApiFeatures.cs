using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Security.Claims;
using System.Text;
using Amazon.Lambda.APIGatewayEvents;
using Amazon.Lambda.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Amazon.Lambda.AspNetCoreServer.Hosting.Internal;

/// <summary>
/// One request and its response, as ASP.NET Core's features. Lambda sends a response whole, so the body is collected in memory, and headers stay open
/// until the application has ended.
/// </summary>
internal sealed class HttpApiFeatures :
    IHttpRequestFeature, IHttpRequestBodyDetectionFeature, IHttpRequestIdentifierFeature, IHttpRequestLifetimeFeature, IHttpConnectionFeature,
    IHttpAuthenticationFeature, IHttpResponseFeature, IHttpResponseBodyFeature
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly BoundedBody _responseBody = new(HttpApiLimits.AnswerBytesMax);
    private readonly CancellationTokenSource _deadline;
    private readonly Stack<(Func<object, Task> Callback, object State)> _onStarting = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _onCompleted = new();
    private PipeWriter? _responseWriter;
    private CancellationToken? _requestAborted;

    public HttpApiFeatures(APIGatewayHttpApiV2ProxyRequest request, ILambdaContext context, CancellationTokenSource deadline)
    {
        _deadline = deadline;
        var gateway = request.RequestContext;
        var rawPath = WithoutStage(request.RawPath ?? gateway?.Http?.Path ?? "/", gateway?.Stage);
        var query = request.RawQueryString is { Length: > 0 } raw ? "?" + raw : "";

        Method = gateway?.Http?.Method ?? HttpMethods.Get;
        Path = PercentEncoding.DecodePath(rawPath);
        QueryString = query;
        RawTarget = rawPath + query;
        Protocol = gateway?.Http?.Protocol ?? HttpProtocol.Http11;
        TraceIdentifier = gateway?.RequestId ?? context.AwsRequestId;
        RemoteIpAddress = IPAddress.TryParse(gateway?.Http?.SourceIp, out var address) ? address : null;
        User = UserOf(gateway?.Authorizer?.Jwt);

        foreach (var (name, value) in request.Headers ?? new Dictionary<string, string>()) RequestHeaders[name] = value;
        if (request.Cookies is { Length: > 0 } cookies) RequestHeaders.Cookie = string.Join("; ", cookies);
        if (RequestHeaders.Host.Count == 0 && gateway?.DomainName is { } domain) RequestHeaders.Host = domain;

        var body = BodyOf(request);
        RequestBody = new MemoryStream(body, writable: false);
        RequestHeaders.ContentLength = body.Length > 0 ? body.Length : null;

        Collection = new FeatureCollection();
        Collection.Set<IHttpRequestFeature>(this);
        Collection.Set<IHttpRequestBodyDetectionFeature>(this);
        Collection.Set<IHttpRequestIdentifierFeature>(this);
        Collection.Set<IHttpRequestLifetimeFeature>(this);
        Collection.Set<IHttpConnectionFeature>(this);
        Collection.Set<IHttpAuthenticationFeature>(this);
        Collection.Set<IHttpResponseFeature>(this);
        Collection.Set<IHttpResponseBodyFeature>(this);
    }

    public FeatureCollection Collection { get; }

    /// <summary>The body was larger than an answer may be; what came after the limit was thrown away.</summary>
    public bool IsTooLarge => _responseBody.IsOverflown;

    /// <summary>The application gave up on an aborted request without saying anything.</summary>
    public bool AbortedUnanswered => StatusCode == StatusCodes.Status200OK && _responseBody.Length == 0;

    // The request

    public string Protocol { get; set; }

    public string Scheme { get; set; } = "https";

    public string Method { get; set; }

    public string PathBase { get; set; } = "";

    public string Path { get; set; }

    public string QueryString { get; set; }

    public string RawTarget { get; set; }

    public IHeaderDictionary RequestHeaders { get; } = new HeaderDictionary();

    public Stream RequestBody { get; set; }

    public bool CanHaveBody => RequestHeaders.ContentLength > 0;

    public string TraceIdentifier { get; set; }

    public ClaimsPrincipal? User { get; set; }

    public string ConnectionId { get; set; } = "";

    public IPAddress? RemoteIpAddress { get; set; }

    public int RemotePort { get; set; }

    public IPAddress? LocalIpAddress { get; set; }

    public int LocalPort { get; set; }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted { get => _requestAborted ?? _deadline.Token; set => _requestAborted = value; }

    void IHttpRequestLifetimeFeature.Abort() => _deadline.Cancel();

    IHeaderDictionary IHttpRequestFeature.Headers { get => RequestHeaders; set => throw new NotSupportedException("Request headers are as they came."); }

    Stream IHttpRequestFeature.Body { get => RequestBody; set => RequestBody = value; }

    // The response

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public bool HasStarted { get; private set; }

    public IHeaderDictionary ResponseHeaders { get; } = new HeaderDictionary();

    IHeaderDictionary IHttpResponseFeature.Headers { get => ResponseHeaders; set => throw new NotSupportedException("Change the headers, not their dictionary."); }

    [Obsolete("ASP.NET Core asks IHttpResponseBodyFeature instead.")]
    Stream IHttpResponseFeature.Body { get => _responseBody; set => throw new NotSupportedException("Set IHttpResponseBodyFeature instead."); }

    Stream IHttpResponseBodyFeature.Stream => _responseBody;

    PipeWriter IHttpResponseBodyFeature.Writer => _responseWriter ??= PipeWriter.Create(_responseBody, new(leaveOpen: true));

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state) => _onStarting.Push((callback, state));

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) => _onCompleted.Push((callback, state));

    void IHttpResponseBodyFeature.DisableBuffering()
    {
        // Lambda buffers whatever we do.
    }

    // Nothing leaves before the end, so headers need not be closed yet.
    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.CompleteAsync() => CompleteAsync();

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(_responseBody, path, offset, count, cancellationToken);

    /// <summary>Ends the response: the application's last words on headers are heard, and its buffered bytes written.</summary>
    public async Task CompleteAsync()
    {
        if (HasStarted) return;
        while (_onStarting.TryPop(out var starting)) await starting.Callback(starting.State);
        HasStarted = true;
        if (_responseWriter is not null) await _responseWriter.CompleteAsync();
    }

    /// <summary>Throws away what the application made of the response.</summary>
    public void Fail()
    {
        StatusCode = StatusCodes.Status500InternalServerError;
        ResponseHeaders.Clear();
        _responseBody.SetLength(0);
    }

    public async Task FireCompletedAsync(ILogger logger)
    {
        while (_onCompleted.TryPop(out var completed))
        {
            try
            {
                await completed.Callback(completed.State);
            }
            catch (Exception exception)
            {
                // As in Kestrel: these callbacks release things after the response, and one that fails must not keep the others from running.
                logger.LogError(exception, "A callback after the response failed.");
            }
        }
    }

    public APIGatewayHttpApiV2ProxyResponse ToResponse()
    {
        var response = new APIGatewayHttpApiV2ProxyResponse
        {
            StatusCode = StatusCode,
            Cookies = ResponseHeaders.SetCookie.Count > 0 ? [.. ResponseHeaders.SetCookie.OfType<string>()] : null,
            Headers = ResponseHeaders
                .Where(header => !header.Key.Equals(HeaderNames.SetCookie, StringComparison.OrdinalIgnoreCase))
                .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(",", header.Value.OfType<string>())),
        };
        SetBody(response);
        return response;
    }

    private void SetBody(APIGatewayHttpApiV2ProxyResponse response)
    {
        if (_responseBody.Length == 0) return;
        var bytes = _responseBody.GetBuffer().AsSpan(0, (int)_responseBody.Length);
        response.IsBase64Encoded = !TryText(bytes, out var text);
        response.Body = text ?? Convert.ToBase64String(bytes);
    }

    // Text travels a third smaller than base64. What claims to be text and is not UTF-8 would be damaged on the way.
    private bool TryText(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (ResponseHeaders.ContentEncoding.Count > 0 || !IsText(ResponseHeaders.ContentType.ToString())) return false;
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool IsText(string contentType)
    {
        var type = contentType.AsSpan();
        if (type.IndexOf(';') is var end and >= 0) type = type[..end];
        type = type.Trim();
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/xml", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/javascript", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/x-ndjson", StringComparison.OrdinalIgnoreCase);
    }

    // A named stage stands first in the path; the application's routes know nothing of it.
    private static string WithoutStage(string path, string? stage) =>
        stage is null or "" or "$default" || !path.StartsWith($"/{stage}", StringComparison.Ordinal) ? path
        : path.Length == stage.Length + 1 ? "/"
        : path[stage.Length + 1] == '/' ? path[(stage.Length + 1)..]
        : path;

    private static byte[] BodyOf(APIGatewayHttpApiV2ProxyRequest request) =>
        request.Body is not { Length: > 0 } body ? []
        : request.IsBase64Encoded ? Convert.FromBase64String(body)
        : Encoding.UTF8.GetBytes(body);

    /// <summary>What the gateway's JWT authorizer verified. Null where the route has no authorizer: then nobody is signed in.</summary>
    private static ClaimsPrincipal? UserOf(APIGatewayHttpApiV2ProxyRequest.AuthorizerDescription.JwtDescription? jwt)
    {
        if (jwt?.Claims is not { Count: > 0 } given) return null;
        var claims = given.Select(claim => new Claim(claim.Key, claim.Value)).ToList();
        if (jwt.Scopes is { Length: > 0 } scopes && !given.ContainsKey("scope")) claims.Add(new("scope", string.Join(' ', scopes)));
        return new(new ClaimsIdentity(claims, authenticationType: "ApiGatewayJwt", nameType: "sub", roleType: null));
    }
}
