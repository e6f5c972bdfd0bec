using ListBackup.Connections;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>Writes to a platform through an open connection. In the product this is the connector engine; tests put a scripted platform in its place.</summary>
public interface IPlatformWriter
{
    /// <summary>A target for the writes of one delivery. Asks the platform where only that knows its streams.</summary>
    Task<IRestoreTarget> OpenAsync(OpenConnection connection, CancellationToken cancellation);
}

/// <summary>As <see cref="RestoreTarget"/>.</summary>
public interface IRestoreTarget
{
    /// <summary>The streams that can be written, each after those that it refers to; empty where the platform cannot be written to.</summary>
    IReadOnlyList<RestoreStreamInfo> Streams { get; }

    /// <inheritdoc cref="RestoreTarget.FindAsync"/>
    Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation);

    /// <inheritdoc cref="RestoreTarget.FindManyAsync"/>
    Task<LiveCounterparts> FindManyAsync(string stream, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation);

    /// <inheritdoc cref="RestoreTarget.WriteAsync"/>
    Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation);

    /// <inheritdoc cref="RestoreTarget.WriteManyAsync"/>
    IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, CancellationToken cancellation);
}

/// <summary>The connector engine as an <see cref="IPlatformWriter"/>.</summary>
public sealed class EngineWriter : IPlatformWriter
{
    public async Task<IRestoreTarget> OpenAsync(OpenConnection connection, CancellationToken cancellation)
    {
        if (connection.Restore is not { } restore) return new ReadOnlyTarget();
        var filled = await restore.ForAsync(connection.Config, connection.Ports, cancellation);
        return new EngineTarget(filled.Streams, filled.Target(connection.Config, connection.Ports));
    }

    private sealed class EngineTarget(IReadOnlyList<RestoreStreamInfo> streams, RestoreTarget target) : IRestoreTarget
    {
        public IReadOnlyList<RestoreStreamInfo> Streams => streams;

        public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation) => target.FindAsync(stream, record, cancellation);

        public Task<LiveCounterparts> FindManyAsync(string stream, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation) =>
            target.FindManyAsync(stream, records, cancellation);

        public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation) => target.WriteAsync(request, cancellation);

        public IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, CancellationToken cancellation) =>
            target.WriteManyAsync(requests.ToAsyncEnumerable(), cancellation);
    }

    /// <summary>The platform has no streams that can be written, so nobody asks more.</summary>
    private sealed class ReadOnlyTarget : IRestoreTarget
    {
        public IReadOnlyList<RestoreStreamInfo> Streams => [];

        public Task<LiveCounterpart> FindAsync(string stream, RestoreRecord record, CancellationToken cancellation) => throw new UnknownStreamException(stream);

        public Task<LiveCounterparts> FindManyAsync(string stream, IReadOnlyList<RestoreRecord> records, CancellationToken cancellation) => throw new UnknownStreamException(stream);

        public Task<WriteOutcome> WriteAsync(WriteRequest request, CancellationToken cancellation) => throw new UnknownStreamException(request.Stream);

        public IAsyncEnumerable<WriteOutcome> WriteManyAsync(IReadOnlyList<WriteRequest> requests, CancellationToken cancellation) => throw new UnknownStreamException(requests[0].Stream);
    }
}
