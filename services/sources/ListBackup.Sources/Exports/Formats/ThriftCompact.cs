using System.Buffers;
using System.Text;

namespace ListBackup.Sources;

/// <summary>Writes structures in Thrift's compact protocol, in which Parquet keeps its headers.</summary>
internal sealed class ThriftCompact(IBufferWriter<byte> output)
{
    private const byte TypeTrue = 1;
    private const byte TypeFalse = 2;
    private const byte TypeI32 = 5;
    private const byte TypeI64 = 6;
    private const byte TypeBinary = 8;
    private const byte TypeList = 9;
    private const byte TypeStruct = 12;

    // Field numbers are written as the distance from the one before in the same structure.
    private readonly Stack<int> _fields = new([0]);

    public void Bool(int field, bool value) => Field(field, value ? TypeTrue : TypeFalse);

    public void I32(int field, int value)
    {
        Field(field, TypeI32);
        ZigZag(value);
    }

    public void I64(int field, long value)
    {
        Field(field, TypeI64);
        ZigZag(value);
    }

    public void Text(int field, string value)
    {
        Field(field, TypeBinary);
        Binary(value);
    }

    public void Struct(int field, Action write)
    {
        Field(field, TypeStruct);
        Struct(write);
    }

    /// <summary>A structure that is the whole, or an element of a list.</summary>
    public void Struct(Action write)
    {
        _fields.Push(0);
        write();
        _fields.Pop();
        Byte(0);
    }

    public void Structs<T>(int field, IReadOnlyCollection<T> items, Action<T> write)
    {
        List(field, TypeStruct, items.Count);
        foreach (var item in items) Struct(() => write(item));
    }

    public void I32s(int field, params ReadOnlySpan<int> items)
    {
        List(field, TypeI32, items.Length);
        foreach (var item in items) ZigZag(item);
    }

    public void Texts(int field, params ReadOnlySpan<string> items)
    {
        List(field, TypeBinary, items.Length);
        foreach (var item in items) Binary(item);
    }

    private void List(int field, byte type, int count)
    {
        Field(field, TypeList);
        if (count < 15)
        {
            Byte((byte)(count << 4 | type));
            return;
        }
        Byte((byte)(0xF0 | type));
        Varint((ulong)count);
    }

    private void Field(int field, byte type)
    {
        var distance = field - _fields.Pop();
        _fields.Push(field);
        Byte((byte)(distance << 4 | type)); // Our fields are never more than 15 apart.
    }

    private void Binary(string value)
    {
        Varint((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, output);
    }

    private void ZigZag(long value) => Varint((ulong)(value << 1 ^ value >> 63));

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
