using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>
/// Replaces personal values in records by pseudonyms and sensitive ones by null; everything else, numbers included, stays as the platform wrote it. Consent
/// stays: who works with masked records must be able to respect it.
/// </summary>
internal sealed class RecordMask(IStreamClasses classes, Pseudonyms pseudonyms)
{
    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<string> _path = [];

    /// <summary>The key may be an e-mail address, or be made of other personal fields: it always gets a pseudonym.</summary>
    public Record Apply(Record record) => record with { Key = pseudonyms.Text(record.Key), Json = Apply(record.Json), Attachments = [] };

    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = 256 });
            reader.Read();
            _path.Clear();
            Copy(ref reader, writer, json.Span, null);
        }
        return output.WrittenMemory;
    }

    private void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlySpan<byte> json, DataClass? @class)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) CopyMember(ref reader, writer, json, @class);
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                _path.Add("*");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) Copy(ref reader, writer, json, @class);
                _path.RemoveAt(_path.Count - 1);
                writer.WriteEndArray();
                break;
            default:
                WriteValue(new(reader.TokenType, json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed].ToArray()), writer, @class);
                break;
        }
    }

    private void CopyMember(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlySpan<byte> json, DataClass? outer)
    {
        var rawName = json.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
        var name = new RawValue(JsonTokenType.String, rawName.ToArray()).Text(out _);
        _path.Add(name);
        // Where a platform keeps a map by e-mail address, the names are personal, too.
        writer.WritePropertyName(classes.OfText(name) is null ? name : pseudonyms.Email(name));
        reader.Read();
        Copy(ref reader, writer, json, Inner(outer));
        _path.RemoveAt(_path.Count - 1);
    }

    /// <summary>What lies in a sensitive field is sensitive, and in a personal one personal, unless a person decided otherwise or something closer is known.</summary>
    private DataClass? Inner(DataClass? outer)
    {
        var verdict = classes.OfField(_path);
        return outer == DataClass.Sensitive && verdict?.Basis != ClassBasis.Override ? outer : verdict?.Class ?? outer;
    }

    private void WriteValue(RawValue value, Utf8JsonWriter writer, DataClass? @class)
    {
        var text = value.IsString ? value.Text(out _) : null;
        // An address is personal also where a field of consent holds it.
        if (@class is null or DataClass.Consent && text is not null) @class = classes.OfText(text) ?? @class;
        if (@class is null or DataClass.Consent or DataClass.None || value.IsEmpty) writer.WriteRawValue(value.Raw.Span, skipInputValidation: true);
        else if (@class == DataClass.Sensitive || value.Kind is JsonTokenType.True or JsonTokenType.False) writer.WriteNullValue(); // Two values are guessed at once.
        else if (text is null) writer.WriteNumberValue(pseudonyms.Number(Encoding.UTF8.GetString(value.Raw.Span)));
        else if (text.Length == 0) writer.WriteStringValue("");
        else writer.WriteStringValue(ValueChecks.IsEmail(text) ? pseudonyms.Email(text) : pseudonyms.Text(text));
    }
}
