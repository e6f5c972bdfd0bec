using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Manifest;

/// <summary>A compiled manifest: everything that reading needs, immutable.</summary>
internal sealed class ConnectorProgram
{
    public required ConnectorInfo Info { get; init; }

    public required ConnectorSpec Spec { get; init; }

    public required StreamIndex StreamIndex { get; init; }

    public required IReadOnlyList<StreamInfo> Streams { get; init; }

    public required CheckProgram Check { get; init; }

    public required OAuthDescription? OAuth { get; init; }

    public required ApiBudgetSpec? Budget { get; init; }

    /// <summary>How much the manifest lets be read at the same time; null: it does not say.</summary>
    public required ConcurrencyLevel? Concurrency { get; init; }

    /// <summary>How many asynchronous jobs the platform takes at the same time; null: the manifest does not say.</summary>
    public required Template? AsyncJobsMax { get; init; }

    public required IReadOnlyDictionary<string, int> ComponentCounts { get; init; }

    public required IReadOnlyList<string> DynamicStreams { get; init; }

    public required IReadOnlyList<ManifestProblem> Warnings { get; init; }

    /// <summary>True when the platform knows a client that has signed in by cookies.</summary>
    public required bool KeepsCookies { get; init; }

    public IReadOnlyList<StreamProgram> StreamPrograms => StreamIndex.All;

    /// <summary>The stream of this name that the session's configuration has.</summary>
    /// <exception cref="UnknownStreamException">There is none.</exception>
    public ValueTask<StreamProgram> FindAsync(string name, Session session, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();

        return StreamIndex.Find(name, session.Context) is { } stream ? new(stream) : throw new UnknownStreamException(name);
    }

    public SignIn NewSignIn() => new(KeepsCookies);

    public Session OpenSession(ConnectorConfig config, ConnectorPorts ports, string? stream, SignIn? signIn = null) => new(config, ports, stream, signIn ?? NewSignIn())
    {
        Budget = Budget?.Open(new ExpressionContext(ports.Clock).Set(Variable.Config, ValueJson.Parse(config.Utf8Json))),
    };
}
