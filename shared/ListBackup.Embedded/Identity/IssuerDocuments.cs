using System.Text.Json;
using System.Text.Json.Serialization;
using ListBackup.Domain;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ListBackup.Embedded.Identity;

/// <summary>What the issuer publishes about itself, and the same for our own token check.</summary>
internal sealed class IssuerDocuments(SigningKeys signingKeys, IdentityOptions options) : IIssuerDocuments, IConfigurationManager<OpenIdConnectConfiguration>
{
    public Task<string> GetConfigurationAsync(CancellationToken cancellation) => Task.FromResult(JsonSerializer.Serialize(new IssuerDocument
    {
        Issuer = options.Issuer,
        JwksUri = $"{options.Issuer}/.well-known/jwks.json",
        TokenEndpoint = $"{options.Issuer}/v1/auth/token",
        IdTokenSigningAlgValuesSupported = ["ES256"],
        ResponseTypesSupported = ["token"],
        SubjectTypesSupported = ["public"],
        ClaimsSupported = ["iss", "aud", "sub", "sid", "exp", "iat", "nbf", "jti", "key", "scope", "accounts"],
    }, IdentityJson.Default.IssuerDocument));

    public async Task<string> GetKeysAsync(CancellationToken cancellation)
    {
        var keys = await signingKeys.GetAsync(cancellation);
        return JsonSerializer.Serialize(new JwksDocument([.. keys.Select(Public)]), IdentityJson.Default.JwksDocument);
    }

    async Task<OpenIdConnectConfiguration> IConfigurationManager<OpenIdConnectConfiguration>.GetConfigurationAsync(CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration { Issuer = options.Issuer };
        foreach (var key in await signingKeys.GetAsync(cancel)) configuration.SigningKeys.Add(key);
        return configuration;
    }

    void IConfigurationManager<OpenIdConnectConfiguration>.RequestRefresh() => signingKeys.Forget();

    private static JwkDocument Public(ECDsaSecurityKey key)
    {
        var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new(key.KeyId, Base64UrlEncoder.Encode(point.X), Base64UrlEncoder.Encode(point.Y));
    }
}

internal sealed record JwksDocument(IReadOnlyList<JwkDocument> Keys);

internal sealed record JwkDocument(string Kid, string X, string Y)
{
    public string Kty => "EC";

    public string Crv => "P-256";

    public string Alg => "ES256";

    public string Use => "sig";
}

internal sealed record IssuerDocument
{
    [JsonPropertyName("issuer")] public required string Issuer { get; init; }

    [JsonPropertyName("jwks_uri")] public required string JwksUri { get; init; }

    [JsonPropertyName("token_endpoint")] public required string TokenEndpoint { get; init; }

    [JsonPropertyName("id_token_signing_alg_values_supported")] public required IReadOnlyList<string> IdTokenSigningAlgValuesSupported { get; init; }

    [JsonPropertyName("response_types_supported")] public required IReadOnlyList<string> ResponseTypesSupported { get; init; }

    [JsonPropertyName("subject_types_supported")] public required IReadOnlyList<string> SubjectTypesSupported { get; init; }

    [JsonPropertyName("claims_supported")] public required IReadOnlyList<string> ClaimsSupported { get; init; }
}
