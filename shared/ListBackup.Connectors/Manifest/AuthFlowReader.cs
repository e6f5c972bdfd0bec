using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Manifest;

/// <summary>
/// Reads <c>advanced_auth</c>: the code flow as the manifest writes it, with addresses and requests in a small template language of their own
/// (<see cref="FlowText"/>). A flow that asks for what we cannot send is not offered: a person can still fill in the credentials.
/// </summary>
internal sealed class AuthFlowReader
{
    private const string DefaultScopeKey = "scope";

    private readonly ValueMap _input;
    private readonly Value _specification;
    private readonly FlowText _text;

    private AuthFlowReader(ValueMap input, Value specification)
    {
        _input = input;
        _specification = specification;
        _text = new FlowText(input, Paths("oauth_user_input_from_connector_config_specification", "path_in_connector_config"));
    }

    /// <summary>The flow, or null when the manifest tells none that can be run.</summary>
    public static OAuthDescription? Parse(Value auth, ComponentReader spec)
    {
        if (auth.Kind != ValueKind.Map || auth.Map["auth_flow_type"] is { IsText: true, Text: not "oauth2.0" })
            return null;
        var specification = auth.Map["oauth_config_specification"];
        if (ValuePaths.Get(specification, ["oauth_connector_input_specification"]) is not { Kind: ValueKind.Map } input)
            return null;

        // Some manifests wrap the members as a JSON schema would.
        var members = input.Map["properties"] is { Kind: ValueKind.Map } wrapped && !input.Map.Has("consent_url") ? wrapped.Map : input.Map;
        if (members["consent_url"] is not { IsText: true } consent || members["access_token_url"] is not { IsText: true } token)
            return null;

        try
        {
            return new AuthFlowReader(members, specification).Flow(consent.Text, token.Text, auth.Map);
        }
        catch (FormatException exception)
        {
            spec.Context.Warn(new ManifestProblem(spec.At("advanced_auth"), "AuthFlow", $"Signing in at the platform is not offered: {exception.Message}"));

            return null;
        }
    }

    private OAuthDescription Flow(string consent, string token, ValueMap auth)
    {
        var (authorizeUrl, query) = Split(consent);
        var fields = query.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        var scopes = Scopes();

        // A scope that is written into the address is the scope.
        var scopeKey = fields.FirstOrDefault(field => field.Value.Kind == OAuthFieldKind.Scope).Key;
        if (scopeKey is null && scopes.Count > 0 && !fields.ContainsKey(DefaultScopeKey))
            fields[Key("scope_key", DefaultScopeKey)] = new OAuthField(OAuthFieldKind.Scope);
        var isPkce = fields.Values.Any(field => field.Kind == OAuthFieldKind.Challenge);
        var servers = Paths("complete_oauth_server_output_specification", "path_in_connector_config");

        return new OAuthDescription
        {
            AuthorizeUrl = authorizeUrl,
            TokenUrl = _text.Url(token.Split('?', 2)[0]),
            Scopes = scopes,
            ScopeSeparator = Separator(),
            Pkce = isPkce,
            AuthorizeFields = fields,
            TokenRequest = TokenRequest(token, isPkce),
            AnswerFields = Answer(),
            ConfigFields = Paths("complete_oauth_output_specification", "path_in_connector_config"),
            ClientIdField = servers.GetValueOrDefault("client_id"),
            ClientSecretField = servers.GetValueOrDefault("client_secret"),
            ClientInHeader = IsBasic(),
            AppliesWhen = auth["predicate_key"] is { Kind: ValueKind.List, List.Count: > 0 } key && !auth["predicate_value"].IsNothing
                ? (new FieldPath(key.List.Select(PythonText.Str)), PythonText.Str(auth["predicate_value"]))
                : null,
        };
    }

    private OAuthTokenRequest TokenRequest(string token, bool isPkce)
    {
        var (_, query) = Split(token);
        var headers = Headers();
        var fields = query.ToDictionary(pair => pair.Key, pair => Verifying(pair.Value), StringComparer.Ordinal);
        if (_input["access_token_params"] is not { Kind: ValueKind.Map } parameters)
        {
            return fields.Count > 0
                ? new OAuthTokenRequest(OAuthBody.Query, WithGrantType(fields), headers)
                : new OAuthTokenRequest(OAuthBody.Form, WithGrantType(Standard(isPkce)), headers);
        }

        foreach (var (key, value) in parameters.Map)
            fields[_text.Name(key)] = Verifying(_text.Field(PythonText.Str(value)));
        var isForm = headers.Any(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && header.Value.Contains("form", StringComparison.OrdinalIgnoreCase));

        return new OAuthTokenRequest(isForm ? OAuthBody.Form : OAuthBody.Json, fields, headers);
    }

