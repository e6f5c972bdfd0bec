using System.Buffers;
using System.Text;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Searching;

/// <summary>
/// The terms of records. A term is a folded word, a zero byte and the number of its field; <c>01</c> and a number: that field is there;
/// <c>02</c>, the digits of a telephone number from the last to the first, a zero byte and the number.
/// </summary>
internal sealed class RecordTerms(TermTable table, FieldNumbers fields)
{
    public const byte FieldSeparator = 0;
    public const byte PresenceMark = 1;
    public const byte EndingMark = 2;

    /// <summary>Longer words count by their beginning; the record itself decides.</summary>
    public const int WordBytesMax = 48;

    /// <summary>Single letters and digits are in every record.</summary>
    private const int WordBytesMin = 2;

    /// <summary>A word, the separator and a field's number, or a mark more.</summary>
    public const int TermBytesMax = WordBytesMax + 8;

    private static readonly SearchValues<byte> s_phoneBytes = SearchValues.Create("0123456789 +-()/.\t\r\n\f\v"u8);

    private readonly byte[] _term = new byte[TermBytesMax];
    private uint _place;

    public void Add(ReadOnlySpan<byte> json, uint place)
    {
        _place = place;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RecordLimits.DepthMax + 2 });
        reader.Read();
        AddValue(ref reader, fields.Root);
    }

    private void AddValue(ref Utf8JsonReader reader, FieldNumbers.Node field)
    {
        if (reader.TokenType != JsonTokenType.Null && field != fields.Root) AddPresence(field.Number);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var member = field.Member(reader.ValueSpan, reader.ValueIsEscaped ? SearchText.Of(ref reader) : null);
                    reader.Read();
                    AddValue(ref reader, member);
                }

                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) AddValue(ref reader, field.Element());
                break;
            case JsonTokenType.String when !reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan):
                AddAscii(reader.ValueSpan, field.Number, isText: true);
                break;
            case JsonTokenType.String:
                AddFolded(SearchFolding.Fold(SearchText.Of(ref reader)), field.Number);
                break;
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                AddAscii(reader.ValueSpan, field.Number, isText: false);
                break;
        }
    }

    private void AddAscii(ReadOnlySpan<byte> text, int field, bool isText)
    {
        for (var start = 0; start < text.Length;)
        {
            if (!char.IsAsciiLetterOrDigit((char)text[start]))
            {
                start++;
                continue;
            }

            var end = start;
            while (end < text.Length && char.IsAsciiLetterOrDigit((char)text[end])) end++;
            var length = Math.Min(end - start, WordBytesMax);
            for (var i = 0; i < length; i++) _term[i] = (byte)char.ToLowerInvariant((char)text[start + i]);
            AddWord(length, field);
            start = end;
        }

        if (isText && text.IndexOfAnyExcept(s_phoneBytes) < 0) AddPhone(Encoding.ASCII.GetString(text), field);
    }

    private void AddFolded(string text, int field)
    {
        for (var start = 0; start < text.Length;)
        {
            if (!SearchFolding.IsOfWord(text[start]))
            {
                start++;
                continue;
            }

            var end = SearchFolding.WordEnd(text, start);
            AddWord(WordBytes(text.AsSpan(start, end - start), _term), field);
            start = end;
        }

        AddPhone(text, field);
    }

    /// <summary>Whether a word is a term at all. Two digits, alone or before a Z, are minutes, seconds and small counts: in every record, and nobody looks for them.</summary>
    public static bool IsIndexed(ReadOnlySpan<byte> word) =>
        word.Length >= WordBytesMin && !(word.Length <= 3 && char.IsAsciiDigit((char)word[0]) && char.IsAsciiDigit((char)word[1]) && (word.Length == 2 || word[2] == (byte)'z'));

    /// <summary>A word as terms have it; returns its length.</summary>
    public static int WordBytes(ReadOnlySpan<char> word, Span<byte> destination)
    {
        // A character may take three bytes; halves of pairs become question marks on both sides.
        var bytes = Encoding.UTF8.GetBytes(word[..Math.Min(word.Length, WordBytesMax)].ToString());
        var length = Math.Min(bytes.Length, WordBytesMax);
        bytes.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    private void AddWord(int length, int field)
    {
        if (!IsIndexed(_term.AsSpan(0, length))) return;
        _term[length] = FieldSeparator;
        AddTerm(length + 1, field);
    }

    private void AddPresence(int field)
    {
        _term[0] = PresenceMark;
        AddTerm(1, field);
    }

    private void AddPhone(string text, int field)
    {
        if (SearchFolding.PhoneDigits(SearchFolding.Fold(text)) is not { } digits) return;
        for (var i = 0; i < digits.Length; i++) _term[i] = (byte)digits[i];
        AddWord(digits.Length, field);
        _term[0] = EndingMark;
        for (var i = 0; i < digits.Length; i++) _term[i + 1] = (byte)digits[^(i + 1)];
        _term[digits.Length + 1] = FieldSeparator;
        AddTerm(digits.Length + 2, field);
    }

    private void AddTerm(int length, int field)
    {
        _term[length] = (byte)(field >> 8);
        _term[length + 1] = (byte)field;
        table.Add(_term.AsSpan(0, length + 2), _place);
    }
}
