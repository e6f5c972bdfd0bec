using System.Text.Json;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Schemas;

/// <summary>Reads a stream's <c>schema_loader</c>. Nothing of reading depends on schemas; they describe the records to people and exports.</summary>
internal static class SchemaLoader
{
    /// <summary>Deeper than any manifest may be nested, its references followed.</summary>
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = ValueJson.DepthMax + 8 };

    public static readonly JsonElement NoSchema = Element(Value.Of(new ValueMap()));

    public static StreamSchema Parse(ComponentReader reader, string stream)
    {
        var parts = reader.Components("schema_loader", "JsonFileSchemaLoader", inner => Load(inner, stream));
        if (parts.Count == 0 && reader.Context.Schemas is { Kind: ValueKind.Map } schemas && schemas.Map.TryGet(stream, out var shared))
            parts = [new SchemaPart(Element(shared, reader, "schema_loader"), null)];

        return parts.Count == 0 ? StreamSchema.Nothing : new StreamSchema(parts);
    }

    public static JsonElement Element(Value value) => JsonElement.Parse(ValueJson.ToBytes(value), Deep);

    /// <exception cref="ManifestException">The value is nested deeper than JSON is read.</exception>
    public static JsonElement Element(Value value, ComponentReader reader, string key)
    {
        try
        {
            return Element(value);
        }
        catch (ExpressionException)
        {
            throw reader.Problem(key, "The schema is nested too deep.");
        }
    }

    private static SchemaPart Load(ComponentReader reader, string stream)
    {
        switch (reader.Type)
        {
            case "InlineSchemaLoader":
                var schema = reader.Raw("schema");

                return reader.Done(new SchemaPart(schema.Kind == ValueKind.Map ? Element(schema, reader, "schema") : NoSchema, null));
            case "JsonFileSchemaLoader":
                return reader.Done(new SchemaPart(FromFile(reader, stream), null));
            case nameof(DynamicSchemaLoader):
                return new SchemaPart(NoSchema, DynamicSchemaLoader.Parse(reader));
            default:
                throw reader.WrongType();
        }
    }

    /// <summary>A schema file beside the manifest. A file that is not there says nothing about the records, which is no reason not to back them up.</summary>
    private static JsonElement FromFile(ComponentReader reader, string stream)
    {
        if (FileName(reader, stream) is not { } name || reader.Context.Options.Folder is not { } folder)
            return NoSchema;

        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw reader.Problem("file_path", "The file lies outside the manifest's folder.");
        if (!File.Exists(path))
            return NoSchema;

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

    /// <summary>The name with its parameters filled in. One that only a configuration completes names nothing here: a file is the same for all customers.</summary>
    private static string? FileName(ComponentReader reader, string stream)
    {
        if (reader.TemplateOrNull("file_path") is not { } template)
            return $"schemas/{stream}.json";
        if (template.Source.Contains("config", StringComparison.Ordinal))
            return null;

        try
        {
            return template.EvaluateText(new ExpressionContext(TimeProvider.System));
        }
        catch (ExpressionException exception)
        {
            throw reader.Problem("file_path", exception.Message);
        }
    }
}
