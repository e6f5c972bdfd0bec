using System.Text;
using System.Text.Json;

namespace ListBackup.Sources;

/// <summary>
/// Counts in how many records each top-level field has a value, while they are read. A page that is read again after an interruption may be counted again: the shares
/// stay what they are.
/// </summary>
public sealed class FieldTally
{
    /// <summary>More fields are not counted. Platforms that use ids as names would fill any list.</summary>
    public const int FieldsMax = 100;

    /// <summary>Of one record, no more members are looked at.</summary>
    private const int MembersMax = 1_000;
    private const int NameBytesMax = 80;

    private readonly List<(byte[] Name, long Count)> _fields = [];
    private long _records;
    private bool _isTruncated;

    public FieldTally(FieldFill? before)
    {
        if (before is null) return;
        (_records, _isTruncated) = (before.Records, before.IsTruncated);
        foreach (var (name, count) in before.Counts) _fields.Add((Encoding.UTF8.GetBytes(name), count));
    }

    /// <summary>What is not a JSON object is left out; the vault refuses it with its reason.</summary>
    public void Add(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record, new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
            _records++;
            // Records of a stream mostly have their members in one order: the next is looked for where it was the last time.
            var next = 0;
            for (var member = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; member++)
            {
                if (member == MembersMax)
                {
                    _isTruncated = true;
                    return;
                }
                var place = reader.ValueIsEscaped ? PlaceOf(Encoding.UTF8.GetBytes(reader.GetString() ?? ""), ref next) : PlaceOf(reader.ValueSpan, ref next);
                reader.Read();
                if (HasValue(ref reader) && place >= 0) _fields[place] = _fields[place] with { Count = _fields[place].Count + 1 };
                reader.Skip();
            }
        }
        catch (Exception notJson) when (notJson is JsonException or InvalidOperationException)
        {
            // Counted as a record without the members behind the place where it breaks off. A lone surrogate in a name is such a place as well.
        }
    }

    public FieldFill ToFill() => new(_records, _fields.ToDictionary(f => Encoding.UTF8.GetString(f.Name), f => f.Count, StringComparer.Ordinal), _isTruncated);

    private int PlaceOf(ReadOnlySpan<byte> name, ref int next)
    {
        if (next < _fields.Count && name.SequenceEqual(_fields[next].Name)) return next++;
        for (var i = 0; i < _fields.Count; i++)
        {
            if (!name.SequenceEqual(_fields[i].Name)) continue;
            next = i + 1;
            return i;
        }
        if (_fields.Count == FieldsMax || name.Length > NameBytesMax)
        {
            _isTruncated = true;
            return -1;
        }
        _fields.Add((name.ToArray(), 0));
        next = _fields.Count;
        return _fields.Count - 1;
    }

    /// <summary>Looks at most one token ahead; an array or object is left open for the caller to skip.</summary>
    private static bool HasValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return false;
            case JsonTokenType.String:
                return reader.ValueSpan.Length > 0;
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var ahead = reader;
                return ahead.Read() && ahead.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject);
            default:
                return true;
        }
    }
}
