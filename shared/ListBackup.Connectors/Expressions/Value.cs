using System.Numerics;

namespace ListBackup.Connectors.Expressions;

internal enum ValueKind : byte
{
    /// <summary>A variable that this place of the manifest does not have. Using it is an error.</summary>
    Absent,

    /// <summary>Jinja's undefined: a field that is not there. Prints as nothing, counts as false, breaks when something is asked of it.</summary>
    Undefined,
    None,
    Boolean,
    Integer,
    Float,
    Text,
    List,
    Map,
    Time,
    Date,
    Duration,
}

/// <summary>
/// A value of the expression language, with Python's semantics. A struct, so that numbers, booleans and absent fields cost no allocation.
/// A float keeps the text it was read from, because a decimal is text until somebody computes with it.
/// </summary>
internal readonly struct Value
{
    private readonly object? _reference;
    private readonly long _bits;

    private Value(ValueKind kind, object? reference, long bits)
    {
        Kind = kind;
        _reference = reference;
        _bits = bits;
    }

    public ValueKind Kind { get; }

    public static Value Undefined => new(ValueKind.Undefined, null, 0);

    public static Value None => new(ValueKind.None, null, 0);

    public static Value True => new(ValueKind.Boolean, null, 1);

    public static Value False => new(ValueKind.Boolean, null, 0);

    public static Value Of(bool value) => value ? True : False;

    public static Value Of(long value) => new(ValueKind.Integer, null, value);

    public static Value Of(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : new Value(ValueKind.Integer, value, 0);

    public static Value Of(double value, string? source = null) => new(ValueKind.Float, source, BitConverter.DoubleToInt64Bits(value));

    public static Value Of(string? value) => value is null ? None : new Value(ValueKind.Text, value, 0);

    public static Value Of(ValueList value) => new(ValueKind.List, value, 0);

    public static Value Of(ValueMap value) => new(ValueKind.Map, value, 0);

    public static Value Of(DateTimeOffset value) => new(ValueKind.Time, new Moment(value, true), 0);

    /// <summary>A time that may have no zone, as Python's naive datetimes.</summary>
    public static Value Of(Moment value) => new(ValueKind.Time, value, 0);

    public static Value Of(DateOnly value) => new(ValueKind.Date, null, value.DayNumber);

    public static Value Of(IsoDuration value) => new(ValueKind.Duration, value, 0);

    public static Value Of(IEnumerable<Value> values) => Of(new ValueList(values));

    public static Value Of(IEnumerable<string> values) => Of(new ValueList(values.Select(Of)));

    public bool IsUndefined => Kind <= ValueKind.Undefined;

    public bool IsNone => Kind == ValueKind.None;

    /// <summary>None, undefined or absent: there is nothing.</summary>
    public bool IsNothing => Kind <= ValueKind.None;

    public bool IsText => Kind == ValueKind.Text;

    public bool IsNumber => Kind is ValueKind.Integer or ValueKind.Float or ValueKind.Boolean;

    public bool IsSmallInteger => Kind is ValueKind.Integer && _reference is null;

    public bool Boolean => _bits != 0;

    public long Long => _bits;

    public string Text => (string)_reference!;

    public ValueList List => (ValueList)_reference!;

    public ValueMap Map => (ValueMap)_reference!;

    public Moment Time => (Moment)_reference!;

    public DateOnly Date => DateOnly.FromDayNumber((int)_bits);

    public IsoDuration Duration => (IsoDuration)_reference!;

    /// <summary>The text that a float was read from, if it was read.</summary>
    public string? FloatSource => _reference as string;

    public BigInteger Integer => _reference is BigInteger big ? big : _bits;

    public double Double => Kind switch
    {
        ValueKind.Float => BitConverter.Int64BitsToDouble(_bits),
        _ when _reference is BigInteger big => (double)big,
        _ => _bits,
    };

    /// <summary>Python's truth: nothing, zero and what is empty are false.</summary>
    public bool IsTrue => Kind switch
    {
        ValueKind.Absent or ValueKind.Undefined or ValueKind.None => false,
        ValueKind.Boolean => _bits != 0,
        ValueKind.Integer => _reference is not null || _bits != 0,
        ValueKind.Float => Double != 0,
        ValueKind.Text => Text.Length > 0,
        ValueKind.List => List.Count > 0,
        ValueKind.Map => Map.Count > 0,
        ValueKind.Duration => !Duration.IsZero,
        _ => true,
    };

    /// <summary>For people and messages: Python's name of the type.</summary>
    public string TypeName => Kind switch
    {
        ValueKind.Boolean => "bool",
        ValueKind.Integer => "int",
        ValueKind.Float => "float",
        ValueKind.Text => "str",
        ValueKind.List => "list",
        ValueKind.Map => "dict",
        ValueKind.Time => "datetime",
        ValueKind.Date => "date",
        ValueKind.Duration => "timedelta",
        ValueKind.None => "None",
        _ => "undefined",
    };

    public override string ToString() => PythonText.Str(this);
}

/// <summary>A point in time; without a zone it is read as UTC but printed without one.</summary>
internal sealed record Moment(DateTimeOffset At, bool HasZone);
