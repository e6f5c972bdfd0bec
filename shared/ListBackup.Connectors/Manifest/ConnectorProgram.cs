using ListBackup.Connectors.Authentication;

namespace ListBackup.Connectors.Manifest;

/// <summary>A compiled manifest: everything that reading needs, immutable.</summary>
internal sealed class ConnectorProgram
{
    public required ConnectorInfo Info { get; init; }

    public required ConnectorSpec Spec { get; init; }

    public required IReadOnlyList<StreamInfo> Streams { get; init; }

    public required OAuthDescription? OAuth { get; init; }

    public required IReadOnlyDictionary<string, int> ComponentCounts { get; init; }

    public required IReadOnlyList<string> DynamicStreams { get; init; }
}
