using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;

namespace ListBackup.Vault.Format;

/// <summary>
/// One pass over a record: checks it, finds its key, brings it into canonical form (vault-format.md, "Canonical JSON") and hashes that.
/// Reused for record after record; not safe for concurrent use.
/// </summary>
/// <remarks>
/// Canonical is RFC 8785 but for numbers, which stay as written, so that none ever passes through a double, and for lone surrogates, which
/// stay escaped, because platforms send them and a backup that refuses them loses a record.
/// </remarks>
internal sealed class RecordScanner
{
    // A stream's records have few shapes (which members, in which order); each is sorted once.
    private const int ShapeCount = 256;
    private const int ShapeMembersMax = 256;

    /// <summary>Ends a name in the list of names. No byte of UTF-8 is that.</summary>
    private const byte NameEnd = 0xFF;

    private readonly FieldPaths _paths;
    private readonly int _saltLength;
    private readonly byte[]?[] _keyParts;
    private bool _isKeyAmbiguous;
    private readonly Comparison<Member> _byName;
    private readonly Shape?[] _shapes = new Shape?[ShapeCount];
    private byte[] _output;
    private int _length;
    private byte[] _names = new byte[1024];
    private int _namesLength;
    private Member[] _members = new Member[64];
    private int _memberCount;
    private byte[] _scratch = new byte[1024];

    /// <param name="paths">Volatile fields, which are left out, and key parts.</param>
    /// <param name="salt">What the hash begins with.</param>
    public RecordScanner(FieldPaths paths, ReadOnlySpan<byte> salt)
    {
        _paths = paths;
        _saltLength = salt.Length;
        _keyParts = new byte[]?[paths.KeyPartCount];
        _output = new byte[4096];
        salt.CopyTo(_output);
        _byName = (left, right) => CompareNames(NameOf(left), NameOf(right));
    }

    /// <summary>The canonical form of the record scanned last.</summary>
    public ReadOnlySpan<byte> Canonical => _output.AsSpan(_saltLength, _length - _saltLength);

