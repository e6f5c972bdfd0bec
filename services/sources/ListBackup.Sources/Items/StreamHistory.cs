namespace ListBackup.Sources;

/// <summary>
/// What the whole readings of a stream brought, <c>SRC#id / HIST#stream</c>, oldest first: what is usual for it, so that the unusual can be told. Numbers only. Losing
/// it loses no backup; the judgement then starts again from plain thresholds.
/// </summary>
public sealed record StreamHistory
{
    /// <summary>Two months of daily runs, some 9 KB. Sweeps and readings by cursor have so many each: hourly readings must not push out the weekly sweep.</summary>
    public const int PointsMax = 60;

    /// <summary>Only so many of the newest points of each kind keep how often each field is filled: up to some kilobytes each, and every run writes the item.</summary>
    public const int FillsMax = 8;

    public required string Stream { get; init; }

    public IReadOnlyList<StreamPoint> Points { get; init; } = [];

    /// <summary>With the point, unless it is there: every delivery of a commit brings it.</summary>
    public StreamHistory With(StreamPoint point)
    {
        if (Points.Any(p => p.Seq >= point.Seq)) return this;
        var alike = Points.Where(p => p.IsSweep == point.IsSweep).ToList();
        var dropped = alike.Count >= PointsMax ? alike[0] : null;
        var unfilled = alike.Where(p => p.Fill is not null).SkipLast(FillsMax - 1).ToHashSet();
        List<StreamPoint> kept = [.. Points.Where(p => !ReferenceEquals(p, dropped)).Select(p => unfilled.Contains(p) ? p with { Fill = null } : p), point];
        return this with { Points = kept };
    }
}

/// <summary>One reading of a stream to its end.</summary>
public sealed record StreamPoint
{
    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Every record, or every id, was looked at, so that deletions without a trace show.</summary>
    public required bool IsSweep { get; init; }

    /// <summary>Records alive before it.</summary>
    public required long Before { get; init; }

    /// <summary>Records alive after it.</summary>
    public required long Live { get; init; }

    public required long Added { get; init; }

    public required long Changed { get; init; }

    public required long Deleted { get; init; }

    /// <summary>How often the fields of the records that arrived had a value; null: not known.</summary>
    public FieldFill? Fill { get; init; }
}

/// <summary>How many records had a value in each top-level field. Null, an empty text, an empty list and an empty object are no values.</summary>
/// <param name="Records">Records looked at.</param>
/// <param name="Counts">By the field's name.</param>
/// <param name="IsTruncated">There are more fields than are counted, so that one that is missing here may have values.</param>
public sealed record FieldFill(long Records, IReadOnlyDictionary<string, long> Counts, bool IsTruncated)
{
    /// <summary>The share of records that had a value, 0 to 1; null when that is not known.</summary>
    public double? ShareOf(string field) =>
        Records == 0 ? null : Counts.TryGetValue(field, out var count) ? (double)count / Records : IsTruncated ? null : 0;
}
