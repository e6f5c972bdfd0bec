using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ListBackup.Sources;

/// <summary>The parts of a SpreadsheetML worksheet (ECMA-376, part 1) that an export needs. Text is always an inline string, so no cell is ever a formula.</summary>
internal static class SheetXml
{
    /// <summary>UTF-16 units in a cell.</summary>
    public const int CellLengthMax = 32_767;

    public const int RowsMax = 1_048_576;

    public const int ColumnsMax = 16_384;

    public const string Start =
        """
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>
        """;

    public const string End = "</sheetData></worksheet>";

    /// <summary>Of a cell style that keeps text text when somebody edits it, by its place in <see cref="Styles"/>.</summary>
    private const string QuotedStyle = " s=\"1\"";

    public const string Styles =
        """
        <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
        <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs></styleSheet>
        """;

    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;!?@#$%*()[]{}+=/\\|-~^`'\"");

    /// <summary>A, B, … Z, AA, …</summary>
    public static string ColumnName(int index)
    {
        var name = "";
        for (var rest = index + 1; rest > 0; rest = (rest - 1) / 26) name = (char)('A' + (rest - 1) % 26) + name;
        return name;
    }

    /// <summary>Writes a number as a number where a spreadsheet keeps all of it, everything else as text. False: the text was longer than a cell; its start was written.</summary>
    public static bool Value(IBufferWriter<byte> output, string place, RawValue value)
    {
        if (value.Kind == JsonTokenType.Number && NumberText.FitsSpreadsheet(value.Raw.Span))
        {
            Ascii(output, $"<c r=\"{place}\"><v>");
            output.Write(value.Raw.Span);
            Ascii(output, "</v></c>");
            return true;
        }
        if (value.Kind is JsonTokenType.True or JsonTokenType.False)
        {
            Ascii(output, $"<c r=\"{place}\" t=\"b\"><v>{(value.Kind == JsonTokenType.True ? 1 : 0)}</v></c>");
            return true;
        }
        return Text(output, place, value.IsString ? value.Characters() : value.Text(out _));
    }

    /// <summary>False: the text was longer than a cell; its start was written.</summary>
    public static bool Text(IBufferWriter<byte> output, string place, string text)
    {
        var shown = ColumnNames.Cut(text, CellLengthMax);
        Ascii(output, $"<c r=\"{place}\" t=\"inlineStr\"{(shown is ['=' or '+' or '-' or '@', ..] ? QuotedStyle : "")}><is><t xml:space=\"preserve\">");
        Encoding.UTF8.GetBytes(Escaped(shown), output);
        Ascii(output, "</t></is></c>");
        return shown.Length == text.Length;
    }

    /// <summary>
    /// XML has no way to write most control characters, nor half of a surrogate pair. SpreadsheetML has its own: <c>_x0001_</c>; text that looks so by itself
    /// gets its underscore written that way (ECMA-376, part 1, 22.9.2.19).
    /// </summary>
    public static string Escaped(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain)) return text;
        var escaped = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '&') escaped.Append("&amp;");
            else if (c == '<') escaped.Append("&lt;");
            else if (c == '>') escaped.Append("&gt;");
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) escaped.Append(c).Append(text[++i]);
            else if ((c < ' ' && c is not ('\t' or '\n')) || char.IsSurrogate(c) || c >= '\uFFFE' || (c == '_' && LooksEscaped(text, i)))
                escaped.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X4}_");
            else escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static bool LooksEscaped(string text, int at) =>
        text.Length >= at + 7 && text[at + 1] is 'x' or 'X' && text[at + 6] == '_' && text.AsSpan(at + 2, 4).ContainsAnyExcept(HexDigits) is false;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static void Ascii(IBufferWriter<byte> output, string text) => Encoding.ASCII.GetBytes(text, output);
}