    /// <summary>What every platform expects that does not say otherwise.</summary>
    private Dictionary<string, OAuthField> Standard(bool isPkce)
    {
        var fields = new Dictionary<string, OAuthField>(StringComparer.Ordinal)
        {
            [Key("auth_code_key", "code")] = new(OAuthFieldKind.Code),
            [Key("redirect_uri_key", "redirect_uri")] = new(OAuthFieldKind.RedirectUri),
        };
        if (isPkce)
            fields["code_verifier"] = new(OAuthFieldKind.Verifier);
        if (!IsBasic())
        {
            fields[Key("client_id_key", "client_id")] = new(OAuthFieldKind.ClientId);
            fields[Key("client_secret_key", "client_secret")] = new(OAuthFieldKind.ClientSecret);
        }

        return fields;
    }

    /// <summary>The language sends the state once more as the proof key; a state has no other business at the token endpoint.</summary>
    private static OAuthField Verifying(OAuthField field) => field.Kind == OAuthFieldKind.State ? field with { Kind = OAuthFieldKind.Verifier } : field;

    private static Dictionary<string, OAuthField> WithGrantType(Dictionary<string, OAuthField> fields)
    {
        fields.TryAdd("grant_type", new OAuthField(OAuthFieldKind.Constant, "authorization_code"));

        return fields;
    }

    private (string Url, IEnumerable<KeyValuePair<string, OAuthField>> Query) Split(string address)
    {
        var (url, query) = address.Split('?', 2) is [var head, var tail] ? (head, tail) : (address, "");

        return (_text.Url(url), query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => new KeyValuePair<string, OAuthField>(_text.Name(pair[0]), _text.Field(pair.Length == 2 ? Unescaped(pair[1]) : "")))
            .DistinctBy(pair => pair.Key, StringComparer.Ordinal));
    }

    private static string Unescaped(string text) => text.Contains("{{", StringComparison.Ordinal) ? text : Uri.UnescapeDataString(text.Replace('+', ' '));

    private Dictionary<string, string> Headers()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (_input["access_token_headers"] is not { Kind: ValueKind.Map } told)
            return headers;
        foreach (var (name, value) in told.Map)
        {
            var text = PythonText.Str(value);
            if (FlowText.IsBasic(text))
                continue;
            if (text.Contains("{{", StringComparison.Ordinal))
                throw new FormatException($"the header {name} of the token request is made in a way that is not known.");
            headers[name] = text;
        }

        return headers;
    }

    private bool IsBasic() => _input["access_token_headers"] is { Kind: ValueKind.Map } headers && headers.Map.Values.Any(value => FlowText.IsBasic(PythonText.Str(value)));

    private IReadOnlyList<string> Scopes()
    {
        if (_input["scopes"] is { Kind: ValueKind.List, List.Count: > 0 } listed)
        {
            var optional = _input["optional_scopes"] is { Kind: ValueKind.List } more ? more.List : Enumerable.Empty<Value>();

            return [.. listed.List.Concat(optional).Select(entry => ValuePaths.Get(entry, ["scope"])).Where(scope => scope.IsText).Select(scope => scope.Text)];
        }

        return _input["scope"] is { IsText: true } text ? text.Text.Split([' ', ',', '+'], StringSplitOptions.RemoveEmptyEntries) : [];
    }

    private string Separator() => _input["scopes"] is { Kind: ValueKind.List, List.Count: > 0 }
        ? _input["scopes_join_strategy"] is { IsText: true } join ? join.Text switch { "comma" => ",", "plus" => "+", _ => " " } : " "
        : _input["scope"] is { IsText: true } text && text.Text.Contains(',') ? "," : " ";

    /// <summary>Where the answer's fields stand: <c>path_in_oauth_response</c>, or an entry of <c>extract_output</c> that leads below the top.</summary>
    private IReadOnlyDictionary<string, FieldPath> Answer()
    {
        var fields = new Dictionary<string, FieldPath>(Paths("complete_oauth_output_specification", "path_in_oauth_response"), StringComparer.Ordinal);
        if (_input["extract_output"] is not { Kind: ValueKind.List } listed)
            return fields;
        foreach (var entry in listed.List.Where(entry => entry.IsText && entry.Text.Contains('.')))
        {
            var path = entry.Text.Split('.');
            fields.TryAdd(path[^1], new FieldPath(path));
        }

        return fields;
    }

    private string Key(string overridden, string standard) => _input[overridden] is { IsText: true, Text.Length: > 0 } key ? key.Text : standard;

    private Dictionary<string, FieldPath> Paths(string part, string member)
    {
        var fields = new Dictionary<string, FieldPath>(StringComparer.Ordinal);
        if (ValuePaths.Get(_specification, [part]) is not { Kind: ValueKind.Map } declared)
            return fields;
        var properties = declared.Map["properties"] is { Kind: ValueKind.Map } wrapped ? wrapped.Map : declared.Map;
        foreach (var (name, property) in properties)
        {
            if (property.Kind == ValueKind.Map && property.Map[member] is { Kind: ValueKind.List, List.Count: > 0 } path)
                fields[name] = new FieldPath(path.List.Select(PythonText.Str));
        }

        return fields;
    }
}
