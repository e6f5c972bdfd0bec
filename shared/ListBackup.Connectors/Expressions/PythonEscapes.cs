using System.Globalization;
using System.Text;

namespace ListBackup.Connectors.Expressions;

/// <summary>Backslash sequences inside a quoted text.</summary>
internal static class PythonEscapes
{
    /// <summary>Appends what the sequence at <paramref name="at"/> stands for and tells how long it is.</summary>
    public static int Read(string text, int at, StringBuilder output)
    {
        switch (text[at + 1])
        {
            case 'n':
                output.Append('\n');
                return 2;
            case 't':
                output.Append('\t');
                return 2;
            case 'r':
                output.Append('\r');
                return 2;
            case 'a':
                output.Append('\a');
                return 2;
            case 'b':
                output.Append('\b');
                return 2;
            case 'f':
                output.Append('\f');
                return 2;
            case 'v':
                output.Append('\v');
                return 2;
            case '\\' or '\'' or '"':
                output.Append(text[at + 1]);
                return 2;
            case '\n':
                return 2;
            case 'x' when Hex(text, at + 2, 2) is { } code:
                output.Append((char)code);
                return 4;
            case 'u' when Hex(text, at + 2, 4) is { } code:
                output.Append((char)code);
                return 6;
            case 'U' when Hex(text, at + 2, 8) is { } code and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF):
                output.Append(char.ConvertFromUtf32(code));
                return 10;
            case >= '0' and <= '7':
                return Octal(text, at, output);
            default:
                // An unknown sequence stays as it is: '\$' in a regular expression.
                output.Append('\\').Append(text[at + 1]);
                return 2;
        }
    }

    private static int Octal(string text, int at, StringBuilder output)
    {
        var length = 0;
        var code = 0;
        while (length < 3 && at + 1 + length < text.Length && text[at + 1 + length] is >= '0' and <= '7')
            code = (code * 8) + (text[at + 1 + length++] - '0');
        output.Append((char)code);

        return 1 + length;
    }

    private static int? Hex(string text, int at, int length) =>
        at + length <= text.Length && int.TryParse(text.AsSpan(at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? code
            : null;
}
