using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>OAuth 2.0: a refresh token or the client's own credentials bring access tokens, which the token source keeps.</summary>
internal sealed class OAuthAuthenticator : Authenticator
{
    public required Template? Endpoint { get; init; }

    public required OAuthNames Names { get; init; }

    public required Template? ClientId { get; init; }

    public required Template? ClientSecret { get; init; }

    public required Template? RefreshToken { get; init; }

    public required Template? AccessToken { get; init; }

    public required Template? ExpiryDate { get; init; }

    public required string? ExpiryFormat { get; init; }

    public required Template GrantType { get; init; }

    public required IReadOnlyList<Template> Scopes { get; init; }

    public required TemplateTree? Body { get; init; }

    public required TemplateTree? Headers { get; init; }

    public required bool AsQuery { get; init; }

    public required RefreshTokenUpdater? Updater { get; init; }

    /// <summary>A signed token that stands for the client's credentials (RFC 7523); null: the client has an id and a secret.</summary>
    public required JwtAuthenticator? Assertion { get; init; }

    /// <summary>Which refusals of the token endpoint are final; null: what RFC 6749 says.</summary>
    public required RefreshRefusals? Refusals { get; init; }

    public override bool CanRenew => Endpoint is not null;

    public static new OAuthAuthenticator Parse(ComponentReader reader)
    {
        var assertion = reader.ComponentOrNull("profile_assertion", nameof(JwtAuthenticator), JwtAuthenticator.Parse);
        var usesAssertion = reader.Flag("use_profile_assertion");
        if (usesAssertion && assertion is null)
            throw reader.Missing("profile_assertion");
        var updater = reader.ComponentOrNull("refresh_token_updater", nameof(RefreshTokenUpdater), RefreshTokenUpdater.Parse);

        return reader.Done(new OAuthAuthenticator
        {
            Endpoint = reader.TemplateOrNull("token_refresh_endpoint"),
            Names = new OAuthNames(
                reader.TextOrNull("client_id_name") ?? "client_id",
                reader.TextOrNull("client_secret_name") ?? "client_secret",
                reader.TextOrNull("refresh_token_name") ?? "refresh_token",
                reader.TextOrNull("access_token_name") ?? "access_token",
                reader.TextOrNull("expires_in_name") ?? "expires_in",
                reader.TextOrNull("grant_type_name") ?? "grant_type"),
            ClientId = reader.TemplateOrNull("client_id"),
            ClientSecret = reader.TemplateOrNull("client_secret"),
            RefreshToken = reader.TemplateOrNull("refresh_token"),
            AccessToken = reader.TemplateOrNull("access_token_value"),
            ExpiryDate = reader.TemplateOrNull("token_expiry_date"),
            ExpiryFormat = reader.TextOrNull("token_expiry_date_format"),
            GrantType = reader.TemplateOrNull("grant_type") ?? Template.Parse("refresh_token"),
            Scopes = reader.Templates("scopes"),
            Body = reader.Tree("refresh_request_body"),
            Headers = reader.Tree("refresh_request_headers"),
            AsQuery = reader.Flag("send_refresh_request_as_query_params"),
            Updater = updater,
            Assertion = usesAssertion ? assertion : null,
            Refusals = RefreshRefusals.Parse(reader) ?? updater?.Refusals,
        });
    }

    public override async ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var token = Endpoint is null
            ? AccessToken?.EvaluateText(context) ?? throw new ConfigException("The configuration has no access token, and the connector cannot get one.")
            : await session.Tokens.GetAccessTokenAsync(new OAuthRefresher(this, context, session), rejected, cancellation);
        parts.SetHeader("Authorization", $"Bearer {token}");

        return token;
    }

    public override OAuthAuthenticator OAuth(ExpressionContext context) => this;
}

/// <summary>The platform's own names of OAuth's fields.</summary>
internal sealed record OAuthNames(string ClientId, string ClientSecret, string RefreshToken, string AccessToken, string ExpiresIn, string GrantType);

/// <summary>The platform gives a new refresh token with each access token. Where the three stand in the configuration.</summary>
internal sealed record RefreshTokenUpdater(
    string RefreshTokenName, IReadOnlyList<string> AccessTokenPath, IReadOnlyList<string> RefreshTokenPath, IReadOnlyList<string> ExpiryPath, RefreshRefusals? Refusals)
{
    public static RefreshTokenUpdater Parse(ComponentReader reader) => reader.Done(new RefreshTokenUpdater(
        reader.TextOrNull("refresh_token_name") ?? "refresh_token",
        Path(reader, "access_token_config_path", "access_token"),
        Path(reader, "refresh_token_config_path", "refresh_token"),
        Path(reader, "token_expiry_date_config_path", "token_expiry_date"),
        RefreshRefusals.Parse(reader)));

    private static IReadOnlyList<string> Path(ComponentReader reader, string key, string last) =>
        reader.Texts(key) is { Count: > 0 } path ? path : ["credentials", last];
}
