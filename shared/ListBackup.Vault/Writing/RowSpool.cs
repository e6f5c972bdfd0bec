using System.Buffers.Binary;
using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;

namespace ListBackup.Vault.Writing;

/// <summary>A section that is ready: the segment that holds it alone, and its table with offsets in that segment.</summary>
internal sealed record BuiltSection(SegmentFile Segment, SectionTable Table);

/// <summary>
/// Collects the changed records of a stream and turns them into sections: sorted by group and key, a block for each group. Records arrive
/// in any order and may be far more than memory holds, so they are dealt into buckets by the leading bits of their key hash, and what
/// exceeds memory goes to a temporary file, sealed under a key that never leaves memory. Large blocks compress well: this is what makes
/// a first backup as small as one big archive.
/// </summary>
internal sealed class RowSpool(string spillFolder, int memoryBytesMax) : IDisposable
{
    private const int BucketBits = 7;
    private const int BucketCount = 1 << BucketBits;
    private const int ChunkBytesMin = 1024;
    private const int ChunkBytesMax = 64 * 1024;
    private const int RowHeaderBytes = Hash128.ByteCount + 1 + 4 + 4 + 4;
    private const int SectionBytesMax = 24 * 1024 * 1024;
    private const int SectionReserveBytes = 1024 * 1024;
    private const string SpillPurpose = "row spill";

    private readonly Bucket[] _buckets = [.. Enumerable.Range(0, BucketCount).Select(_ => new Bucket())];
    private readonly Stack<byte[]> _spare = [];
    private readonly byte[] _spillKey = RandomNumberGenerator.GetBytes(Kdf.KeyByteCount);
    private FileStream? _spill;
    private long _memoryBytes;

    /// <summary>Rows added since the last build.</summary>
    public long RowCount { get; private set; }

    /// <summary>Bytes added since the last build, spilled ones included.</summary>
    public long ByteCount { get; private set; }

