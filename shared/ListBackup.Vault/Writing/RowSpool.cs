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
    private const int RowHeaderBytes = Hash128.ByteCount + 1 + 4 + 4;
    private const int SectionBytesMax = 24 * 1024 * 1024;
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
    public void Add(Hash128 keyHash, ReadOnlySpan<byte> key, RecordOperation operation, ReadOnlySpan<byte> json)
    {
        var row = RoomFor(_buckets[keyHash.Group(BucketCount)], RowHeaderBytes + key.Length + json.Length);
        keyHash.Write(row);
        row[Hash128.ByteCount] = (byte)operation;
        BinaryPrimitives.WriteInt32LittleEndian(row[(Hash128.ByteCount + 1)..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[(Hash128.ByteCount + 5)..], json.Length);
        key.CopyTo(row[RowHeaderBytes..]);
        json.CopyTo(row[(RowHeaderBytes + key.Length)..]);
        RowCount++;
        ByteCount += row.Length;
        if (_memoryBytes > memoryBytesMax) Spill();
    }

    /// <summary>Makes the sections, one after the other, each to be used before the next is asked for; then the spool is empty.</summary>
    public IEnumerable<BuiltSection> Build(string source, string stream, StreamKeys keys, int compressionLevel)
    {
        // Room for rows to come is not needed now; the blocks need it.
        _spare.Clear();
        using var writer = new BlockWriter(compressionLevel);
        var (lines, output) = (new BlockBuffer(), new BlockBuffer());
        var section = new SectionInProgress(source, stream, keys, output);
        // With fewer groups than buckets several buckets make one group; otherwise a bucket holds whole groups.
        var bucketsAtOnce = Math.Max(1, BucketCount / keys.Newest.Groups);
        for (var first = 0; first < BucketCount; first += bucketsAtOnce)
        {
            var chunks = TakeChunks(first, bucketsAtOnce);
            foreach (var group in GroupsOf(chunks, keys.Newest.Groups))
            {
                lines.Clear();
                foreach (var row in group) RecordLine.Write(lines, row.Key, seq: null, row.Operation, row.Json);
                section.Add(writer, group[0].KeyHash.Group(keys.Newest.Groups), group.Count, lines.Written);
                if (section.Length < SectionBytesMax) continue;
                yield return section.Finish();
                section = new SectionInProgress(source, stream, keys, output);
            }
        }

        if (section.Length > 0) yield return section.Finish();
        Clear();
    }

    public void Clear()
    {
        foreach (var bucket in _buckets) bucket.Clear();
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
        if (bucket.Open is null || bucket.Open.Length - bucket.OpenLength < length)
        {
            bucket.CloseOpen();
            bucket.Open = NewChunk(length, bucket.Open?.Length ?? 0);
            bucket.OpenLength = 0;
            _memoryBytes += bucket.Open.Length;
        }

        bucket.OpenLength += length;
        return bucket.Open.AsSpan(bucket.OpenLength - length, length);
    }

    // Small at first: a stream of ten records must not cost 128 large chunks.
    private byte[] NewChunk(int needed, int previous)
    {
        if (needed > ChunkBytesMax) return new byte[needed];
        var wanted = Math.Clamp(previous * 2, ChunkBytesMin, ChunkBytesMax);
        while (wanted < needed) wanted *= 2;
        return wanted == ChunkBytesMax && _spare.TryPop(out var spare) ? spare : new byte[wanted];
    }

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
                var box = Sealed.Write(_spillKey, SpillPurpose, chunk.Span);
                bucket.Spilled.Add((_spill.Position, box.Length));
                _spill.Write(box);
                Recycle(chunk);
            }

            bucket.Chunks.Clear();
            bucket.Open = null;
        }

        _memoryBytes = 0;
    }

    private void Recycle(ReadOnlyMemory<byte> chunk)
    {
        if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(chunk, out var array) && array.Array!.Length == ChunkBytesMax) _spare.Push(array.Array);
    }

    private List<ReadOnlyMemory<byte>> TakeChunks(int firstBucket, int count)
    {
        var chunks = new List<ReadOnlyMemory<byte>>();
        foreach (var bucket in _buckets.AsSpan(firstBucket, count))
        {
            foreach (var (offset, length) in bucket.Spilled) chunks.Add(ReadSpilled(offset, length));
            bucket.CloseOpen();
            chunks.AddRange(bucket.Chunks);
            bucket.Clear();
        }

        return chunks;
    }

    private byte[] ReadSpilled(long offset, int length)
    {
        var box = new byte[length];
        _spill!.Position = offset;
        _spill.ReadExactly(box);
        return Sealed.Read(_spillKey, SpillPurpose, box);
    }

    /// <summary>The rows by group, in the order of their keys' bytes; of one key the last.</summary>
    private static IEnumerable<List<Row>> GroupsOf(List<ReadOnlyMemory<byte>> chunks, int groups)
    {
        var rows = chunks.SelectMany(RowsOf).ToArray();
        var leading = Array.ConvertAll(rows, row => row.KeyHash.High);
        var order = new int[rows.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
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

    private static List<Row> LastOfEachKey(Row[] rows, ReadOnlySpan<int> order)
    {
        var last = new List<Row>(order.Length);
        foreach (var ordinal in order)
        {
            if (last.Count > 0 && last[^1].Key.SequenceEqual(rows[ordinal].Key)) last[^1] = rows[ordinal];
            else last.Add(rows[ordinal]);
        }

        return last;
    }

    private static IEnumerable<Row> RowsOf(ReadOnlyMemory<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            var row = new Row(chunk);
            yield return row;
            chunk = chunk[row.Length..];
        }
    }

    /// <summary>A row where it lies in its chunk.</summary>
    private readonly struct Row(ReadOnlyMemory<byte> bytes)
    {
        private readonly ReadOnlyMemory<byte> _bytes = bytes;
        private readonly int _keyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(Hash128.ByteCount + 1)..]);
        private readonly int _jsonLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(Hash128.ByteCount + 5)..]);

        public Hash128 KeyHash { get; } = Hash128.Read(bytes.Span);

        public RecordOperation Operation => (RecordOperation)_bytes.Span[Hash128.ByteCount];

        public ReadOnlySpan<byte> Key => _bytes.Span.Slice(RowHeaderBytes, _keyLength);

        public ReadOnlySpan<byte> Json => _bytes.Span.Slice(RowHeaderBytes + _keyLength, _jsonLength);

        public int Length => RowHeaderBytes + _keyLength + _jsonLength;
    }

    private sealed class Bucket
    {
        public byte[]? Open { get; set; }

        public int OpenLength { get; set; }

        public List<ReadOnlyMemory<byte>> Chunks { get; } = [];

        public List<(long Offset, int Length)> Spilled { get; } = [];

        public void CloseOpen()
        {
            if (OpenLength > 0) Chunks.Add(Open.AsMemory(0, OpenLength));
            OpenLength = 0;
        }

        public void Clear()
        {
            (Open, OpenLength) = (null, 0);
            Chunks.Clear();
            Spilled.Clear();
        }
    }

    private sealed class SectionInProgress(string source, string stream, StreamKeys keys, BlockBuffer output)
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
                Blocks = _blocks,
            };
            _segment.AddBuilt(table);
            return new BuiltSection(_segment, table);
        }
    }
}
