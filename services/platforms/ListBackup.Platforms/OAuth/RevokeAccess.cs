using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Ends a connection's grant at the platform, where the connector says how. A platform that does not answer does not hold up the deletion.</summary>
public sealed class RevokeAccess(StoredConnections connections, OAuthCalls calls, TimeProvider clock)
{
    /// <returns>For the activity log: yes, no (the platform cannot or would not), or nothing (there was no grant).</returns>
    public async Task<string> RunAsync(Connection connection, CancellationToken cancellation)
    {
        if (!connection.ByOAuth || await connections.TokensOf(connection.AccountId, connection.Id).FindAsync(cancellation) is not { } grant) return "nothing";
        try
        {
            var open = await connections.OpenAsync(connection, cancellation);
            var oauth = StartOAuth.Describe(open, clock);
            // Revoking a refresh token ends the whole grant; an access token alone would leave it renewable.
            var (token, kind) = grant.RefreshToken is { } refresh ? (refresh, "refresh_token") : (grant.AccessToken, "access_token");
            return await calls.RevokeAsync(oauth, open.Config, token, kind, cancellation) ? "yes" : "no";
        }
        catch (Problem unreachable) when (unreachable.Kind is ProblemKind.Upstream or ProblemKind.Conflict)
        {
            return "no";
        }
    }
}
