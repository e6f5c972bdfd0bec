using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
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

    /// <summary>The rows of this part that are JSON objects.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> PartRows { get; set; } = [];

    /// <summary>Rows of this part that cannot be records.</summary>
    public int Refused { get; set; }

    /// <summary>Rows of this part whose key was on the page before.</summary>
    public int Repeated { get; set; }

    /// <summary>How many rows the platform says the interval has; null when it does not tell.</summary>
    public long? Total { get; set; }

    /// <summary>The total is of what is behind this page's token: each page asks anew for ids beyond the last.</summary>
    public bool IsTotalOfRest { get; set; }

    /// <summary>Where the interval's pages stand after this.</summary>
    public PageProgress Progress { get; set; } = PageProgress.Start;

    /// <summary>When the platform answered, by its own clock; null when it does not tell.</summary>
    public DateTimeOffset? PlatformTime { get; init; }

    /// <summary>What expressions see of the body. It is parsed when somebody asks, which most paginators never do.</summary>
    public Value Response => response();

    /// <summary>False for a part of a page that is not its last: the page is not read yet.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>No page yet: a report was ordered, and the state knows of it from here on.</summary>
    public bool IsOrder { get; init; }

    /// <summary>A report is ready, and the platform says null where its downloads should stand.</summary>
    public bool NamesNoDownload { get; init; }

    /// <summary>Nothing on the last page.</summary>
    public Value NextToken { get; set; } = Value.None;

    /// <summary>From where reading resumes after this: the next page, or the same again when only a part of it was handed on.</summary>
    public Value ResumeToken { get; set; } = Value.None;

    /// <summary>More of the same interval follows whatever the token says, so the interval is not read yet.</summary>
    public bool HasMore { get; set; }

    /// <summary>What reading goes on with after this, where that is another part of the interval; null: the same.</summary>
    public CursorSlice? Continues { get; private set; }

    /// <summary>Why something is missing although the platform may have it.</summary>
    public CutReason? Cut { get; private set; }

    /// <summary>Notes that something is missing; reading goes on.</summary>
    public void Mark(CutReason cut) => Cut ??= cut;

    /// <summary>The pages end here, and those of the rest of the interval begin.</summary>
    public void GoOn(CursorSlice rest)
    {
        Continues = rest;
        HasMore = true;
        (NextToken, ResumeToken, Progress) = (Value.None, Value.None, PageProgress.Start);
    }

    public void End(CutReason cut)
    {
        Cut = cut;
        NextToken = Value.None;
    }

    /// <summary>The page brought what is known already, to the last byte.</summary>
    public void LeaveOut()
    {
        Records = [];
        PartRows = [];
        Rows = Refused = Repeated = 0;
    }

    public void Dispose()
    {
        if (scratch.IsValueCreated)
            scratch.Value.Dispose();
        foreach (var one in owned)
            one?.Dispose();
    }
}
