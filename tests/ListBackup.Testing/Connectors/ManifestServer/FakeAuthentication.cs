using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A platform's guard: takes exactly the credential that the manifest's authenticator has to send.</summary>
internal sealed class FakeAuthentication
{
    private static readonly HashSet<string> Nothing = [];

    private readonly Component? _component;
    private readonly Component _requester;
    private readonly ExpressionContext _session;
    private readonly FakeLogins _logins;

    /// <summary>Asks for the records, once all steps of signing in are done.</summary>
    private readonly Component _last;

    /// <param name="session">With the configuration that the platform takes for right.</param>
    /// <param name="last">For a step of signing in: the requester that all steps are for.</param>
    public FakeAuthentication(Component requester, ExpressionContext session, FakeLogins logins, Component? last = null)
    {
        _requester = requester;
        _last = last ?? requester;
        _session = session;
        _logins = logins;
        var component = requester.Child("authenticator");
        if (component?.Type == "SelectiveAuthenticator")
        {
            var choice = PythonText.Str(ValuePaths.Get(session[Variable.Config], component.Texts("authenticator_selection_path")));
            component = component.Child("authenticators")?.Child(choice) ?? throw new CannotServeException("configuration", $"No authenticator is called '{choice}'.");
        }

        _component = component?.Type is "NoAuth" ? null : component;
    }

    public bool IsOpen => _component is null;

    /// <summary>Parts of a request that belong to its credential.</summary>
    public IReadOnlySet<string> Owned => _component?.Type switch
    {
        "ApiKeyAuthenticator" when _component.Child("inject_into") is { } option => Of(option),
        "JwtAuthenticator" when _component.Child("request_option") is { } option => Of(option),
        "SessionTokenAuthenticator" when _component.Child("request_authentication")?.Child("inject_into") is { } option => Of(option),
        _ => Nothing,
    };

