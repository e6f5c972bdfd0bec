using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Snappier;

namespace ListBackup.Sources;

/// <summary>What a column of a Parquet file holds. The numbers are Parquet's own for the physical types.</summary>
internal enum ParquetType
{
    Boolean = 0,
    Int64 = 2,
    Double = 5,
    Text = 6,
    /// <summary>Microseconds since 1970 in UTC, as 64-bit integers.</summary>
    Timestamp = 100,
}

internal sealed record ParquetColumn(string Name, ParquetType Type);

/// <summary>
/// Writes a Parquet file (version 1 of its data pages: PLAIN values, RLE levels, Snappy) from its start to its end, so that it can be sent while it is
/// written. All columns are optional and flat. In memory is one group of rows.
/// </summary>
/// <remarks>https://parquet.apache.org/docs/file-format/. Why it is our own: docs/adr/0035-export-formats.md.</remarks>
internal sealed class ParquetFile
{
    private const int GroupBytesMax = 32 * 1024 * 1024;
    private const int GroupRowsMax = 500_000;
    private const int CodecSnappy = 1;
    private const int EncodingPlain = 0;
    private const int EncodingRle = 3;
    private static readonly byte[] Magic = "PAR1"u8.ToArray();

    private readonly PipeWriter _output;
    private readonly IReadOnlyList<ParquetColumn> _columns;
    private readonly ColumnBuffer[] _buffers;
    // One page at a time, so one place for it and for what it packs to.
    private readonly ArrayBufferWriter<byte> _page = new();
    private readonly ArrayBufferWriter<byte> _packed = new();
    private readonly List<RowGroup> _groups = [];
    private long _position;
    private int _rows;

    public ParquetFile(PipeWriter output, IReadOnlyList<ParquetColumn> columns)
    {
        _output = output;
        _columns = columns;
        _buffers = [.. columns.Select(_ => new ColumnBuffer())];
        Write(Magic);
    }

    public void AddNull(int column) => _buffers[column].AddLevel(isThere: false);

    public void Add(int column, bool value) => _buffers[column].Add(value);

    public void Add(int column, long value) => BinaryPrimitives.WriteInt64LittleEndian(_buffers[column].Add(sizeof(long)), value);

    public void Add(int column, double value) => BinaryPrimitives.WriteDoubleLittleEndian(_buffers[column].Add(sizeof(double)), value);

    public void Add(int column, string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        var place = _buffers[column].Add(sizeof(int) + length);
        BinaryPrimitives.WriteInt32LittleEndian(place, length);
        Encoding.UTF8.GetBytes(value, place[sizeof(int)..]);
    }

    /// <summary>Every column has got its value for this row.</summary>
    public async ValueTask EndRowAsync(CancellationToken cancellation)
    {
        _rows++;
        if (_rows >= GroupRowsMax || ByteCount() >= GroupBytesMax) await EndGroupAsync(cancellation);
    }

    /// <summary>Writes what is left and the footer, without which nothing can read the file.</summary>
    public async Task FinishAsync(IReadOnlyDictionary<string, string> metadata, CancellationToken cancellation)
    {
        if (_rows > 0) await EndGroupAsync(cancellation);
        var footer = new ArrayBufferWriter<byte>();
        WriteFooter(new(footer), metadata);
        Write(footer.WrittenSpan);
        BinaryPrimitives.WriteInt32LittleEndian(_output.GetSpan(sizeof(int)), footer.WrittenCount);
        _output.Advance(sizeof(int));
        Write(Magic);
        await _output.FlushAsync(cancellation);
    }

    private long ByteCount()
    {
        var sum = 0L;
        foreach (var buffer in _buffers) sum += buffer.ByteCount;
        return sum;
    }

    private async Task EndGroupAsync(CancellationToken cancellation)
    {
        var chunks = new List<ColumnChunk>();
        foreach (var buffer in _buffers)
        {
            chunks.Add(WriteChunk(buffer));
            await _output.FlushAsync(cancellation);
        }
        _groups.Add(new(_rows, chunks));
        _rows = 0;
    }

    private ColumnChunk WriteChunk(ColumnBuffer buffer)
    {
        var start = _position;
        buffer.TakePage(_rows, _page);
        _packed.ResetWrittenCount();
        var length = Snappy.Compress(_page.WrittenSpan, _packed.GetSpan(Snappy.GetMaxCompressedLength(_page.WrittenCount)));
        _packed.Advance(length);
        var header = new ArrayBufferWriter<byte>();
        WritePageHeader(new(header), _page.WrittenCount, length);
        Write(header.WrittenSpan);
        Write(_packed.WrittenSpan);
        return new(start, header.WrittenCount + _page.WrittenCount, header.WrittenCount + length);
    }

    private void WritePageHeader(ThriftCompact thrift, int plain, int packed) => thrift.Struct(() =>
    {
        thrift.I32(1, 0); // A data page.
        thrift.I32(2, plain);
        thrift.I32(3, packed);
        thrift.Struct(5, () =>
        {
            thrift.I32(1, _rows);
            thrift.I32(2, EncodingPlain);
            thrift.I32(3, EncodingRle);
            thrift.I32(4, EncodingRle);
        });
    });

