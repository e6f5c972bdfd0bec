using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Restoring;

internal sealed class RestoreProgram
{
    public required IReadOnlyList<RestoreStreamInfo> Streams { get; init; }
}

internal static class RestoreCompiler
{
    public static RestoreProgram Compile(string yaml, ConnectorProgram connector, LoadOptions options) => throw new NotImplementedException();
}

#pragma warning disable CS9113
internal sealed class RestoreExecution(RestoreProgram program, ConnectorConfig config, ConnectorPorts ports)
{
    public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation) => throw new NotImplementedException();

    public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation) => throw new NotImplementedException();
}
