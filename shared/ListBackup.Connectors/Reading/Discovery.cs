using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Reading;

/// <summary>The streams of one configuration.</summary>
internal sealed class Discovery(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
{
    public Task<IReadOnlyList<StreamInfo>> RunAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var session = program.OpenSession(config, ports, null);
        IReadOnlyList<StreamInfo> streams =
        [
            .. program.StreamIndex.Of(session.Context).Select(stream => stream.Info(session.Context)),
        ];

        return Task.FromResult(streams);
    }
}
