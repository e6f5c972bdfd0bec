namespace ListBackup.Connectors.Authentication;

/// <summary>Tokens in memory, starting from the configuration. For the command line and for platforms whose refresh tokens do not rotate.</summary>
public sealed class MemoryTokens(TimeProvider clock) : ITokenSource, IDisposable
{
    /// <summary>A token is renewed this long before its end, so that it does not end on its way to the platform.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _lease = new(1, 1);
    private TokenGrant? _grant;
    private string? _refreshToken;

    public async ValueTask<string> GetAccessTokenAsync(ITokenRefresher refresher, string? rejected, CancellationToken cancellation)
    {
        await _lease.WaitAsync(cancellation);
        try
        {
            _grant ??= refresher.ConfiguredGrant;
            if (_grant is not null && _grant.AccessToken != rejected && !EndsSoon(_grant))
                return _grant.AccessToken;

            _grant = await refresher.RefreshAsync(_refreshToken ?? refresher.ConfiguredRefreshToken, cancellation);
            _refreshToken = _grant.RefreshToken ?? _refreshToken;

            return _grant.AccessToken;
        }
        finally
        {
            _lease.Release();
        }
    }

    public void Dispose() => _lease.Dispose();

    private bool EndsSoon(TokenGrant grant) => grant.ExpiresAt is { } end && end - RenewBefore <= clock.GetUtcNow();
}
