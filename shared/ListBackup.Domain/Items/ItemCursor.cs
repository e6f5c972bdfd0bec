using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Domain;

/// <summary>The last item of a page. In a query by index the key breaks ties between equal index sort keys; otherwise both parts are empty.</summary>
public readonly record struct ItemPosition(string Sort, string KeyPartition, string KeySort)
{
    public static ItemPosition Of(Item item, bool byIndex) => byIndex
        ? new(item.Index!.Sort, item.Key.Partition, item.Key.Sort) // Only items with an index key lie in an index.
        : new(item.Key.Sort, "", "");
}

/// <summary>
/// The text form of a position, the same in every adapter. It says where to go on, never what may be seen: partition and bounds always come from the
/// query, so a forged cursor can at most skip or repeat items of that query. It also carries a hash of the query, so one that belongs elsewhere is refused.
/// </summary>
public static class ItemCursor
{
    private const byte Format = 1;
    private const int HashBytes = 8;
    private const int TextLengthMax = 5000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Write(ItemQuery query, ItemPosition position)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Format);
        bytes.Write(Hash(query));
        Append(bytes, position.Sort);
        Append(bytes, position.KeyPartition);
        Append(bytes, position.KeySort);
        return Base64Url.EncodeToString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Where the query goes on, or null at its beginning.</summary>
    /// <exception cref="Problem">The cursor is not one of this query's.</exception>
    public static ItemPosition? Read(ItemQuery query)
    {
        if (query.Cursor is not { } text) return null;
        if (text.Length > TextLengthMax || !Base64Url.IsValid(text)) throw Refused();
        ReadOnlySpan<byte> bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < 1 + HashBytes || bytes[0] != Format || !bytes.Slice(1, HashBytes).SequenceEqual(Hash(query))) throw Refused();

        bytes = bytes[(1 + HashBytes)..];
        var position = new ItemPosition(Take(ref bytes), Take(ref bytes), Take(ref bytes));
        var whole = bytes.IsEmpty && position.Sort.Length > 0 && query.ByIndex == (position.KeyPartition.Length > 0 && position.KeySort.Length > 0);
        return whole ? position : throw Refused();
    }

    private static byte[] Hash(ItemQuery query)
    {
        using var shape = new MemoryStream();
        shape.WriteByte((byte)query.Table);
        shape.WriteByte((byte)((query.ByIndex ? 1 : 0) | (query.Descending ? 2 : 0)));
        Append(shape, query.Partition);
        foreach (var bound in new[] { query.SortPrefix, query.SortFrom, query.SortTo })
        {
            shape.WriteByte((byte)(bound is null ? 0 : 1));
            Append(shape, bound ?? "");
        }
        return SHA256.HashData(shape.GetBuffer().AsSpan(0, (int)shape.Length))[..HashBytes];
    }

    private static void Append(MemoryStream bytes, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)utf8.Length));
        bytes.Write(length);
        bytes.Write(utf8);
    }

    private static string Take(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) throw Refused();
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < 2 + length || length > ItemRules.KeyBytesMax) throw Refused();
        try
        {
            var text = StrictUtf8.GetString(bytes.Slice(2, length));
            bytes = bytes[(2 + length)..];
            return text.Contains('\0') ? throw Refused() : text;
        }
        catch (DecoderFallbackException)
        {
            throw Refused();
        }
    }

    private static Problem Refused() =>
        Problem.Malformed("The cursor does not belong to this list. Take it unchanged from the page before, or leave it out to start from the beginning.");
}
