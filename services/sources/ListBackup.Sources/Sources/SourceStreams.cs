using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Holds a source's choice of streams against what its connection has.</summary>
public sealed class SourceStreams(IConnections connections, IPlatformReader platform)
{
    public async Task<IReadOnlyList<StreamInfo>> OfAsync(AccountId account, ConnectionId connection, CancellationToken cancellation)
    {
        try
        {
            return await platform.StreamsAsync(await connections.OpenAsync(account, connection, ConnectionUse.Urgent, cancellation), cancellation);
        }
        catch (PlatformException failure)
        {
            throw Problem.Upstream(failure.Message);
        }
        catch (ConfigException refused)
        {
            throw Problem.Conflict(refused.Message, "connection-settings");
        }
    }

    /// <summary>Refuses streams that the connection does not have, and exclusions of what a record's key is made of.</summary>
    public async Task CheckAsync(AccountId account, ConnectionId connection, IReadOnlyList<StreamChoice>? choices, CancellationToken cancellation)
    {
        if (choices is null) return;
        var known = await OfAsync(account, connection, cancellation);
        foreach (var choice in choices)
        {
            var stream = known.FirstOrDefault(s => s.Name == choice.Name) ?? throw Problem.Invalid("streams", $"The connection has no stream '{choice.Name}'.");
            var key = stream.PrimaryKey.Select(StreamPlan.Pointer).FirstOrDefault(k => choice.ExcludedFields?.Any(f => k == f || k.StartsWith(f + "/", StringComparison.Ordinal)) == true);
            if (key is not null) throw Problem.Invalid("streams", $"Field {key} of {choice.Name} tells its records apart and cannot be left out.");
        }
    }
}
