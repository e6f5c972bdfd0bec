using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>Writes to a platform through an open connection. In the product this is the connector engine; tests put a scripted platform in its place.</summary>
public interface IPlatformWriter
{
    /// <summary>The streams that can be written, each after those that it refers to; empty where the platform cannot be written to.</summary>
    IReadOnlyList<RestoreStreamInfo> Streams(OpenConnection connection);

    /// <summary>Where a stream's records have their key.</summary>
    IReadOnlyList<FieldPath> KeyOf(OpenConnection connection, string stream);

    /// <summary>A target for the writes of one delivery.</summary>
    IRestoreTarget Open(OpenConnection connection);
}

/// <summary>As <see cref="RestoreTarget"/>.</summary>
public interface IRestoreTarget
{
    /// <inheritdoc cref="RestoreTarget.FindAsync"/>
    Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation);

    /// <inheritdoc cref="RestoreTarget.WriteAsync"/>
    Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation);

    /// <inheritdoc cref="RestoreTarget.WriteManyAsync"/>
    IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, CancellationToken cancellation);
}

/// <summary>The connector engine as an <see cref="IPlatformWriter"/>.</summary>
public sealed class EngineWriter : IPlatformWriter
{
    public IReadOnlyList<RestoreStreamInfo> Streams(OpenConnection connection) => connection.Restore?.Streams ?? [];

    public IReadOnlyList<FieldPath> KeyOf(OpenConnection connection, string stream) =>
        connection.Connector.Streams.FirstOrDefault(s => s.Name == stream)?.PrimaryKey ?? [];

    public IRestoreTarget Open(OpenConnection connection) => new EngineTarget(connection.Restore!.Target(connection.Config, connection.Ports)); // Asked only where streams can be written.

    private sealed class EngineTarget(RestoreTarget target) : IRestoreTarget
    {
        public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation) => target.FindAsync(stream, record, cancellation);

        public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation) => target.WriteAsync(request, cancellation);

        public IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, CancellationToken cancellation) =>
            target.WriteManyAsync(requests.ToAsyncEnumerable(), cancellation);
    }
}
