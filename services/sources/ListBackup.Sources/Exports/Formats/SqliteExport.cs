using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ListBackup.Sources;

/// <summary>
/// An SQLite database with a table per stream: <c>_key</c> (the record's key, primary key), a column per top-level field, and <c>_more</c> with what no column
/// shows, as JSON. Columns have no type of their own, so each value keeps its: whole numbers of 64 bits as integers, numbers that a double holds exactly as
/// reals, all other numbers as text, true and false as 1 and 0, lists and objects as JSON text. The tables <c>_streams</c> and <c>_columns</c> tell which table
/// and column is which.
/// </summary>
public sealed class SqliteExport(ExportOptions options) : IExportFormat
{
    /// <summary>SQLite takes 2,000 columns unless it was built for more; two of them are ours.</summary>
    private const int FieldsMax = 1_998;

    private const int PageBytes = 8192;

    private const string Schema =
        """
        PRAGMA page_size = 8192;
        PRAGMA cache_size = -16384;
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA temp_store = MEMORY;
        PRAGMA encoding = 'UTF-8';
        CREATE TABLE "_streams" (stream TEXT NOT NULL, table_name TEXT PRIMARY KEY NOT NULL, records INTEGER NOT NULL);
        CREATE TABLE "_columns" (table_name TEXT NOT NULL, column_name TEXT NOT NULL, field TEXT NOT NULL, PRIMARY KEY (table_name, column_name));
        """;

    private static readonly string[] OwnTables = ["_streams", "_columns"];

    public ExportFormat Format => ExportFormat.Sqlite;

    public ExportLayout Layout => ExportLayout.OneFile;

    public async Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation)
    {
        // SQLite writes here and there in its file, a bucket takes bytes in order.
        using var file = WorkFile.Create(options.WorkFolder);
        long count;
        await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file.Path, Pooling = false }.ToString()))
        {
            await connection.OpenAsync(cancellation);
            Run(connection, Schema);
            file.Unname();
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            count = await new Database(connection).AddAsync(streams, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        file.Content.Position = 0;
        await file.Content.CopyToAsync(output.AsStream(leaveOpen: true), PageBytes * 16, cancellation);
        await output.FlushAsync(cancellation);
        return count;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class Database(SqliteConnection connection)
    {
        public async Task<long> AddAsync(IReadOnlyList<ExportedStream> streams, CancellationToken cancellation)
        {
            var tables = ColumnNames.Unique([.. OwnTables, .. streams.Select(s => s.Name)], StringComparer.OrdinalIgnoreCase, allowed: Allowed).Skip(OwnTables.Length);
            var count = 0L;
            foreach (var (stream, table) in streams.Zip(tables))
            {
                var records = await AddAsync(stream, table, cancellation);
                Insert("_streams", ["stream", "table_name", "records"], RawValue.WellFormed(stream.Name), table, records);
                count += records;
            }
            return count;
        }

        private async Task<long> AddAsync(ExportedStream stream, string table, CancellationToken cancellation)
        {
            IReadOnlyList<string> fields = [.. stream.Fields.Take(FieldsMax)];
            var columns = ColumnNames.Unique([ColumnNames.Key, .. fields, ColumnNames.More], StringComparer.OrdinalIgnoreCase, allowed: Allowed);
            Run(connection, $"CREATE TABLE {Quoted(table)} ({Quoted(columns[0])} TEXT PRIMARY KEY NOT NULL{string.Concat(columns.Skip(1).Select(c => $", {Quoted(c)}"))})");
            for (var i = 0; i < fields.Count; i++) Insert("_columns", ["table_name", "column_name", "field"], table, columns[i + 1], fields[i]);

            using var insert = InsertCommand(table, columns);
            var row = new RowReader(fields);
            var count = 0L;
            await foreach (var record in stream.Read(cancellation))
            {
                row.Read(record.Json);
                insert.Parameters[0].Value = RawValue.WellFormed(record.Key);
                for (var i = 0; i < row.Values.Length; i++) insert.Parameters[i + 1].Value = ValueOf(row, i);
                insert.Parameters[columns.Count - 1].Value = row.More() is { Length: > 0 } more ? more : DBNull.Value;
                insert.ExecuteNonQuery();
                count++;
            }
            return count;
        }

        private static object ValueOf(RowReader row, int column)
        {
            var value = row.Values[column];
            if (value.IsEmpty) return DBNull.Value;
            if (value.Kind is JsonTokenType.True or JsonTokenType.False) return value.Kind == JsonTokenType.True ? 1L : 0L;
            if (value.Kind == JsonTokenType.Number && NumberText.TryInt64(value.Raw.Span, out var integer)) return integer;
            if (value.Kind == JsonTokenType.Number && NumberText.TryDouble(value.Raw.Span, out var real)) return real;
            var text = value.Text(out var isExact);
            if (!isExact) row.AddToMore(column);
            return text;
        }

        private void Insert(string table, IReadOnlyList<string> columns, params ReadOnlySpan<object> values)
        {
            using var command = InsertCommand(table, columns);
            for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
            command.ExecuteNonQuery();
        }

        private SqliteCommand InsertCommand(string table, IReadOnlyList<string> columns)
        {
            var command = connection.CreateCommand();
            var names = columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"$p{i}")).ToArray();
            command.CommandText = $"INSERT INTO {Quoted(table)} ({string.Join(", ", columns.Select(Quoted))}) VALUES ({string.Join(", ", names)})";
            foreach (var name in names) command.Parameters.Add(new() { ParameterName = name });
            return command;
        }

        private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

        /// <summary>SQLite keeps names that begin with <c>sqlite_</c> for itself, and a NUL would end a name.</summary>
        private static string Allowed(string name)
        {
            var whole = RawValue.WellFormed(name).Replace('\0', '_');
            return whole.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase) ? "_" + whole : whole;
        }
    }
}
