using System.Buffers;
using System.IO.Compression;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>A gzip file. A body that the transport has unpacked already is taken as it is.</summary>
internal sealed class GzipDecoder(BodyDecoder inner) : BodyDecoder
{
    public override IReadOnlyList<string> BodiesPath => inner.BodiesPath;

    public static new GzipDecoder Parse(ComponentReader reader) => reader.Done(new GzipDecoder(reader.Component("decoder", nameof(JsonDecoder), BodyDecoder.Parse)));

    public override PageBuffer Decode(PageBuffer body, int bytesMax)
    {
        if (body.Memory.Span is not [0x1f, 0x8b, ..])
            return inner.Decode(body, bytesMax);

        using var stream = new GZipStream(new ReadOnlyMemoryStream(body.Memory), CompressionMode.Decompress);

        return Archives.DecodeInner(stream, inner, bytesMax);
    }
}

/// <summary>A zip archive; the rows of all its files, in their order.</summary>
internal sealed class ZipfileDecoder(BodyDecoder inner) : BodyDecoder
{
    private const int FilesMax = 10_000;

    public static new ZipfileDecoder Parse(ComponentReader reader) => reader.Done(new ZipfileDecoder(reader.Component("decoder", nameof(JsonDecoder), BodyDecoder.Parse)));

    public override PageBuffer Decode(PageBuffer body, int bytesMax)
    {
        try
        {
            using var archive = new ZipArchive(new ReadOnlyMemoryStream(body.Memory), ZipArchiveMode.Read);
            if (archive.Entries.Count > FilesMax)
                throw new NotReadableException("its archive has too many files");

            var output = new PageBuffer((int)Math.Min(bytesMax * 4L, int.MaxValue));
            output.Write("["u8);
            var first = true;
            foreach (var entry in archive.Entries.Where(entry => entry.Length > 0))
            {
                using var stream = entry.Open();
                using var decoded = Archives.DecodeInner(stream, inner, bytesMax);
                var json = Items(decoded.Memory);
                if (json.IsEmpty)
                    continue;
                if (!first)
                    output.Write(","u8);
                first = false;
                output.Write(json.Span);
            }

            output.Write("]"u8);

            return output;
        }
        catch (InvalidDataException)
        {
            throw new NotReadableException("it is not a zip archive");
        }
    }

    /// <summary>A list without its brackets, so that several files become one list.</summary>
    private static ReadOnlyMemory<byte> Items(ReadOnlyMemory<byte> json)
    {
        var trimmed = json.Trim(" \t\r\n"u8);

        return trimmed.Span is [(byte)'[', .., (byte)']'] ? trimmed[1..^1].Trim(" \t\r\n"u8) : trimmed;
    }
}

internal static class Archives
{
    public static PageBuffer DecodeInner(Stream stream, BodyDecoder inner, int bytesMax)
    {
        var unpacked = new PageBuffer(bytesMax);
        try
        {
            int count;
            while ((count = stream.Read(unpacked.GetSpan(16 * 1024))) > 0)
                unpacked.Advance(count);
            var decoded = inner.Decode(unpacked, bytesMax);
            if (decoded != unpacked)
                unpacked.Dispose();

            return decoded;
        }
        catch (InvalidDataException)
        {
            unpacked.Dispose();
            throw new NotReadableException("its compression is broken");
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }
}
