namespace ListBackup.Connectors;

/// <summary>Counts of one read so far. They prove coverage and explain cost.</summary>
public sealed record PageEvidence
{
    public static readonly PageEvidence Nothing = new();

    /// <summary>Pages that arrived.</summary>
    public long Pages { get; init; }

    /// <summary>Partitions that were read to their end.</summary>
    public long Partitions { get; init; }

    /// <summary>Records that arrived, before the manifest's filter.</summary>
    public long RowsArrived { get; init; }

    /// <summary>Records that were handed on.</summary>
    public long RowsKept { get; init; }

    /// <summary>Rows that cannot be records: not an object, or not valid UTF-8. Counted, not fatal.</summary>
    public long RowsRefused { get; init; }

    /// <summary>How many records the platform says there are (the sum over partitions that told), or null.</summary>
    public long? ReportedTotal { get; init; }

    /// <summary>Requests sent, retries included.</summary>
    public long Requests { get; init; }

    public long Retries { get; init; }

    /// <summary>Answers that the manifest says to pass over (action IGNORE). What they stood for was not read.</summary>
    public long AnswersIgnored { get; init; }

    public long BytesReceived { get; init; }
}

/// <summary>Whether a read brought everything, told at its end.</summary>
/// <param name="Complete">True when every partition was read to the end that the platform itself declared.</param>
/// <param name="Cut">Why not, when it is not complete.</param>
/// <param name="Detail">The same for people, without record content.</param>
/// <param name="Evidence">The counts of the whole read.</param>
public sealed record Coverage(bool Complete, CutReason? Cut, string? Detail, PageEvidence Evidence);

public enum CutReason
{
    /// <summary><see cref="ReadRequest.RecordsMax"/> was reached.</summary>
    RecordsMax,

    /// <summary>A partition had more pages than <see cref="ReadRequest.PagesMax"/>.</summary>
    PagesMax,

    /// <summary>The platform gave the same page token again; going on would never end.</summary>
    RepeatedPageToken,

    /// <summary>The manifest passed over an error answer, so something may be missing.</summary>
    AnswersIgnored,
}
