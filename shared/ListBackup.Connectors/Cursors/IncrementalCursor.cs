using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Cursors;

/// <summary>How a stream is read by what changed since.</summary>
internal abstract class IncrementalCursor
{
    public required Template Field { get; init; }

    /// <summary>One cursor for all partitions instead of one each.</summary>
    public bool IsGlobal { get; protected init; }

    /// <summary>Pages come newest first: the first record that is too old ends the reading.</summary>
    public bool IsFeed { get; protected init; }

    /// <summary>The platform cannot filter, so records that are too old are dropped here.</summary>
    public bool IsClientSide { get; protected init; }

    public static IncrementalCursor Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(DatetimeBasedCursor) => DatetimeBasedCursor.Parse(reader),
        nameof(IncrementingCountCursor) => IncrementingCountCursor.Parse(reader),
        _ => throw reader.WrongType(),
    };

    /// <summary>The intervals of a read from the start.</summary>
    public IEnumerable<CursorSlice> Slices(ExpressionContext context) => Slices(context, null, null, new CursorSight());

    /// <summary>The intervals to read.</summary>
    /// <param name="context">Its clock stands at the time when the read began.</param>
    /// <param name="from">Where earlier reads came to, or null.</param>
    /// <param name="after">The interval that was read last in a read which goes on now, or null.</param>
    /// <param name="sight">What rows have shown so far; asked before each interval.</param>
    public abstract IEnumerable<CursorSlice> Slices(ExpressionContext context, Value? from, CursorSlice? after, CursorSight sight);

    /// <summary>The part of an interval that starts at a position inside of it.</summary>
    public abstract CursorSlice From(CursorSlice slice, Value position, ExpressionContext context);

    public abstract void Inject(RequestParts parts, CursorSlice slice, ExpressionContext context);

    /// <summary>A record's cursor in the order of cursors, or null when the text is none.</summary>
    public abstract Value? Position(string text, ExpressionContext context);

    /// <summary>A state's cursor in the order of cursors, or null when the text is none.</summary>
    public virtual Value? StatePosition(string text, ExpressionContext context) => Position(text, context);

    /// <summary>A position as states spell it for other engines: no finer than the manifest's format.</summary>
    public abstract string Format(Value position);

    /// <summary>A position as it goes into the place where a read stopped: whole.</summary>
    public virtual string Exact(Value position) => Format(position);

    public virtual Value? FromExact(string text, ExpressionContext context) => StatePosition(text, context);

    /// <summary>
    /// From where to read, given the cursor of a state. A clock that was ahead, ours or the platform's, must not skip what was written meanwhile. Null: the
    /// cursor cannot be believed at all, so everything is read.
    /// </summary>
    /// <param name="lookBack">How far to go back besides.</param>
    public virtual Value? Trusted(Value position, TimeSpan lookBack, ExpressionContext context) => position;

    /// <summary>The earlier of a position and the time when the platform's clock showed the read's beginning.</summary>
    public virtual Value Bounded(Value position, DateTimeOffset bound) => position;

    /// <summary>Whether nothing lies between an interval that ends at the first position and one that starts at the second.</summary>
    public virtual bool Meets(Value end, Value start) => Operators.Compare(start, end) <= 0;

    /// <summary>Takes note of a record's cursor.</summary>
    public virtual void Look(Value position, CursorSlice slice, CursorSight sight) => sight.RowsInside++;

    /// <summary>The cursor of a record, or null when it has none.</summary>
    public Value? PositionOf(ReadOnlyMemory<byte> record, string field, ExpressionContext context)
    {
        var json = JsonField.Raw(record, field);
        if (json.IsEmpty)
            return null;
        if (PositionOfJson(json.Span) is { } position)
            return position;

        return PositionOf(ValueJson.Parse(json), context);
    }

    /// <summary>The cursor of a record that was changed.</summary>
    public Value? PositionOf(ValueMap record, string field, ExpressionContext context) => PositionOf(record[field], context);

    /// <summary>The position of a cursor in its plain spelling, or null where it takes more to read it.</summary>
    protected virtual Value? PositionOfJson(ReadOnlySpan<byte> json) => null;

    private Value? PositionOf(Value value, ExpressionContext context) => value.IsNothing ? null : Position(PythonText.Str(value), context);
}

/// <summary>An interval of a cursor.</summary>
/// <param name="Fields">What expressions see: <c>start_time</c> and <c>end_time</c>, or the names that the manifest gives them.</param>
/// <param name="Start">Its start as a position; nothing when it is open.</param>
/// <param name="Next">Where the next interval starts; nothing after the last.</param>
internal sealed record CursorSlice(ValueMap Fields, Value Start, Value End, Value Next)
{
    public static readonly CursorSlice Everything = new(new ValueMap(), Value.None, Value.None, Value.None);
}

/// <summary>One field of a record, found without parsing the rest.</summary>
internal static class JsonField
{
    public static Value Find(ReadOnlyMemory<byte> record, string name) => Raw(record, name) is { IsEmpty: false } json ? ValueJson.Parse(json) : Value.Undefined;

    /// <summary>The bytes of the field's value; empty when there is no such field.</summary>
    public static ReadOnlyMemory<byte> Raw(ReadOnlyMemory<byte> record, string name)
    {
        var reader = new Utf8JsonReader(record.Span, ValueJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
                return record[start..(int)reader.BytesConsumed];
        }

        return default;
    }
}
