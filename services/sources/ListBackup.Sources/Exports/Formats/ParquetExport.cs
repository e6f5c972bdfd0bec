using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ListBackup.Sources;

/// <summary>
/// A Parquet file per stream: <c>_key</c>, a column per top-level field, and <c>_more</c> with what no column shows, as JSON. The records are read twice: a
/// column has a type of its own only when every one of its values fits that exactly, and is text otherwise.
/// </summary>
public sealed class ParquetExport : IExportFormat
{
    public ExportFormat Format => ExportFormat.Parquet;

    public ExportLayout Layout => ExportLayout.FilePerStream;

    public async Task<long> WriteAsync(IReadOnlyList<ExportedStream> streams, PipeWriter output, ExportLeftovers leftovers, CancellationToken cancellation)
    {
        var stream = streams[0];
        var row = new RowReader(stream.Fields);
        var types = await TypesAsync(stream, row, cancellation);
        // Parquet tells capitals apart, most engines that read it do not.
        var names = ColumnNames.Unique([ColumnNames.Key, .. stream.Fields, ColumnNames.More], StringComparer.OrdinalIgnoreCase, allowed: RawValue.WellFormed);
        var file = new ParquetFile(output, [.. names.Zip([ParquetType.Text, .. types, ParquetType.Text], (name, type) => new ParquetColumn(name, type))]);
        var count = 0L;
        await foreach (var record in stream.Read(cancellation))
        {
            row.Read(record.Json);
            file.Add(0, RawValue.WellFormed(record.Key));
            for (var i = 0; i < types.Length; i++) Add(file, i, types[i], row);
            if (row.More() is { Length: > 0 } more) file.Add(names.Count - 1, more);
            else file.AddNull(names.Count - 1);
            await file.EndRowAsync(cancellation);
            count++;
        }
        await file.FinishAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["listbackup.stream"] = stream.Name, ["listbackup.fields"] = FieldsJson(stream.Fields) }, cancellation);
        return count;
    }

    private static void Add(ParquetFile file, int field, ParquetType type, RowReader row)
    {
        var (column, value) = (field + 1, row.Values[field]);
        if (value.IsEmpty)
        {
            file.AddNull(column);
            return;
        }
        switch (type)
        {
            case ParquetType.Boolean:
                file.Add(column, value.Kind == JsonTokenType.True);
                break;
            case ParquetType.Int64 when NumberText.TryInt64(value.Raw.Span, out var integer):
                file.Add(column, integer);
                break;
            case ParquetType.Double when NumberText.TryDouble(value.Raw.Span, out var real):
                file.Add(column, real);
                break;
            case ParquetType.Timestamp when ParquetTypes.TryMicroseconds(value, out var microseconds):
                file.Add(column, microseconds);
                break;
            case ParquetType.Text:
                file.Add(column, value.Text(out var isExact));
                if (!isExact) row.AddToMore(field);
                break;
            default:
                throw new InvalidOperationException($"A value of column {column} was not there when its type was chosen.");
        }
    }

    private static async Task<ParquetType[]> TypesAsync(ExportedStream stream, RowReader row, CancellationToken cancellation)
    {
        var types = new ParquetTypes(stream.Fields.Count);
        await foreach (var record in stream.Read(cancellation))
        {
            row.Read(record.Json);
            types.See(row.Values);
        }
        return types.Chosen();
    }

    /// <summary>The fields' own names, in the order of their columns, where a column had to be called otherwise.</summary>
    private static string FieldsJson(IReadOnlyList<string> fields) => $"[{string.Join(',', fields.Select(f => $"\"{JsonEncodedText.Encode(f)}\""))}]";
}

/// <summary>Finds the narrowest type that holds every value of a column exactly.</summary>
internal sealed partial class ParquetTypes(int columns)
{
    [Flags]
    private enum Fits
    {
        None = 0,
        Boolean = 1,
        Int64 = 2,
        Double = 4,
        Timestamp = 8,
        All = 15,
    }

    private readonly Fits[] _fits = [.. Enumerable.Repeat(Fits.All, columns)];
    private readonly bool[] _seen = new bool[columns];

    public void See(ReadOnlySpan<RawValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].IsEmpty) continue;
            _seen[i] = true;
            if (_fits[i] != Fits.None) _fits[i] &= FitsOf(values[i], _fits[i]);
        }
    }

    /// <summary>By column; one without any value is text.</summary>
    public ParquetType[] Chosen() => [.. _fits.Select((fits, i) => !_seen[i] ? ParquetType.Text : fits switch
    {
        _ when fits.HasFlag(Fits.Boolean) => ParquetType.Boolean,
        _ when fits.HasFlag(Fits.Int64) => ParquetType.Int64,
        _ when fits.HasFlag(Fits.Double) => ParquetType.Double,
        _ when fits.HasFlag(Fits.Timestamp) => ParquetType.Timestamp,
        _ => ParquetType.Text,
    })];

    private static Fits FitsOf(RawValue value, Fits asked)
    {
        switch (value.Kind)
        {
            case JsonTokenType.True or JsonTokenType.False:
                return Fits.Boolean;
            case JsonTokenType.Number:
                var fits = asked.HasFlag(Fits.Int64) && NumberText.TryInt64(value.Raw.Span, out _) ? Fits.Int64 : Fits.None;
                return asked.HasFlag(Fits.Double) && NumberText.TryDouble(value.Raw.Span, out _) ? fits | Fits.Double : fits;
            case JsonTokenType.String:
                return asked.HasFlag(Fits.Timestamp) && TryMicroseconds(value, out _) ? Fits.Timestamp : Fits.None;
            default:
                return Fits.None;
        }
    }

    /// <summary>A moment in UTC, to the microsecond, as RFC 3339 has it. One with another offset, or of finer time, stays text, which keeps both.</summary>
    public static bool TryMicroseconds(RawValue value, out long microseconds)
    {
        microseconds = 0;
        if (value.Raw.Length is < 22 or > 34) return false;
        var text = value.Characters();
        if (!Moment().IsMatch(text) || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)) return false;
        microseconds = (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return true;
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|\+00:00)\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Moment();
}
