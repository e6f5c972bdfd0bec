using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors;

/// <summary>Single components of a manifest, parsed without one.</summary>
internal static class Components
{
    public static T Parse<T>(string yaml, Func<ComponentReader, T> parse)
    {
        var map = ManifestYaml.Parse(yaml).Map;
        var context = new ParseContext(new LoadOptions());
        var parsed = parse(new ComponentReader(map, "component", map["type"].IsText ? map["type"].Text : "", Value.Undefined, context));
        if (context.Problems.Count > 0)
            throw new ManifestException(context.Problems);

        return parsed;
    }
}
