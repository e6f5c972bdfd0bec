using System.Buffers;

namespace ListBackup.Connectors;

/// <summary>Arrays that are out. An array that comes back twice, or was never ours, is an error.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly HashSet<byte[]> _out = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _lock = new();

    public int Out
    {
        get
        {
            lock (_lock)
                return _out.Count;
        }
    }

    /// <summary>Most bytes that were out at once.</summary>
    public long BytesMax { get; private set; }

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength];
        lock (_lock)
        {
            _out.Add(array);
            BytesMax = Math.Max(BytesMax, _out.Sum(rented => (long)rented.Length));
        }

        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        // Whoever still reads it sees nonsense.
        array.AsSpan().Fill((byte)'?');
        lock (_lock)
            _out.Remove(array).ShouldBeTrue("an array came back that is not out");
    }
}
