namespace ListBackup.Connectors.Authentication;

/// <summary>
/// Keeper of a connection's OAuth tokens. The engine asks it for a token before every request; the keeper refreshes, under a lease of its own so
/// that two workers never spend one refresh token twice, and persists a rotated refresh token before it hands out the access token.
/// </summary>
public interface ITokenSource
{
    /// <summary>A token that is good for now.</summary>
    /// <param name="refresher">Performs the refresh call of the manifest. Called at most once, and only while holding the lease.</param>
    /// <param name="rejected">An access token that the platform has just refused: it must not be returned again. Null otherwise.</param>
    /// <exception cref="PlatformException">The refresh failed; <see cref="PlatformUnauthorizedException"/> when the grant itself is gone.</exception>
    ValueTask<string> GetAccessTokenAsync(ITokenRefresher refresher, string? rejected, CancellationToken cancellation);
}

/// <summary>The refresh call as the manifest describes it.</summary>
public interface ITokenRefresher
{
    /// <summary>The refresh token in the configuration, where a keeper starts from when it has none. Null for client credentials.</summary>
    string? ConfiguredRefreshToken { get; }

    /// <summary>The access token and its end in the configuration, if any.</summary>
    TokenGrant? ConfiguredGrant { get; }

    /// <summary>Sends the refresh request once. Not retried: a refresh token may be good only once.</summary>
    /// <param name="refreshToken">The newest refresh token that the keeper knows; null for grants without one.</param>
    Task<TokenGrant> RefreshAsync(string? refreshToken, CancellationToken cancellation);
}

/// <summary>What a token endpoint granted. Never prints its tokens.</summary>
/// <param name="ExpiresAt">Null: until the platform refuses it.</param>
/// <param name="RefreshToken">The rotated refresh token; null when the old one stays good.</param>
public sealed record TokenGrant(string AccessToken, DateTimeOffset? ExpiresAt, string? RefreshToken)
{
    public override string ToString() => $"(token until {ExpiresAt?.ToString("u") ?? "refused"})";
}
