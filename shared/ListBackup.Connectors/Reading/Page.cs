using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>One page and all buffers that its records point into.</summary>
internal sealed class Page(Partition partition, CursorSlice slice, HttpAnswer answer) : IDisposable
{
    public Partition Partition => partition;

    public CursorSlice Slice => slice;

    public PageBuffer? Decoded { get; set; }

    /// <summary>Bytes of records that are no slices of the answer.</summary>
    public Lazy<PageBuffer> Scratch { get; } = new(() => new PageBuffer(int.MaxValue));

    public IReadOnlyList<ReadOnlyMemory<byte>> Records { get; set; } = [];

    /// <summary>Rows before filter and transformations.</summary>
    public int Rows { get; set; }

    public ReadOnlyMemory<byte> FirstRow { get; set; }

    public ReadOnlyMemory<byte> LastRow { get; set; }

    public Value Response { get; set; } = Value.None;

    /// <summary>Nothing on the last page.</summary>
    public Value NextToken { get; set; } = Value.None;

    /// <summary>Other downloads of the same interval follow, so the interval is not read yet.</summary>
    public bool HasMore { get; set; }

    /// <summary>Why reading ends here although the platform goes on.</summary>
    public CutReason? Cut { get; private set; }

    public void End(CutReason cut)
    {
        Cut = cut;
        NextToken = Value.None;
    }

    public void Dispose()
    {
        if (Decoded is not null && Decoded != answer.Body)
            Decoded.Dispose();
        if (Scratch.IsValueCreated)
            Scratch.Value.Dispose();
        answer.Dispose();
    }
}
