using ListBackup.Connectors.Restoring;

namespace ListBackup.Testing;

/// <summary>Old ids → new ids of one restore, in memory.</summary>
public sealed class NewIds : IIdMap
{
    private readonly Dictionary<(string Stream, string OldId), string> _ids = [];

    public void Add(string stream, string oldId, string newId) => _ids[(stream, oldId)] = newId;

    public string? Find(string stream, string oldId) => _ids.GetValueOrDefault((stream, oldId));
}
