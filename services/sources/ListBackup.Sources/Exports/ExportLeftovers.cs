using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ListBackup.Sources;

/// <summary>Values that a file has no room for, kept in a work file until the export's file is written: one JSON object per line.</summary>
public sealed class ExportLeftovers(string folder) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private WorkFile? _file;

    public long Count { get; private set; }

    /// <summary>From the start; null when there are none.</summary>
    public Stream? Open()
    {
        if (_file is null) return null;
        _file.Content.Position = 0;
        return _file.Content;
    }

    /// <summary>Adds one value: where its place is, and its whole JSON.</summary>
    public async Task AddAsync(string stream, string key, string place, string column, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        if (_file is null)
        {
            _file = WorkFile.Create(folder);
            _file.Unname();
        }
        _line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("stream", stream);
            writer.WriteString("key", key);
            writer.WriteString("cell", place);
            writer.WriteString("column", column);
            writer.WritePropertyName("value");
            writer.WriteRawValue(json.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }
        _line.Write("\n"u8);
        await _file.Content.WriteAsync(_line.WrittenMemory, cancellation);
        Count++;
    }

    public void Dispose() => _file?.Dispose();
}
