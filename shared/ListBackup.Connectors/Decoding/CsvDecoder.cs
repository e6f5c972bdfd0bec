using System.Buffers;
using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>Rows of separated values under a row of names (RFC 4180). Every value is a text.</summary>
internal sealed class CsvDecoder(Encoding encoding, char delimiter, IReadOnlySet<string> nones) : BodyDecoder
{
    public static new CsvDecoder Parse(ComponentReader reader)
    {
        var delimiter = reader.TextOrNull("delimiter") switch { null or "" => ',', "\\t" => '\t', [var one] => one, _ => throw reader.Problem("delimiter", "One character is wanted.") };
        try
        {
            return reader.Done(new CsvDecoder(Encoding.GetEncoding(reader.TextOrNull("encoding") ?? "utf-8"), delimiter, reader.Texts("set_values_to_none").ToHashSet(StringComparer.Ordinal)));
        }
        catch (ArgumentException)
        {
            throw reader.Problem("encoding", "The encoding is not known.");
        }
    }

    public override Stream Open(Stream body, int bytesMax)
    {
        // Rows are gathered to pieces that are worth a call.
        const int PieceBytes = 64 * 1024;
        var rows = Rows(new StreamReader(body, encoding)).GetEnumerator();
        List<string>? names = null;
        var isFirst = true;

        return new ProducedStream(body, output =>
        {
            if (names is null)
            {
                output.Write("["u8);
                names = rows.MoveNext() ? rows.Current : [];
            }

            using var writer = new Utf8JsonWriter(output);
            while (rows.MoveNext())
            {
                if (!isFirst)
                    output.Write(","u8);
                isFirst = false;
                WriteRow(writer, names, rows.Current);
                if (writer.BytesCommitted >= PieceBytes)
                    return true;
                writer.Reset();
            }

            output.Write("]"u8);

            return false;
        });
    }

    private void WriteRow(Utf8JsonWriter writer, List<string> names, List<string> row)
    {
        writer.WriteStartObject();
        for (var at = 0; at < names.Count; at++)
        {
            if (at >= row.Count || nones.Contains(row[at]))
                writer.WriteNull(names[at]);
            else
                writer.WriteString(names[at], row[at]);
        }

        writer.WriteEndObject();
        writer.Flush();
    }

    private IEnumerable<List<string>> Rows(StreamReader reader)
    {
        var row = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        var any = false;
        for (int next; (next = reader.Read()) >= 0;)
        {
            var character = (char)next;
            any = true;
            if (quoted)
            {
                if (character != '"')
                    field.Append(character);
                else if (reader.Peek() == '"')
                    field.Append((char)reader.Read());
                else
                    quoted = false;
            }
            else if (character == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (character == delimiter)
            {
                row.Add(field.ToString());
                field.Clear();
            }
            else if (character is '\n' or '\r')
            {
                if (character == '\r' && reader.Peek() == '\n')
                    _ = reader.Read();
                row.Add(field.ToString());
                field.Clear();
                if (row.Count > 1 || row[0].Length > 0)
                    yield return row;
                row = [];
                any = false;
            }
            else
            {
                field.Append(character);
            }
        }

        if (quoted)
            throw new NotReadableException("a quoted field of the table is not closed");
        if (any)
        {
            row.Add(field.ToString());
            yield return row;
        }
    }
}
