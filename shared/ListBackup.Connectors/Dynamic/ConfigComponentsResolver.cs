using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Dynamic;

/// <summary>The configuration tells: each entry of a list in it is one stream; with several lists, each combination is.</summary>
internal sealed class ConfigComponentsResolver(IReadOnlyList<StreamConfig> lists, IReadOnlyList<ComponentMapping> mappings) : ComponentsResolver(mappings)
{
    public static new ConfigComponentsResolver Parse(ComponentReader reader)
    {
        var lists = reader.Components("stream_config", nameof(StreamConfig), StreamConfig.Parse);

        return lists.Count > 0 ? reader.Done(new ConfigComponentsResolver(lists, ParseMappings(reader))) : throw reader.Missing("stream_config");
    }

    protected override async IAsyncEnumerable<(Value Values, Value Slice)> ValuesAsync(
        string stream, Session session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        var entries = lists.Select(list => list.Entries(session)).ToList();
        foreach (var combination in Product(entries, 0))
            yield return (Merged(combination), Value.Of(new ValueMap()));
    }

    private static IEnumerable<IEnumerable<(int At, Value Entry)>> Product(IReadOnlyList<IReadOnlyList<Value>> entries, int list) => list == entries.Count
        ? [[]]
        : entries[list].SelectMany((entry, at) => Product(entries, list + 1).Select(rest => rest.Prepend((at, entry))));

    /// <summary>Maps are merged, the later win; what is no map is found under <c>source_config_N</c> with its place in its list.</summary>
    private static Value Merged(IEnumerable<(int At, Value Entry)> combination)
    {
        var merged = new ValueMap();
        var list = 0;
        foreach (var (at, entry) in combination)
        {
            if (entry.Kind != ValueKind.Map)
            {
                merged.Set($"source_config_{list}", Value.Of(new ValueList([Value.Of(at), entry]) { IsTuple = true }));
            }
            else
            {
                foreach (var (key, value) in entry.Map)
                    merged.Set(key, value);
            }

            list++;
        }

        return Value.Of(merged);
    }
}

/// <summary>A list in the configuration, and entries that are there for everybody.</summary>
internal sealed record StreamConfig(IReadOnlyList<Template> Pointer, IReadOnlyList<Value> Defaults)
{
    public static StreamConfig Parse(ComponentReader reader)
    {
        var pointer = reader.Templates("configs_pointer");
        if (pointer.Count == 0)
            throw reader.Missing("configs_pointer");
        var defaults = reader.Raw("default_values");

        return defaults.Kind is ValueKind.List or ValueKind.None or ValueKind.Undefined
            ? reader.Done(new StreamConfig(pointer, defaults.Kind == ValueKind.List ? [.. defaults.List] : []))
            : throw reader.Problem("default_values", "A list is wanted.");
    }

    public IReadOnlyList<Value> Entries(Session session)
    {
        var found = ValuePaths.Get(session.Config, [.. Pointer.Select(part => part.EvaluateText(session.Context) ?? "")]);

        return [.. found.Kind == ValueKind.List ? found.List : found.IsNothing ? [] : Enumerable.Repeat(found, 1), .. Defaults];
    }
}
