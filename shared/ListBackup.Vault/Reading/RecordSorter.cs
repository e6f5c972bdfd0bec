using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Reading;

/// <summary>Sorts records by key in bounded memory: sorted runs on disk, then a merge of them.</summary>
internal static class RecordSorter
{
    private const int RunBytesMax = 48 * 1024 * 1024;

    /// <summary>What an object costs beside its bytes, roughly; small records must not slip through the limit.</summary>
    private const int RecordOverheadBytes = 120;

    public static async IAsyncEnumerable<Record> SortAsync(
        IAsyncEnumerable<Record> records, VaultOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var spill = new SortSpill(options.SpillFolder ?? Path.GetTempPath());
        var (run, bytes) = (new List<(byte[] Key, Record Record)>(), 0L);
        await foreach (var record in records.WithCancellation(cancellation))
        {
            // The content is a slice of its block: kept alone, so that a sorted run does not hold every block.
            var key = Encoding.UTF8.GetBytes(record.Key);
            run.Add((key, record with { Json = record.Json.ToArray() }));
            bytes += key.Length + record.Json.Length + RecordOverheadBytes;
            if (bytes < RunBytesMax) continue;
            Sort(run);
            spill.Write(run);
            (run, bytes) = ([], 0);
        }

        Sort(run);
        foreach (var record in spill.Merge(run))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return record;
        }
    }

    private static void Sort(List<(byte[] Key, Record Record)> run) => run.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
}

/// <summary>
/// Sorted runs in temporary files, which vanish with this object. Each is sealed in chunks under a key that exists in memory only, since
/// a spill folder is no place for records in plain.
/// </summary>
internal sealed class SortSpill(string folder) : IDisposable
{
    private const int ChunkBytes = 256 * 1024;
    private const string Purpose = "sort spill";
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(Kdf.KeyByteCount);
    private readonly List<string> _files = [];

    public void Write(List<(byte[] Key, Record Record)> run)
    {
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, $"listbackup-sort-{Guid.CreateVersion7():n}");
        _files.Add(name);
        using var writer = new BinaryWriter(new FileStream(name, FileMode.CreateNew, FileAccess.Write));
        using var chunk = new MemoryStream();
        using var rows = new BinaryWriter(chunk);
        foreach (var (key, record) in run)
        {
            rows.Write(key.Length);
            rows.Write(key);
            rows.Write(record.Seq);
            rows.Write(record.Json.Length);
            rows.Write(record.Json.Span);
            if (chunk.Length >= ChunkBytes) WriteChunk(writer, chunk);
        }

        WriteChunk(writer, chunk);
    }

    /// <summary>All runs and the last one in memory, in order.</summary>
    public IEnumerable<Record> Merge(List<(byte[] Key, Record Record)> last)
    {
        var runs = _files.Select(Read).Append(last).Select(run => run.GetEnumerator()).ToList();
        try
        {
            var queue = new PriorityQueue<IEnumerator<(byte[] Key, Record Record)>, byte[]>(
                Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)));
            foreach (var run in runs.Where(run => run.MoveNext())) queue.Enqueue(run, run.Current.Key);
            while (queue.TryDequeue(out var next, out _))
            {
                yield return next.Current.Record;
                if (next.MoveNext()) queue.Enqueue(next, next.Current.Key);
            }
        }
        finally
        {
            foreach (var run in runs) run.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var file in _files) File.Delete(file);
        CryptographicOperations.ZeroMemory(_key);
    }

    private void WriteChunk(BinaryWriter writer, MemoryStream chunk)
    {
        var box = Sealed.Write(_key, Purpose, chunk.GetBuffer().AsSpan(0, (int)chunk.Length));
        writer.Write(box.Length);
        writer.Write(box);
        chunk.SetLength(0);
    }

    private IEnumerable<(byte[] Key, Record Record)> Read(string file)
    {
        using var reader = new BinaryReader(new FileStream(file, FileMode.Open, FileAccess.Read));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var chunk = Sealed.Read(_key, Purpose, reader.ReadBytes(reader.ReadInt32()));
            using var rows = new BinaryReader(new MemoryStream(chunk, writable: false));
            while (rows.BaseStream.Position < chunk.Length)
            {
                var key = rows.ReadBytes(rows.ReadInt32());
                var seq = rows.ReadInt64();
                yield return (key, new Record(Encoding.UTF8.GetString(key), seq, rows.ReadBytes(rows.ReadInt32())));
            }
        }
    }
}
