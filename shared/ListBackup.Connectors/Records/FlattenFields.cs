using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>Lifts nested fields to the top; a key that is taken already gets its parent's name before it.</summary>
internal sealed class FlattenFields(bool lists) : Transformation
{
    public static new FlattenFields Parse(ComponentReader reader) => reader.Done(new FlattenFields(reader.Flag("flatten_lists", fallback: true)));

    public override ValueMap Apply(ValueMap record, ExpressionContext context)
    {
        var flat = new ValueMap();
        var stack = new Stack<(Value Value, string Key)>([(Value.Of(record), "_")]);
        var withParent = false;
        while (stack.TryPop(out var next))
        {
            if (next.Value.Kind == ValueKind.Map)
            {
                foreach (var (key, value) in next.Value.Map)
                    stack.Push((value, withParent || flat.Has(key) ? $"{next.Key}.{key}" : key));
            }
            else if (next.Value.Kind == ValueKind.List && lists)
            {
                withParent |= next.Value.List.Count > 0;
                for (var at = 0; at < next.Value.List.Count; at++)
                    stack.Push((next.Value.List[at], $"{next.Key}.{at}"));
            }
            else
            {
                flat.Set(next.Key, next.Value);
            }
        }

        return flat;
    }
}

/// <summary>Lifts the fields of one nested map to the top.</summary>
internal sealed class DpathFlattenFields(IReadOnlyList<Template> path, bool deleteOrigin, bool replaceRecord, Template? prefix, Template? suffix) : Transformation
{
    public static new DpathFlattenFields Parse(ComponentReader reader)
    {
        var keys = reader.ComponentOrNull("key_transformation", "KeyTransformation", static inner =>
            inner.Done(new Affixes(inner.TemplateOrNull("prefix"), inner.TemplateOrNull("suffix"))));

        return reader.Done(new DpathFlattenFields(
            reader.Templates("field_path"), reader.Flag("delete_origin_value"), reader.Flag("replace_record"), keys?.Prefix, keys?.Suffix));
    }

    public override ValueMap Apply(ValueMap record, ExpressionContext context)
    {
        IReadOnlyList<string> keys = [.. path.Select(part => part.EvaluateText(context) ?? "")];
        foreach (var found in ValuePaths.Find(Value.Of(record), keys).Where(found => found.Kind == ValueKind.Map).ToList())
        {
            var lifted = found.Map.Select(member => (Key: prefix?.EvaluateText(context) + member.Key + suffix?.EvaluateText(context), member.Value)).ToList();
            if (replaceRecord)
            {
                record = new ValueMap();
            }
            else if (lifted.Any(member => record.Has(member.Key)))
            {
                // Two fields of one name: neither may win, so the nested map stays where it is.
                continue;
            }
            else if (deleteOrigin)
            {
                ValuePaths.Remove(record, keys);
            }

            foreach (var (key, value) in lifted)
                record.Set(key, value);
        }

        return record;
    }

    private sealed record Affixes(Template? Prefix, Template? Suffix);
}
