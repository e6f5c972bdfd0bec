using System.Text.Json;
using CsCheck;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

/// <summary>What is read back from a file is what the platform sent: every value of every record, in its column or in <c>_more</c>.</summary>
public sealed class FormatTests
{
    private static readonly XlsxExport Xlsx = new();
    private static readonly ParquetExport Parquet = new();
    private static readonly SqliteExport Sqlite = new(new());

    [Fact]
    public async Task A_workbook_has_every_value()
    {
        await CheckXlsxAsync(OddRecords.EveryValue);
        await OddRecords.Some.SampleAsync(CheckXlsxAsync, iter: 25);
    }

    [Fact]
    public async Task A_database_has_every_value()
    {
        await CheckSqliteAsync(OddRecords.EveryValue);
        await OddRecords.Some.SampleAsync(CheckSqliteAsync, iter: 25);
    }

    [Fact]
    public async Task A_Parquet_file_has_every_value()
    {
        await CheckParquetAsync(OddRecords.EveryValue);
        await OddRecords.Some.SampleAsync(CheckParquetAsync, iter: 25);
    }

    [Fact]
    public async Task A_stream_that_exceeds_a_sheet_goes_on_in_a_further_one()
    {
        var records = Numbered(7);

        var (file, count, _) = await ReadBack.WriteAsync(new XlsxExport { RowsMax = 4 }, Of("contacts", records), Of("empty", []));
        var sheets = await ReadBack.XlsxAsync(file);

        count.ShouldBe(7);
        sheets.Select(s => (s.Name, s.Rows.Count)).ShouldBe([("contacts", 4), ("contacts (2)", 4), ("contacts (3)", 2), ("empty", 1)]);
        sheets.Take(3).SelectMany(s => s.Rows.Skip(1)).Select(r => r["A"].Text).ShouldBe(records.Select(r => r.Key));
    }

    [Fact]
    public async Task Sheets_and_tables_have_names_that_their_programs_take()
    {
        string[] names = ["History", "a/b:c", "A/B:C", new string('s', 40), new string('s', 41), "'quoted'", "sqlite_sequence", "_streams", "select"];

        var (book, _, _) = await ReadBack.WriteAsync(Xlsx, [.. names.Select(n => Of(n, Numbered(1)))]);
        var (database, _, _) = await ReadBack.WriteAsync(Sqlite, [.. names.Select(n => Of(n, Numbered(1)))]);

        var sheets = (await ReadBack.XlsxAsync(book)).Select(s => s.Name).ToList();
        sheets.ShouldBe(["_History", "a_b_c", "A_B_C (2)", new string('s', 31), new string('s', 27) + " (2)", "quoted", "sqlite_sequence", "_streams", "select"]);
        var tables = await ReadBack.SqliteAsync(database, "SELECT stream, table_name, records FROM _streams ORDER BY rowid");
        tables.Select(t => (string)t["stream"]!).ShouldBe(names);
        tables.Select(t => (string)t["table_name"]!).ShouldBe(["History", "a/b:c", "A/B:C (2)", names[3], names[4], "'quoted'", "_sqlite_sequence", "_streams (2)", "select"]);
    }

    [Fact]
    public async Task A_Parquet_column_is_typed_only_when_all_of_it_fits()
    {
        OddRecord Row(string key, params (string, string)[] members) => new(key, members);
        var records = new[]
        {
            Row("1", ("int", "1"), ("mixed", "1"), ("big", "1"), ("real", "0.1"), ("at", "\"2024-01-31T10:20:30Z\""), ("zone", "\"2024-01-31T10:20:30Z\""), ("yes", "true"), ("odd", "true"), ("none", "null")),
            Row("2", ("int", "9223372036854775807"), ("mixed", "0.5"), ("big", "9223372036854775808.5"), ("real", "1"), ("at", "null"), ("zone", "\"2024-01-31T10:20:30+01:00\""), ("yes", "false"), ("odd", "1")),
        };

        var (file, _, _) = await ReadBack.WriteAsync(Parquet, new ExportedStream("s", ["at", "big", "int", "mixed", "none", "odd", "real", "yes", "zone"], _ => records.Select(r => r.Record).ToAsyncEnumerable()));

        var (_, types, _) = await ReadBack.ParquetAsync(file);
        Type Text = types["_key"];
        types.ShouldBe(new Dictionary<string, Type>
        {
            ["_key"] = Text, ["at"] = typeof(DateTime), ["big"] = Text, ["int"] = typeof(long), ["mixed"] = typeof(double), ["none"] = Text, ["odd"] = Text,
            ["real"] = typeof(double), ["yes"] = typeof(bool), ["zone"] = Text, ["_more"] = Text,
        });
    }

