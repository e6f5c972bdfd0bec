using System.Buffers;
using System.IO.Compression;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>A gzip file. A body that the transport has unpacked already is taken as it is.</summary>
internal sealed class GzipDecoder(BodyDecoder inner) : BodyDecoder
{
    public override IReadOnlyList<string> BodiesPath => inner.BodiesPath;

    public static new GzipDecoder Parse(ComponentReader reader) => reader.Done(new GzipDecoder(reader.Component("decoder", nameof(JsonDecoder), BodyDecoder.Parse)));

    public override Stream Open(Stream body, int bytesMax)
    {
        Span<byte> magic = stackalloc byte[2];
        var count = body.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(magic[..count].ToArray(), body);

        return inner.Open(magic is [0x1f, 0x8b] ? new GZipStream(whole, CompressionMode.Decompress) : whole, bytesMax);
    }
}

/// <summary>A zip archive; the rows of all its files, in their order.</summary>
internal sealed class ZipfileDecoder(BodyDecoder inner) : BodyDecoder
{
    private const int FilesMax = 10_000;

    public static new ZipfileDecoder Parse(ComponentReader reader) => reader.Done(new ZipfileDecoder(reader.Component("decoder", nameof(JsonDecoder), BodyDecoder.Parse)));

    public override Stream Open(Stream body, int bytesMax)
    {
        // An archive is read from its end.
        var whole = body.CanSeek ? body : Held(body, bytesMax);
        try
        {
            var archive = new ZipArchive(whole, ZipArchiveMode.Read);
            if (archive.Entries.Count > FilesMax)
                throw new NotReadableException("its archive has too many files");

            return JoinedJson.Open(whole, archive.Entries.Where(entry => entry.Length > 0).Select(entry => Rows(inner.Open(entry.Open(), bytesMax), bytesMax)));
        }
        catch (InvalidDataException)
        {
            whole.Dispose();
            throw new NotReadableException("it is not a zip archive");
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>The rows of one file. Where they stand inside of something, it has to be held to find them.</summary>
    private Stream Rows(Stream file, int bytesMax)
    {
        if (inner.BodiesPath.Count == 0)
            return file;

        using (file)
        {
            using var whole = PageBuffer.ReadWhole(file, bytesMax);
            var rows = PageSplitter.Split(whole.Memory, inner.BodiesPath, []);

            // What cannot be a record stays one that cannot, so that it is counted.
            return JoinedJson.Open(Stream.Null, rows.Rows.Select(row => row.ToArray()).Concat(Enumerable.Repeat("0"u8.ToArray(), rows.Refused))
                .Select(row => new ReadOnlyMemoryStream(row)).ToList());
        }
    }

    private static BufferStream Held(Stream body, int bytesMax)
    {
        using (body)
            return new BufferStream(PageBuffer.ReadWhole(body, bytesMax));
    }
}

/// <summary>A stream of which the first bytes were read already.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_at == prefix.Length)
            return rest.Read(buffer);

        var count = Math.Min(buffer.Length, prefix.Length - _at);
        prefix.AsSpan(_at, count).CopyTo(buffer);
        _at += count;

        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
