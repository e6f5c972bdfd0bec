using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>Puts credentials into a request.</summary>
internal abstract class Authenticator
{
    /// <summary>True when a refused credential can be replaced by a new one.</summary>
    public virtual bool CanRenew => false;

    public static Authenticator Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(NoAuth) => reader.Done<Authenticator>(NoAuth.Instance),
        nameof(ApiKeyAuthenticator) => ApiKeyAuthenticator.Parse(reader),
        nameof(BearerAuthenticator) => BearerAuthenticator.Parse(reader),
        nameof(BasicHttpAuthenticator) => BasicHttpAuthenticator.Parse(reader),
        nameof(OAuthAuthenticator) => OAuthAuthenticator.Parse(reader),
        nameof(JwtAuthenticator) => JwtAuthenticator.Parse(reader),
        nameof(SessionTokenAuthenticator) => SessionTokenAuthenticator.Parse(reader),
        nameof(SelectiveAuthenticator) => SelectiveAuthenticator.Parse(reader),
        nameof(LegacySessionTokenAuthenticator) => LegacySessionTokenAuthenticator.Parse(reader),
        nameof(RateLimitedMultipleTokenAuthenticator) => RateLimitedMultipleTokenAuthenticator.Parse(reader),
        _ => throw reader.WrongType(),
    };

    /// <summary>Adds the credential.</summary>
    /// <param name="rejected">A credential that the platform has just refused, as this method returned it.</param>
    /// <returns>The credential, where it can be renewed.</returns>
    public abstract ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation);

    /// <summary>Learns from an answer how its credential stands.</summary>
    /// <returns>True when a rate limit met only this credential and another is free, so that a retry need not wait.</returns>
    public virtual bool Observe(RequestParts parts, HttpAnswer answer, string? credential, ExpressionContext context, Session session) => false;

    /// <summary>The OAuth authenticator inside this one, for a service that keeps tokens.</summary>
    public virtual OAuthAuthenticator? OAuth(ExpressionContext context) => null;
}

internal sealed class NoAuth : Authenticator
{
    public static readonly NoAuth Instance = new();

    private NoAuth()
    {
    }

    public override ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation) => new((string?)null);
}
