using System.Globalization;
using System.Text.Json;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Searching;

namespace ListBackup.Vault.Reading;

/// <summary>
/// Finds one page of a stream's live records. Order: the leading bits of the key's hash, then the key, whatever the groups; so a compaction between two
/// pages moves nothing. The cursor names the last record that was looked at.
/// </summary>
internal sealed class RecordQueryRunner
{
    private const int LimitMax = 1_000;

    private readonly VaultCore _core;
    private readonly StreamView _view;
    private readonly RecordQuery _query;
    private readonly RecordFilter _filter;
    private readonly StreamSecrets _secrets;

    public RecordQueryRunner(VaultCore core, StreamView view, StreamSecrets secrets, RecordQuery query)
    {
        if (query.Limit is < 1 or > LimitMax) throw new ArgumentException($"A page has 1 to {LimitMax} rows.", nameof(query));
        _core = core;
        _view = view;
        _query = query;
        _secrets = secrets;
        _filter = new RecordFilter(query);
    }

    public async Task<RecordPage> RunAsync(CancellationToken cancellation)
    {
        var reader = await GroupReader.OpenAsync(_core, _view, cancellation);
        var (place, key) = RecordCursor.Parse(_query.Cursor);
        var (found, examined) = (new List<Record>(), 0L);
        await foreach (var group in reader.ReadAsync(RecordCursor.GroupAt(place, reader.GroupCount), cancellation))
        {
            var records = group.Newest().Values.Select(SnapshotReader.RecordOf).OfType<Record>().Select(record => (Place: SearchPlace.Of(_secrets.HashKey(record.Key)), Record: record));
            foreach (var (recordPlace, record) in records.OrderBy(item => item.Place).ThenBy(item => item.Record.Key, StringComparer.Ordinal))
            {
                if (recordPlace < place || (recordPlace == place && key is not null && string.CompareOrdinal(record.Key, key) <= 0)) continue;
                examined++;
                if (_filter.Matches(record)) found.Add(record);
                if (found.Count == _query.Limit || examined >= _query.ExaminedMax) return new RecordPage(found, RecordCursor.Write(recordPlace, record.Key), examined);
            }
        }

        return new RecordPage(found, null, examined);
    }
}

/// <summary>The conditions of a query on one record.</summary>
internal sealed class RecordFilter(RecordQuery query)
{
    private readonly string[][] _paths = [.. query.Filters.Select(filter => JsonPointer.PartsOf(filter.Field))];

    public bool Matches(Record record)
    {
        if (_paths.Length == 0 && query.Contains is null) return true;
        using var document = JsonDocument.Parse(record.Json, new JsonDocumentOptions { MaxDepth = RecordLimits.DepthMax + 2 });
        for (var i = 0; i < _paths.Length; i++)
        {
            if (!Matches(query.Filters[i], Find(document.RootElement, _paths[i]))) return false;
        }

        return query.Contains is null || ContainsText(document.RootElement, query.Contains);
    }

    private static bool Matches(FieldFilter filter, JsonElement? field)
    {
        if (field is not { ValueKind: not JsonValueKind.Null } value) return filter.Comparison == FieldComparison.NotEquals;
        var text = TextOf(value);
        return filter.Comparison switch
        {
            FieldComparison.Equals => text == filter.Value,
            FieldComparison.NotEquals => text != filter.Value,
            FieldComparison.Contains => text.Contains(filter.Value, StringComparison.OrdinalIgnoreCase),
            FieldComparison.StartsWith => text.StartsWith(filter.Value, StringComparison.OrdinalIgnoreCase),
            FieldComparison.GreaterThan => Compare(text, filter.Value) > 0,
            FieldComparison.LessThan => Compare(text, filter.Value) < 0,
            _ => true,
        };
    }

    private static JsonElement? Find(JsonElement element, string[] parts)
    {
        foreach (var part in parts)
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(part, out var member)) element = member;
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < element.GetArrayLength()) element = element[index];
            else return null;
        }

        return element;
    }

    private static bool ContainsText(JsonElement element, string text) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(member => ContainsText(member.Value, text)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => ContainsText(item, text)),
        JsonValueKind.Null => false,
        _ => TextOf(element).Contains(text, StringComparison.OrdinalIgnoreCase),
    };

    // A lone surrogate cannot become a .NET string through the reader; its escaped spelling can.
    private static string TextOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return value.GetRawText();
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    /// <summary>As decimals when both are numbers that fit one, otherwise ordinally.</summary>
    private static int Compare(string left, string right) =>
        decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var leftNumber)
        && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var rightNumber)
            ? leftNumber.CompareTo(rightNumber)
            : string.CompareOrdinal(left, right);
}
