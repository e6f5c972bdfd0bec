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

    public override PageBuffer Decode(PageBuffer body, int bytesMax)
    {
        var output = new PageBuffer((int)Math.Min(bytesMax * 4L, int.MaxValue));
        using var writer = new Utf8JsonWriter(output);
        using var rows = Rows(new StreamReader(new ReadOnlyMemoryStream(body.Memory), encoding)).GetEnumerator();
        writer.WriteStartArray();
        if (rows.MoveNext())
        {
            var names = rows.Current;
            while (rows.MoveNext())
                WriteRow(writer, names, rows.Current);
        }

        writer.WriteEndArray();
        writer.Flush();

        return output;
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

/// <summary>A stream over memory that is not ours.</summary>
internal sealed class ReadOnlyMemoryStream(ReadOnlyMemory<byte> memory) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => memory.Length;

    public override long Position
    {
        get => _at;
        set => _at = (int)value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, memory.Length - _at);
        memory.Span.Slice(_at, count).CopyTo(buffer);
        _at += count;

        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _at + offset,
        _ => memory.Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
