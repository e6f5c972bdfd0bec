using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Brings a refused connection back: with new secrets and a test, or by sending the person to the platform's pages again.</summary>
public sealed class ReconnectConnection(ConnectionStore store, StoredConnections connections, ChangeConnection change, TestConnection test, StartOAuth start)
{
    /// <param name="wanted">New secrets. Null, or without them: nothing is needed but the person at the platform's pages.</param>
    /// <exception cref="Problem">Invalid: without a sign-in at the platform the secrets are needed, and the errors name each.</exception>
    /// <returns>What to answer, and the cookie of the OAuth attempt when there is one.</returns>
    public async Task<(Reconnected Answer, OAuthStart? Start, string? Cookie)> RunAsync(Access access, ConnectionId id, Reconnection? wanted, CancellationToken cancellation)
    {
        var connection = (await store.GetAsync(access.Account.Id, id, cancellation)).Value;
        if (wanted?.Config is null && !connection.ByOAuth) await RequireNothingAsync(connection, cancellation);
        if (wanted?.Config is { } config) connection = (await change.RunAsync(access, id, new() { Config = config }, ifVersion: null, cancellation)).Value;
        if (connection.ByOAuth)
        {
            var (begun, cookie) = await start.RunAsync(access, id, cancellation);
            return (new(ConnectionView.Of(connection), null, begun.AuthorizeUrl), begun, cookie);
        }
        var tested = await test.RunAsync(access, id, cancellation);
        return (new(ConnectionView.Of((await store.GetAsync(access.Account.Id, id, cancellation)).Value), tested, null), null, null);
    }

    /// <summary>Refuses when the platform wants secrets: those of now are what it refused.</summary>
    private async Task RequireNothingAsync(Connection connection, CancellationToken cancellation)
    {
        var loaded = await connections.LoadAsync(connection.AccountId, connection.Platform, cancellation)
            ?? throw Problem.Conflict($"The platform {connection.Platform} is no longer there.", "platform-gone");
        new ConfigSchema(loaded.Connector.Spec.ConfigSchema).Require(ConfigJson.Parse(ConnectorConfig.Parse(connection.Config.GetRawText()))); // It is kept without its secrets.
    }
}
