using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Authentication;

/// <summary>A field of a request of the code flow.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Text">Its constant text; may hold <c>{{ … }}</c> over the configuration until <see cref="OAuthDescription.For"/>.</param>
public sealed record OAuthField(OAuthFieldKind Kind, string? Text = null);

public enum OAuthFieldKind
{
    Constant,
    ClientId,
    ClientSecret,
    RedirectUri,
    Scope,
    State,

    /// <summary>The proof key's S256 challenge.</summary>
    Challenge,

    /// <summary>The proof key itself.</summary>
    Verifier,
    Code,
}

/// <summary>How a platform wants a code traded for tokens, where it is not the standard's form.</summary>
public sealed record OAuthTokenRequest(OAuthBody Body, IReadOnlyDictionary<string, OAuthField> Fields, IReadOnlyDictionary<string, string> Headers);

public enum OAuthBody
{
    Form,
    Json,

    /// <summary>In the url.</summary>
    Query,
}

/// <summary>The platform's OAuth 2.0 code flow, as far as a manifest tells it. The platforms service runs the flow with our own client id and secret.</summary>
public sealed record OAuthDescription
{
    /// <summary>Where the person is sent. May hold <c>{{ … }}</c> over the configuration (a shop's own host name).</summary>
    public required string AuthorizeUrl { get; init; }

    public required string TokenUrl { get; init; }

    /// <summary>Where a token is revoked (RFC 7009) when the customer deletes the connection. Null: the platform has no such address.</summary>
    public string? RevokeUrl { get; init; }

    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>What stands between scopes in the url: a space by the standard, a comma on some platforms.</summary>
    public string ScopeSeparator { get; init; } = " ";

    /// <summary>Proof key for code exchange, S256.</summary>
    public bool Pkce { get; init; } = true;

    /// <summary>True: the client's id and secret go as basic authentication; false: in the form.</summary>
    public bool ClientInHeader { get; init; }

    /// <summary>Parameters that the platform wants on the authorize url besides the standard ones: <c>access_type=offline</c>.</summary>
    public IReadOnlyDictionary<string, string> AuthorizeParameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Answer fields of the token endpoint → where each goes in the configuration.</summary>
    public IReadOnlyDictionary<string, FieldPath> ConfigFields { get; init; } = new Dictionary<string, FieldPath>(StringComparer.Ordinal);

    /// <summary>Where the configuration holds our client's id and secret.</summary>
    public FieldPath? ClientIdField { get; init; }

    public FieldPath? ClientSecretField { get; init; }

    /// <summary>
    /// The parameters of the authorize url, exactly, where the manifest writes that url itself (<c>consent_url</c>). Null: the standard ones, and
    /// <see cref="AuthorizeParameters"/>.
    /// </summary>
    public IReadOnlyDictionary<string, OAuthField>? AuthorizeFields { get; init; }

    /// <summary>The request that trades the code, where the manifest writes it itself. Null: the standard form.</summary>
    public OAuthTokenRequest? TokenRequest { get; init; }

    /// <summary>Where the token endpoint's answer holds a field, for those that do not stand at its top.</summary>
    public IReadOnlyDictionary<string, FieldPath> AnswerFields { get; init; } = new Dictionary<string, FieldPath>(StringComparer.Ordinal);

    /// <summary>The field of the configuration that chooses this way to sign in, and its value for it. Null: there is no choice.</summary>
    public (FieldPath Field, string Value)? AppliesWhen { get; init; }

    /// <summary>The same with the addresses of one configuration filled in.</summary>
    /// <exception cref="ConfigException">The configuration lacks what an address is made of.</exception>
    public OAuthDescription For(ConnectorConfig config, TimeProvider clock)
    {
        var context = new ExpressionContext(clock).Set(Variable.Config, ValueJson.Parse(config.Utf8Json));
        return this with
        {
            AuthorizeUrl = Fill(AuthorizeUrl),
            TokenUrl = Fill(TokenUrl),
            RevokeUrl = RevokeUrl is null ? null : Fill(RevokeUrl),
            AuthorizeFields = AuthorizeFields?.ToDictionary(field => field.Key, field => FillField(field.Value), StringComparer.Ordinal),
            TokenRequest = TokenRequest is null ? null : TokenRequest with { Fields = TokenRequest.Fields.ToDictionary(field => field.Key, field => FillField(field.Value), StringComparer.Ordinal) },
        };

        OAuthField FillField(OAuthField field) => field.Text is null ? field : field with { Text = Evaluate(field.Text) ?? "" };

        string Fill(string url) =>
            Evaluate(url) is { } text && Uri.TryCreate(text, UriKind.Absolute, out _) ? text : throw new ConfigException("The configuration lacks what the platform's sign-in address is made of.");

        string? Evaluate(string template)
        {
            try
            {
                return Template.Parse(template).EvaluateText(context);
            }
            catch (ExpressionException)
            {
                // Not chained: its message may quote the configuration.
                throw new ConfigException("The configuration lacks what the platform's sign-in address is made of.");
            }
        }
    }
}
