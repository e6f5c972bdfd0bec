using System.IO.Pipelines;

namespace ListBackup.Sources;

/// <summary>One record per line, byte for byte as the platform sent it, ordered by key.</summary>
public sealed class NdjsonExport : IExportFormat
{
    public ExportFormat Format => ExportFormat.Ndjson;

    public ExportLayout Layout => ExportLayout.Parts;

    public async Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation)
    {
        var count = 0L;
        await foreach (var record in streams[0].Read(cancellation))
        {
            WriteLine(record.Json.Span, output);
            await output.FlushAsync(cancellation);
            count++;
        }
        return count;
    }

    /// <summary>A raw line break in JSON is white space between tokens (inside a string it would be escaped), so a blank stands as well in its place.</summary>
    private static void WriteLine(ReadOnlySpan<byte> json, PipeWriter output)
    {
        var line = output.GetSpan(json.Length + 1);
        json.CopyTo(line);
        if (json.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            line[..json.Length].Replace((byte)'\n', (byte)' ');
            line[..json.Length].Replace((byte)'\r', (byte)' ');
        }
        line[json.Length] = (byte)'\n';
        output.Advance(json.Length + 1);
    }
}
