using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ListBackup.Connectors.Expressions;

/// <summary>JSON ↔ values.</summary>
internal static class ValueJson
{
    /// <summary>Deeper than any platform nests, and shallow enough for every recursion of ours.</summary>
    public const int DepthMax = 128;

    /// <summary>No more digits of an integer than anybody means; a longer number stays text inside a float.</summary>
    private const int IntegerDigitsMax = 400;

    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = DepthMax };

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        // The output goes to APIs and vaults, never into HTML; escapes beyond JSON's own would only change what people wrote.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = DepthMax + 8,
        SkipValidation = true,
    };

    /// <summary>A value over these bytes, which must stay as they are. The JSON must be known to be valid.</summary>
    public static Value Parse(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        reader.Read();

        return ReadMember(ref reader, json, out _);
    }

    /// <summary>A value over bytes that may be anything. One pass proves them to be JSON and finds what stands at the top.</summary>
    /// <exception cref="JsonException">They are no JSON.</exception>
    public static Value ParseWhole(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        reader.Read();
        var value = reader.TokenType == JsonTokenType.StartObject ? Value.Of(ValueMap.Read(ref reader, json)) : ReadMember(ref reader, json, out _);

        return reader.Read() ? throw new JsonException() : value;
    }

    public static Value Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    public static Value FromElement(JsonElement element) => Parse(Encoding.UTF8.GetBytes(element.GetRawText()));

    /// <summary>The same value over bytes of its own, so that it may outlive the page it came from.</summary>
    public static Value Detached(Value value) => value.Kind is ValueKind.List or ValueKind.Map ? Parse(ToBytes(value)) : value;

    /// <summary>The value that the reader stands on. Objects and arrays are skipped and parsed later.</summary>
    public static Value ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, out ReadOnlyMemory<byte> raw)
    {
        var start = (int)reader.TokenStartIndex;
        var kind = reader.TokenType;
        if (kind is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            reader.Skip();
            raw = json[start..(int)reader.BytesConsumed];

            return kind == JsonTokenType.StartObject ? Value.Of(ValueMap.FromJson(raw)) : Value.Of(ValueList.FromJson(raw));
        }

        raw = json[start..(int)reader.BytesConsumed];

        return kind switch
        {
            JsonTokenType.String => Value.Of(Text(ref reader)),
            JsonTokenType.Number => Number(reader.ValueSpan),
            JsonTokenType.True => Value.True,
            JsonTokenType.False => Value.False,
            _ => Value.None,
        };
    }

    /// <summary>The text that the reader stands on. A lone surrogate, which JSON allows and .NET does not, becomes the replacement character.</summary>
    public static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Replaced(reader.ValueSpan);
        }
    }

    public static Value Number(ReadOnlySpan<byte> digits)
    {
        if (digits.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0)
        {
            if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small))
                return Value.Of(small);
            if (digits.Length <= IntegerDigitsMax)
                return Value.Of(BigInteger.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture));
        }

        var text = Encoding.ASCII.GetString(digits);

        return Value.Of(double.Parse(text, CultureInfo.InvariantCulture), text);
    }

    public static byte[] ToBytes(Value value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(value, buffer);

        return buffer.WrittenSpan.ToArray();
    }

    public static string ToText(Value value) => Encoding.UTF8.GetString(ToBytes(value));

    public static void Write(Value value, IBufferWriter<byte> output)
    {
        using var writer = NewWriter(output);
        Write(value, writer);
    }

    /// <summary>A writer for many values, one after the other.</summary>
    public static Utf8JsonWriter NewWriter(IBufferWriter<byte> output) => new(output, WriterOptions);

    /// <summary>Writes to the end, and leaves the writer ready for the next value.</summary>
    public static void Write(Value value, Utf8JsonWriter writer)
    {
        Write(value, writer, 0);
        writer.Flush();
        writer.Reset();
    }

    private static void Write(Value value, Utf8JsonWriter writer, int depth)
    {
        if (depth > DepthMax)
            throw new ExpressionException("A value is nested too deep to be written.");

        switch (value.Kind)
        {
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.Boolean);
                break;
            case ValueKind.Integer when value.IsSmallInteger:
                writer.WriteNumberValue(value.Long);
                break;
            case ValueKind.Integer:
                writer.WriteRawValue(value.Integer.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case ValueKind.Float:
                WriteFloat(value, writer);
                break;
            case ValueKind.List when !value.List.UntouchedJson.IsEmpty:
                writer.WriteRawValue(value.List.UntouchedJson.Span, skipInputValidation: true);
                break;
            case ValueKind.List:
                writer.WriteStartArray();
                foreach (var item in value.List)
                    Write(item, writer, depth + 1);
                writer.WriteEndArray();
                break;
            case ValueKind.Map when !value.Map.UntouchedJson.IsEmpty:
                writer.WriteRawValue(value.Map.UntouchedJson.Span, skipInputValidation: true);
                break;
            case ValueKind.Map:
                WriteMap(value.Map, writer, depth);
                break;
            case ValueKind.Text or ValueKind.Time or ValueKind.Date or ValueKind.Duration:
                writer.WriteStringValue(PythonText.Str(value));
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static void WriteMap(ValueMap map, Utf8JsonWriter writer, int depth)
    {
        writer.WriteStartObject();
        foreach (var member in map.WrittenMembers)
        {
            writer.WritePropertyName(member.Key);

            // Objects and lists know themselves whether they were touched; only scalars may be copied without asking.
            if (!member.Json.IsEmpty && member.Held.Kind is not (ValueKind.List or ValueKind.Map))
                writer.WriteRawValue(member.Json.Span, skipInputValidation: true);
            else
                Write(member.Value, writer, depth + 1);
        }

        writer.WriteEndObject();
    }

    private static void WriteFloat(Value value, Utf8JsonWriter writer)
    {
        if (value.FloatSource is { } source && IsJsonNumber(source))
            writer.WriteRawValue(source, skipInputValidation: true);
        else if (double.IsFinite(value.Double))
            writer.WriteRawValue(PythonText.Float(value.Double), skipInputValidation: true);
        else
            writer.WriteNullValue();
    }

    private static bool IsJsonNumber(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read() && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Replaced(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        var source = Encoding.UTF8.GetString(escaped);
        for (var at = 0; at < source.Length; at++)
        {
            if (source[at] != '\\')
            {
                text.Append(source[at]);
                continue;
            }

            at++;
            if (source[at] == 'u')
            {
                text.Append((char)ushort.Parse(source.AsSpan(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                at += 4;
            }
            else
            {
                text.Append(source[at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var other => other });
            }
        }

        // Encoding and decoding replaces what is no valid surrogate pair.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
