using System.Numerics;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Access to parts of a value: by key, by index, by slice.</summary>
internal static class Members
{
    /// <summary>
    /// The member, or undefined. A map's field wins over a method of the same name: <c>response.items</c> is what the platform sent, where Python
    /// would print a bound method that nobody wants.
    /// </summary>
    public static Value Get(Value subject, Value key)
    {
        if (subject.IsUndefined)
            throw new UndefinedUseException();
        if (subject.Kind == ValueKind.Map)
            return key.IsText ? subject.Map[key.Text] : key.IsNumber ? subject.Map[PythonText.Str(key)] : Value.Undefined;
        if (key.Kind == ValueKind.Integer)
            return At(subject, key.Integer);

        return key.IsText ? Attribute(subject, key.Text) : Value.Undefined;
    }

    public static Value Slice(Value subject, Value? start, Value? stop, Value? step)
    {
        if (subject.IsUndefined)
            throw new UndefinedUseException();

        var by = Bound(step) ?? 1;
        if (by == 0)
            throw new ExpressionException("A slice has a step of zero.");
        if (subject.Kind == ValueKind.Text)
        {
            var runes = subject.Text.EnumerateRunes().ToArray();
            var text = new StringBuilder();
            foreach (var index in Indexes(runes.Length, Bound(start), Bound(stop), by))
                text.Append(runes[index].ToString());

            return Value.Of(text.ToString());
        }

        return subject.Kind == ValueKind.List
            ? Value.Of(Indexes(subject.List.Count, Bound(start), Bound(stop), by).Select(index => subject.List[index]))
            : throw new TypeMismatchException($"{subject.TypeName} cannot be sliced");
    }

    private static Value At(Value subject, BigInteger index)
    {
        switch (subject.Kind)
        {
            case ValueKind.List:
                var list = subject.List;
                var at = index < 0 ? index + list.Count : index;

                return at >= 0 && at < list.Count ? list[(int)at] : Value.Undefined;
            case ValueKind.Text:
                var runes = subject.Text.EnumerateRunes().ToArray();
                var place = index < 0 ? index + runes.Length : index;

                return place >= 0 && place < runes.Length ? Value.Of(runes[(int)place].ToString()) : Value.Undefined;
            default:
                return Value.Undefined;
        }
    }

    private static Value Attribute(Value subject, string name) => (subject.Kind, name) switch
    {
        (ValueKind.Time, "year") => Value.Of(subject.Time.At.Year),
        (ValueKind.Time, "month") => Value.Of(subject.Time.At.Month),
        (ValueKind.Time, "day") => Value.Of(subject.Time.At.Day),
        (ValueKind.Time, "hour") => Value.Of(subject.Time.At.Hour),
        (ValueKind.Time, "minute") => Value.Of(subject.Time.At.Minute),
        (ValueKind.Time, "second") => Value.Of(subject.Time.At.Second),
        (ValueKind.Time, "microsecond") => Value.Of(Times.Micros(subject.Time.At)),
        (ValueKind.Date, "year") => Value.Of(subject.Date.Year),
        (ValueKind.Date, "month") => Value.Of(subject.Date.Month),
        (ValueKind.Date, "day") => Value.Of(subject.Date.Day),
        (ValueKind.Duration, "days") => Value.Of((long)Math.Floor(subject.Duration.Span.TotalDays)),
        (ValueKind.Duration, "seconds") => Value.Of((long)(subject.Duration.Span - TimeSpan.FromDays(Math.Floor(subject.Duration.Span.TotalDays))).TotalSeconds),
        _ => Value.Undefined,
    };

    private static long? Bound(Value? value) => value switch
    {
        null => null,
        { IsNone: true } => null,
        { Kind: ValueKind.Integer } whole => (long)BigInteger.Max(int.MinValue, BigInteger.Min(int.MaxValue, whole.Integer)),
        { Kind: ValueKind.Boolean } flag => flag.Long,
        { IsUndefined: true } => throw new UndefinedUseException(),
        _ => throw new TypeMismatchException("a slice wants integers"),
    };

    private static IEnumerable<int> Indexes(int length, long? start, long? stop, long step)
    {
        var first = Clamp(start, step > 0 ? 0 : length - 1);
        var end = Clamp(stop, step > 0 ? length : -1);
        for (var at = first; step > 0 ? at < end : at > end; at += step)
            yield return (int)at;

        long Clamp(long? bound, long fallback)
        {
            if (bound is not { } position)
                return fallback;
            if (position < 0)
                position += length;

            return step > 0 ? Math.Clamp(position, 0, length) : Math.Clamp(position, -1, length - 1);
        }
    }
}
