using System.Security.Cryptography;
using System.Text;
using ListBackup.Connections;
using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>Reads a platform through an open connection. In the product this is the connector engine; tests put a scripted platform in its place.</summary>
public interface IPlatformReader
{
    /// <summary>The streams that can be read, those that only the platform knows included.</summary>
    /// <exception cref="PlatformException">The platform did not tell.</exception>
    Task<StreamList> StreamsAsync(OpenConnection connection, CancellationToken cancellation);

    /// <summary>As <see cref="StreamsAsync"/>, where an answer of the last minutes is good enough. A stream that is not among them may be there all the same.</summary>
    /// <exception cref="PlatformException">The platform did not tell.</exception>
    Task<StreamList> KnownStreamsAsync(OpenConnection connection, CancellationToken cancellation);

    /// <summary>As <see cref="Connector.ReadAsync"/>.</summary>
    IAsyncEnumerable<RecordBatch> ReadAsync(OpenConnection connection, ReadRequest request, CancellationToken cancellation);

    /// <summary>As <see cref="Connector.ProbeTotalAsync"/>.</summary>
    Task<long?> ProbeTotalAsync(OpenConnection connection, string stream, CancellationToken cancellation);
}

/// <summary>The connector engine as a <see cref="IPlatformReader"/>.</summary>
/// <remarks>A sync asks for the streams at every step; a platform that alone knows them is asked once for all steps of the next minutes.</remarks>
public sealed class EngineReader(TimeProvider clock) : IPlatformReader
{
    // Which streams there are is all that a plan asks; schemas would cost a request each.
    private static readonly DiscoverOptions NamesOnly = new() { AskForSchemas = false };

    private readonly RememberedStreams _remembered = new(clock);

    public async Task<StreamList> StreamsAsync(OpenConnection connection, CancellationToken cancellation)
    {
        var ports = Ports(connection);
        ports.Streams?.Forget();

        return await DiscoverAsync(connection, ports, cancellation);
    }

    public Task<StreamList> KnownStreamsAsync(OpenConnection connection, CancellationToken cancellation) => DiscoverAsync(connection, Ports(connection), cancellation);

    public IAsyncEnumerable<RecordBatch> ReadAsync(OpenConnection connection, ReadRequest request, CancellationToken cancellation) =>
        connection.Connector.ReadAsync(request, Ports(connection), cancellation);

    public Task<long?> ProbeTotalAsync(OpenConnection connection, string stream, CancellationToken cancellation) =>
        connection.Connector.ProbeTotalAsync(stream, connection.Config, Ports(connection), cancellation);

    private static async Task<StreamList> DiscoverAsync(OpenConnection connection, ConnectorPorts ports, CancellationToken cancellation) => connection.Connector.StreamsDependOnConfig
        ? await connection.Connector.DiscoverAsync(connection.Config, ports, NamesOnly, cancellation)
        : new StreamList(connection.Connector.Streams);

    /// <summary>The connection's ports with the place where its streams are remembered, which another manifest or configuration does not share.</summary>
    private ConnectorPorts Ports(OpenConnection connection)
    {
        if (!connection.Connector.HasDynamicStreams)
            return connection.Ports;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{connection.Id}\n{connection.Platform}\n{connection.ConnectorVersion}\n"));
        hash.AppendData(connection.Config.Utf8Json.Span);

        return connection.Ports with { Streams = _remembered.Of(Convert.ToHexString(hash.GetHashAndReset())) };
    }
}
