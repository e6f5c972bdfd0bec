using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>What the reader saw of the platform while it read a stream: the evidence behind a <see cref="Coverage"/>.</summary>
public sealed record CoverageEvidence
{
    /// <summary>How many records the platform says there are (in the scope that was read); null when it does not tell.</summary>
    public long? ReportedTotal { get; init; }

    /// <summary>Pages read.</summary>
    public long Pages { get; init; }

    /// <summary>Requests sent, retries included.</summary>
    public long Requests { get; init; }

    /// <summary>Requests refused by the platform for good (403, 404, …), so that something was not read.</summary>
    public long RequestsRefused { get; init; }

    /// <summary>Requests that failed even after retries.</summary>
    public long RequestsFailed { get; init; }

    /// <summary>Caps of the platform that were hit, for example <c>offset 10000</c>: what lies behind them was not seen.</summary>
    public IReadOnlyList<string> CapsHit { get; init; } = [];

    /// <summary>What the reader saw that forbids to call the reading proven, though nothing is known to be missing; sentences for people.</summary>
    public IReadOnlyList<string> Doubts { get => field ?? []; init; }

    /// <summary>Seconds that the cursor was set back to catch late writes; null when no cursor was used.</summary>
    public long? LookBackSeconds { get; init; }
}

/// <summary>How much of the stream a snapshot provably holds.</summary>
/// <param name="Level">The verdict.</param>
/// <param name="Reason">Why it is not proven, one sentence for people; null when it is.</param>
/// <param name="Mode">How the stream was read.</param>
/// <param name="Arrived">Distinct records that arrived (refused ones not counted).</param>
/// <param name="Refused">Records that arrived and could not be stored.</param>
/// <param name="Evidence">What the reader saw, summed over partitions.</param>
public sealed record Coverage(CoverageLevel Level, string? Reason, ReadMode Mode, long Arrived, long Refused, CoverageEvidence Evidence);

/// <summary>The verdict of a coverage. Only <see cref="Proven"/> is shown green.</summary>
[JsonConverter(typeof(CamelCaseEnum<CoverageLevel>))]
public enum CoverageLevel
{
    /// <summary>The reading was complete, nothing was refused, and what the snapshot holds equals what the platform says there is.</summary>
    Proven,

    /// <summary>The reading was complete and nothing contradicts it, but the platform offers no number to hold it against.</summary>
    Consistent,

    /// <summary>Something is known to be missing.</summary>
    Partial,
}
