using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>What a manifest makes of a platform's record, as far as the fake has to know: which are kept, and which members are no longer the platform's own.</summary>
internal sealed class FakePipeline(FakeStream stream, ExpressionContext session)
{
    /// <summary>Members that transformations set, remove or rename; null when any member may be another afterwards.</summary>
    public IReadOnlySet<string>? TouchedMembers { get; } = Touched(stream);

    public bool IsVerbatim => stream.Transformations.Count == 0 && stream.Expansion is not { KeepsOriginal: true };

    public bool Keeps(HeldRecord record, ValueMap slice)
    {
        if (stream.Condition is not { Length: > 0 } condition)
            return true;
        var value = stream.TransformsFirst ? Transformed(record, slice) : record.Value;

        return stream.Selector.Child("record_filter")!.Template(condition).EvaluateCondition(Context(slice, value));
    }

    /// <summary>The record with what AddFields adds and RemoveFields removes; other transformations leave it as it is.</summary>
    public Value Transformed(HeldRecord record, ValueMap slice)
    {
        var items = stream.Expansion?.Items(record.Json);
        if (IsVerbatim && items is null)
            return record.Value;

        // What comes behind a row of several records, comes behind the last of them.
        var map = ValueJson.Parse(items is [.., var last] ? last : record.Json).Map;
        if (items is [.., _] && stream.Expansion is { KeepsOriginal: true })
            map.Set(FakeExpansion.Original, record.Value);
        foreach (var transformation in stream.Transformations)
        {
            switch (transformation.Type)
            {
                case "AddFields":
                    foreach (var field in transformation.Children("fields"))
                    {
                        var context = Context(slice, Value.Of(map));
                        var value = field["value"] is string text ? field.Template(text).Evaluate(context) : Component.ToValue(field.Plain("value"));
                        ValuePaths.Set(map, [.. field.Texts("path").Select(part => field.Template(part).EvaluateText(context) ?? "")], value);
                    }

                    break;
                case "RemoveFields":
                    foreach (var pointer in Pointers(transformation).Where(pointer => pointer.All(part => !part.Contains('*'))))
                        ValuePaths.Remove(map, pointer);
                    break;
            }
        }

        return Value.Of(map);
    }

    /// <summary>Where in the platform's record the value of a field comes from: from itself, or from what AddFields computes it from.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Sources(FakeStream stream, IReadOnlyList<string> path)
    {
        var added = stream.Transformations.Where(transformation => transformation.Type == "AddFields").SelectMany(transformation => transformation.Children("fields"))
            .LastOrDefault(field => field.Texts("path").SequenceEqual(path));
        if (added?["value"] is not string value || Chains.Of(value, "record") is not { Count: > 0 } chains)
            return [path];

        return chains;
    }

    private ExpressionContext Context(ValueMap slice, Value record) => session.With(Variable.StreamSlice, Value.Of(slice)).Set(Variable.Record, record);

    private static HashSet<string>? Touched(FakeStream stream)
    {
        var touched = new HashSet<string>(StringComparer.Ordinal);
        if (stream.Expansion is { KeepsOriginal: true })
            touched.Add(FakeExpansion.Original);
        foreach (var transformation in stream.Transformations)
        {
            switch (transformation.Type)
            {
                case "AddFields":
                    touched.UnionWith(transformation.Children("fields").Select(field => field.Texts("path")[0]));
                    break;
                case "RemoveFields":
                    foreach (var pointer in Pointers(transformation))
                    {
                        if (pointer[0].Contains('*'))
                            return null;
                        touched.Add(pointer[0]);
                    }

                    break;
                default:
                    return null;
            }
        }

        return touched.Any(name => name.Contains("{{", StringComparison.Ordinal)) ? null : touched;
    }

    private static IEnumerable<IReadOnlyList<string>> Pointers(Component transformation) =>
        transformation["field_pointers"] is List<object?> pointers ? pointers.OfType<List<object?>>().Select(pointer => (IReadOnlyList<string>)[.. pointer.Select(Component.TextOf)]) : [];
}
