using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>Keys to look for in blocks of which most lines are of no interest.</summary>
internal sealed class WantedKeys
{
    private readonly HashSet<byte[]> _keys = new(ByteArrayComparer.Instance);

    /// <param name="keys">As lines have them: of an erased record, what stands for its key.</param>
    public WantedKeys(IEnumerable<string> keys)
    {
        foreach (var key in keys) _keys.Add(Encoding.UTF8.GetBytes(key));
    }

    public bool Has(string key) => _keys.Contains(Encoding.UTF8.GetBytes(key));

    /// <summary>False where the line's key is certainly none of these. Tells by the first bytes, without reading the line.</summary>
    public bool MayHave(ReadOnlySpan<byte> line) => !RecordLine.TryReadKey(line, out var key) || _keys.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(key);
}
