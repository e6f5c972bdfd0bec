using System.Text;
using System.Text.Json;

namespace ListBackup.Vault.Format;

/// <summary>
/// A record version as one line: <c>{"k":"7","o":"put","v":{…}}</c> and a line feed (vault-format.md, "Lines"). <c>n</c>, the seq, stands
/// before <c>o</c> where it is not the section's own. <c>v</c> is last and verbatim; a record that contains line feeds is there as a JSON
/// string of its text.
/// </summary>
internal readonly record struct RecordLine(string Key, long? Seq, RecordOperation Operation, ReadOnlyMemory<byte>? Json, Hash128? RedactedHash = null)
{
    /// <summary>The line as it was read, without its line feed.</summary>
    private ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Where in <see cref="Raw"/> the seq stands or would stand, and what is behind it.</summary>
    private (int Start, int End) SeqPlace { get; init; }

    /// <summary>Writes the line that was read, byte for byte but for its seq: the given one, or none where that is the section's own.</summary>
    public void WriteAgain(BlockBuffer output, long? seq)
    {
        output.Append(Raw.Span[..SeqPlace.Start]);
        if (seq is not null)
        {
            output.Append(",\"n\":"u8);
            output.AppendNumber(seq.Value);
        }

        output.Append(Raw.Span[SeqPlace.End..]);
        output.Append("\n"u8);
    }

    public static void Write(BlockBuffer output, ReadOnlySpan<byte> key, long? seq, RecordOperation operation, ReadOnlySpan<byte> json)
    {
        output.Append("{\"k\":"u8);
        output.AppendString(key);
        if (seq is not null)
        {
            output.Append(",\"n\":"u8);
            output.AppendNumber(seq.Value);
        }

        output.Append(OperationMember(operation));
        if (operation == RecordOperation.Put)
        {
            output.Append(",\"v\":"u8);
            if (json.Contains((byte)'\n')) output.AppendString(json);
            else output.Append(json);
        }

        output.Append("}\n"u8);
    }

    /// <summary>Reads one line, without its line feed.</summary>
    /// <exception cref="JsonException">It is not such a line.</exception>
    public static RecordLine Read(ReadOnlyMemory<byte> line)
    {
        var reader = new Utf8JsonReader(line.Span, new JsonReaderOptions { MaxDepth = RecordLimits.DepthMax + 8 });
        string? key = null;
        long? seq = null;
        RecordOperation? operation = null;
        Hash128? redacted = null;
        var seqPlace = (Start: 0, End: 0);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("v"u8))
            {
                Expect(key is not null && operation == RecordOperation.Put);
                return new RecordLine(key!, seq, RecordOperation.Put, ReadJson(line, ref reader)) { Raw = line, SeqPlace = seqPlace };
            }

            if (reader.ValueTextEquals("n"u8))
            {
                seqPlace.Start = (int)reader.TokenStartIndex - 1;
                seq = ReadNumber(ref reader);
                seqPlace.End = (int)reader.BytesConsumed;
            }
            else if (reader.ValueTextEquals("o"u8))
            {
                // The place of the seq is before the operation, with the comma.
                if (seq is null) seqPlace = ((int)reader.TokenStartIndex - 1, (int)reader.TokenStartIndex - 1);
                operation = ReadOperation(ref reader);
            }
            else if (reader.ValueTextEquals("k"u8)) key = ReadText(ref reader);
            else if (reader.ValueTextEquals("h"u8)) redacted = Hash128.Read(Convert.FromHexString(ReadText(ref reader)));
            else throw new JsonException("A line has an unknown member.");
        }

        Expect(reader.TokenType == JsonTokenType.EndObject && key is not null && operation is not null and not RecordOperation.Put);
        Expect(redacted is not null == (operation == RecordOperation.Redacted));
        return new RecordLine(key!, seq, operation!.Value, Json: null, redacted) { Raw = line, SeqPlace = seqPlace };
    }

    private static ReadOnlySpan<byte> OperationMember(RecordOperation operation) => operation switch
    {
        RecordOperation.Put => ",\"o\":\"put\""u8,
        RecordOperation.Delete => ",\"o\":\"del\""u8,
        RecordOperation.Gone => ",\"o\":\"gone\""u8,
        _ => throw new System.Diagnostics.UnreachableException("Redacted lines are written by erasure."),
    };

    private static RecordOperation ReadOperation(ref Utf8JsonReader reader) => ReadText(ref reader) switch
    {
        "put" => RecordOperation.Put,
        "del" => RecordOperation.Delete,
        "gone" => RecordOperation.Gone,
        "redacted" => RecordOperation.Redacted,
        _ => throw new JsonException("A line has an unknown operation."),
    };

    private static ReadOnlyMemory<byte> ReadJson(ReadOnlyMemory<byte> line, ref Utf8JsonReader reader)
    {
        // Verbatim: the record's own JSON reader checks it, this one need not walk it.
        var start = (int)reader.BytesConsumed;
        while (start < line.Length && line.Span[start] is (byte)':' or (byte)' ') start++;
        Expect(start < line.Length - 1 && line.Span[^1] == '}');
        if (line.Span[start] != '"') return line[start..^1];
        reader.Read();
        return Encoding.UTF8.GetBytes(reader.GetString()!);
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.String);
        return reader.GetString()!;
    }

    private static long ReadNumber(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.Number);
        return reader.GetInt64();
    }

    private static void Expect(bool condition)
    {
        if (!condition) throw new JsonException("A line is malformed.");
    }
}
