using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Decoding;

/// <summary>
/// Rows of separated values under a row of names. Every value is a text, and what a short row lacks is null. What a row has beyond the names, and a second
/// column of one name, are kept under names of their own; a row with bytes that are no text cannot be a record and is counted.
/// </summary>
internal sealed class CsvDecoder(Encoding encoding, char delimiter, Func<string, bool> isNothing) : BodyDecoder
{
    /// <summary>Where values stand that no column is named for.</summary>
    private const string BeyondNames = "_extra";

    /// <summary>Rows are gathered to pieces that are worth a call.</summary>
    private const int PieceBytes = 64 * 1024;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static new CsvDecoder Parse(ComponentReader reader)
    {
        var nothings = reader.Texts("set_values_to_none").ToHashSet(StringComparer.Ordinal);

        return reader.Done(new CsvDecoder(EncodingOf(reader), DelimiterOf(reader), nothings.Contains));
    }

    public static Encoding EncodingOf(ComponentReader reader) =>
        TextEncodings.Find(reader.TextOrNull("encoding") ?? "utf-8") ?? throw reader.Problem("encoding", "The encoding is not known.");

    public override Stream Open(Stream body, int bytesMax)
    {
        var rows = new CsvReader(TextEncodings.Reader(body, encoding), delimiter, bytesMax);
        var row = new List<string>();
        JsonEncodedText[]? names = null;
        var isFirst = true;

        return new ProducedStream(body, output =>
        {
            if (names is null)
            {
                output.Write("["u8);
                names = rows.Next(row) ? Names(row) : [];
            }

            using var writer = new Utf8JsonWriter(output, WriterOptions);
            while (rows.Next(row))
            {
                if (!isFirst)
                    output.Write(","u8);
                isFirst = false;
                Write(writer, names, row);
                writer.Flush();
                if (writer.BytesCommitted >= PieceBytes)
                    return true;
                writer.Reset();
            }

            output.Write("]"u8);

            return false;
        });
    }

    private void Write(Utf8JsonWriter writer, JsonEncodedText[] names, List<string> row)
    {
        if (row.Exists(IsDamaged))
        {
            // No object, so the reading counts it as a row that cannot be a record.
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        for (var at = 0; at < names.Length; at++)
        {
            if (at >= row.Count || isNothing(row[at]))
                writer.WriteNull(names[at]);
            else
                writer.WriteString(names[at], row[at]);
        }

        if (row.Count > names.Length)
        {
            writer.WriteStartArray(BeyondNames);
            foreach (var value in row.Skip(names.Length))
                writer.WriteStringValue(value);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static JsonEncodedText[] Names(List<string> row)
    {
        if (row.Exists(IsDamaged))
            throw new NotReadableException("the names of its columns are not in the encoding that the manifest names");

        var taken = new HashSet<string>(StringComparer.Ordinal);

        return [.. row.Select(name =>
        {
            var own = name;
            for (var copy = 1; !taken.Add(own); copy++)
                own = $"{name}.{copy}";

            return JsonEncodedText.Encode(own, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        })];
    }

    private static bool IsDamaged(string value) => value.Contains(TextEncodings.Damage);

    private static char DelimiterOf(ComponentReader reader)
    {
        var text = reader.TextOrNull("delimiter") ?? "";
        if (text is ['\\', _, ..])
        {
            var plain = new StringBuilder();
            text = PythonEscapes.Read(text, 0, plain) == text.Length ? plain.ToString() : text;
        }

        return text switch { "" => ',', [var one] and not ['"' or '\n' or '\r'] => one, _ => throw reader.Problem("delimiter", "One character is wanted.") };
    }
}
