using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Paging;

/// <summary>What to do where a platform's pages end before its records do.</summary>
/// <param name="IsSplit">Go on from the highest cursor that was seen; otherwise from the interval's first page again.</param>
/// <param name="RowsMax">The rows that the platform lists at most; null: it says so with an answer of its own (RESET_PAGINATION).</param>
internal sealed record PaginationReset(bool IsSplit, int? RowsMax)
{
    public static PaginationReset Parse(ComponentReader reader)
    {
        var isSplit = reader.Choice("action", "", "SPLIT_USING_CURSOR", "RESET") == "SPLIT_USING_CURSOR";
        var most = reader.ComponentOrNull("limits", "PaginationResetLimits", static inner => inner.Done(new Limits(inner.IntegerOrNull("number_of_records"))))?.Rows;
        if (most < 1)
            throw reader.Problem("limits.number_of_records", "A number above zero is wanted.");
        if (most is not null && !isSplit)
            throw reader.Problem("limits", "With the action RESET the same pages would come again for ever. SPLIT_USING_CURSOR leads beyond a limit.");

        return reader.Done(new PaginationReset(isSplit, most));
    }

    private sealed record Limits(int? Rows);
}

/// <summary>The course of one interval's resets.</summary>
internal sealed class ResetCourse(PaginationReset? reset, IncrementalCursor? cursor)
{
    /// <summary>A page token that has ended early may end early again; a platform whose tokens all do is not read to its end.</summary>
    private const int RestartsMax = 3;

    private long _rows;
    private int _restarts;

    /// <summary>True when the count of rows decides, so that a read which goes on inside of an interval has lost count.</summary>
    public bool IsCounted => reset is { RowsMax: not null };

    /// <summary>True when the platform has listed all that it lists.</summary>
    public bool IsFull(Page page)
    {
        _rows += page.PartRows.Count + page.Refused;

        return page.IsWhole && reset?.RowsMax <= _rows;
    }

    /// <summary>The interval to go on with; null when what comes would be the same again.</summary>
    /// <param name="isAnswer">The platform said itself that the pages cannot go on.</param>
    public CursorSlice? Next(CursorSlice slice, Value? seen, bool isAnswer, ExpressionContext context)
    {
        _rows = 0;
        if (Rest(slice, seen, context) is { } rest)
        {
            _restarts = 0;
            return rest;
        }

        return isAnswer && ++_restarts <= RestartsMax ? slice : null;
    }

    /// <summary>What of an interval lies at or behind the highest cursor seen; null when that is all of it.</summary>
    public CursorSlice? Rest(CursorSlice slice, Value? seen, ExpressionContext context) =>
        reset is { IsSplit: true } && cursor is not null && seen is { } highest && (slice.Start.IsNone || Operators.Compare(highest, slice.Start) > 0)
            ? cursor.From(slice, highest, context)
            : null;
}