    public bool Accepts(IncomingRequest request) => _component?.Type switch
    {
        null => true,
        "ApiKeyAuthenticator" => _component.Child("inject_into") is { } option
            ? Given(request, option) == Text("api_token")
            : request.Headers.GetValueOrDefault(Text("header")) == Text("api_token"),
        "BearerAuthenticator" => Authorization(request) == $"Bearer {Text("api_token")}",
        "BasicHttpAuthenticator" => Authorization(request) == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Text("username")}:{Text("password")}"))}",
        "OAuthAuthenticator" => Endpoint is null ? Authorization(request) == $"Bearer {Text("access_token_value")}" : IsGood(Authorization(request), "Bearer "),
        "SessionTokenAuthenticator" => AcceptsSession(request),
        "LegacySessionTokenAuthenticator" => IsLegacyGood(request.Headers.GetValueOrDefault(Text("header"))),
        "JwtAuthenticator" => AcceptsJwt(request),
        _ => throw new CannotServeException("component", _component!.Type),
    };

    /// <summary>The answer when the request asks for a token; null when it is about something else.</summary>
    public FakeReply? Login(IncomingRequest request) => _component?.Type switch
    {
        "OAuthAuthenticator" when Endpoint is { } endpoint && IsAt(request, endpoint) => Grant(request),
        "SessionTokenAuthenticator" => SessionLogin(request),
        "LegacySessionTokenAuthenticator" => LegacyLogin(request),
        _ => null,
    };

    private Uri? Endpoint => Text("token_refresh_endpoint") is { Length: > 0 } url ? new Uri(url.Trim()) : null;

    private FakeLogin State => _logins.Of($"{_component!.Type} {Text("token_refresh_endpoint")}{Text("login_url")}{string.Join('.', _component.Texts("session_token_path"))}");

    private FakeReply Grant(IncomingRequest request)
    {
        var sent = request.Fields.Concat(request.Query).ToLookup(pair => pair.Key, pair => pair.Value);
        var grant = _component!.Text("grant_type") is { } own ? _component.Template(own).EvaluateText(_session) ?? "" : "refresh_token";
        var refresh = State.RefreshToken ?? Configured() ?? Text("refresh_token");
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Name("grant_type_name", "grant_type")] = grant,
            [Name("client_id_name", "client_id")] = Text("client_id"),
            [Name("client_secret_name", "client_secret")] = Text("client_secret"),
            [Name("refresh_token_name", "refresh_token")] = grant == "client_credentials" ? "" : refresh,
        };
        var headers = (_component.Plain("refresh_request_headers") as Dictionary<string, object?> ?? [])
            .ToDictionary(header => header.Key, header => header.Value is string text ? _component.Template(text).EvaluateText(_session) : null, StringComparer.OrdinalIgnoreCase);

        // A client that signs in by a header need not do it again in the body.
        if (headers.ContainsKey("Authorization"))
            wanted[Name("client_id_name", "client_id")] = wanted[Name("client_secret_name", "client_secret")] = "";
        foreach (var (name, value) in _component.Plain("refresh_request_body") as Dictionary<string, object?> ?? [])
            wanted.TryAdd(name, value is string text ? _component.Template(text).EvaluateText(_session) ?? "" : "*");
        if (_logins.Refuses || headers.Any(header => header.Value is not null && header.Key is not "Content-Type" && request.Headers.GetValueOrDefault(header.Key) != header.Value) || wanted.Any(pair => pair.Value is not ("" or "*") && !sent[pair.Key].Contains(pair.Value)))
            return FakeReply.Json("""{"error": "invalid_grant"}""", 400) with { IsRefusal = true };

        _logins.Grant(State, rotates: _component.Child("refresh_token_updater") is not null);
        var expires = _component.Text("token_expiry_date_format") is { } format
            ? $"\"{Times.Format(new Moment(State.End, true), format)}\""
            : $"{(long)_logins.Lifetime.TotalSeconds}";
        var rotated = State.RefreshToken is { } next ? $", \"{_component.Child("refresh_token_updater")?.Text("refresh_token_name") ?? "refresh_token"}\": \"{next}\"" : "";

        return FakeReply.Json($$"""{"{{Name("access_token_name", "access_token")}}": "{{State.AccessToken}}", "{{Name("expires_in_name", "expires_in")}}": {{expires}}{{rotated}}}""");
    }

    private string? Configured() => _component!.Child("refresh_token_updater") is { } updater
        ? ValuePaths.Get(_session[Variable.Config], updater.Texts("refresh_token_config_path") is { Count: > 0 } path ? path : ["credentials", "refresh_token"]) is { IsText: true } text ? text.Text : null
        : null;

    private bool AcceptsSession(IncomingRequest request)
    {
        var use = _component!.Child("request_authentication")!;
        if (use.Child("inject_into") is not { } option)
            return IsGood(Authorization(request), "Bearer ");
        if (State.AccessToken is not { } token || State.End <= _logins.Clock.GetUtcNow())
            return false;
        var expected = use.Text("api_token") is { } template ? use.Template(template).EvaluateText(_session.With(Variable.SessionToken, Value.Of(token))) : token;

        return Given(request, option) == expected;
    }

    private FakeReply? SessionLogin(IncomingRequest request)
    {
        var requester = _component!.Child("login_requester")!;
        var guard = new FakeAuthentication(requester, _session, _logins, _last);
        if (guard.Login(request) is { } earlier)
            return earlier;
        var shape = new RequestRendering(_session, null).Shape(requester, null);
        if (request.Method != shape.Method || request.Host != shape.Host || !shape.Path.Matches(request.Path, []))
            return null;
        var isLogin = shape.Match(request, guard.Owned, out _) is not null;

        // Where one address serves everything, what is no login may be anything else.
        if (!isLogin && IsSameAddress(requester, _last))
            return null;
        if (_logins.Refuses || !isLogin || !guard.Accepts(request))
            return FakeReply.Json("""{"error": "wrong name or password"}""", 401);

        _logins.Grant(State, rotates: false);
        var body = new FakeBody();
        body.Set([.. _component.Texts("session_token_path").Select(part => _component.Template(part).EvaluateText(_session) ?? "")], $"\"{State.AccessToken}\"");

        return FakeReply.Json(body.ToString());
    }

    private static bool IsSameAddress(Component one, Component other)
    {
        return Address(one) == Address(other);

        static string Address(Component requester) => $"{requester.Text("http_method") ?? "GET"} {requester.Text("url") ?? requester.Text("url_base")} {requester.Text("path")}";
    }

    private FakeReply? LegacyLogin(IncomingRequest request)
    {
        if (request.Path.EndsWith(Text("validate_session_url"), StringComparison.Ordinal) && request.Method == "GET")
            return IsLegacyGood(request.Headers.GetValueOrDefault(Text("header"))) ? FakeReply.Json("{}") : FakeReply.Json("{}", 401);
        if (!request.Path.EndsWith(Text("login_url"), StringComparison.Ordinal) || request.Method != "POST")
            return null;
        var sent = request.Fields.ToLookup(pair => pair.Key, pair => pair.Value);
        if (_logins.Refuses || !sent["username"].Contains(Text("username")) || !sent["password"].Contains(Text("password")))
            return FakeReply.Json("{}", 401);
        _logins.Grant(State, rotates: false);

        return FakeReply.Json($$"""{"{{Text("session_token_response_key")}}": "{{State.AccessToken}}"}""");
    }

    private bool IsLegacyGood(string? token) => token is not null && (token == State.AccessToken || (Text("session_token") is { Length: > 0 } configured && token == configured));

    private bool AcceptsJwt(IncomingRequest request)
    {
        var sent = _component!.Child("request_option") is { } option ? Given(request, option) : Authorization(request);
        if (sent is null)
            return false;
        var prefix = Text("header_prefix");
        if (prefix.Length > 0 && _component.Child("request_option") is null)
        {
            if (!sent.StartsWith(prefix + " ", StringComparison.Ordinal))
                return false;
            sent = sent[(prefix.Length + 1)..];
        }

        var parts = sent.Split('.');
        if (parts.Length != 3)
            return false;
        using var header = JsonDocument.Parse(Decoded(parts[0]));
        using var payload = JsonDocument.Parse(Decoded(parts[1]));
        var now = _logins.Clock.GetUtcNow().ToUnixTimeSeconds();

        return header.RootElement.GetProperty("alg").GetString() == _component.Text("algorithm")
            && payload.RootElement.GetProperty("exp").GetInt64() >= now
            && ClaimsHold(payload.RootElement)
            && Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decoded(parts[2]));
    }

    private bool ClaimsHold(JsonElement payload) => (_component!.Plain("jwt_payload") as Dictionary<string, object?> ?? [])
        .Concat(_component.Plain("additional_jwt_payload") as Dictionary<string, object?> ?? [])
        .All(claim => claim.Value is not string text || (payload.TryGetProperty(claim.Key, out var value) && value.ToString() == _component.Template(text).EvaluateText(_session)));

    private bool Verify(byte[] content, byte[] signature)
    {
        var key = Text("secret_key");
        if (_component!.Flag("base64_encode_secret_key"))
            key = Convert.ToBase64String(Encoding.UTF8.GetBytes(key));
        var algorithm = _component.Text("algorithm") ?? "";
        var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        switch (algorithm[..2])
        {
            case "HS":
                var secret = _component.Plain("x-listbackup") is Dictionary<string, object?> own && own.GetValueOrDefault("secret_key") is "hex" ? Convert.FromHexString(key) : Encoding.UTF8.GetBytes(key);

                return CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(hash, secret, content), signature);
            case "ES":
                using (var curve = ECDsa.Create())
                {
                    curve.ImportFromPem(key);

                    return curve.VerifyData(content, signature, hash);
                }

            default:
                using (var rsa = RSA.Create())
                {
                    rsa.ImportFromPem(key);

                    return rsa.VerifyData(content, signature, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
                }
        }
    }

    private bool IsGood(string? given, string prefix) => State.AccessToken is { } token && given == prefix + token && State.End > _logins.Clock.GetUtcNow();

    private HashSet<string> Of(Component option) => option.Text("inject_into") switch
    {
        "request_parameter" => [$"query:{Field(option)}"],
        "body_data" or "body_json" => [$"field:{Field(option)}"],
        _ => Nothing,
    };

    private string? Given(IncomingRequest request, Component option) => option.Text("inject_into") switch
    {
        "request_parameter" => request.Query.FirstOrDefault(pair => pair.Key == Field(option)).Value,
        "header" => request.Headers.GetValueOrDefault(Field(option)),
        _ => request.Fields.FirstOrDefault(pair => pair.Key == Field(option)).Value,
    };

    private string Field(Component option) => option["field_path"] is List<object?> path
        ? string.Join('.', path.Select(Component.TextOf))
        : option.Template(option.Text("field_name") ?? "").EvaluateText(_session) ?? "";

    private string Name(string key, string fallback) => _component!.Text(key) is { Length: > 0 } own ? _component.Template(own).EvaluateText(_session) ?? fallback : fallback;

    private string Text(string key) => _component!.Text(key) is { } text ? _component.Template(text).EvaluateText(_session) ?? "" : "";

    private static string? Authorization(IncomingRequest request) => request.Headers.GetValueOrDefault("Authorization");

    private static bool IsAt(IncomingRequest request, Uri url) =>
        string.Equals(request.Host, url.IsDefaultPort ? url.Host : url.Authority, StringComparison.OrdinalIgnoreCase) && request.Path == Uri.UnescapeDataString(url.AbsolutePath);

    private static byte[] Decoded(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);
}
