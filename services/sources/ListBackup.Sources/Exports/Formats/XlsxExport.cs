using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security;
using System.Text;

namespace ListBackup.Sources;

/// <summary>
/// A workbook with a sheet per stream: the record's key, a column per top-level field, and <c>_more</c> with what no column shows, as JSON. What exceeds a
/// sheet's rows goes on in a further sheet, what exceeds a cell is whole in the leftovers. Numbers that a spreadsheet would round are text.
/// </summary>
public sealed class XlsxExport : IExportFormat
{
    private const int SheetNameLengthMax = 31;

    /// <summary>Before the file grows past what readers without 64-bit sizes can unpack, the stream goes on in a further sheet.</summary>
    private const long SheetBytesMax = 1L << 30;

    private const int BufferBytes = 128 * 1024;

    private static readonly SearchValues<char> NotInSheetNames = SearchValues.Create(@"[]:*?/\");

    /// <summary>Rows of a sheet with its header; fewer in tests.</summary>
    internal int RowsMax { get; init; } = SheetXml.RowsMax;

    public ExportFormat Format => ExportFormat.Xlsx;

    public ExportLayout Layout => ExportLayout.OneFile;

    public async Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation)
    {
        // No using: the directory at the end of a workbook that failed would make half of it look whole.
        var package = await ZipArchive.CreateAsync(output.AsStream(leaveOpen: true), ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        var book = new Workbook(package, RowsMax, leftovers);
        var count = 0L;
        foreach (var stream in streams) count += await book.AddAsync(stream, cancellation);
        await book.FinishAsync(cancellation);
        await package.DisposeAsync();
        await output.FlushAsync(cancellation);
        return count;
    }

    private sealed class Workbook(ZipArchive package, int rowsMax, ExportLeftovers leftovers)
    {
        private readonly List<string> _wanted = [];
        private readonly ArrayBufferWriter<byte> _xml = new(BufferBytes * 2);

        /// <summary>Sheets so far, in order, with unique names.</summary>
        private IReadOnlyList<string> Sheets => ColumnNames.Unique(_wanted, StringComparer.OrdinalIgnoreCase, SheetNameLengthMax, Allowed);

        public async Task<long> AddAsync(ExportedStream stream, CancellationToken cancellation)
        {
            var row = new RowReader(stream.Fields);
            var header = ColumnNames.Unique([ColumnNames.Key, .. stream.Fields, ColumnNames.More], StringComparer.Ordinal, SheetXml.CellLengthMax);
            var columns = header.Select((_, i) => SheetXml.ColumnName(i)).ToArray();
            await using var records = stream.Read(cancellation).GetAsyncEnumerator(cancellation);
            var (count, hasMore) = (0L, await records.MoveNextAsync());
            do
            {
                // A stream without records has its sheet too: it was exported, and there was nothing.
                _wanted.Add(stream.Name);
                await using var sheet = await package.CreateEntry($"xl/worksheets/sheet{_wanted.Count}.xml", CompressionLevel.Fastest).OpenAsync(cancellation);
                SheetXml.Ascii(_xml, SheetXml.Start);
                WriteHeader(header, columns);
                var (rows, bytes) = (1, 0L);
                for (; hasMore && rows < rowsMax && bytes < SheetBytesMax; hasMore = await records.MoveNextAsync())
                {
                    row.Read(records.Current.Json);
                    await WriteRowAsync(stream.Name, records.Current.Key, row, header, columns, ++rows, cancellation);
                    count++;
                    if (_xml.WrittenCount >= BufferBytes) bytes += await FlushAsync(sheet, cancellation);
                }
                SheetXml.Ascii(_xml, SheetXml.End);
                await FlushAsync(sheet, cancellation);
            }
            while (hasMore);
            return count;
        }

        public async Task FinishAsync(CancellationToken cancellation)
        {
            await WritePartAsync("xl/styles.xml", SheetXml.Styles, cancellation);
            await WritePartAsync("xl/workbook.xml", WorkbookXml(), cancellation);
            await WritePartAsync("xl/_rels/workbook.xml.rels", RelationsXml(
                [.. _wanted.Select((_, i) => ($"rId{i + 1}", "worksheet", $"worksheets/sheet{i + 1}.xml")), ("rIdStyles", "styles", "styles.xml")]), cancellation);
            await WritePartAsync("_rels/.rels", RelationsXml([("rId1", "officeDocument", "xl/workbook.xml")]), cancellation);
            await WritePartAsync("[Content_Types].xml", TypesXml(), cancellation);
        }

        private void WriteHeader(IReadOnlyList<string> header, string[] columns)
        {
            SheetXml.Ascii(_xml, "<row r=\"1\">");
            for (var i = 0; i < header.Count; i++) SheetXml.Text(_xml, columns[i] + "1", header[i]);
            SheetXml.Ascii(_xml, "</row>");
        }

        private async Task WriteRowAsync(string stream, string key, RowReader row, IReadOnlyList<string> header, string[] columns, int number, CancellationToken cancellation)
        {
            SheetXml.Ascii(_xml, $"<row r=\"{number}\">");
            SheetXml.Text(_xml, columns[0] + number, key); // At most 4,096 bytes, so never too long.
            for (var i = 0; i < row.Values.Length; i++)
            {
                var value = row.Values[i];
                if (!value.IsEmpty && !SheetXml.Value(_xml, columns[i + 1] + number, value))
                    await leftovers.AddAsync(stream, key, Place(i + 1), header[i + 1], value.Raw, cancellation);
            }
            if (row.More() is { Length: > 0 } more && !SheetXml.Text(_xml, columns[^1] + number, more))
                await leftovers.AddAsync(stream, key, Place(header.Count - 1), header[^1], Encoding.UTF8.GetBytes(more), cancellation);
            SheetXml.Ascii(_xml, "</row>");

            string Place(int column) => $"{Sheets[^1]}!{columns[column]}{number}";
        }

        private async Task<long> FlushAsync(Stream sheet, CancellationToken cancellation)
        {
            var length = _xml.WrittenCount;
            await sheet.WriteAsync(_xml.WrittenMemory, cancellation);
            _xml.ResetWrittenCount();
            return length;
        }

        private async Task WritePartAsync(string name, string xml, CancellationToken cancellation)
        {
            await using var part = await package.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellation);
            await part.WriteAsync(Encoding.UTF8.GetBytes(xml), cancellation);
        }

        private string WorkbookXml() =>
            $"""
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{string.Concat(Sheets.Select((name, i) => $"<sheet name=\"{SecurityElement.Escape(name)}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>"))}</sheets></workbook>
            """;

        private static string RelationsXml(IEnumerable<(string Id, string Kind, string Target)> relations) =>
            $"""
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{string.Concat(relations.Select(r => $"<Relationship Id=\"{r.Id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{r.Kind}\" Target=\"{r.Target}\"/>"))}</Relationships>
            """;

        private string TypesXml() =>
            $"""
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>{string.Concat(_wanted.Select((_, i) => $"<Override PartName=\"/xl/worksheets/sheet{i + 1}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"))}</Types>
            """;

        /// <summary>What Excel refuses in a sheet's name.</summary>
        private static string Allowed(string name)
        {
            var allowed = string.Concat(RawValue.WellFormed(name).Select(c => c < ' ' || c >= '\uFFFE' || NotInSheetNames.Contains(c) ? '_' : c)).Trim('\'');
            return allowed.Equals("history", StringComparison.OrdinalIgnoreCase) ? "_" + allowed : allowed;
        }
    }
}
