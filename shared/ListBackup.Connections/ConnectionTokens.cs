using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// The OAuth tokens of one connection, shared by all workers: refreshed by one of them at a time under a lease in the item store, and kept before they
/// are used, so that a refresh token that the platform rotates is spent once and never lost to a crash after it was kept.
/// </summary>
public sealed class ConnectionTokens(IItemStore items, AccountEnvelope envelope, AccountId account, ConnectionId connection, TimeProvider clock) : ITokenSource
{
    /// <summary>A token is renewed this long before its end, so that it does not end on its way to the platform.</summary>
    public static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(60);

    /// <summary>How long a worker may hold the lease. Longer than a refresh may take, so nobody refreshes beside a worker that still does.</summary>
    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RefreshMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeaseCheckEvery = TimeSpan.FromMilliseconds(250);
    // The store's adapter retries by itself; this bridges an outage of some seconds while only this process knows a rotated token.
    private const int KeepTriesMax = 6;

    private readonly ItemKey _key = ConnectionKeys.Token(connection);
    private readonly string _purpose = $"tokens/{connection}";
    private volatile TokenGrant? _known;

    public async ValueTask<string> GetAccessTokenAsync(ITokenRefresher refresher, string? rejected, CancellationToken cancellation)
    {
        if (IsGood(_known, rejected)) return _known!.AccessToken; // IsGood has excluded null.
        for (; ; )
        {
            var stored = await items.FindAsync(_key, WorkerJson.Default.TokenItem, cancellation);
            if (stored?.Value.RefusedAt is not null) throw Refused();
            var grant = await GrantOfAsync(stored?.Value, cancellation) ?? refresher.ConfiguredGrant;
            if (IsGood(grant, rejected))
            {
                _known = grant;
                return grant!.AccessToken; // As above.
            }
            if (await TryLeaseAsync(stored, cancellation) is { } leased)
            {
                if (await RefreshAsync(leased, grant?.RefreshToken ?? refresher.ConfiguredRefreshToken, refresher) is { } fresh)
                {
                    _known = fresh;
                    return fresh.AccessToken;
                }
            }
            else
            {
                await Task.Delay(LeaseCheckEvery, clock, cancellation);
            }
        }
    }

    /// <summary>Puts what a person just granted at the platform's pages in the place of whatever was there.</summary>
    public async Task ReplaceAsync(TokenGrant grant, CancellationToken cancellation)
    {
        var item = new TokenItem { Sealed = await SealAsync(grant, cancellation) };
        await items.PutAsync(ItemJson.Item(_key, item, WorkerJson.Default.TokenItem), Condition.None, cancellation);
        _known = grant;
    }

    /// <summary>What is kept now, for revoking it at the platform; null when there is nothing.</summary>
    public async Task<TokenGrant?> FindAsync(CancellationToken cancellation) =>
        await GrantOfAsync((await items.FindAsync(_key, WorkerJson.Default.TokenItem, cancellation))?.Value, cancellation);

    /// <summary>Forgets the tokens: the next worker starts from the configuration.</summary>
    public Task ForgetAsync(CancellationToken cancellation)
    {
        _known = null;
        return items.DeleteAsync(_key, Condition.None, cancellation);
    }

    private bool IsGood(TokenGrant? grant, string? rejected) =>
        grant is not null && grant.AccessToken != rejected && (grant.ExpiresAt is not { } end || end - RenewBefore > clock.GetUtcNow());

