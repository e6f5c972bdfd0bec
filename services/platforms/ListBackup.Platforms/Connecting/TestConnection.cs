using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Platforms;

/// <summary>Tries a connection at the platform and remembers what came out.</summary>
public sealed class TestConnection(ConnectionStore store, StoredConnections connections, ActivityLog activities, TimeProvider clock)
{
    // A person waits for the answer.
    private static readonly TimeSpan TestMax = TimeSpan.FromSeconds(45);

    public async Task<ConnectionTest> RunAsync(Access access, ConnectionId id, CancellationToken cancellation)
    {
        var account = access.Account.Id;
        var connection = (await store.GetAsync(account, id, cancellation)).Value;
        if (connection.Health.State == ConnectionState.Waiting)
            throw Problem.Conflict("The connection waits for somebody to sign in at the platform. Finish connecting it first.", "connection-waiting");

        var result = await CheckAsync(connection, cancellation);
        var health = new ConnectionHealth(result.Succeeded ? ConnectionState.Healthy : ConnectionState.Unhealthy, result.Reason, clock.GetUtcNow());
        await store.ChangeAsync(account, id, current => current with { Health = health }, cancellation);
        await activities.AppendAsync(account, access.Caller.Actor(), "connection.tested", id.ToString(), cancellation, ("succeeded", result.Succeeded ? "true" : "false"));
        return new(result.Succeeded, result.Reason, ConnectionHealthView.Of(health)) { Warning = result.Doubt };
    }

    private async Task<CheckResult> CheckAsync(Connection connection, CancellationToken cancellation)
    {
        var open = await connections.OpenAsync(connection, cancellation);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(TestMax);
        try
        {
            return await open.Connector.CheckAsync(open.Config, open.Ports, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(false, $"The platform did not answer within {TestMax.TotalSeconds:0} s. Try again later.", null);
        }
    }
}
