using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>How an attempt ended, for the page that the person sees.</summary>
public enum OAuthOutcome
{
    Connected,
    /// <summary>The person said no at the platform.</summary>
    Declined,
    /// <summary>The state is unknown, expired, used, or came from another browser.</summary>
    NotOurs,
    /// <summary>The platform did not accept the code.</summary>
    Refused,
}

/// <summary>Takes the person back from the platform: trades the code for tokens and keeps them.</summary>
public sealed class FinishOAuth(
    OAuthStates states, OAuthCalls calls, ConnectionStore store, StoredConnections connections, ConnectionConfigs configs, AccountAccess accounts, ActivityLog activities,
    TimeProvider clock)
{
    public async Task<OAuthOutcome> RunAsync(string? state, string? code, string? error, string? cookie, CancellationToken cancellation)
    {
        if (state is null || await states.TakeAsync(state, cookie, cancellation) is not var (attempt, verifier)) return OAuthOutcome.NotOurs;
        if (error is not null || code is null) return OAuthOutcome.Declined;
        // Ten minutes have passed at most, but a role may have been taken away in them.
        var access = await accounts.FindAsync(new() { UserId = attempt.UserId, ApiKeyId = attempt.ApiKeyId }, attempt.AccountId, cancellation);
        if (access is null || !PermissionTable.Allows(access.Role, Permission.ConnectionsManage)) return OAuthOutcome.NotOurs;
        try
        {
            await ConnectAsync(attempt, access, code, verifier, cancellation);
            return OAuthOutcome.Connected;
        }
        catch (Problem refused) when (refused.Kind is ProblemKind.Upstream)
        {
            return OAuthOutcome.Refused;
        }
        catch (Problem gone) when (gone.Kind is ProblemKind.NotFound or ProblemKind.Conflict)
        {
            return OAuthOutcome.NotOurs;
        }
    }

    private async Task ConnectAsync(OAuthAttempt attempt, Access access, string code, string verifier, CancellationToken cancellation)
    {
        var connection = (await store.GetAsync(attempt.AccountId, attempt.ConnectionId, cancellation)).Value;
        var open = await connections.OpenAsync(connection, cancellation);
        var oauth = StartOAuth.Describe(open, clock);
        var answer = await calls.ExchangeAsync(oauth, open.Config, code, verifier, attempt.RedirectUri, cancellation);

        var config = ConfigJson.Parse(await configs.FindAsync(connection, open.Connector, cancellation) ?? ConnectorConfig.Empty);
        foreach (var (field, path) in oauth.ConfigFields)
        {
            if (answer.Fields.TryGetValue(field, out var value)) ConfigJson.Set(config, path, value);
        }
        // From here on the connection signs in this way.
        if (oauth.AppliesWhen is var (choice, chosen)) ConfigJson.Set(config, choice, chosen);
        await configs.PutAsync(attempt.AccountId, attempt.ConnectionId, config, open.Connector, cancellation);
        await connections.TokensOf(attempt.AccountId, attempt.ConnectionId).ReplaceAsync(answer.Grant, cancellation);
        await store.ChangeAsync(attempt.AccountId, attempt.ConnectionId, current => current with
        {
            ByOAuth = true,
            Scopes = answer.Scopes,
            Config = ConnectionSecrets.WithoutSecrets(config, open.Connector.Spec),
            Health = new(ConnectionState.Untested, null, clock.GetUtcNow()),
        }, cancellation);
        await activities.AppendAsync(attempt.AccountId, access.Caller.Actor(), "connection.granted", attempt.ConnectionId.ToString(), cancellation,
            ("scopes", string.Join(' ', answer.Scopes)));
    }
}
