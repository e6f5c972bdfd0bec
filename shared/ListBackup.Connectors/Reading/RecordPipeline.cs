using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>
/// Rows → records: filter, transformations, cursor. A row that nothing touches stays the slice it is; a changed one is written once into the page's
/// scratch buffer.
/// </summary>
internal sealed class RecordPipeline(StreamProgram stream, Session session)
{
    private readonly Template? _condition = stream.Retriever.Selector.Condition;
    private readonly string? _cursorField = stream.Cursor?.Field.EvaluateText(session.Context);

    /// <summary>The highest cursor seen since <see cref="Start"/>, or null.</summary>
    public Value? Seen { get; private set; }

    /// <summary>
    /// True when the last record of the page is older than the interval: a feed has nothing new after it. An old record further up (pinned, or told late) is
    /// no end.
    /// </summary>
    public bool EndedOld { get; private set; }

    /// <summary>True when a record came after one with a higher cursor.</summary>
    public bool WentBack { get; private set; }

    /// <summary>Rows of which a value could not be computed; they are kept without it.</summary>
    public long Uncomputed { get; private set; }

    /// <summary>What the cursors of the records tell about the platform.</summary>
    public CursorSight Sight { get; } = new();

    public void Start(Value? seen)
    {
        Seen = seen;
        EndedOld = WentBack = false;
    }

    public List<ReadOnlyMemory<byte>> Run(PageRows rows, ExpressionContext context, CursorSlice slice, Lazy<PageBuffer> scratch)
    {
        EndedOld = false;
        if (_condition is null && stream.Transformations.Count == 0 && stream.Cursor is null)
            return rows.Rows;

        var reuse = context.With(Variable.Record, Value.None);
        var written = new List<(int Index, int Start, int Length)>();
        var records = new List<ReadOnlyMemory<byte>>(rows.Rows.Count);
        using var writer = stream.Transformations.Count > 0 ? ValueJson.NewWriter(scratch.Value) : null;
        foreach (var row in rows.Rows)
        {
            if (Changed(row, reuse) is not { } change)
                continue;
            if (stream.Cursor is not null && !Observe(row, change.Map, slice, context))
                continue;
            if (change.Map is not null)
            {
                var start = scratch.Value.Length;
                ValueJson.Write(Value.Of(change.Map), writer!);
                written.Add((records.Count, start, scratch.Value.Length - start));
            }

            records.Add(row);
        }

        // The scratch buffer moves while it grows, so slices of it are taken at the end.
        foreach (var (index, start, length) in written)
            records[index] = scratch.Value.Memory.Slice(start, length);

        return records;
    }

    /// <summary>Null: filtered out. A map: the row was changed into it.</summary>
    private (ValueMap? Map, bool Kept)? Changed(ReadOnlyMemory<byte> row, ExpressionContext context)
    {
        if (_condition is null && stream.Transformations.Count == 0)
            return (null, true);

        var record = ValueJson.Parse(row);
        var isComputed = true;
        if (stream.Retriever.Selector.TransformFirst)
            record = Value.Of(Transformed(record.Map, context, ref isComputed));
        var isWanted = _condition is null || IsWanted(_condition, context.Set(Variable.Record, record), ref isComputed);
        var changed = isWanted && stream.Transformations.Count > 0
            ? stream.Retriever.Selector.TransformFirst ? record.Map : Transformed(record.Map, context, ref isComputed)
            : null;
        Uncomputed += isComputed ? 0 : 1;

        return isWanted ? (changed, true) : null;
    }

    /// <summary>A record that the filter cannot judge is kept: better one too many.</summary>
    private static bool IsWanted(Template condition, ExpressionContext context, ref bool isComputed)
    {
        try
        {
            return condition.EvaluateCondition(context);
        }
        catch (ExpressionException exception) when (exception.IsOfValue)
        {
            isComputed = false;
            return true;
        }
    }

    /// <summary>
    /// A transformation that one record's value does not fit (a text that is no time) is left out for that record. The public engine ends the stream there,
    /// and with it loses every record behind.
    /// </summary>
    private ValueMap Transformed(ValueMap record, ExpressionContext context, ref bool isComputed)
    {
        foreach (var transformation in stream.Transformations)
        {
            try
            {
                record = transformation.Apply(record, context.Set(Variable.Record, Value.Of(record)));
            }
            catch (ExpressionException exception) when (exception.IsOfValue)
            {
                isComputed = false;
            }
        }

        return record;
    }

    /// <summary>False when the record is too old to be wanted.</summary>
    private bool Observe(ReadOnlyMemory<byte> row, ValueMap? changed, CursorSlice slice, ExpressionContext context)
    {
        var cursor = stream.Cursor!;
        var field = _cursorField ?? "";
        if ((changed is null ? cursor.PositionOf(row, field, context) : cursor.PositionOf(changed, field, context)) is not { } position)
        {
            Sight.RowsWithout++;
            return true;
        }

        EndedOld = !slice.Start.IsNone && (cursor.IsFeed || cursor.IsClientSide) && Operators.Compare(position, slice.Start) < 0;
        if (EndedOld)
            return false;
        cursor.Look(position, slice, Sight);

        // A record from beyond the interval (a clock ahead of ours) must not move the cursor over what others have yet to write.
        var bounded = !slice.End.IsNone && Operators.Compare(position, slice.End) > 0 ? slice.End : position;
        var order = Seen is null ? 1 : Operators.Compare(bounded, Seen.Value);
        WentBack |= order < 0;
        if (order > 0)
            Seen = bounded;

        return true;
    }
}
