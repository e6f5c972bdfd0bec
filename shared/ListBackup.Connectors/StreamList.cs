using System.Collections;

namespace ListBackup.Connectors;

/// <summary>The streams that one configuration can read, and whether the platform told them all.</summary>
public sealed class StreamList(IReadOnlyList<StreamInfo> streams) : IReadOnlyList<StreamInfo>
{
    /// <summary>Why there may be streams besides these, for people and without what the platform sent; null when nothing speaks for it.</summary>
    public string? Doubt { get; init; }

    public int Count => streams.Count;

    public StreamInfo this[int index] => streams[index];

    public IEnumerator<StreamInfo> GetEnumerator() => streams.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
