using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Verifying;

/// <summary>A record in scratch: its key, content and files; or of an erased one the hashes that are left of it.</summary>
internal sealed record DrillRow(string? Key, ReadOnlyMemory<byte>? Json, IReadOnlyList<Attachment> Attachments, (Hash128 Key, Hash128 Record)? Redacted);

/// <summary>
/// Where a drill restores to: a temporary file that vanishes with this object, sealed in chunks under a key that exists in memory only, since scratch is no
/// place for records in plain.
/// </summary>
internal sealed class DrillScratch : IDisposable
{
    private const int ChunkBytes = 256 * 1024;
    private const string Purpose = "drill scratch";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(Kdf.KeyByteCount);
    private readonly FileStream _file;
    private readonly MemoryStream _chunk = new();
    private readonly BinaryWriter _rows;

    public DrillScratch(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new FileStream(
            Path.Combine(folder, $"listbackup-drill-{Guid.CreateVersion7():n}"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        _rows = new BinaryWriter(_chunk);
    }

    public void Write(DrillRow row)
    {
        _rows.Write(row.Redacted is null);
        if (row.Redacted is var (keyHash, recordHash))
        {
            Span<byte> hashes = stackalloc byte[2 * Hash128.ByteCount];
            keyHash.Write(hashes);
            recordHash.Write(hashes[Hash128.ByteCount..]);
            _rows.Write(hashes);
        }
        else
        {
            _rows.Write(row.Key!);
            _rows.Write(row.Json!.Value.Length);
            _rows.Write(row.Json.Value.Span);
            _rows.Write(row.Attachments.Count);
            foreach (var (path, name, size, sha256) in row.Attachments)
            {
                _rows.Write(path);
                _rows.Write(name);
                _rows.Write(size);
                _rows.Write(sha256);
            }
        }

        if (_chunk.Length >= ChunkBytes) WriteChunk();
    }

    /// <summary>Everything that was written, in order. Nothing can be written any more.</summary>
    public IEnumerable<DrillRow> Read()
    {
        if (_chunk.Length > 0) WriteChunk();
        _file.Position = 0;
        using var reader = new BinaryReader(_file, System.Text.Encoding.UTF8, leaveOpen: true);
        while (_file.Position < _file.Length)
        {
            var chunk = Sealed.Read(_key, Purpose, reader.ReadBytes(reader.ReadInt32()));
            using var rows = new BinaryReader(new MemoryStream(chunk, writable: false));
            while (rows.BaseStream.Position < chunk.Length) yield return Read(rows);
        }
    }

    public void Dispose()
    {
        _rows.Dispose();
        _file.Dispose();
        CryptographicOperations.ZeroMemory(_key);
    }

    private static DrillRow Read(BinaryReader rows)
    {
        if (!rows.ReadBoolean())
        {
            var hashes = rows.ReadBytes(2 * Hash128.ByteCount);
            return new DrillRow(null, null, [], (Hash128.Read(hashes), Hash128.Read(hashes.AsSpan(Hash128.ByteCount))));
        }

        var (key, json) = (rows.ReadString(), rows.ReadBytes(rows.ReadInt32()));
        var attachments = new Attachment[rows.ReadInt32()];
        for (var i = 0; i < attachments.Length; i++) attachments[i] = new Attachment(rows.ReadString(), rows.ReadString(), rows.ReadInt64(), rows.ReadString());
        return new DrillRow(key, json, attachments, null);
    }

    private void WriteChunk()
    {
        var box = Sealed.Write(_key, Purpose, _chunk.GetBuffer().AsSpan(0, (int)_chunk.Length));
        _file.Write(BitConverter.GetBytes(box.Length));
        _file.Write(box);
        _chunk.SetLength(0);
    }
}
