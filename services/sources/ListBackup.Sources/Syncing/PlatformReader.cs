using ListBackup.Connections;
using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>Reads a platform through an open connection. In the product this is the connector engine; tests put a scripted platform in its place.</summary>
public interface IPlatformReader
{
    /// <summary>The streams that can be read, those that only the platform knows included.</summary>
    /// <exception cref="PlatformException">The platform did not tell.</exception>
    Task<IReadOnlyList<StreamInfo>> StreamsAsync(OpenConnection connection, CancellationToken cancellation);

    /// <summary>As <see cref="Connector.ReadAsync"/>.</summary>
    IAsyncEnumerable<RecordBatch> ReadAsync(OpenConnection connection, ReadRequest request, CancellationToken cancellation);

    /// <summary>As <see cref="Connector.ProbeTotalAsync"/>.</summary>
    Task<long?> ProbeTotalAsync(OpenConnection connection, string stream, CancellationToken cancellation);
}

/// <summary>The connector engine as a <see cref="IPlatformReader"/>.</summary>
public sealed class EngineReader : IPlatformReader
{
    // Which streams there are is all that a plan asks; schemas would cost a request each.
    private static readonly DiscoverOptions NamesOnly = new() { AskForSchemas = false };

    public async Task<IReadOnlyList<StreamInfo>> StreamsAsync(OpenConnection connection, CancellationToken cancellation) => connection.Connector.StreamsDependOnConfig
        ? await connection.Connector.DiscoverAsync(connection.Config, connection.Ports, NamesOnly, cancellation)
        : connection.Connector.Streams;

    public IAsyncEnumerable<RecordBatch> ReadAsync(OpenConnection connection, ReadRequest request, CancellationToken cancellation) =>
        connection.Connector.ReadAsync(request, connection.Ports, cancellation);

    public Task<long?> ProbeTotalAsync(OpenConnection connection, string stream, CancellationToken cancellation) =>
        connection.Connector.ProbeTotalAsync(stream, connection.Config, connection.Ports, cancellation);
}
