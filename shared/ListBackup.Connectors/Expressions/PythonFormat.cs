using System.Globalization;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Python's two ways to fill a text: <c>"{}".format(x)</c> and <c>"%s" % x</c>.</summary>
internal static class PythonFormat
{
    private const int WidthMax = 1000;

    public static string Braces(string format, Arguments arguments)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            var character = format[at];
            if (character is '{' or '}' && at + 1 < format.Length && format[at + 1] == character)
            {
                text.Append(character);
                at++;
                continue;
            }

            if (character != '{')
            {
                text.Append(character);
                continue;
            }

            var end = format.IndexOf('}', at);
            if (end < 0)
                throw new ExpressionException("A format has an open brace.");
            var field = format[(at + 1)..end];
            at = end;
            var colon = field.IndexOf(':');
            var name = colon < 0 ? field : field[..colon];
            var value = name.Length == 0 ? arguments.Required(next++)
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? arguments.Required(position)
                : arguments.Named(name) ?? throw new ExpressionException("A format names a value that is not given.");
            text.Append(colon < 0 ? PythonText.Str(value) : Spec(value, field[(colon + 1)..]));
        }

        return text.ToString();
    }

    public static string Percent(string format, Value value)
    {
        var arguments = value.Kind == ValueKind.List && value.List.IsTuple ? value.List : new ValueList([value]);
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 >= format.Length)
            {
                text.Append(format[at]);
                continue;
            }

            var start = ++at;
            while (at < format.Length && (char.IsAsciiDigit(format[at]) || format[at] is '.' or '-' or '+'))
                at++;
            if (at >= format.Length)
                throw new ExpressionException("A format ends in the middle.");
            if (format[at] == '%')
            {
                text.Append('%');
                continue;
            }

            if (next >= arguments.Count)
                throw new TypeMismatchException("not enough arguments for format string");
            var argument = arguments[next++];
            text.Append(format[at] switch
            {
                's' => PythonText.Str(argument),
                'r' => PythonText.Repr(argument),
                'd' or 'i' or 'f' or 'x' => Spec(argument, format[start..at] + (format[at] == 'i' ? 'd' : format[at])),
                _ => throw new ExpressionException("A format has an unknown sign."),
            });
        }

        return text.ToString();
    }

    /// <summary>The part of the format language that manifests use: [fill and align][0][width][,][.precision][type].</summary>
    private static string Spec(Value value, string spec)
    {
        var at = 0;
        var fill = ' ';
        var align = '\0';
        if (spec.Length > 1 && spec[1] is '<' or '>' or '^')
        {
            fill = spec[0];
            align = spec[1];
            at = 2;
        }
        else if (spec.Length > 0 && spec[0] is '<' or '>' or '^')
        {
            align = spec[at++];
        }

        if (at < spec.Length && spec[at] == '0' && align == '\0')
        {
            fill = '0';
            align = '=';
            at++;
        }

        var width = Digits(spec, ref at);
        var thousands = at < spec.Length && spec[at] == ',';
        if (thousands)
            at++;
        var precision = -1;
        if (at < spec.Length && spec[at] == '.')
        {
            at++;
            precision = Digits(spec, ref at);
        }

        var type = at < spec.Length ? spec[at++] : '\0';
        if (at != spec.Length || width > WidthMax || precision > WidthMax)
            throw new ExpressionException("A format specification is not understood.");

        var body = type switch
        {
            'd' when value.IsNumber => value.Kind == ValueKind.Float
                ? Math.Truncate(value.Double).ToString("F0", CultureInfo.InvariantCulture)
                : value.Integer.ToString(thousands ? "N0" : "D", CultureInfo.InvariantCulture),
            'f' when value.IsNumber => value.Double.ToString((thousands ? "N" : "F") + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture),
            'x' when value.IsNumber => value.Integer.ToString("x", CultureInfo.InvariantCulture).TrimStart('0') is { Length: > 0 } hex ? hex : "0",
            's' or '\0' => precision >= 0 && PythonText.Str(value) is { } whole && whole.Length > precision ? whole[..precision] : PythonText.Str(value),
            _ => throw new TypeMismatchException("format"),
        };

        return align switch
        {
            '<' => body.PadRight(width, fill),
            '^' => body.PadLeft(body.Length + Math.Max(0, (width - body.Length) / 2), fill).PadRight(width, fill),
            '=' when body.StartsWith('-') => "-" + body[1..].PadLeft(Math.Max(0, width - 1), fill),
            _ => value.IsText && align == '\0' ? body.PadRight(width, fill) : body.PadLeft(width, fill),
        };
    }

    private static int Digits(string spec, ref int at)
    {
        var number = 0;
        while (at < spec.Length && char.IsAsciiDigit(spec[at]) && number <= WidthMax)
            number = (number * 10) + (spec[at++] - '0');

        return number;
    }
}
