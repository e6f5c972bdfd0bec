using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Authentication;

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

    /// <summary>The same with the addresses of one configuration filled in.</summary>
    /// <exception cref="ConfigException">The configuration lacks what an address is made of.</exception>
    public OAuthDescription For(ConnectorConfig config, TimeProvider clock)
    {
        var context = new ExpressionContext(clock).Set(Variable.Config, ValueJson.Parse(config.Utf8Json));
        return this with { AuthorizeUrl = Fill(AuthorizeUrl), TokenUrl = Fill(TokenUrl), RevokeUrl = RevokeUrl is null ? null : Fill(RevokeUrl) };

        string Fill(string url)
        {
            try
            {
                if (Template.Parse(url).EvaluateText(context) is { } text && Uri.TryCreate(text, UriKind.Absolute, out _)) return text;
            }
            catch (ExpressionException)
            {
                // Not chained: its message may quote the configuration.
            }
            throw new ConfigException("The configuration lacks what the platform's sign-in address is made of.");
        }
    }
}
