using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ListBackup.Sources;

/// <summary>
/// RFC 4180 with a header line: one column per top-level field that the stream was seen to have, sorted by name; lists and objects as JSON; ordered by key. A
/// last column <c>_more</c> has the fields that were seen beyond those kept, as JSON.
/// </summary>
public sealed class CsvExport : IExportFormat
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\",\r\n");

    public ExportFormat Format => ExportFormat.Csv;

    public ExportLayout Layout => ExportLayout.Parts;

    public async Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation)
    {
        var stream = streams[0];
        var row = new RowReader(stream.Fields);
        var count = 0L;
        Write(string.Join(',', ColumnNames.Unique([.. stream.Fields, ColumnNames.More], StringComparer.Ordinal).Select(Quoted)), output);
        await foreach (var record in stream.Read(cancellation))
        {
            row.Read(record.Json);
            Write(Line(row), output);
            await output.FlushAsync(cancellation);
            count++;
        }
        await output.FlushAsync(cancellation);
        return count;
    }

    private static string Line(RowReader row)
    {
        var line = new StringBuilder();
        for (var i = 0; i < row.Values.Length; i++)
        {
            if (!row.Values[i].IsEmpty)
            {
                line.Append(Quoted(row.Values[i].Text(out var isExact)));
                if (!isExact) row.AddToMore(i);
            }
            line.Append(',');
        }
        return line.Append(Quoted(row.More())).ToString();
    }

    private static string Quoted(string text)
    {
        // A spreadsheet would run these as formulas; a leading apostrophe makes them text.
        if (text is ['=' or '@' or '\t', ..]) text = "'" + text;
        return text.AsSpan().ContainsAny(Special) ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }

    private static void Write(string line, PipeWriter output)
    {
        Encoding.UTF8.GetBytes(line, output);
        "\r\n"u8.CopyTo(output.GetSpan(2));
        output.Advance(2);
    }
}
