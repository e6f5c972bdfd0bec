using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Cursors;

/// <summary>
/// The state of readers that read intervals side by side: which were read, and the highest cursor of each. Everything before the end of the first stretch
/// without a gap is known; whatever lies behind a gap has to be read again.
/// </summary>
internal static class DateRanges
{
    public const string TypeKey = "state_type";
    public const string Type = "date-range";
    public const string SlicesKey = "slices";
    public const string LegacyKey = "legacy";
    private const string StartKey = "start";
    private const string EndKey = "end";
    private const string CursorKey = "most_recent_cursor_value";

    public static bool Is(ValueMap state) => state[SlicesKey].Kind == ValueKind.List && (state[TypeKey] is { IsText: true, Text: Type } || state[TypeKey].IsNothing);

    /// <summary>The cursor of what was read without a gap from the start, as it is spelled in the state; nothing when there is none.</summary>
    /// <param name="place">Where a cursor stands in the order of cursors, or null.</param>
    /// <param name="meets">Whether an interval that starts at the second place goes on where one ended that ends at the first.</param>
    public static Value Cursor(ValueMap state, string field, Func<Value, Value?> place, Func<Value, Value, bool> meets)
    {
        var ranges = state[SlicesKey].List
            .Where(entry => entry.Kind == ValueKind.Map)
            .Select(entry => (entry.Map, Start: place(entry.Map[StartKey]), End: place(entry.Map[EndKey])))
            .Where(range => range.Start is not null && range.End is not null)
            .OrderBy(range => range.Start!.Value, Comparer<Value>.Create(Operators.Compare))
            .ToList();
        if (ranges.Count == 0)
            return state[LegacyKey] is { Kind: ValueKind.Map } legacy ? legacy.Map[field] : Value.None;

        var end = ranges[0].End!.Value;
        var cursor = Value.None;
        foreach (var (map, start, until) in ranges)
        {
            if (Operators.Compare(start!.Value, end) > 0 && !meets(end, start.Value))
                break;
            if (Operators.Compare(until!.Value, end) > 0)
                end = until.Value;
            if (place(map[CursorKey]) is { } seen && (cursor.IsNone || Operators.Compare(seen, place(cursor)!.Value) > 0))
                cursor = map[CursorKey];
        }

        // An interval that was empty proves nothing about what is written late; and a record from beyond what was read must not move the cursor there.
        if (cursor.IsNone)
            return ranges[0].Map[StartKey];

        return Operators.Compare(place(cursor)!.Value, end) > 0 ? ranges.Select(range => range.Map[EndKey]).First(value => Operators.Compare(place(value)!.Value, end) == 0) : cursor;
    }

    /// <summary>The state of one stretch that was read up to a cursor.</summary>
    public static ValueMap Write(ValueMap? before, Value cursor)
    {
        var start = before?[SlicesKey] is { Kind: ValueKind.List, List.Count: > 0 } slices && slices.List[0].Kind == ValueKind.Map ? slices.List[0].Map[StartKey] : cursor;

        return new ValueMap()
            .Set(TypeKey, Value.Of(Type))
            .Set(SlicesKey, Value.Of([Value.Of(new ValueMap().Set(StartKey, start).Set(EndKey, cursor).Set(CursorKey, cursor))]))
            .Set(LegacyKey, before?[LegacyKey] is { IsNothing: false } legacy ? legacy : Value.Of(new ValueMap()));
    }
}
