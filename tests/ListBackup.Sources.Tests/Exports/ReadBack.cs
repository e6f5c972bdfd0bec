using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Data.Sqlite;
using Parquet;

namespace ListBackup.Sources.Tests;

/// <summary>Reads files of exports with what others would read them with.</summary>
public static partial class ReadBack
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What a format makes of streams, and its leftovers by line.</summary>
    public static async Task<(byte[] File, long Count, IReadOnlyList<JsonElement> Leftovers)> WriteAsync(IExportFormat format, params IReadOnlyList<ExportedStream> streams)
    {
        using var leftovers = new ExportLeftovers(Path.GetTempPath());
        var file = new MemoryStream();
        var output = PipeWriter.Create(file, new(leaveOpen: true));
        var count = await format.WriteAsync(streams, output, leftovers, Cancellation);
        await output.CompleteAsync();
        if (leftovers.Open() is not { } rest) return (file.ToArray(), count, []);
        var lines = await new StreamReader(rest).ReadToEndAsync(Cancellation);
        return (file.ToArray(), count, [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]);
    }

    /// <summary>Sheets in order: rows of cells by column letter, as type and text.</summary>
    public static async Task<IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyDictionary<string, (string Type, string Text)>> Rows)>> XlsxAsync(byte[] file)
    {
        await using var package = new ZipArchive(new MemoryStream(file));
        XNamespace main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        var targets = Part("xl/_rels/workbook.xml.rels").Root!.Elements().ToDictionary(r => r.Attribute("Id")!.Value, r => r.Attribute("Target")!.Value);
        Part("[Content_Types].xml").Root!.Elements().Count(e => e.Attribute("ContentType")!.Value.EndsWith("worksheet+xml", StringComparison.Ordinal)).ShouldBe(targets.Count - 1);
        targets["rIdStyles"].ShouldBe("styles.xml");
        Part("xl/styles.xml");
        Part("_rels/.rels");
        return [.. Part("xl/workbook.xml").Descendants(main + "sheet").Select(sheet => (
            sheet.Attribute("name")!.Value,
            (IReadOnlyList<IReadOnlyDictionary<string, (string, string)>>)[.. Part("xl/" + targets[sheet.Attribute(relations + "id")!.Value]).Descendants(main + "row").Select(Row)]))];

        XDocument Part(string name)
        {
            using var content = package.GetEntry(name)!.Open();
            return XDocument.Load(XmlReader.Create(content, new() { DtdProcessing = DtdProcessing.Prohibit }), LoadOptions.PreserveWhitespace);
        }

        IReadOnlyDictionary<string, (string, string)> Row(XElement row)
        {
            row.Descendants(main + "f").ShouldBeEmpty("no cell is a formula");
            return row.Elements(main + "c").ToDictionary(
                cell => cell.Attribute("r")!.Value.TrimEnd("0123456789".ToCharArray()),
                cell => (cell.Attribute("t")?.Value ?? "n", Unescaped(cell.Value)));
        }
    }

    /// <summary>Rows of a table by column.</summary>
    public static async Task<IReadOnlyList<IReadOnlyDictionary<string, object?>>> SqliteAsync(byte[] file, string sql)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, file, Cancellation);
            await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
            await connection.OpenAsync(Cancellation);
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            (await check.ExecuteScalarAsync(Cancellation)).ShouldBe("ok");
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            var rows = new List<IReadOnlyDictionary<string, object?>>();
            while (await reader.ReadAsync(Cancellation))
                rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i)));
            return rows;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Rows by column; and what each column holds.</summary>
    public static async Task<(IReadOnlyList<IReadOnlyDictionary<string, object?>> Rows, IReadOnlyDictionary<string, Type> Types, int Groups)> ParquetAsync(byte[] file)
    {
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file), cancellationToken: Cancellation);
        var rows = new List<Dictionary<string, object?>>();
        var fields = reader.Schema.GetDataFields();
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var first = rows.Count;
            for (var i = 0; i < group.RowCount; i++) rows.Add([]);
            foreach (var field in fields)
            {
                var values = await ColumnAsync(group, field);
                for (var i = 0; i < values.Length; i++) rows[first + i][field.Name] = values[i];
            }
        }
        return (rows, fields.ToDictionary(f => f.Name, f => f.ClrType), reader.RowGroupCount);
    }

    private static async Task<object?[]> ColumnAsync(ParquetRowGroupReader group, Parquet.Schema.DataField field)
    {
        if (field.ClrType == typeof(long)) return await Typed<long>();
        if (field.ClrType == typeof(double)) return await Typed<double>();
        if (field.ClrType == typeof(bool)) return await Typed<bool>();
        if (field.ClrType == typeof(DateTime)) return await Typed<DateTime>();
        var texts = new string?[group.RowCount];
        await group.ReadAsync(field, texts.AsMemory(), null, Cancellation);
        return texts;

        async Task<object?[]> Typed<T>()
            where T : struct
        {
            var values = new T?[group.RowCount];
            await group.ReadAsync<T>(field, values.AsMemory(), null, Cancellation);
            return [.. values.Select(v => (object?)v)];
        }
    }

    private static string Unescaped(string text) => Escape().Replace(text, match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString());

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex Escape();
}
