using System.Buffers.Binary;

namespace ListBackup.Vault.Format;

/// <summary>
/// The first 16 bytes of a keyed hash: of a record key or of a record's content. Both hashes are keyed with secrets of the vault, so that
/// nobody outside can search for collisions; 128 bits then leave accidents only (vault-format.md, "Hashes").
/// </summary>
internal readonly record struct Hash128(ulong High, ulong Low) : IComparable<Hash128>
{
    public const int ByteCount = 16;

    public static Hash128 Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Reads lower-case hex.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Hash128 Parse(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        return bytes.Length == ByteCount ? Read(bytes) : throw new FormatException("A hash has 32 hex digits.");
    }

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>The order of the bytes.</summary>
    public int CompareTo(Hash128 other)
    {
        var high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }

    /// <summary>The group among a power of two of them: the leading bits, so that groups keep the order of hashes whatever their number.</summary>
    public int Group(int groupCount) =>
        groupCount == 1 ? 0 : (int)(High >> (64 - System.Numerics.BitOperations.Log2((uint)groupCount)));

    // The bytes are uniform already; the default would mix what needs no mixing.
    public override int GetHashCode() => (int)Low;
}
