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

    /// <summary>The intervals to read.</summary>
    /// <param name="state">The cursor that earlier reads came to, or null.</param>
    /// <param name="after">The interval that was read last in a read which goes on now, or null.</param>
    public abstract IEnumerable<CursorSlice> Slices(ExpressionContext context, string? state, CursorSlice? after);

    public abstract void Inject(RequestParts parts, CursorSlice slice, ExpressionContext context);

    /// <summary>A cursor's place in the order of cursors, or null when the text is none.</summary>
    public abstract Value? Position(string text, ExpressionContext context);

    /// <summary>A position as it is kept in a state.</summary>
    public abstract string Format(Value position);

    /// <summary>The cursor of a record, or null when it has none.</summary>
    public Value? PositionOf(ReadOnlyMemory<byte> record, string field, ExpressionContext context)
    {
        var value = JsonField.Find(record, field);

        return value.IsNothing ? null : Position(PythonText.Str(value), context);
    }
}

/// <summary>An interval of a cursor.</summary>
/// <param name="Fields">What expressions see: <c>start_time</c> and <c>end_time</c>, or the names that the manifest gives them.</param>
/// <param name="Start">Its start as a position; nothing when it is open.</param>
internal sealed record CursorSlice(ValueMap Fields, Value Start, Value End)
{
    public static readonly CursorSlice Everything = new(new ValueMap(), Value.None, Value.None);
}

/// <summary>One field of a record, found without parsing the rest.</summary>
internal static class JsonField
{
    public static Value Find(ReadOnlyMemory<byte> record, string name)
    {
        var reader = new Utf8JsonReader(record.Span, ValueJson.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
                return ValueJson.ReadMember(ref reader, record, out _);
            reader.Skip();
        }

        return Value.Undefined;
    }
}
