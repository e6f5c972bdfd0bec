using System.Runtime.InteropServices;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Paging;

/// <summary>
/// Counts rows whose key was on the page before. Where pages are counted, that is the sign of rows moving while they are read: what moved to a later page
/// comes twice, and what moved to an earlier one does not come at all. Holds the keys of one page, as hashes.
/// </summary>
internal sealed class NeighbourKeys(IReadOnlyList<FieldPath> key)
{
    /// <summary>A page has fewer rows than this everywhere; on a longer one the rest is not compared.</summary>
    private const int KeysMax = 20_000;

    /// <summary>Rows that move over are those at a page's end, so these are enough for the next page where a read stops in between.</summary>
    private const int TailMax = 32;

    private readonly Queue<ulong> _tail = new();
    private HashSet<ulong> _before = [];
    private HashSet<ulong> _now = [];
    private bool _isNew = true;

    /// <summary>Rows of the page have keys, so that two pages with the same rows are the same page.</summary>
    public bool SawKeys => _now.Count > 0;

    /// <summary>The last keys of the page that was looked at; null when it had none.</summary>
    public string? Tail => _tail.Count == 0 ? null : Convert.ToBase64String(MemoryMarshal.AsBytes<ulong>(_tail.ToArray()));

    /// <summary>Takes what <see cref="Tail"/> gave for the page before.</summary>
    public void Restore(string tail)
    {
        var bytes = new byte[TailMax * sizeof(ulong)];
        if (Convert.TryFromBase64String(tail, bytes, out var count))
            _now = [.. MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan(0, count - (count % sizeof(ulong))))];
    }

    /// <summary>How many of the rows have a key that the page before had.</summary>
    /// <param name="isWhole">False when more rows of the same page follow.</param>
    public int Count(IReadOnlyList<ReadOnlyMemory<byte>> rows, bool isWhole)
    {
        if (key.Count == 0)
            return 0;
        if (_isNew)
        {
            (_before, _now) = (_now, _before);
            _now.Clear();
            _tail.Clear();
        }

        _isNew = isWhole;
        var repeated = 0;
        foreach (var row in rows)
        {
            if (_now.Count >= KeysMax)
                break;
            if (Hash(row) is not { } hash)
                continue;
            _now.Add(hash);
            _tail.Enqueue(hash);
            if (_tail.Count > TailMax)
                _tail.Dequeue();
            if (_before.Contains(hash))
                repeated++;
        }

        return repeated;
    }

    /// <summary>Null when the row lacks a part of its key.</summary>
    private ulong? Hash(ReadOnlyMemory<byte> row)
    {
        var hash = new Fnv();
        foreach (var path in key)
        {
            var part = path.Keys.Count == 1 ? JsonField.Raw(row, path.Keys[0]) : Nested(row, path);
            if (part.IsEmpty)
                return null;
            hash.Add(part.Span);
        }

        return hash.Value;
    }

    private static ReadOnlyMemory<byte> Nested(ReadOnlyMemory<byte> row, FieldPath path) =>
        ValuePaths.Get(ValueJson.Parse(row), path.Keys) is { IsNothing: false } part ? ValueJson.ToBytes(part) : default;
}
