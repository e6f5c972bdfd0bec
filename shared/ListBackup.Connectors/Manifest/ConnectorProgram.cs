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

    public required IReadOnlyList<StreamProgram> StreamPrograms { get; init; }

    public required IReadOnlyList<StreamInfo> Streams { get; init; }

    public required IReadOnlyList<string> CheckStreams { get; init; }

    public required OAuthDescription? OAuth { get; init; }

    public required ApiBudgetSpec? Budget { get; init; }

    public required IReadOnlyDictionary<string, int> ComponentCounts { get; init; }

    public required IReadOnlyList<string> DynamicStreams { get; init; }

    public StreamProgram Find(string name) => StreamPrograms.FirstOrDefault(stream => stream.Name == name) ?? throw new UnknownStreamException(name);

    /// <summary>True when the platform knows a client that has signed in by cookies.</summary>
    public required bool KeepsCookies { get; init; }

    public SignIn NewSignIn() => new(KeepsCookies);

    public Session OpenSession(ConnectorConfig config, ConnectorPorts ports, string? stream, SignIn? signIn = null) => new(config, ports, stream, signIn ?? NewSignIn())
    {
        Budget = Budget?.Open(new ExpressionContext(ports.Clock).Set(Variable.Config, ValueJson.Parse(config.Utf8Json))),
    };
}
