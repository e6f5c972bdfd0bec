using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Dynamic;

/// <summary>A stream template with placeholders where its mappings put values.</summary>
internal sealed class TemplateSample
{
    private static readonly Value Placeholder = Value.Of("placeholder");

    private readonly DynamicStream _dynamic;
    private readonly List<string?[]> _places;

    public TemplateSample(DynamicStream dynamic)
    {
        _dynamic = dynamic;
        _places = [.. dynamic.Resolver.Mappings.Select(mapping => mapping.Path.Select(part => part.IsConstant ? part.Source : null).ToArray())];
        Component = dynamic.Resolver.Mappings.Aggregate(dynamic.Template, Fill);
    }

    public Value Component { get; }

    /// <summary>True when a value that is filled in may be what is wrong, or what is missing.</summary>
    public bool MayMend(ManifestProblem problem)
    {
        var place = problem.Path.StartsWith(_dynamic.Path, StringComparison.Ordinal) ? problem.Path[_dynamic.Path.Length..] : problem.Path;
        var keys = place.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries);

        // A parameter may fill any option of any component below it.
        return _places.Any(path => Touches(path, 0, keys, 0))
            || (problem.Reason == ComponentReader.Required && _places.Any(path => path.Contains("$parameters")));
    }

    /// <summary>What is in the template already is the best placeholder: it is what the author had in mind.</summary>
    private static Value Fill(Value component, ComponentMapping mapping)
    {
        if (mapping.Path.Any(part => !part.IsConstant || part.Source is "*" or "**"))
            return component;

        var path = mapping.Path.Select(part => part.Source).ToList();
        if (mapping.Source.Template is null or { IsConstant: true })
            return TemplatePath.Put(component, path, mapping.Source.Value(new ExpressionContext(TimeProvider.System)), mapping.Creates);

        return ValuePaths.Get(component, path).IsTrue ? component : TemplatePath.Put(component, path, Placeholder, mapping.Creates);
    }

    /// <summary>The path leads to the keys or to what is around them.</summary>
    private static bool Touches(string?[] path, int at, string[] keys, int key)
    {
        if (at == path.Length)
            return true;
        if (path[at] == "**")
            return key < keys.Length && (Touches(path, at + 1, keys, key) || Touches(path, at, keys, key + 1));
        if (key == keys.Length)
            return false;

        return (path[at] is null or "*" || path[at] == keys[key]) && Touches(path, at + 1, keys, key + 1);
    }
}
