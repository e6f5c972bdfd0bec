using System.Numerics;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Python's operators.</summary>
internal static class Operators
{
    /// <summary>Longest list and largest number that an operator makes.</summary>
    private const int ItemsMax = 1_000_000;

    private const int PowerBitsMax = 4096;

    public static Value Add(Value left, Value right)
    {
        Defined(left, right);
        if (left.IsNumber && right.IsNumber)
            return Compute(left, right, static (a, b) => a + b, static (a, b) => a + b);

        return (left.Kind, right.Kind) switch
        {
            (ValueKind.Text, ValueKind.Text) => Value.Of(Limited(left.Text.Length + (long)right.Text.Length, left.Text, right.Text)),
            (ValueKind.List, ValueKind.List) => Joined(left.List, right.List),
            (ValueKind.Time, ValueKind.Duration) => Value.Of(left.Time with { At = right.Duration.After(left.Time.At) }),
            (ValueKind.Duration, ValueKind.Time) => Value.Of(right.Time with { At = left.Duration.After(right.Time.At) }),
            (ValueKind.Date, ValueKind.Duration) => Value.Of(Shift(left.Date, right.Duration)),
            (ValueKind.Duration, ValueKind.Duration) =>
                Value.Of(new IsoDuration(left.Duration.Months + right.Duration.Months, left.Duration.Span + right.Duration.Span)),
            _ => throw Mismatch("+", left, right),
        };
    }

    public static Value Subtract(Value left, Value right)
    {
        Defined(left, right);
        if (left.IsNumber && right.IsNumber)
            return Compute(left, right, static (a, b) => a - b, static (a, b) => a - b);

        return (left.Kind, right.Kind) switch
        {
            (ValueKind.Time, ValueKind.Duration) => Value.Of(left.Time with { At = right.Duration.Negated().After(left.Time.At) }),
            (ValueKind.Date, ValueKind.Duration) => Value.Of(Shift(left.Date, right.Duration.Negated())),
            (ValueKind.Time, ValueKind.Time) => Value.Of(new IsoDuration(0, left.Time.At - right.Time.At)),
            (ValueKind.Date, ValueKind.Date) => Value.Of(new IsoDuration(0, TimeSpan.FromDays(left.Date.DayNumber - right.Date.DayNumber))),
            (ValueKind.Duration, ValueKind.Duration) =>
                Value.Of(new IsoDuration(left.Duration.Months - right.Duration.Months, left.Duration.Span - right.Duration.Span)),
            _ => throw Mismatch("-", left, right),
        };
    }

    public static Value Multiply(Value left, Value right)
    {
        Defined(left, right);
        if (left.IsNumber && right.IsNumber)
            return Compute(left, right, static (a, b) => a * b, static (a, b) => a * b);

        return (left.Kind, right.Kind) switch
        {
            (ValueKind.Text, ValueKind.Integer) => Repeat(left.Text, right),
            (ValueKind.Integer, ValueKind.Text) => Repeat(right.Text, left),
            (ValueKind.List, ValueKind.Integer) => Repeat(left.List, right),
            (ValueKind.Duration, ValueKind.Integer) => Value.Of(new IsoDuration(left.Duration.Months * (int)right.Long, left.Duration.Span * right.Long)),
            _ => throw Mismatch("*", left, right),
        };
    }

    public static Value Divide(Value left, Value right)
    {
        Numbers("/", left, right);
        if (right.Double == 0)
            throw new ExpressionException("A division by zero.") { IsOfValue = true };

        return Value.Of(left.Double / right.Double);
    }

    public static Value DivideDown(Value left, Value right)
    {
        Numbers("//", left, right);
        if (right.Double == 0)
            throw new ExpressionException("A division by zero.") { IsOfValue = true };
        if (left.Kind == ValueKind.Float || right.Kind == ValueKind.Float)
            return Value.Of(Math.Floor(left.Double / right.Double));

        var quotient = BigInteger.DivRem(left.Integer, right.Integer, out var rest);

        return Value.Of(!rest.IsZero && (rest.Sign < 0) != (right.Integer.Sign < 0) ? quotient - 1 : quotient);
    }

    public static Value Remainder(Value left, Value right)
    {
        Defined(left, right);
        if (left.IsText)
            return Value.Of(PythonFormat.Percent(left.Text, right));

        Numbers("%", left, right);
        if (right.Double == 0)
            throw new ExpressionException("A division by zero.") { IsOfValue = true };
        if (left.Kind == ValueKind.Float || right.Kind == ValueKind.Float)
            return Value.Of(left.Double - (Math.Floor(left.Double / right.Double) * right.Double));

        var rest = BigInteger.Remainder(left.Integer, right.Integer);

        return Value.Of(!rest.IsZero && (rest.Sign < 0) != (right.Integer.Sign < 0) ? rest + right.Integer : rest);
    }

    public static Value Power(Value left, Value right)
    {
        Numbers("**", left, right);
        if (left.Kind == ValueKind.Float || right.Kind == ValueKind.Float || right.Integer.Sign < 0)
            return Value.Of(Math.Pow(left.Double, right.Double));
        if (right.Integer > PowerBitsMax || left.Integer.GetBitLength() * (long)right.Integer > PowerBitsMax)
            throw new ExpressionException("A power is too large.");

        return Value.Of(BigInteger.Pow(left.Integer, (int)right.Integer));
    }