    private void WriteFooter(ThriftCompact thrift, IReadOnlyDictionary<string, string> metadata) => thrift.Struct(() =>
    {
        thrift.I32(1, 1);
        thrift.Structs<ParquetColumn?>(2, [null, .. _columns], column => WriteSchema(thrift, column));
        thrift.I64(3, _groups.Sum(group => (long)group.Rows));
        thrift.Structs(4, _groups, group => WriteGroup(thrift, group));
        thrift.Structs(5, metadata.ToList(), pair =>
        {
            thrift.Text(1, pair.Key);
            thrift.Text(2, pair.Value);
        });
        thrift.Text(6, "ListBackup");
    });

    /// <summary>Null is the root, which comes first and tells how many columns there are.</summary>
    private void WriteSchema(ThriftCompact thrift, ParquetColumn? column)
    {
        if (column is null)
        {
            thrift.Text(4, "record");
            thrift.I32(5, _columns.Count);
            return;
        }
        thrift.I32(1, Physical(column.Type));
        thrift.I32(3, 1); // Optional.
        thrift.Text(4, column.Name);
        if (column.Type == ParquetType.Text)
        {
            thrift.I32(6, 0); // UTF8, for readers from before logical types.
            thrift.Struct(10, () => thrift.Struct(1, () => { }));
        }
        if (column.Type == ParquetType.Timestamp)
        {
            thrift.I32(6, 10); // TIMESTAMP_MICROS
            thrift.Struct(10, () => thrift.Struct(8, () =>
            {
                thrift.Bool(1, true); // In UTC.
                thrift.Struct(2, () => thrift.Struct(2, () => { })); // Microseconds.
            }));
        }
    }

    private void WriteGroup(ThriftCompact thrift, RowGroup group)
    {
        thrift.Structs(1, group.Chunks.Zip(_columns).ToList(), pair => WriteChunk(thrift, pair.First, pair.Second, group.Rows));
        thrift.I64(2, group.Chunks.Sum(chunk => chunk.PlainBytes));
        thrift.I64(3, group.Rows);
    }

    private static void WriteChunk(ThriftCompact thrift, ColumnChunk chunk, ParquetColumn column, int rows)
    {
        thrift.I64(2, chunk.Start);
        thrift.Struct(3, () =>
        {
            thrift.I32(1, Physical(column.Type));
            thrift.I32s(2, EncodingPlain, EncodingRle);
            thrift.Texts(3, column.Name);
            thrift.I32(4, CodecSnappy);
            thrift.I64(5, rows);
            thrift.I64(6, chunk.PlainBytes);
            thrift.I64(7, chunk.PackedBytes);
            thrift.I64(9, chunk.Start);
        });
    }

    private static int Physical(ParquetType type) => (int)(type == ParquetType.Timestamp ? ParquetType.Int64 : type);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _position += bytes.Length;
    }

    private sealed record RowGroup(int Rows, IReadOnlyList<ColumnChunk> Chunks);

    private readonly record struct ColumnChunk(long Start, long PlainBytes, long PackedBytes);

    /// <summary>The values of one column in the current group.</summary>
    private sealed class ColumnBuffer
    {
        private readonly List<byte> _levels = [];
        private readonly ArrayBufferWriter<byte> _values = new();
        private int _rows;
        private int _bits;

        public int ByteCount => _values.WrittenCount + _levels.Count;

        public void AddLevel(bool isThere)
        {
            if (_rows % 8 == 0) _levels.Add(0);
            if (isThere) _levels[^1] |= (byte)(1 << _rows % 8);
            _rows++;
        }

        public Span<byte> Add(int length)
        {
            AddLevel(isThere: true);
            var place = _values.GetSpan(length)[..length];
            _values.Advance(length);
            return place;
        }

        /// <summary>Booleans are packed, eight to a byte, the first in the lowest bit.</summary>
        public void Add(bool value)
        {
            AddLevel(isThere: true);
            if (_bits % 8 == 0)
            {
                _values.GetSpan(1)[0] = 0;
                _values.Advance(1);
            }
            if (value) System.Runtime.InteropServices.MemoryMarshal.AsMemory(_values.WrittenMemory).Span[^1] |= (byte)(1 << _bits % 8);
            _bits++;
        }

        /// <summary>Levels (which rows have a value) as one bit-packed run behind their length, then the values. The buffer starts anew.</summary>
        public void TakePage(int rows, ArrayBufferWriter<byte> page)
        {
            page.ResetWrittenCount();
            var run = new ArrayBufferWriter<byte>();
            var header = (uint)_levels.Count << 1 | 1;
            for (; header >= 0x80; header >>= 7) run.Write([(byte)(header | 0x80)]);
            run.Write([(byte)header]);
            run.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_levels));
            System.Diagnostics.Debug.Assert(_rows == rows, "Every column has a level for each row.");

            BinaryPrimitives.WriteInt32LittleEndian(page.GetSpan(sizeof(int)), run.WrittenCount);
            page.Advance(sizeof(int));
            page.Write(run.WrittenSpan);
            page.Write(_values.WrittenSpan);
            _values.ResetWrittenCount();
            _levels.Clear();
            (_rows, _bits) = (0, 0);
        }
    }
}
