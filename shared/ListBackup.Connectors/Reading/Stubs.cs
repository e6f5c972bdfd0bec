#pragma warning disable CS9113 // Bodies follow in the next landings.
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Connectors.Reading
{
    internal sealed class ConnectionCheck(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
    {
        public Task<CheckResult> RunAsync(CancellationToken cancellation) => throw new NotImplementedException();
    }

    internal sealed class Discovery(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
    {
        public Task<IReadOnlyList<StreamInfo>> RunAsync(CancellationToken cancellation) => throw new NotImplementedException();
    }

    internal sealed class StreamReading(ConnectorProgram program, ReadRequest request, ConnectorPorts ports)
    {
        public IAsyncEnumerable<RecordBatch> RunAsync(CancellationToken cancellation) => throw new NotImplementedException();
    }

    internal sealed class TotalProbing(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports)
    {
        public Task<long?> RunAsync(string stream, CancellationToken cancellation) => throw new NotImplementedException();
    }
}

namespace ListBackup.Connectors.Authentication
{
    internal static class OAuthRefresher
    {
        public static ITokenRefresher? Find(ConnectorProgram program, ConnectorConfig config, ConnectorPorts ports) => throw new NotImplementedException();
    }
}

namespace ListBackup.Connectors.Restoring
{
    internal sealed class RestoreProgram
    {
        public required IReadOnlyList<RestoreStreamInfo> Streams { get; init; }
    }

    internal static class RestoreCompiler
    {
        public static RestoreProgram Compile(string yaml, ConnectorProgram connector, LoadOptions options) => throw new NotImplementedException();
    }

    internal sealed class RestoreExecution(RestoreProgram program, ConnectorConfig config, ConnectorPorts ports)
    {
        public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation) => throw new NotImplementedException();

        public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation) => throw new NotImplementedException();
    }
}
