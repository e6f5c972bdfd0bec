using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Schemas;

/// <summary>The JSON schema of a stream, from one loader or several. What the manifest tells is there at once; the platform is asked on request.</summary>
internal sealed class StreamSchema(IReadOnlyList<SchemaPart> parts)
{
    public static readonly StreamSchema Nothing = new([]);

    /// <summary>What is known without asking anybody.</summary>
    public JsonElement Known { get; } = parts is [{ Loader: null } only] ? only.Known : Merged([.. parts.Where(part => part.Loader is null).Select(part => part.Known)]);

    public bool AsksPlatform => parts.Any(part => part.Loader is not null);

    /// <summary>The whole schema of one configuration.</summary>
    public async Task<JsonElement> LoadAsync(string stream, Session session, CancellationToken cancellation)
    {
        if (!AsksPlatform)
            return Known;

        var schemas = new List<JsonElement>();
        foreach (var part in parts)
            schemas.Add(part.Loader is null ? part.Known : await part.Loader.LoadAsync(stream, session, cancellation));

        return Merged(schemas);
    }

    /// <summary>Several schemas: the properties of all, the first wins.</summary>
    private static JsonElement Merged(IReadOnlyList<JsonElement> schemas)
    {
        if (schemas.Count == 0)
            return SchemaLoader.NoSchema;
        if (schemas.Count == 1)
            return schemas[0];

        var properties = new ValueMap();
        foreach (var schema in schemas)
        {
            if (ValueJson.FromElement(schema).Map["properties"] is not { Kind: ValueKind.Map } members)
                continue;
            foreach (var (name, property) in members.Map)
            {
                if (!properties.Has(name))
                    properties.Set(name, property);
            }
        }

        return SchemaLoader.Element(Value.Of(new ValueMap().Set("type", Value.Of("object")).Set("properties", Value.Of(properties))));
    }
}

/// <summary>What one loader brings.</summary>
/// <param name="Known">Its schema, when <paramref name="Loader"/> is null.</param>
/// <param name="Loader">The loader that has to ask the platform.</param>
internal sealed record SchemaPart(JsonElement Known, DynamicSchemaLoader? Loader);
