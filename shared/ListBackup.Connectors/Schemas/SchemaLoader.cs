using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Schemas;

/// <summary>The JSON schema of a stream. Nothing of reading depends on it; it describes the records to people and exports.</summary>
internal static class SchemaLoader
{
    private static readonly JsonElement Nothing = Element(Value.Of(new ValueMap()));

    public static JsonElement Parse(ComponentReader reader, string stream)
    {
        var loaders = reader.Components("schema_loader", "JsonFileSchemaLoader", inner => Load(inner, stream));
        if (loaders.Count == 0)
            return reader.Context.Schemas is { Kind: ValueKind.Map } schemas && schemas.Map.TryGet(stream, out var shared) ? Element(shared) : Nothing;

        return loaders.Count == 1 ? loaders[0] : Merged(loaders);
    }

    public static JsonElement Element(Value value)
    {
        using var document = JsonDocument.Parse(ValueJson.ToBytes(value));

        return document.RootElement.Clone();
    }

    private static JsonElement Load(ComponentReader reader, string stream)
    {
        switch (reader.Type)
        {
            case "InlineSchemaLoader":
                var schema = reader.Raw("schema");

                return reader.Done(schema.Kind == ValueKind.Map ? Element(schema) : Nothing);
            case "JsonFileSchemaLoader":
                return reader.Done(FromFile(reader, stream));
            default:
                throw reader.WrongType("DynamicSchemaLoader");
        }
    }

    /// <summary>A schema file beside the manifest. A file that is not there says nothing about the records, which is no reason not to back them up.</summary>
    private static JsonElement FromFile(ComponentReader reader, string stream)
    {
        var template = reader.TextOrNull("file_path") ?? $"schemas/{stream}.json";
        if (reader.Context.Options.Folder is not { } folder || template.Contains("{{", StringComparison.Ordinal))
            return Nothing;

        var path = Path.GetFullPath(Path.Combine(folder, template));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw reader.Problem("file_path", "The file lies outside the manifest's folder.");
        if (!File.Exists(path))
            return Nothing;

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));

            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw reader.Problem("file_path", "The file is no JSON.");
        }
    }

    /// <summary>Several loaders: the properties of all, the first wins.</summary>
    private static JsonElement Merged(IReadOnlyList<JsonElement> schemas)
    {
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

        return Element(Value.Of(new ValueMap().Set("type", Value.Of("object")).Set("properties", Value.Of(properties))));
    }
}
