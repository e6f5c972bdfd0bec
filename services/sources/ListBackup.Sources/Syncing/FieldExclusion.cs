using System.Buffers;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Leaves the excluded fields out of a record; everything else, numbers included, stays as the platform wrote it.</summary>
public sealed class FieldExclusion
{
    private readonly Node _root = new();

    private FieldExclusion(IEnumerable<string> pointers)
    {
        foreach (var pointer in pointers)
        {
            var node = _root;
            foreach (var part in JsonPointer.PartsOf(pointer))
                node = node.Children.TryGetValue(part, out var child) ? child : node.Children[part] = new();
            node.IsExcluded = true;
        }
    }

    /// <summary>Null when nothing is excluded.</summary>
    public static FieldExclusion? Of(IReadOnlyList<string>? pointers) => pointers is { Count: > 0 } ? new(pointers) : null;

    public static bool IsPointer(string text) => text.Length is > 1 and <= 200 && text[0] == '/';

    /// <summary>The record without the fields. What is not JSON is returned as it is; the vault refuses it with its reason.</summary>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> record)
    {
        var output = new ArrayBufferWriter<byte>(record.Length);
        try
        {
            var reader = new Utf8JsonReader(record.Span, new JsonReaderOptions { MaxDepth = 256 });
            using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return record;
            CopyObject(ref reader, writer, _root, record.Span);
        }
        catch (JsonException)
        {
            return record;
        }
        return output.WrittenMemory;
    }

    private static void CopyObject(ref Utf8JsonReader reader, Utf8JsonWriter writer, Node node, ReadOnlySpan<byte> record)
    {
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!; // A property name is never null.
            reader.Read();
            var child = node.Children.GetValueOrDefault(name);
            if (child?.IsExcluded == true)
            {
                reader.Skip();
                continue;
            }
            writer.WritePropertyName(name);
            if (child is not null && reader.TokenType == JsonTokenType.StartObject)
            {
                CopyObject(ref reader, writer, child, record);
                continue;
            }
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            writer.WriteRawValue(record[start..(int)reader.BytesConsumed], skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);
        public bool IsExcluded { get; set; }
    }
}