    [Fact]
    public async Task A_Parquet_file_has_groups_that_fit_into_memory()
    {
        var text = new string('t', 1_000_000);
        var records = Enumerable.Range(0, 80).Select(i => new OddRecord($"k{i:d3}", [("n", i.ToString()), ("text", $"\"{i}{text}\"")])).ToList();

        var (file, count, _) = await ReadBack.WriteAsync(Parquet, new ExportedStream("s", ["n", "text"], _ => records.Select(r => r.Record).ToAsyncEnumerable()));
        var (rows, _, groups) = await ReadBack.ParquetAsync(file);

        count.ShouldBe(80);
        groups.ShouldBe(3);
        rows.Select(r => (r["n"], ((string)r["text"]!)[..2])).ShouldBe(records.Select((_, i) => ((object?)(long)i, $"{i}t"[..2])));
    }

    [Fact]
    public async Task A_database_has_room_for_more_fields_than_columns()
    {
        var record = new OddRecord("k", [.. Enumerable.Range(0, 2_100).Select(i => ($"f{i:d4}", i.ToString()))]);

        var (file, _, _) = await ReadBack.WriteAsync(Sqlite, new ExportedStream("wide", [.. record.Members.Select(m => m.Name)], _ => new[] { record.Record }.ToAsyncEnumerable()));
        var row = (await ReadBack.SqliteAsync(file, "SELECT * FROM wide")).ShouldHaveSingleItem();

        row["f1997"].ShouldBe(1997L);
        JsonDocument.Parse((string)row["_more"]!).RootElement.EnumerateObject().Select(m => m.Value.GetInt32()).ShouldBe(Enumerable.Range(1998, 102));
    }

    private static List<OddRecord> Numbered(int count) => [.. Enumerable.Range(1, count).Select(i => new OddRecord($"k{i}", [("id", i.ToString())]))];

    private static ExportedStream Of(string name, IReadOnlyList<OddRecord> records) => new(name, ["id"], _ => records.Select(r => r.Record).ToAsyncEnumerable());

    private static async Task CheckXlsxAsync(IReadOnlyList<OddRecord> records)
    {
        var stream = OddRecords.Stream("things", records);
        var (file, count, leftovers) = await ReadBack.WriteAsync(Xlsx, stream);
        var rows = (await ReadBack.XlsxAsync(file)).ShouldHaveSingleItem().Rows;

        count.ShouldBe(records.Count);
        rows.Count.ShouldBe(records.Count + 1);
        rows[0].Values.Select(cell => cell.Text).Distinct().Count().ShouldBe(stream.Fields.Count + 2);
        foreach (var (record, row) in records.Zip(rows.Skip(1)))
        {
            row["A"].Text.ShouldBe(record.Key);
            foreach (var (name, raw) in record.Members)
            {
                var cell = stream.Fields.IndexOf(name) is >= 0 and var i && row.TryGetValue(Letters(i + 1), out var found) ? found : default;
                CheckCell(raw, cell, name);
            }

            void CheckCell(string raw, (string Type, string Text) cell, string name)
            {
                if (!stream.Fields.Contains(name))
                {
                    var place = Letters(stream.Fields.Count + 1);
                    var more = row[place].Text is { Length: SheetXml.CellLengthMax } ? Leftover(place) : row[place].Text;
                    MoreOf(more, name).ShouldBe(raw);
                }
                else if (raw == "null") cell.ShouldBe(default);
                else if (raw is "true" or "false") cell.ShouldBe(("b", raw == "true" ? "1" : "0"));
                else if (cell.Type == "n")
                {
                    OddRecord.IsSameNumber(cell.Text, raw).ShouldBeTrue($"{raw} became {cell.Text}");
                    raw.TrimStart('-').Split('e', 'E')[0].Replace(".", "").Trim('0').Length.ShouldBeLessThanOrEqualTo(15, "Excel shows fifteen digits");
                }
                else
                {
                    var whole = raw[0] == '"' ? OddRecord.Said(raw) : raw;
                    cell.Type.ShouldBe("inlineStr");
                    cell.Text.ShouldBe(whole.Length > SheetXml.CellLengthMax ? whole[..SheetXml.CellLengthMax] : whole);
                    if (whole.Length > SheetXml.CellLengthMax) Leftover(Letters(stream.Fields.IndexOf(name) + 1)).ShouldBe(raw);
                }
            }

            string Leftover(string column) => leftovers.Single(l => l.GetProperty("cell").GetString() == $"things!{column}{rows.IndexOf(row) + 1}" && l.GetProperty("key").GetString() == record.Key).GetProperty("value").GetRawText();
        }
    }

