using System.Buffers;
using System.Globalization;
using System.Text;

namespace ListBackup.Vault.Format;

/// <summary>Escapes in JSON strings. The input is the inside of a string that a JSON reader has accepted.</summary>
internal static class JsonEscapes
{
    /// <summary>
    /// The text that is meant, in UTF-8; a lone surrogate as its own three bytes (which are no valid UTF-8, and so never mix with text).
    /// Returns the length, which never exceeds that of the input.
    /// </summary>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        var written = 0;
        while (!raw.IsEmpty)
        {
            written += CopyPlain(ref raw, destination[written..]);
            if (raw.IsEmpty) break;
            written += WriteScalar(ReadScalar(ref raw), destination[written..]);
        }

        return written;
    }

    /// <summary>The string with RFC 8785's escapes and no others; a lone surrogate as <c>\udxxx</c> in lower case. Returns the length, which never exceeds that of the input.</summary>
    public static int Normalize(ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        var written = 0;
        while (!raw.IsEmpty)
        {
            written += CopyPlain(ref raw, destination[written..]);
            if (raw.IsEmpty) break;
            var scalar = ReadScalar(ref raw);
            written += MustEscape(scalar) ? WriteEscape(scalar, destination[written..]) : WriteScalar(scalar, destination[written..]);
        }

        return written;
    }

    /// <summary>The longest escape of one byte.</summary>
    public const int EscapedBytesMax = 6;

    private static readonly SearchValues<byte> s_mustEscape =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    /// <summary>UTF-8 text as the inside of a JSON string with RFC 8785's escapes. Returns the length.</summary>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var written = 0;
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(s_mustEscape);
            if (plain < 0) plain = text.Length;
            text[..plain].CopyTo(destination[written..]);
            written += plain;
            text = text[plain..];
            if (text.IsEmpty) break;
            written += WriteEscape(text[0], destination[written..]);
            text = text[1..];
        }

        return written;
    }

    private static int CopyPlain(ref ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        var length = raw.IndexOf((byte)'\\');
        if (length < 0) length = raw.Length;
        raw[..length].CopyTo(destination);
        raw = raw[length..];
        return length;
    }

    /// <summary>Reads one escape; a pair of surrogates is one scalar.</summary>
    private static int ReadScalar(ref ReadOnlySpan<byte> raw)
    {
        var letter = raw[1];
        if (letter != 'u')
        {
            raw = raw[2..];
            return letter switch
            {
                (byte)'b' => '\b', (byte)'f' => '\f', (byte)'n' => '\n', (byte)'r' => '\r', (byte)'t' => '\t', _ => letter,
            };
        }

        var unit = ReadUnit(raw);
        raw = raw[6..];
        if (!char.IsHighSurrogate((char)unit) || raw is not [(byte)'\\', (byte)'u', ..]) return unit;
        var next = ReadUnit(raw);
        if (!char.IsLowSurrogate((char)next)) return unit;
        raw = raw[6..];
        return char.ConvertToUtf32((char)unit, (char)next);
    }

    private static int ReadUnit(ReadOnlySpan<byte> escape) => int.Parse(escape[2..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static bool MustEscape(int scalar) => scalar is < 0x20 or '"' or '\\' or (>= 0xD800 and <= 0xDFFF);

    private static int WriteEscape(int scalar, Span<byte> destination)
    {
        destination[0] = (byte)'\\';
        var letter = scalar switch { '\b' => 'b', '\f' => 'f', '\n' => 'n', '\r' => 'r', '\t' => 't', '"' => '"', '\\' => '\\', _ => 'u' };
        destination[1] = (byte)letter;
        if (letter != 'u') return 2;
        scalar.TryFormat(destination[2..], out _, "x4", CultureInfo.InvariantCulture);
        return 6;
    }

    private static int WriteScalar(int scalar, Span<byte> destination)
    {
        if (Rune.TryCreate(scalar, out var rune)) return rune.EncodeToUtf8(destination);
        destination[0] = (byte)(0xE0 | (scalar >> 12));
        destination[1] = (byte)(0x80 | ((scalar >> 6) & 0x3F));
        destination[2] = (byte)(0x80 | (scalar & 0x3F));
        return 3;
    }
}
