using System.Globalization;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>JSON as Python's <c>json.dumps</c> prints it: a blank after commas and colons, nothing beyond ASCII.</summary>
internal static class PythonJson
{
    /// <param name="sorted">Keys in order, as Jinja's <c>tojson</c>.</param>
    /// <param name="htmlSafe">Signs of HTML as escapes, as Jinja's <c>tojson</c>.</param>
    public static string Dump(Value value, bool sorted = false, bool htmlSafe = false)
    {
        var text = new StringBuilder();
        Write(value, text, sorted, htmlSafe, 0);

        return text.ToString();
    }

    private static void Write(Value value, StringBuilder text, bool sorted, bool htmlSafe, int depth)
    {
        if (depth > ValueJson.DepthMax || text.Length > PythonText.CharactersMax)
            throw new ExpressionException("A value is too deep or too long to be printed.");

        switch (value.Kind)
        {
            case ValueKind.Text:
                Quote(value.Text, text, htmlSafe);
                break;
            case ValueKind.Boolean:
                text.Append(value.Boolean ? "true" : "false");
                break;
            case ValueKind.None:
                text.Append("null");
                break;
            case ValueKind.Integer:
                text.Append(PythonText.Str(value));
                break;
            case ValueKind.Float:
                text.Append(value.FloatSource ?? PythonText.Float(value.Double));
                break;
            case ValueKind.List:
                text.Append('[');
                for (var at = 0; at < value.List.Count; at++)
                {
                    text.Append(at > 0 ? ", " : "");
                    Write(value.List[at], text, sorted, htmlSafe, depth + 1);
                }

                text.Append(']');
                break;
            case ValueKind.Map:
                var members = sorted ? value.Map.OrderBy(member => member.Key, StringComparer.Ordinal) : value.Map.AsEnumerable();
                text.Append('{');
                var first = true;
                foreach (var (key, member) in members)
                {
                    text.Append(first ? "" : ", ");
                    first = false;
                    Quote(key, text, htmlSafe);
                    text.Append(": ");
                    Write(member, text, sorted, htmlSafe, depth + 1);
                }

                text.Append('}');
                break;
            case <= ValueKind.Undefined:
                throw new TypeMismatchException("undefined is not JSON");
            default:
                Quote(PythonText.Str(value), text, htmlSafe);
                break;
        }
    }

    private static void Quote(string value, StringBuilder text, bool htmlSafe)
    {
        text.Append('"');
        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                '<' or '>' or '&' or '\'' when htmlSafe => Escape(character),
                < ' ' or > '~' => Escape(character),
                _ => character.ToString(),
            });
        }

        text.Append('"');
    }

    private static string Escape(char character) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
}
