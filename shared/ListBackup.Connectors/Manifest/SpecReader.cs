using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Configuring;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads <c>spec</c>: the configuration's schema, its secrets, and the OAuth flow where the manifest tells it.</summary>
internal sealed record SpecReader(ConnectorSpec Spec, OAuthDescription? OAuth, ConfigRules Rules)
{
    private static readonly Value AnyObject = ValueJson.Parse("""{"type":"object","properties":{},"additionalProperties":true}""");

    public static SpecReader Parse(Value spec, ParseContext context)
    {
        if (spec.Kind != ValueKind.Map)
            return new SpecReader(new ConnectorSpec(SchemaLoader.Element(AnyObject), [], null), null, ConfigRules.None);

        var reader = new ComponentReader(spec.Map, "spec", "Spec", Value.Undefined, context);

        // Switches of another product; the schema of the configuration is taken below, in either spelling.
        reader.Ignore("changelog_url", "supportsIncremental", "supportsNormalization", "supportsDBT", "supported_destination_sync_modes", "connection_specification", "connectionSpecification", "documentationUrl");
        var schema = spec.Map["connection_specification"] is { Kind: ValueKind.Map } wanted ? wanted
            : spec.Map["connectionSpecification"] is { Kind: ValueKind.Map } older ? older : AnyObject;
        var secrets = new HashSet<FieldPath>();
        FindSecrets(schema, [], secrets, 0);
        var rules = reader.ComponentOrNull("config_normalization_rules", "ConfigNormalizationRules", ConfigRules.Parse) ?? ConfigRules.None;

        return reader.Done(new SpecReader(
            new ConnectorSpec(SchemaLoader.Element(schema, reader, "connection_specification"), [.. secrets], reader.TextOrNull("documentation_url")),
            AuthFlowReader.Parse(reader.Raw("advanced_auth"), reader), rules));
    }

    private static void FindSecrets(Value schema, IReadOnlyList<string> path, HashSet<FieldPath> secrets, int depth)
    {
        if (schema.Kind != ValueKind.Map || depth > 20)
            return;
        if (path.Count > 0 && schema.Map["airbyte_secret"].IsTrue)
            secrets.Add(new FieldPath(path));
        if (schema.Map["properties"] is { Kind: ValueKind.Map } properties)
        {
            foreach (var (name, property) in properties.Map)
                FindSecrets(property, [.. path, name], secrets, depth + 1);
        }

        foreach (var key in (ReadOnlySpan<string>)["oneOf", "anyOf", "allOf"])
        {
            if (schema.Map[key] is not { Kind: ValueKind.List } choices)
                continue;
            foreach (var choice in choices.List)
                FindSecrets(choice, path, secrets, depth + 1);
        }
    }
}
