using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Brings a refused connection back: with new secrets and a test, or by sending the person to the platform's pages again.</summary>
public sealed class ReconnectConnection(ConnectionStore store, ChangeConnection change, TestConnection test, StartOAuth start)
{
    /// <returns>What to answer, and the cookie of the OAuth attempt when there is one.</returns>
    public async Task<(Reconnected Answer, OAuthStart? Start, string? Cookie)> RunAsync(Access access, ConnectionId id, Reconnection wanted, CancellationToken cancellation)
    {
        var connection = (await store.GetAsync(access.Account.Id, id, cancellation)).Value;
        if (wanted.Config is { } config) connection = (await change.RunAsync(access, id, new() { Config = config }, ifVersion: null, cancellation)).Value;
        if (connection.ByOAuth)
        {
            var (begun, cookie) = await start.RunAsync(access, id, cancellation);
            return (new(ConnectionView.Of(connection), null, begun.AuthorizeUrl), begun, cookie);
        }
        var tested = await test.RunAsync(access, id, cancellation);
        return (new(ConnectionView.Of((await store.GetAsync(access.Account.Id, id, cancellation)).Value), tested, null), null, null);
    }
}
