using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>One page, or a part of one that is too large to be held, and all buffers that its records point into.</summary>
internal sealed class Page(Partition partition, CursorSlice slice, Func<Value> response, Lazy<PageBuffer> scratch, params IDisposable?[] owned) : IDisposable
{
    public Partition Partition => partition;

    public CursorSlice Slice => slice;

    /// <summary>Bytes of records that are no slices of the answer.</summary>
    public Lazy<PageBuffer> Scratch => scratch;

    public IReadOnlyList<ReadOnlyMemory<byte>> Records { get; set; } = [];

    /// <summary>Rows before filter and transformations.</summary>
    public int Rows { get; set; }

    public ReadOnlyMemory<byte> FirstRow { get; set; }

    public ReadOnlyMemory<byte> LastRow { get; set; }

    /// <summary>What expressions see of the body. It is parsed when somebody asks, which most paginators never do.</summary>
    public Value Response => response();

    /// <summary>False for a part of a page that is not its last: the page is not read yet.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Nothing on the last page.</summary>
    public Value NextToken { get; set; } = Value.None;

    /// <summary>From where reading resumes after this: the next page, or the same again when only a part of it was handed on.</summary>
    public Value ResumeToken { get; set; } = Value.None;

    /// <summary>More of the same interval follows whatever the token says, so the interval is not read yet.</summary>
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
        if (scratch.IsValueCreated)
            scratch.Value.Dispose();
        foreach (var one in owned)
            one?.Dispose();
    }
}
