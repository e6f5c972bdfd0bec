namespace ListBackup.Connectors.Authentication;

/// <summary>The platform's OAuth 2.0 code flow, as far as a manifest tells it. The platforms service runs the flow with our own client id and secret.</summary>
public sealed record OAuthDescription
{
    /// <summary>Where the person is sent. May hold <c>{{ … }}</c> over the configuration (a shop's own host name).</summary>
    public required string AuthorizeUrl { get; init; }

    public required string TokenUrl { get; init; }

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
}
