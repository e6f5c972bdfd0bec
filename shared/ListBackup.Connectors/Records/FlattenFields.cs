using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Records;

/// <summary>
/// Lifts nested fields to the top; a key that is taken already gets its parent's name before it. Where two fields would still have one name, the one that
/// came first moves to its full path, so that both are kept; so are empty maps and lists.
/// </summary>
internal sealed class FlattenFields(bool lists) : Transformation
{
    public static new FlattenFields Parse(ComponentReader reader) => reader.Done(new FlattenFields(reader.Flag("flatten_lists", fallback: true)));

    public override ValueMap Apply(ValueMap record, ExpressionContext context)
    {
        var flat = new ValueMap();
        var placed = new Dictionary<string, (ValueMap.Member Member, string Path)>(StringComparer.Ordinal);
        var stack = new Stack<(ValueMap.Member Member, string Path)>([(new ValueMap.Member("_", Value.Of(record), default), "")]);
        var withParent = false;
        while (stack.TryPop(out var next))
        {
            var (member, path) = next;
            if (member.Value is { Kind: ValueKind.Map, Map.Count: > 0 })
            {
                foreach (var inner in member.Value.Map.WrittenMembers)
                    stack.Push((inner with { Key = withParent || flat.Has(inner.Key) ? $"{member.Key}.{inner.Key}" : inner.Key }, Joined(path, inner.Key)));
            }
            else if (lists && member.Value is { Kind: ValueKind.List, List.Count: > 0 })
            {
                withParent = true;
                for (var at = 0; at < member.Value.List.Count; at++)
                    stack.Push((new ValueMap.Member($"{member.Key}.{at}", member.Value.List[at], default), Joined(path, $"{at}")));
            }
            else if (path.Length > 0)
            {
                Place(flat, placed, member, path);
            }
        }

        return flat;
    }

    private static void Place(ValueMap flat, Dictionary<string, (ValueMap.Member Member, string Path)> placed, ValueMap.Member member, string path)
    {
        if (placed.TryGetValue(member.Key, out var earlier))
        {
            var name = earlier.Path;
            for (var copy = 2; placed.ContainsKey(name); copy++)
                name = $"{earlier.Path}.{copy}";
            placed[name] = earlier;
            flat.Adopt(name, earlier.Member);
        }

        placed[member.Key] = (member, path);
        flat.Adopt(member.Key, member);
    }

    private static string Joined(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}

/// <summary>Lifts the fields of a nested map to the top. Where one of them is there already, the map stays where it is.</summary>
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
        var (before, after) = (prefix?.EvaluateText(context), suffix?.EvaluateText(context));
        var found = ValuePaths.Find(Value.Of(record), keys).Where(value => value is { Kind: ValueKind.Map, Map.Count: > 0 }).ToList();
        if (replaceRecord && found.Count > 0)
            record = new ValueMap();
        foreach (var map in found)
        {
            var lifted = map.Map.WrittenMembers.Select(member => member with { Key = before + member.Key + after }).ToList();

            // Two fields of one name: neither may win, so the nested map stays where it is.
            if (lifted.Any(member => record.Has(member.Key)))
                continue;
            if (deleteOrigin && !replaceRecord)
                ValuePaths.Remove(record, keys);
            foreach (var member in lifted)
                record.Adopt(member.Key, member);
        }

        return record;
    }

    private sealed record Affixes(Template? Prefix, Template? Suffix);
}
