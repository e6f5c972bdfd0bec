using System.Text;

namespace ListBackup.Connectors.Decoding;

/// <summary>Encodings by the names that manifests use, which are Python's.</summary>
internal static class TextEncodings
{
    /// <summary>Stands for bytes that are no text in their encoding. A code point that Unicode keeps free of characters for ever.</summary>
    public const char Damage = '\uFDD0';

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["utf8"] = "utf-8", ["utf-8-sig"] = "utf-8", ["utf8-sig"] = "utf-8", ["u8"] = "utf-8",
        ["utf16"] = "utf-16", ["utf-16-le"] = "utf-16", ["utf-16le"] = "utf-16", ["utf-16-be"] = "utf-16BE", ["utf-16be"] = "utf-16BE",
        ["utf32"] = "utf-32", ["utf-32-le"] = "utf-32", ["utf-32-be"] = "utf-32BE",
        ["latin-1"] = "iso-8859-1", ["latin1"] = "iso-8859-1", ["l1"] = "iso-8859-1", ["iso8859-1"] = "iso-8859-1", ["8859"] = "iso-8859-1",
        ["ascii"] = "us-ascii", ["shift-jis"] = "shift_jis", ["sjis"] = "shift_jis", ["cp932"] = "shift_jis", ["gbk"] = "gb2312", ["euc-jp"] = "euc-jp",
    };

    // Those beyond Unicode and Latin-1 come with .NET, but only for who asks for them.
    static TextEncodings() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The encoding, which reads bytes that are no text as <see cref="Damage"/>; null when the name is not known.</summary>
    public static Encoding? Find(string name)
    {
        var normal = name.Trim().ToLowerInvariant().Replace('_', '-');
        normal = Names.GetValueOrDefault(normal, normal);
        if (normal.StartsWith("cp125", StringComparison.Ordinal))
            normal = "windows-" + normal[2..];
        else if (normal.StartsWith("iso8859-", StringComparison.Ordinal))
            normal = "iso-" + normal[3..];
        else if (normal.StartsWith("cp", StringComparison.Ordinal))
            normal = "ibm" + normal[2..];
        try
        {
            return Encoding.GetEncoding(normal, EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(Damage.ToString()));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A reader of a text whose first bytes may name its encoding, which they know better than a manifest.</summary>
    public static StreamReader Reader(Stream body, Encoding encoding)
    {
        Span<byte> start = stackalloc byte[3];
        var count = body.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var marked = MarkOf(start[..count], out var markBytes);

        return new StreamReader(new PrefixedStream(start[markBytes..count].ToArray(), body), marked ?? encoding, detectEncodingFromByteOrderMarks: false);
    }

    /// <summary>The same bytes in UTF-8 without a mark.</summary>
    public static Stream ToUtf8(Stream body, Encoding encoding)
    {
        Span<byte> start = stackalloc byte[3];
        var count = body.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var from = MarkOf(start[..count], out var markBytes) ?? encoding;
        var rest = new PrefixedStream(start[markBytes..count].ToArray(), body);

        return from.CodePage == Encoding.UTF8.CodePage ? rest : Encoding.CreateTranscodingStream(rest, from, Encoding.UTF8);
    }

    public static bool IsMarked(ReadOnlySpan<byte> start) => MarkOf(start, out _) is not null;

    private static Encoding? MarkOf(ReadOnlySpan<byte> start, out int bytes)
    {
        (var name, bytes) = start switch
        {
            [0xEF, 0xBB, 0xBF, ..] => ("utf-8", 3),
            [0xFF, 0xFE, ..] => ("utf-16", 2),
            [0xFE, 0xFF, ..] => ("utf-16be", 2),
            _ => (null, 0),
        };

        return name is null ? null : Find(name);
    }
}