    public static Value Negate(Value value) => value.Kind switch
    {
        ValueKind.Boolean => Value.Of(-value.Long),
        ValueKind.Integer => Value.Of(-value.Integer),
        ValueKind.Float => Value.Of(-value.Double),
        ValueKind.Duration => Value.Of(value.Duration.Negated()),
        _ when value.IsUndefined => throw new UndefinedUseException(),
        _ => throw new TypeMismatchException($"-{value.TypeName}"),
    };

    public static bool AreEqual(Value left, Value right)
    {
        if (left.IsNumber && right.IsNumber)
        {
            return left.Kind == ValueKind.Float || right.Kind == ValueKind.Float
                ? left.Double == right.Double
                : left.Integer == right.Integer;
        }

        if (left.Kind != right.Kind)
            return left.IsUndefined && right.IsUndefined;

        return left.Kind switch
        {
            ValueKind.Text => left.Text == right.Text,
            ValueKind.List => left.List.Count == right.List.Count && left.List.Zip(right.List).All(pair => AreEqual(pair.First, pair.Second)),
            ValueKind.Map => left.Map.Count == right.Map.Count
                && left.Map.All(member => right.Map.TryGet(member.Key, out var other) && AreEqual(member.Value, other)),
            ValueKind.Time => left.Time.At == right.Time.At,
            ValueKind.Date => left.Date == right.Date,
            ValueKind.Duration => left.Duration == right.Duration,
            _ => true,
        };
    }

    public static int Compare(Value left, Value right)
    {
        Defined(left, right);
        if (left.IsNumber && right.IsNumber)
        {
            return left.Kind == ValueKind.Float || right.Kind == ValueKind.Float
                ? left.Double.CompareTo(right.Double)
                : left.Integer.CompareTo(right.Integer);
        }

        return (left.Kind, right.Kind) switch
        {
            (ValueKind.Text, ValueKind.Text) => string.CompareOrdinal(left.Text, right.Text),
            (ValueKind.Time, ValueKind.Time) => left.Time.At.CompareTo(right.Time.At),
            (ValueKind.Date, ValueKind.Date) => left.Date.CompareTo(right.Date),
            (ValueKind.Duration, ValueKind.Duration) => left.Duration.Span.CompareTo(right.Duration.Span),
            (ValueKind.List, ValueKind.List) => CompareLists(left.List, right.List),
            _ => throw Mismatch("<", left, right),
        };
    }

    public static bool Contains(Value container, Value item) => container.Kind switch
    {
        ValueKind.Text when item.IsText => container.Text.Contains(item.Text, StringComparison.Ordinal),
        ValueKind.List => container.List.Any(element => AreEqual(element, item)),
        ValueKind.Map => item.IsText ? container.Map.Has(item.Text) : item.IsNumber && container.Map.Has(PythonText.Str(item)),
        _ when container.IsUndefined => false,
        _ => throw Mismatch("in", item, container),
    };

    /// <summary>Jinja's <c>~</c>: both as texts.</summary>
    public static Value Concatenate(Value left, Value right)
    {
        var (first, second) = (PythonText.Str(left), PythonText.Str(right));

        return Value.Of(Limited(first.Length + (long)second.Length, first, second));
    }

    private static Value Compute(Value left, Value right, Func<BigInteger, BigInteger, BigInteger> whole, Func<double, double, double> real)
    {
        if (left.Kind == ValueKind.Float || right.Kind == ValueKind.Float)
            return Value.Of(real(left.Double, right.Double));

        var result = whole(left.Integer, right.Integer);

        return result.GetBitLength() <= PowerBitsMax * 4 ? Value.Of(result) : throw new ExpressionException("A number is too large.");
    }

    private static string Limited(long length, string first, string second) =>
        length <= PythonText.CharactersMax ? first + second : throw new ExpressionException("A text is too long.");

    private static Value Joined(ValueList left, ValueList right) =>
        left.Count + right.Count <= ItemsMax ? Value.Of(left.Concat(right)) : throw new ExpressionException("A list is too long.");

    private static Value Repeat(string text, Value times)
    {
        var count = (long)BigInteger.Max(0, BigInteger.Min(times.Integer, int.MaxValue));
        if (count * text.Length > PythonText.CharactersMax)
            throw new ExpressionException("A text is too long.");

        return Value.Of(new StringBuilder().Insert(0, text, (int)count).ToString());
    }

    private static Value Repeat(ValueList list, Value times)
    {
        var count = (long)BigInteger.Max(0, BigInteger.Min(times.Integer, int.MaxValue));
        if (count * list.Count > ItemsMax)
            throw new ExpressionException("A list is too long.");

        return Value.Of(Enumerable.Repeat(list, (int)count).SelectMany(items => items));
    }

    private static DateOnly Shift(DateOnly date, IsoDuration duration) =>
        DateOnly.FromDateTime(duration.After(new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)).DateTime);

    private static int CompareLists(ValueList left, ValueList right)
    {
        for (var at = 0; at < Math.Min(left.Count, right.Count); at++)
        {
            if (!AreEqual(left[at], right[at]))
                return Compare(left[at], right[at]);
        }

        return left.Count.CompareTo(right.Count);
    }

    private static void Defined(Value left, Value right)
    {
        if (left.IsUndefined || right.IsUndefined)
            throw new UndefinedUseException();
    }

    private static void Numbers(string sign, Value left, Value right)
    {
        Defined(left, right);
        if (!left.IsNumber || !right.IsNumber)
            throw Mismatch(sign, left, right);
    }

    private static TypeMismatchException Mismatch(string sign, Value left, Value right) => new($"{left.TypeName} {sign} {right.TypeName}");
}
