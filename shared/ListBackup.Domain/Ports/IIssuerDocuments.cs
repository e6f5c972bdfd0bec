namespace ListBackup.Domain;

/// <summary>The public documents of an issuer of our own, as JSON. Not there on AWS, where Cognito serves its own.</summary>
public interface IIssuerDocuments
{
    /// <summary><c>/.well-known/openid-configuration</c>: only what verifiers of our tokens read.</summary>
    Task<string> GetConfigurationAsync(CancellationToken cancellation);

    /// <summary><c>/.well-known/jwks.json</c>, RFC 7517: the public keys whose tokens may still be valid.</summary>
    Task<string> GetKeysAsync(CancellationToken cancellation);
}
