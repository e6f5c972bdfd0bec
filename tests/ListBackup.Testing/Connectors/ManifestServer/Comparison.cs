using System.Text.Json;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Compares records that were read with those that the platform holds.</summary>
internal static class Comparison
{
    /// <summary>How closely the records of a stream can be compared.</summary>
    public static string Kind(FakeTable table) =>
        table.Stream.Decoder is { } decoder && FakeEncoding.IsFlat(decoder) ? "columns"
        : table.Pipeline.IsVerbatim ? table.Stream.Expansion is not null || table.Stream.RecordsPath.Contains("*") ? "members" : "verbatim"
        : table.Pipeline.TouchedMembers is not null ? "untouched members"
        : "count";

    /// <summary>The records of the platform that reading it all should bring.</summary>
    public static List<string> Held(FakeTable table) =>
    [
        .. table.Partitions.Where(partition => !table.IsShadowed(partition))
            .SelectMany(partition => partition.Records.Where(record => record.IsVisible && table.Pipeline.Keeps(record, Slice(table, partition)))
                .SelectMany(record => Records(table, record)).Select(record => Print(table, record))),
    ];

    /// <summary>The records that a row of the platform comes to.</summary>
    public static IReadOnlyList<string> Records(FakeTable table, HeldRecord row) =>
        table.Stream.Expansion is { } expansion ? expansion.Items(Sent(table, row)) : [Sent(table, row)];

    /// <summary>What is left of a record when that which transformations change is taken away.</summary>
    public static string Print(FakeTable table, string record)
    {
        switch (Kind(table))
        {
            case "verbatim":
                return record;
            case "count":
                return "record";
            default:
                using (var document = JsonDocument.Parse(record))
                {
                    var touched = table.Pipeline.TouchedMembers ?? new HashSet<string>();

                    return string.Join('\n', document.RootElement.EnumerateObject()
                        .Where(member => !touched.Contains(member.Name)).Select(member => $"{member.Name}: {Compact(member.Value)}"));
                }
        }
    }

    /// <summary>The record as it is sent: with its page's paging, or as a line of text.</summary>
    public static string Sent(FakeTable table, HeldRecord record)
    {
        if (FakeEncoding.IsLines(table.Stream.Decoder))
        {
            using var document = JsonDocument.Parse(record.Json);
            return ValueJson.ToText(Value.Of(new ValueMap().Set("record", Value.Of(FakeEncoding.Line(document.RootElement)))));
        }

        return table.Merged.TryGetValue(record, out var merged) ? merged : record.Json;
    }

    /// <summary>Null when the two are the same records, each as often; otherwise what differs.</summary>
    public static string? Difference(IReadOnlyCollection<string> read, IReadOnlyCollection<string> held)
    {
        var counts = held.GroupBy(record => record, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var (extra, example) = (0, "");
        foreach (var record in read)
        {
            if (counts.TryGetValue(record, out var left) && left > 0)
                counts[record] = left - 1;
            else
                (extra, example) = (extra + 1, example.Length == 0 ? record : example);
        }

        var missing = counts.Where(pair => pair.Value > 0).ToList();
        if (extra == 0 && missing.Count == 0)
            return null;

        return $"{read.Count} read, {held.Count} held, {missing.Sum(pair => pair.Value)} missing, {extra} extra"
            + (missing.Count > 0 ? $"; missing {Short(missing[0].Key)}" : "") + (extra > 0 ? $"; extra {Short(example)}" : "");
    }

    /// <summary>Without the white space between its parts, which a record that somebody looked into may lose; scalars keep their spelling.</summary>
    private static string Compact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(member => $"{member.Name}:{Compact(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Compact))}]",
        _ => value.GetRawText(),
    };

    private static ValueMap Slice(FakeTable table, HeldPartition partition)
    {
        // A filter may ask for the interval; a first read starts where the cursor starts.
        if (table.Stream.Cursor is not { IsCount: false } cursor || cursor.Start is not { } start)
            return partition.Fields;

        return partition.Fields.Copy().Set(cursor.StartName, Value.Of(Times.Format(new Moment(start.ToUniversalTime(), true), cursor.Format)));
    }

    private static string Short(string record) => record.Length <= 300 ? record : record[..300] + "…";
}
