using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Makes one record of each item of a list inside a record.</summary>
internal sealed record RecordExpander(IReadOnlyList<Template> Path, bool KeepsOriginal, bool KeepsParentOfNone)
{
    public static RecordExpander Parse(ComponentReader reader)
    {
        var path = reader.Templates("expand_records_from_field");

        return path.Count > 0
            ? reader.Done(new RecordExpander(
                path, reader.Flag("remain_original_record"), reader.Choice("on_no_records", "skip", "skip", "emit_parent") == "emit_parent"))
            : throw reader.Missing("expand_records_from_field");
    }

    public Func<Value, IEnumerable<Value>> Bind(ExpressionContext context)
    {
        IReadOnlyList<string> keys = [.. Path.Select(part => part.EvaluateText(context) ?? "")];

        return record => Expand(record, keys);
    }

    private IEnumerable<Value> Expand(Value record, IReadOnlyList<string> keys)
    {
        if (record.Kind != ValueKind.Map)
            return [record];

        var items = ValuePaths.Find(record, keys).SelectMany(found => found.Kind == ValueKind.List ? found.List : Enumerable.Empty<Value>()).ToList();
        if (items.Count == 0)
            return KeepsParentOfNone ? [record] : [];

        return KeepsOriginal ? items.Select(item => WithOriginal(item, record)) : items;
    }

    /// <summary>An item that is no map gets one, so that there is a place beside it.</summary>
    private static Value WithOriginal(Value item, Value record) =>
        Value.Of((item.Kind == ValueKind.Map ? item.Map.Copy() : new ValueMap().Set("value", item)).Set("original_record", record));
}
