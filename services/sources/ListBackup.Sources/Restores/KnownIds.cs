using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;

namespace ListBackup.Sources;

/// <summary>Where records live now, as far as it is known: under another id, or under their own.</summary>
public sealed class KnownIds : IIdMap
{
    private readonly Dictionary<RecordName, string> _ids = [];

    public void Add(RecordName name, string id) => _ids[name] = id;

    /// <inheritdoc/>
    public string? Find(string stream, string oldId) => _ids.GetValueOrDefault(new(stream, oldId));
}