    private static async Task CheckSqliteAsync(IReadOnlyList<OddRecord> records)
    {
        var stream = OddRecords.Stream("things", records);
        var (file, count, leftovers) = await ReadBack.WriteAsync(Sqlite, stream);
        var rows = await ReadBack.SqliteAsync(file, "SELECT * FROM things ORDER BY _key");
        var columns = (await ReadBack.SqliteAsync(file, "SELECT column_name, field FROM _columns")).ToDictionary(c => (string)c["field"]!, c => (string)c["column_name"]!);

        count.ShouldBe(records.Count);
        leftovers.ShouldBeEmpty();
        columns.Keys.ShouldBe(stream.Fields, ignoreOrder: true);
        rows.Count.ShouldBe(records.Count);
        foreach (var (record, row) in records.Zip(rows))
        {
            row["_key"].ShouldBe(record.Key);
            // A field of the platform may be called so, too; ours comes last.
            var more = (string?)row[row.Keys.Last()];
            foreach (var (name, raw) in record.Members)
            {
                if (!columns.TryGetValue(name, out var column)) MoreOf(more, name).ShouldBe(raw);
                else CheckValue(raw, row[column], name, more);
            }
        }
    }

    private static async Task CheckParquetAsync(IReadOnlyList<OddRecord> records)
    {
        var stream = OddRecords.Stream("things", records);
        var (file, count, leftovers) = await ReadBack.WriteAsync(Parquet, stream);
        var (rows, types, _) = await ReadBack.ParquetAsync(file);
        var columns = types.Keys.ToList();

        count.ShouldBe(records.Count);
        leftovers.ShouldBeEmpty();
        rows.Count.ShouldBe(records.Count);
        columns.Count.ShouldBe(stream.Fields.Count + 2);
        foreach (var (record, row) in records.Zip(rows))
        {
            row["_key"].ShouldBe(record.Key);
            var more = (string?)row[columns[^1]];
            foreach (var (name, raw) in record.Members)
            {
                if (!stream.Fields.Contains(name)) MoreOf(more, name).ShouldBe(raw);
                else CheckValue(raw, row[columns[stream.Fields.IndexOf(name) + 1]], name, more);
            }
        }
    }

    private static void CheckValue(string raw, object? value, string name, string? more)
    {
        switch (value)
        {
            case null: raw.ShouldBe("null"); break;
            case bool yes: raw.ShouldBe(yes ? "true" : "false"); break;
            case long integer when raw is "true" or "false": integer.ShouldBe(raw == "true" ? 1 : 0); break;
            case long integer: OddRecord.IsSameNumber(integer.ToString(), raw).ShouldBeTrue($"{raw} became {integer}"); break;
            case double real: OddRecord.IsSameNumber(real.ToString("R"), raw).ShouldBeTrue($"{raw} became {real:R}"); break;
            case DateTime moment: moment.ShouldBe(DateTimeOffset.Parse(OddRecord.Said(raw)).UtcDateTime); break;
            case string text when raw[0] == '"':
                var said = OddRecord.Said(raw);
                text.ShouldBe(OddRecord.Whole(said));
                if (text != said) MoreOf(more, name).ShouldBe(raw);
                break;
            default: value.ShouldBe(raw); break;
        }
    }

    /// <summary>The raw value of a field in <c>_more</c>, found without turning its name into text, which cannot be of a lone surrogate.</summary>
    private static string? MoreOf(string? more, string name)
    {
        using var document = JsonDocument.Parse(more.ShouldNotBeNull());
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var raw = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8PropertyName(member);
            if (OddRecord.Said($"\"{System.Text.Encoding.UTF8.GetString(raw)}\"") == name) return member.Value.GetRawText();
        }
        return null;
    }

    private static string Letters(int index) => index < 26 ? $"{(char)('A' + index)}" : $"{(char)('A' + index / 26 - 1)}{(char)('A' + index % 26)}";
}

file static class Lists
{
    public static int IndexOf<T>(this IReadOnlyList<T> list, T item)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (EqualityComparer<T>.Default.Equals(list[i], item)) return i;
        }
        return -1;
    }
}