    /// <summary>The salted hash of <see cref="Canonical"/>.</summary>
    public Hash128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_output.AsSpan(0, _length), hash);
        return Hash128.Read(hash);
    }

    /// <summary>The record's key in UTF-8; null when a part is missing or (several parts or none) there is nothing to make it of.</summary>
    public byte[]? Key()
    {
        if (_isKeyAmbiguous) return null;
        if (_keyParts.Length == 1) return _keyParts[0];
        return Array.Exists(_keyParts, part => part is null) || _keyParts.Length == 0 ? null : RecordKey.Join(_keyParts!);
    }

    /// <summary>Scans a record. After a problem neither <see cref="Canonical"/> nor <see cref="Hash"/> mean anything; <see cref="Key"/> is what was found before it.</summary>
    public RecordProblem Scan(ReadOnlySpan<byte> json, SchemaTree? schema)
    {
        _length = _saltLength;
        _namesLength = _memberCount = 0;
        Array.Clear(_keyParts);
        _isKeyAmbiguous = false;
        if (!Utf8.IsValid(json)) return RecordProblem.InvalidJson;
        try
        {
            // One level more than allowed, so that too deep can be told from malformed.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RecordLimits.DepthMax + 2 });
            if (!reader.Read()) return RecordProblem.InvalidJson;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            var problem = WriteValue(ref reader, _paths.Root, schema?.Root);
            if (problem != RecordProblem.None) return problem;
            reader.Read();
            return isObject ? RecordProblem.None : RecordProblem.NotAnObject;
        }
        catch (JsonException)
        {
            return RecordProblem.InvalidJson;
        }
    }

    private RecordProblem WriteValue(ref Utf8JsonReader reader, FieldPaths.Node? path, SchemaTree.Node? schema)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                schema?.See(SchemaTypes.Object);
                return WriteObject(ref reader, path, schema);
            case JsonTokenType.StartArray:
                schema?.See(SchemaTypes.Array);
                return WriteArray(ref reader, path, schema);
            case JsonTokenType.String:
                schema?.See(SchemaTypes.String);
                WriteString(reader.ValueSpan, reader.ValueIsEscaped);
                if (path is { KeyPart: >= 0 }) SetKeyPart(path.KeyPart, KeyText(reader.ValueSpan, reader.ValueIsEscaped));
                return RecordProblem.None;
            case JsonTokenType.Number:
                schema?.See(reader.ValueSpan.IndexOfAny(".eE"u8) < 0 ? SchemaTypes.Integer : SchemaTypes.Number);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                schema?.See(SchemaTypes.Boolean);
                break;
            default:
                schema?.See(SchemaTypes.Null);
                Append(reader.ValueSpan);
                return RecordProblem.None;
        }

        Append(reader.ValueSpan);
        if (path is { KeyPart: >= 0 }) SetKeyPart(path.KeyPart, reader.ValueSpan.ToArray());
        return RecordProblem.None;
    }

    /// <summary>A part that comes twice is none: which one the platform means, nobody knows.</summary>
    private void SetKeyPart(int part, byte[]? text)
    {
        _isKeyAmbiguous |= _keyParts[part] is not null;
        _keyParts[part] = text;
    }

    private RecordProblem WriteArray(ref Utf8JsonReader reader, FieldPaths.Node? path, SchemaTree.Node? schema)
    {
        if (reader.CurrentDepth >= RecordLimits.DepthMax) return RecordProblem.TooDeep;
        var elementPath = path?.Element();
        SchemaTree.Node? elementSchema = null;
        Append((byte)'[');
        var start = _length;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var elementStart = _length;
            elementSchema ??= schema?.Element();
            var problem = WriteValue(ref reader, elementPath, elementSchema);
            if (problem != RecordProblem.None) return problem;
            if (elementPath is { IsVolatile: true }) _length = elementStart;
            else Append((byte)',');
        }

        Close(start, (byte)']');
        return RecordProblem.None;
    }

    private RecordProblem WriteObject(ref Utf8JsonReader reader, FieldPaths.Node? path, SchemaTree.Node? schema)
    {
        if (reader.CurrentDepth >= RecordLimits.DepthMax) return RecordProblem.TooDeep;
        var (memberBase, namesBase) = (_memberCount, _namesLength);
        Append((byte)'{');
        var start = _length;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var member = BeginMember(ref reader);
            var memberPath = path?.Member(NameOf(member));
            var memberSchema = schema?.Member(NameOf(member));
            reader.Read();
            var problem = WriteValue(ref reader, memberPath, memberSchema);
            if (problem != RecordProblem.None) return problem;
            if (memberPath is { IsVolatile: true }) _length = member.Start;
            else Append((byte)',');
            member.End = _length;
            // What the member's own value put there is of no more use; the names of one object must lie side by side.
            _namesLength = member.NameStart + member.NameLength + 1;
            AddMember(member);
        }

        var members = _members.AsSpan(memberBase, _memberCount - memberBase);
        if (members.Length > 1 && !SortMembers(members, namesBase, start)) return RecordProblem.DuplicateMember;
        (_memberCount, _namesLength) = (memberBase, namesBase);
        Close(start, (byte)'}');
        return RecordProblem.None;
    }

    private Member BeginMember(ref Utf8JsonReader reader)
    {
        var member = new Member { NameStart = _namesLength, Start = _length };
        Reserve(ref _names, _namesLength, reader.ValueSpan.Length + 1);
        _namesLength += reader.ValueIsEscaped
            ? JsonEscapes.Unescape(reader.ValueSpan, _names.AsSpan(_namesLength))
            : Copy(reader.ValueSpan, _names.AsSpan(_namesLength));
        member.NameLength = _namesLength - member.NameStart;
        _names[_namesLength++] = NameEnd;
        WriteString(reader.ValueSpan, reader.ValueIsEscaped);
        Append((byte)':');
        return member;
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        source.CopyTo(destination);
        return source.Length;
    }

    private void AddMember(Member member)
    {
        if (_memberCount == _members.Length) Array.Resize(ref _members, _memberCount * 2);
        _members[_memberCount++] = member;
    }

    /// <summary>Orders the members' output; false when two have one name.</summary>
    private bool SortMembers(Span<Member> members, int namesBase, int start)
    {
        var names = _names.AsSpan(namesBase, _namesLength - namesBase);
        var place = (int)((uint)((names.Length * 31) + (members.Length * 7) + names[0] + names[^2]) % ShapeCount);
        if (_shapes[place] is not { } shape || !shape.Names.AsSpan().SequenceEqual(names))
        {
            if (ShapeOf(members, names) is not { } sorted) return false;
            shape = sorted;
            // An object with very many members has names of its own, such as ids, and comes once.
            if (members.Length <= ShapeMembersMax) _shapes[place] = shape;
        }

        if (!shape.IsSorted) Reorder(members, shape.Order, start);
        return true;
    }

    private Shape? ShapeOf(ReadOnlySpan<Member> members, ReadOnlySpan<byte> names)
    {
        var sorted = members.ToArray();
        for (var i = 0; i < sorted.Length; i++) sorted[i].Ordinal = i;
        sorted.AsSpan().Sort(_byName);
        for (var i = 1; i < sorted.Length; i++)
        {
            if (NameOf(sorted[i - 1]).SequenceEqual(NameOf(sorted[i]))) return null;
        }

        var order = Array.ConvertAll(sorted, member => member.Ordinal);
        return new Shape(names.ToArray(), order, order.AsSpan().SequenceEqual([.. Enumerable.Range(0, order.Length)]));
    }

    private void Reorder(ReadOnlySpan<Member> members, ReadOnlySpan<int> order, int start)
    {
        var length = _length - start;
        Reserve(ref _scratch, 0, length);
        _output.AsSpan(start, length).CopyTo(_scratch);
        var position = start;
        foreach (var ordinal in order)
        {
            var text = _scratch.AsSpan(members[ordinal].Start - start, members[ordinal].End - members[ordinal].Start);
            text.CopyTo(_output.AsSpan(position));
            position += text.Length;
        }
    }

    /// <summary>Every part ends in a comma; the last one becomes the closing bracket.</summary>
    private void Close(int start, byte bracket)
    {
        if (_length > start) _output[_length - 1] = bracket;
        else Append(bracket);
    }

    private void WriteString(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        // An escape never gets longer than it was: six bytes at most become six.
        Reserve(ref _output, _length, raw.Length + 2);
        _output[_length++] = (byte)'"';
        _length += isEscaped ? JsonEscapes.Normalize(raw, _output.AsSpan(_length)) : Copy(raw, _output.AsSpan(_length));
        _output[_length++] = (byte)'"';
    }

    private static byte[]? KeyText(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        if (raw.IsEmpty) return null;
        if (!isEscaped) return raw.ToArray();
        var text = new byte[raw.Length];
        var length = JsonEscapes.Unescape(raw, text);
        // A lone surrogate has no UTF-8; a key made of one could not be written down.
        return Utf8.IsValid(text.AsSpan(0, length)) ? text[..length] : null;
    }

    private ReadOnlySpan<byte> NameOf(Member member) => _names.AsSpan(member.NameStart, member.NameLength);

    /// <summary>
    /// RFC 8785 orders names by UTF-16 units. UTF-8 bytes give the same order except that characters beyond the BMP (lead byte F0 and up,
    /// surrogates in UTF-16) come before U+E000 to U+FFFF (lead bytes EE and EF).
    /// </summary>
    private static int CompareNames(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length) return left.Length - right.Length;
        return Rank(left[common]) - Rank(right[common]);

        static int Rank(byte lead) => lead is 0xEE or 0xEF ? lead + 0x10 : lead;
    }

    private void Append(byte value)
    {
        Reserve(ref _output, _length, 1);
        _output[_length++] = value;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(ref _output, _length, bytes.Length);
        bytes.CopyTo(_output.AsSpan(_length));
        _length += bytes.Length;
    }

    private static void Reserve(ref byte[] buffer, int length, int more)
    {
        if (buffer.Length - length < more) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + more));
    }

    /// <summary>The names of an object as they come, and how to sort them.</summary>
    private sealed record Shape(byte[] Names, int[] Order, bool IsSorted);

    private struct Member
    {
        public int Ordinal;
        public int NameStart;
        public int NameLength;
        public int Start;
        public int End;
    }
}
