using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ListBackup.Vault.Format;

/// <summary>
/// A record version as one line: <c>{"k":"7","o":"put","v":{…}}</c> and a line feed (vault-format.md, "Lines"). <c>n</c>, the seq, stands
/// before <c>o</c> where it is not the section's own. <c>v</c> is last and verbatim; a record that contains line feeds is there as a JSON
/// string of its text. A line of an erased record has <c>kh</c>, the hash of its key, instead of <c>k</c>.
/// </summary>
/// <param name="Key">The key; of an erased record <c>=</c> and its key hash.</param>
/// <param name="Seq">The seq, where it is not the section's own.</param>
/// <param name="Operation">What happened.</param>
/// <param name="Json">The content of a put.</param>
/// <param name="Redacted">The record hashes of what was redacted.</param>
/// <param name="KeyHash">In a line of an erased record, which has no key any more.</param>
internal readonly record struct RecordLine(
    string Key, long? Seq, RecordOperation Operation, ReadOnlyMemory<byte>? Json, RedactedHashes? Redacted = null, Hash128? KeyHash = null)
{
    /// <summary>What stands for itself in a JSON string; of all others the general reader knows better.</summary>
    private static readonly SearchValues<byte> _plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(value => (byte)value).Where(value => value is not ((byte)'"' or (byte)'\\'))]);

    /// <summary>True when a record with such a last word is live.</summary>
    public bool IsLive => Operation is RecordOperation.Put or RecordOperation.Redacted;

    /// <summary>What stands for the key of an erased record.</summary>
    public static string ErasedKey(Hash128 keyHash) => $"={keyHash}";

    /// <summary>True for a line of this record, erased or not.</summary>
    public bool IsOf(string key, Hash128 keyHash) => KeyHash is { } hash ? hash == keyHash : Key == key;

    /// <summary>A line of an erased record.</summary>
    public static void WriteErased(BlockBuffer output, Hash128 keyHash, long? seq, RecordOperation operation, RedactedHashes? redacted)
    {
        output.Append("{\"kh\":\""u8);
        output.Append(Encoding.ASCII.GetBytes(keyHash.ToString()));
        output.Append("\""u8);
        WriteSeq(output, seq);
        output.Append(OperationMember(operation));
        if (redacted is not null) WriteHashes(output, redacted);
        output.Append("}\n"u8);
    }

    /// <summary>Files that belong to the content of a put.</summary>
    public IReadOnlyList<Attachment> Attachments { get => field ?? []; init; }

    /// <summary>The line as it was read, without its line feed.</summary>
    private ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Where in <see cref="Raw"/> the seq stands or would stand, and what is behind it.</summary>
    private (int Start, int End) SeqPlace { get; init; }

    /// <summary>The same line in memory of its own.</summary>
    public RecordLine Copy() => Read(Raw.ToArray());

    /// <summary>Writes the line that was read, byte for byte but for its seq: the given one, or none where that is the section's own.</summary>
    public void WriteAgain(BlockBuffer output, long? seq)
    {
        output.Append(Raw.Span[..SeqPlace.Start]);
        WriteSeq(output, seq);
        output.Append(Raw.Span[SeqPlace.End..]);
        output.Append("\n"u8);
    }

    /// <param name="output">Where it is written.</param>
    /// <param name="key">The key.</param>
    /// <param name="seq">The seq, where it is not the section's own.</param>
    /// <param name="operation">What happened.</param>
    /// <param name="attachments">The member <c>a</c>; empty: none.</param>
    /// <param name="json">The content of a put.</param>
    public static void Write(BlockBuffer output, ReadOnlySpan<byte> key, long? seq, RecordOperation operation, ReadOnlySpan<byte> attachments, ReadOnlySpan<byte> json)
    {
        output.Append("{\"k\":"u8);
        output.AppendString(key);
        WriteSeq(output, seq);
        output.Append(OperationMember(operation));
        if (operation == RecordOperation.Put)
        {
            if (!attachments.IsEmpty)
            {
                output.Append(",\"a\":"u8);
                output.Append(attachments);
            }

            output.Append(",\"v\":"u8);
            if (json.Contains((byte)'\n')) output.AppendString(json);
            else output.Append(json);
        }

        output.Append("}\n"u8);
    }

    /// <summary>Reads one line, without its line feed.</summary>
    /// <exception cref="JsonException">It is not such a line.</exception>
    public static RecordLine Read(ReadOnlyMemory<byte> line) => TryReadUsual(line, out var usual) ? usual : ReadAny(line);

    /// <summary>The key at the beginning of a line, as it stands there; false where it is spelled with escapes or beyond ASCII, or where the line has none: then only the line's reader knows it.</summary>
    public static bool TryReadKey(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (!line.StartsWith("{\"k\":\""u8)) return false;
        var rest = line["{\"k\":\"".Length..];
        var length = rest.IndexOfAnyExcept(_plain);
        if (length < 0 || rest[length] != '"') return false;
        key = rest[..length];
        return true;
    }

    /// <summary>Reads a put without attachments in the usual spelling, which nearly every line is, in a fraction of the time; anything else is left to the other reader.</summary>
    private static bool TryReadUsual(ReadOnlyMemory<byte> line, out RecordLine read)
    {
        read = default;
        var span = line.Span;
        if (!TryReadKey(span, out var key)) return false;
        var place = "{\"k\":\"".Length + key.Length + 1;
        var (seq, seqLength) = ((long?)null, 0);
        var rest = span[place..];
        if (rest.StartsWith(",\"n\":"u8))
        {
            seqLength = ",\"n\":".Length;
            // As JSON writes numbers: neither sign nor leading zero.
            if (seqLength == rest.Length || rest[seqLength] is < (byte)'1' or > (byte)'9' || !Utf8Parser.TryParse(rest[seqLength..], out long number, out var digits)) return false;
            seq = number;
            seqLength += digits;
            rest = rest[seqLength..];
        }

        if (!rest.StartsWith(",\"o\":\"put\",\"v\":{"u8) || rest[^1] != '}') return false;
        var json = line[(place + seqLength + ",\"o\":\"put\",\"v\":".Length)..^1];
        read = new RecordLine(Encoding.ASCII.GetString(key), seq, RecordOperation.Put, json) { Raw = line, SeqPlace = (place, place + seqLength) };
        return true;
    }

    private static RecordLine ReadAny(ReadOnlyMemory<byte> line)
    {
        var reader = new Utf8JsonReader(line.Span, new JsonReaderOptions { MaxDepth = RecordLimits.DepthMax + 8 });
        string? key = null;
        long? seq = null;
        RecordOperation? operation = null;
        Hash128? hash = null;
        SortedDictionary<string, Hash128>? others = null;
        Hash128? keyHash = null;
        var seqPlace = (Start: 0, End: 0);
        IReadOnlyList<Attachment> attachments = [];
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("v"u8))
            {
                Expect(key is not null && keyHash is null && operation == RecordOperation.Put);
                return new RecordLine(key!, seq, RecordOperation.Put, ReadJson(line, ref reader)) { Attachments = attachments, Raw = line, SeqPlace = seqPlace };
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
            else if (reader.ValueTextEquals("kh"u8)) keyHash = ReadHash(ref reader);
            else if (reader.ValueTextEquals("h"u8)) hash = ReadHash(ref reader);
            else if (reader.ValueTextEquals("a"u8)) attachments = ReadAttachments(line, ref reader);
            else if (reader.ValueTextEquals("hs"u8)) ReadHashes(ref reader, others ??= new(StringComparer.Ordinal));
            else throw new JsonException("A line has an unknown member.");
        }

        Expect(reader.TokenType == JsonTokenType.EndObject && (key is null) != (keyHash is null) && operation is not null and not RecordOperation.Put);
        Expect(attachments.Count == 0);
        Expect(hash is not null == (operation == RecordOperation.Redacted) && (hash is not null || others is not { Count: > 0 }));
        var redacted = hash is null ? null : new RedactedHashes(hash.Value, others ?? new(StringComparer.Ordinal));
        return new RecordLine(key ?? ErasedKey(keyHash!.Value), seq, operation!.Value, Json: null, redacted, keyHash) { Raw = line, SeqPlace = seqPlace };
    }

    private static void WriteSeq(BlockBuffer output, long? seq)
    {
        if (seq is null) return;
        output.Append(",\"n\":"u8);
        output.AppendNumber(seq.Value);
    }

    private static ReadOnlySpan<byte> OperationMember(RecordOperation operation) => operation switch
    {
        RecordOperation.Put => ",\"o\":\"put\""u8,
        RecordOperation.Delete => ",\"o\":\"del\""u8,
        RecordOperation.Gone => ",\"o\":\"gone\""u8,
        RecordOperation.Redacted => ",\"o\":\"redacted\""u8,
        RecordOperation.Erased => ",\"o\":\"erased\""u8,
        _ => throw new System.Diagnostics.UnreachableException($"There is no operation {operation}."),
    };

    private static RecordOperation ReadOperation(ref Utf8JsonReader reader) => ReadText(ref reader) switch
    {
        "put" => RecordOperation.Put,
        "del" => RecordOperation.Delete,
        "gone" => RecordOperation.Gone,
        "redacted" => RecordOperation.Redacted,
        "erased" => RecordOperation.Erased,
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

    private static IReadOnlyList<Attachment> ReadAttachments(ReadOnlyMemory<byte> line, ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartArray);
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return AttachmentList.Read(line[start..(int)reader.BytesConsumed]);
    }

    private static void WriteHashes(BlockBuffer output, RedactedHashes redacted)
    {
        output.Append(Encoding.ASCII.GetBytes($",\"h\":\"{redacted.Hash}\""));
        if (redacted.Others.Count == 0) return;
        var others = redacted.Others.OrderBy(other => other.Key, StringComparer.Ordinal).Select(other => $"\"{other.Key}\":\"{other.Value}\"");
        output.Append(Encoding.ASCII.GetBytes($",\"hs\":{{{string.Join(',', others)}}}"));
    }

    private static void ReadHashes(ref Utf8JsonReader reader, SortedDictionary<string, Hash128> hashes)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) hashes.Add(reader.GetString()!, ReadHash(ref reader));
        Expect(reader.TokenType == JsonTokenType.EndObject);
    }

    private static Hash128 ReadHash(ref Utf8JsonReader reader)
    {
        var text = ReadText(ref reader);
        Expect(text.Length == 2 * Hash128.ByteCount);
        return Hash128.Parse(text);
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