    /// <summary>Adds a version. Of several with one key in a build, the last stands.</summary>
    public void Add(Hash128 keyHash, ReadOnlySpan<byte> key, RecordOperation operation, ReadOnlySpan<byte> attachments, ReadOnlySpan<byte> json)
    {
        var row = RoomFor(_buckets[keyHash.Group(BucketCount)], RowHeaderBytes + key.Length + attachments.Length + json.Length);
        keyHash.Write(row);
        row[Hash128.ByteCount] = (byte)operation;
        BinaryPrimitives.WriteInt32LittleEndian(row[(Hash128.ByteCount + 1)..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[(Hash128.ByteCount + 5)..], json.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[(Hash128.ByteCount + 9)..], attachments.Length);
        key.CopyTo(row[RowHeaderBytes..]);
        json.CopyTo(row[(RowHeaderBytes + key.Length)..]);
        attachments.CopyTo(row[(RowHeaderBytes + key.Length + json.Length)..]);
        RowCount++;
        ByteCount += row.Length;
        if (_memoryBytes > memoryBytesMax) Spill();
    }

    /// <summary>Makes the sections, one after the other, each to be used before the next is asked for; then the spool is empty.</summary>
    public IEnumerable<BuiltSection> Build(string source, string stream, StreamKeys keys, BlockCompression compression)
    {
        // Most of the room for rows to come is not needed now; the blocks need it.
        KeepSpare((int)Math.Min(ByteCount / BucketCount / ChunkBytesMax * 2, _spare.Count));
        using var writer = new BlockWriter(compression.Level, compression.Dictionary);
        var (lines, output) = (new BlockBuffer(), new BlockBuffer((int)Math.Min((ByteCount / 4) + ChunkBytesMin, SectionBytesMax + SectionReserveBytes)));
        var section = new SectionInProgress(source, stream, keys, compression.Dictionary, output);
        // With fewer groups than buckets several buckets make one group; otherwise a bucket holds whole groups.
        var bucketsAtOnce = Math.Max(1, BucketCount / keys.Newest.Groups);
        for (var first = 0; first < BucketCount; first += bucketsAtOnce)
        {
            var chunks = TakeChunks(first, bucketsAtOnce);
            foreach (var group in GroupsOf(RowsOf(chunks), keys.Newest.Groups))
            {
                lines.Clear();
                foreach (var row in group) RecordLine.Write(lines, row.Key, seq: null, row.Operation, row.Attachments, row.Json);
                section.Add(writer, group[0].KeyHash.Group(keys.Newest.Groups), group.Count, lines.Written);
                if (section.Length < SectionBytesMax) continue;
                yield return section.Finish();
                section = new SectionInProgress(source, stream, keys, compression.Dictionary, output);
            }

            foreach (var chunk in chunks) Recycle(chunk);
        }

        if (section.Length > 0) yield return section.Finish();
        Clear();
    }

    /// <summary>Lines of up to so many puts that are in memory, each of another record: which ones is up to the keys' hashes, so they stand for all.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Sample(int linesMax)
    {
        var (lines, seen, output) = (new List<ReadOnlyMemory<byte>>(), new HashSet<Hash128>(), new BlockBuffer());
        foreach (var bucket in _buckets)
        {
            var open = bucket.OpenLength > 0 ? new[] { new Chunk(bucket.Open!, bucket.OpenLength) } : []; // What is written to is open.
            foreach (var row in RowsOf([.. bucket.Chunks, .. open]))
            {
                if (row.Operation != RecordOperation.Put || !seen.Add(row.KeyHash)) continue;
                if (lines.Count == linesMax) return lines;
                output.Clear();
                // Without attachments: the hash of a file leads to its key, and must stand in no place that outlives the records.
                RecordLine.Write(output, row.Key, seq: null, row.Operation, [], row.Json);
                lines.Add(output.Written.ToArray());
            }
        }

        return lines;
    }

    public void Clear()
    {
        foreach (var bucket in _buckets) bucket.Clear();
        _spare.Clear();
        _spill?.SetLength(0);
        (RowCount, ByteCount, _memoryBytes) = (0, 0, 0);
    }

    public void Dispose()
    {
        foreach (var bucket in _buckets) bucket.Clear();
        _spare.Clear();
        _spill?.Dispose();
        CryptographicOperations.ZeroMemory(_spillKey);
    }

    private Span<byte> RoomFor(Bucket bucket, int length)
    {
        if (bucket.Open is null || bucket.Open.Length - Sealed.OverheadByteCount - bucket.OpenLength < length)
        {
            bucket.CloseOpen();
            bucket.Open = NewChunk(length + Sealed.OverheadByteCount, bucket.Open?.Length ?? 0);
            _memoryBytes += bucket.Open.Length;
        }

        bucket.OpenLength += length;
        return bucket.Open.AsSpan(Sealed.SaltByteCount + bucket.OpenLength - length, length);
    }

    // Small at first: a stream of ten records must not cost 128 large chunks.
    private byte[] NewChunk(int needed, int previous)
    {
        if (needed > ChunkBytesMax) return new byte[needed];
        var wanted = Math.Clamp(previous * 2, ChunkBytesMin, ChunkBytesMax);
        while (wanted < needed) wanted *= 2;
        return wanted == ChunkBytesMax ? LargestChunk() : new byte[wanted];
    }

    private byte[] LargestChunk() => _spare.TryPop(out var spare) ? spare : new byte[ChunkBytesMax];

    private void Spill()
    {
        Directory.CreateDirectory(spillFolder);
        _spill ??= new FileStream(
            Path.Combine(spillFolder, $"listbackup-spool-{Guid.CreateVersion7():n}"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 0 });
        foreach (var bucket in _buckets)
        {
            bucket.CloseOpen();
            foreach (var chunk in bucket.Chunks)
            {
                Sealed.Close(_spillKey, SpillPurpose, chunk.Box);
                bucket.Spilled.Add((_spill.Position, chunk.Length));
                _spill.Write(chunk.Box);
                Recycle(chunk);
            }

            bucket.Chunks.Clear();
            bucket.Open = null;
        }

        _memoryBytes = 0;
    }

    private void Recycle(Chunk chunk)
    {
        if (chunk.Bytes.Length == ChunkBytesMax) _spare.Push(chunk.Bytes);
    }

    private void KeepSpare(int count)
    {
        while (_spare.Count > count) _spare.Pop();
        _spare.TrimExcess();
    }

    private List<Chunk> TakeChunks(int firstBucket, int count)
    {
        var chunks = new List<Chunk>();
        foreach (var bucket in _buckets.AsSpan(firstBucket, count))
        {
            foreach (var (offset, length) in bucket.Spilled) chunks.Add(ReadSpilled(offset, length));
            bucket.CloseOpen();
            chunks.AddRange(bucket.Chunks);
            bucket.Clear();
        }

        return chunks;
    }

    private Chunk ReadSpilled(long offset, int length)
    {
        var size = length + Sealed.OverheadByteCount;
        var chunk = new Chunk(size <= ChunkBytesMax ? LargestChunk() : new byte[size], length);
        _spill!.Position = offset;
        _spill.ReadExactly(chunk.Box);
        Sealed.Open(_spillKey, SpillPurpose, chunk.Bytes.AsMemory(0, size));
        return chunk;
    }

    /// <summary>The rows by group, in the order of their keys' bytes; of one key the last.</summary>
    private static IEnumerable<List<Row>> GroupsOf(List<Row> rows, int groups)
    {
        var (leading, order) = (new ulong[rows.Count], new int[rows.Count]);
        for (var i = 0; i < order.Length; i++) (leading[i], order[i]) = (rows[i].KeyHash.High, i);
        Array.Sort(leading, order);
        for (var start = 0; start < order.Length;)
        {
            var group = rows[order[start]].KeyHash.Group(groups);
            var end = start;
            while (end < order.Length && rows[order[end]].KeyHash.Group(groups) == group) end++;
            order.AsSpan(start, end - start).Sort((left, right) =>
            {
                var byKey = rows[left].Key.SequenceCompareTo(rows[right].Key);
                return byKey != 0 ? byKey : left.CompareTo(right);
            });
            yield return LastOfEachKey(rows, order.AsSpan(start, end - start));
            start = end;
        }
    }

    private static List<Row> LastOfEachKey(List<Row> rows, ReadOnlySpan<int> order)
    {
        var last = new List<Row>(order.Length);
        foreach (var ordinal in order)
        {
            if (last.Count > 0 && last[^1].Key.SequenceEqual(rows[ordinal].Key)) last[^1] = rows[ordinal];
            else last.Add(rows[ordinal]);
        }

        return last;
    }

    private static List<Row> RowsOf(List<Chunk> chunks)
    {
        var rows = new List<Row>();
        foreach (var chunk in chunks)
        {
            for (var rest = (ReadOnlyMemory<byte>)chunk.Bytes.AsMemory(Sealed.SaltByteCount, chunk.Length); !rest.IsEmpty; rest = rest[rows[^1].Length..]) rows.Add(new Row(rest));
        }

        return rows;
    }

    /// <summary>Rows, with room before and behind them for what sealing adds, so that it needs no other array.</summary>
    private readonly record struct Chunk(byte[] Bytes, int Length)
    {
        public Span<byte> Box => Bytes.AsSpan(0, Length + Sealed.OverheadByteCount);
    }

    /// <summary>A row where it lies in its chunk.</summary>
    private readonly struct Row(ReadOnlyMemory<byte> bytes)
    {
        private readonly ReadOnlyMemory<byte> _bytes = bytes;
        private readonly int _keyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(Hash128.ByteCount + 1)..]);
        private readonly int _jsonLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(Hash128.ByteCount + 5)..]);
        private readonly int _attachmentsLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(Hash128.ByteCount + 9)..]);

        public Hash128 KeyHash { get; } = Hash128.Read(bytes.Span);

        public RecordOperation Operation => (RecordOperation)_bytes.Span[Hash128.ByteCount];

        public ReadOnlySpan<byte> Key => _bytes.Span.Slice(RowHeaderBytes, _keyLength);

        public ReadOnlySpan<byte> Json => _bytes.Span.Slice(RowHeaderBytes + _keyLength, _jsonLength);

        public ReadOnlySpan<byte> Attachments => _bytes.Span.Slice(RowHeaderBytes + _keyLength + _jsonLength, _attachmentsLength);

        public int Length => RowHeaderBytes + _keyLength + _jsonLength + _attachmentsLength;
    }

    private sealed class Bucket
    {
        public byte[]? Open { get; set; }

        public int OpenLength { get; set; }

        public List<Chunk> Chunks { get; } = [];

        public List<(long Offset, int Length)> Spilled { get; } = [];

        public void CloseOpen()
        {
            if (OpenLength > 0) Chunks.Add(new Chunk(Open!, OpenLength)); // What is written to is open.
            OpenLength = 0;
        }

        public void Clear()
        {
            (Open, OpenLength) = (null, 0);
            Chunks.Clear();
            Spilled.Clear();
        }
    }

    private sealed class SectionInProgress(string source, string stream, StreamKeys keys, CompressionDictionary? dictionary, BlockBuffer output)
    {
        // One buffer serves section after section: each is stored before the next begins.
        private readonly SegmentFile _segment = new(output);
        private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);
        private readonly List<BlockEntry> _blocks = [];

        public int Length => _segment.Length - SegmentFile.HeadMagic.Length;

        public void Add(BlockWriter writer, int group, int rows, ReadOnlySpan<byte> lines)
        {
            var offset = _segment.Length;
            var key = keys.Find(keys.Newest.Epoch, group)!.Value;
            var (length, sha256) = writer.Write(lines, key.Span, _id, _segment.Output);
            _blocks.Add(new BlockEntry(group, offset, length, rows, sha256));
        }

        public BuiltSection Finish()
        {
            var table = new SectionTable
            {
                Id = Convert.ToHexStringLower(_id),
                Source = source,
                Stream = stream,
                KeyEpoch = keys.Newest.Epoch,
                Groups = keys.Newest.Groups,
                Dictionary = dictionary?.Hash,
                Blocks = _blocks,
            };
            _segment.AddBuilt(table);
            return new BuiltSection(_segment, table);
        }
    }
}