    /// <summary>Takes the lease, or returns null when another worker holds it or was faster.</summary>
    private async Task<Stored<TokenItem>?> TryLeaseAsync(Stored<TokenItem>? stored, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (stored?.Value.LeaseUntil is { } until && until > now) return null;
        var leased = (stored?.Value ?? new()) with { LeaseUntil = now + LeaseLength };
        try
        {
            var written = await items.PutAsync(
                ItemJson.Item(_key, leased, WorkerJson.Default.TokenItem), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
            return new(leased, written.Version, _key);
        }
        catch (ConditionFailedException)
        {
            return null;
        }
    }

    /// <summary>
    /// Refreshes under the lease. Not bound to the caller: a refresh that was sent may have spent the refresh token, so its answer is kept even when the
    /// caller has left. Returns null when a person reconnected meanwhile; their grant counts.
    /// </summary>
    private async Task<TokenGrant?> RefreshAsync(Stored<TokenItem> leased, string? refreshToken, ITokenRefresher refresher)
    {
        using var limit = new CancellationTokenSource(RefreshMax, clock);
        try
        {
            var answer = await refresher.RefreshAsync(refreshToken, limit.Token);
            var fresh = answer with { RefreshToken = answer.RefreshToken ?? refreshToken };
            return await KeepAsync(leased, fresh) ? fresh : null;
        }
        catch (PlatformUnauthorizedException) when (refreshToken is not null)
        {
            // The grant is gone. Said once, so that not every worker asks the platform again.
            await WriteAsync(leased, leased.Value with { LeaseUntil = null, RefusedAt = clock.GetUtcNow() });
            throw;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await WriteAsync(leased, leased.Value with { LeaseUntil = null });
            throw new PlatformTimedOutException(RefreshMax, new() { ManifestMessage = "The access token could not be renewed." });
        }
        catch (PlatformException)
        {
            await WriteAsync(leased, leased.Value with { LeaseUntil = null });
            throw;
        }
    }

    private async Task<bool> KeepAsync(Stored<TokenItem> leased, TokenGrant fresh)
    {
        var item = new TokenItem { Sealed = await SealAsync(fresh, CancellationToken.None) };
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await WriteAsync(leased, item);
            }
            catch (Exception outage) when (outage is not ConditionFailedException && tries < KeepTriesMax)
            {
                await Task.Delay(TimeSpan.FromSeconds(tries), clock, CancellationToken.None);
            }
        }
    }

    private async Task<bool> WriteAsync(Stored<TokenItem> leased, TokenItem item)
    {
        try
        {
            await items.PutAsync(ItemJson.Item(_key, item, WorkerJson.Default.TokenItem), Condition.VersionIs(leased.Version), CancellationToken.None);
            return true;
        }
        catch (ConditionFailedException)
        {
            // Reconnected, deleted, or (after a write that was answered too late) already written.
            var now = await items.FindAsync(_key, WorkerJson.Default.TokenItem, CancellationToken.None);
            return now is not null && now.Value.Sealed == item.Sealed;
        }
    }

    private async Task<string> SealAsync(TokenGrant grant, CancellationToken cancellation) => await envelope.SealAsync(
        account, _purpose, JsonSerializer.Serialize(new SealedGrant(grant.AccessToken, grant.ExpiresAt, grant.RefreshToken), WorkerJson.Default.SealedGrant), cancellation);

    private async Task<TokenGrant?> GrantOfAsync(TokenItem? item, CancellationToken cancellation)
    {
        if (item?.Sealed is not { } text) return null;
        var opened = JsonSerializer.Deserialize(await envelope.OpenAsync(account, _purpose, text, cancellation), WorkerJson.Default.SealedGrant)
            ?? throw new InvalidDataException($"The tokens of {connection} hold null.");
        return new(opened.AccessToken, opened.ExpiresAt, opened.RefreshToken);
    }

    private static PlatformUnauthorizedException Refused() =>
        new(new() { ManifestMessage = "The access that was granted has ended. Reconnect the connection." });
}

/// <summary>Tokens of a connection as stored. <see cref="LeaseUntil"/> is set while a worker refreshes them; <see cref="RefusedAt"/> once the grant is gone.</summary>
internal sealed record TokenItem
{
    public string? Sealed { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset? RefusedAt { get; init; }
}

internal sealed record SealedGrant(string AccessToken, DateTimeOffset? ExpiresAt, string? RefreshToken)
{
    public override string ToString() => "(tokens)";
}
