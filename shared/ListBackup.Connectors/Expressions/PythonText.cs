using System.Globalization;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>How Python prints values: <c>str()</c> and <c>repr()</c>.</summary>
internal static class PythonText
{
    /// <summary>No expression of a manifest prints more; a template that multiplies texts ends here.</summary>
    public const int CharactersMax = 16 * 1024 * 1024;

    /// <exception cref="ExpressionException">The text would be longer than <see cref="CharactersMax"/>.</exception>
    public static string Join(string separator, IEnumerable<string> items)
    {
        var joined = new StringBuilder();
        foreach (var item in items)
        {
            if (joined.Length + (long)separator.Length + item.Length > CharactersMax)
                throw new ExpressionException("A text is too long.");
            joined.Append(item).Append(separator);
        }

        return joined.Length == 0 ? "" : joined.ToString(0, joined.Length - separator.Length);
    }

    public static string Str(Value value) => value.Kind switch
    {
        ValueKind.Absent or ValueKind.Undefined => "",
        ValueKind.Text => value.Text,
        ValueKind.Integer when value.IsSmallInteger => value.Long.ToString(CultureInfo.InvariantCulture),
        ValueKind.Time => Times.Print(value.Time),
        ValueKind.Date => value.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ValueKind.Duration => value.Duration.ToString(),
        _ => Repr(value),
    };

    public static string Repr(Value value)
    {
        var text = new StringBuilder();
        Repr(value, text, 0);

        return text.ToString();
    }

    /// <summary>The shortest text that reads back as the same number, in Python's spelling.</summary>
    public static string Float(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        if (value == Math.Truncate(value) && Math.Abs(value) < 1e16)
            return double.IsNegative(value) && value == 0 ? "-0.0" : value.ToString("F1", CultureInfo.InvariantCulture);

        var digits = value.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(digits.AsSpan(digits.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (exponent is < -4 or >= 16)
            return Scientific(shortest, exponent);

        return shortest.Contains('E') ? decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) : shortest;
    }

    private static string Scientific(string shortest, int exponent)
    {
        var mantissa = shortest.AsSpan();
        var negative = mantissa[0] == '-';
        if (negative)
            mantissa = mantissa[1..];
        var end = mantissa.IndexOf('E');
        var digits = (end < 0 ? mantissa : mantissa[..end]).ToString().Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        if (digits.Length == 0)
            digits = "0";
        var body = digits.Length == 1 ? digits : $"{digits[0]}.{digits.AsSpan(1)}";

        return $"{(negative ? "-" : "")}{body}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static void Repr(Value value, StringBuilder text, int depth)
    {
        if (depth > ValueJson.DepthMax || text.Length > CharactersMax)
            throw new ExpressionException("A value is too deep or too long to be printed.");

        switch (value.Kind)
        {
            case ValueKind.Absent or ValueKind.Undefined:
                text.Append("Undefined");
                break;
            case ValueKind.None:
                text.Append("None");
                break;
            case ValueKind.Boolean:
                text.Append(value.Boolean ? "True" : "False");
                break;
            case ValueKind.Integer:
                text.Append(value.Integer.ToString(CultureInfo.InvariantCulture));
                break;
            case ValueKind.Float:
                text.Append(value.FloatSource ?? Float(value.Double));
                break;
            case ValueKind.Text:
                Quote(value.Text, text);
                break;
            case ValueKind.List:
                ReprList(value.List, text, depth);
                break;
            case ValueKind.Map:
                ReprMap(value.Map, text, depth);
                break;
            case ValueKind.Time:
                text.Append(Times.Repr(value.Time));
                break;
            case ValueKind.Date:
                text.Append(CultureInfo.InvariantCulture, $"datetime.date({value.Date.Year}, {value.Date.Month}, {value.Date.Day})");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"datetime.timedelta({value.Duration})");
                break;
        }
    }

    private static void ReprList(ValueList list, StringBuilder text, int depth)
    {
        text.Append(list.IsTuple ? '(' : '[');
        for (var at = 0; at < list.Count; at++)
        {
            if (at > 0)
                text.Append(", ");
            Repr(list[at], text, depth + 1);
        }

        if (list.IsTuple && list.Count == 1)
            text.Append(',');
        text.Append(list.IsTuple ? ')' : ']');
    }

    private static void ReprMap(ValueMap map, StringBuilder text, int depth)
    {
        text.Append('{');
        var first = true;
        foreach (var (key, value) in map)
        {
            if (!first)
                text.Append(", ");
            first = false;
            Quote(key, text);
            text.Append(": ");
            Repr(value, text, depth + 1);
        }

        text.Append('}');
    }

    private static void Quote(string value, StringBuilder text)
    {
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (var character in value)
        {
            switch (character)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case var _ when character == quote:
                    text.Append('\\').Append(quote);
                    break;
                case < ' ' or '\x7f':
                    text.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
                    break;
                default:
                    text.Append(character);
                    break;
            }
        }

        text.Append(quote);
    }
}
