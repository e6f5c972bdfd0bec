using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ListBackup.Vault.Format;

namespace ListBackup.Sources;

/// <summary>One value of a record as the platform wrote it; the default value stands for a field that the record lacks.</summary>
/// <param name="Kind">Its first token; <see cref="JsonTokenType.None"/>: absent.</param>
/// <param name="Raw">Its JSON, byte for byte.</param>
internal readonly record struct RawValue(JsonTokenType Kind, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Nothing to show: absent or null.</summary>
    public bool IsEmpty => Kind is JsonTokenType.None or JsonTokenType.Null;

    public bool IsString => Kind == JsonTokenType.String;

    /// <summary>
    /// What a string says, and the JSON of anything else. A lone surrogate, which no text file can hold, becomes U+FFFD; then <paramref name="isExact"/> is
    /// false.
    /// </summary>
    public string Text(out bool isExact)
    {
        isExact = true;
        if (!IsString) return Encoding.UTF8.GetString(Raw.Span);
        var text = Characters();
        var whole = WellFormed(text);
        isExact = ReferenceEquals(whole, text);
        return whole;
    }

    /// <summary>What a string says, with lone surrogates as they are.</summary>
    public string Characters()
    {
        var inside = Raw.Span[1..^1];
        return inside.Contains((byte)'\\') ? Unescaped(inside) : Encoding.UTF8.GetString(inside);
    }

    /// <summary>The characters of a string's inside, lone surrogates included.</summary>
    private static string Unescaped(ReadOnlySpan<byte> inside)
    {
        var text = new StringBuilder(inside.Length);
        for (int plain; !inside.IsEmpty; )
        {
            plain = inside.IndexOf((byte)'\\');
            if (plain < 0) plain = inside.Length;
            text.Append(Encoding.UTF8.GetString(inside[..plain]));
            inside = inside[plain..];
            if (inside.IsEmpty) break;
            var isUnit = inside[1] == 'u';
            text.Append(isUnit ? (char)int.Parse(inside[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : Letter(inside[1]));
            inside = inside[(isUnit ? 6 : 2)..];
        }
        return text.ToString();
    }

    private static char Letter(byte letter) => letter switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)letter, // A reader has accepted the record, so it is one of the three that stand for themselves.
    };

    /// <summary>The same text, or one with U+FFFD for each lone surrogate.</summary>
    public static string WellFormed(string text)
    {
        var first = FirstLone(text);
        if (first < 0) return text;
        var whole = text.ToCharArray();
        for (var i = first; i < whole.Length; i++)
        {
            if (char.IsHighSurrogate(whole[i]) && i + 1 < whole.Length && char.IsLowSurrogate(whole[i + 1])) i++;
            else if (char.IsSurrogate(whole[i])) whole[i] = '\uFFFD';
        }
        return new(whole);
    }

    private static int FirstLone(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else return i;
        }
        return -1;
    }
}

/// <summary>
/// Lays records out in columns, one after the other: a value for each column, and what no column has as JSON. One reader's values are those of the last
/// record that it read.
/// </summary>
internal sealed class RowReader
{
    private readonly Dictionary<byte[], int> _columns = new(ByteArrayComparer.Instance);
    private readonly byte[][] _names;
    private readonly RawValue[] _values;
    private readonly List<(ReadOnlyMemory<byte> Name, RawValue Value)> _rest = [];

    public RowReader(IReadOnlyList<string> fields)
    {
        _names = [.. fields.Select(Encoding.UTF8.GetBytes)];
        _values = new RawValue[fields.Count];
        for (var i = 0; i < _names.Length; i++) _columns[_names[i]] = i;
    }

    /// <summary>In the order of the fields.</summary>
    public ReadOnlySpan<RawValue> Values => _values;

    public void Read(ReadOnlyMemory<byte> json)
    {
        Array.Clear(_values);
        _rest.Clear();
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        // Members tend to come in one order, so the column behind the last is tried first.
        var next = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (start, length) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            var name = json.Slice(start, length);
            reader.Read();
            var (kind, from) = (reader.TokenType, (int)reader.TokenStartIndex);
            reader.Skip();
            var value = new RawValue(kind, json[from..(int)reader.BytesConsumed]);
            if (Find(name.Span, next) is >= 0 and var column)
            {
                _values[column] = value;
                next = column + 1;
            }
            else _rest.Add((name, value));
        }
    }

    /// <summary>Sets a value aside: its column cannot show it exactly, so that it is among <see cref="More"/> too.</summary>
    public void AddToMore(int column) =>
        _rest.Add((JsonEncodedText.Encode(_names[column], JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray(), _values[column]));

    /// <summary>Fields that no column has, or none exactly, as a JSON object: nothing is left out without a trace. Empty when there are none.</summary>
    public string More()
    {
        if (_rest.Count == 0) return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in _rest)
            text.Append(text.Length > 1 ? "," : "").Append('"').Append(Encoding.UTF8.GetString(name.Span)).Append("\":").Append(Encoding.UTF8.GetString(value.Raw.Span));
        return text.Append('}').ToString();
    }

    private int Find(ReadOnlySpan<byte> name, int next)
    {
        if (name.Contains((byte)'\\')) return FindEscaped(name);
        if (next < _names.Length && name.SequenceEqual(_names[next])) return next;
        return _columns.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : -1;
    }

    private int FindEscaped(ReadOnlySpan<byte> name)
    {
        var text = new RawValue(JsonTokenType.String, (byte[])[(byte)'"', .. name, (byte)'"']).Text(out var isExact);
        return isExact && _columns.TryGetValue(Encoding.UTF8.GetBytes(text), out var found) ? found : -1;
    }
}
