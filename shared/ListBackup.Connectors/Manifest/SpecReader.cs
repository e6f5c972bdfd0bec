using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads <c>spec</c>: the configuration's schema, its secrets, and the OAuth flow where the manifest tells it.</summary>
internal sealed record SpecReader(ConnectorSpec Spec, OAuthDescription? OAuth)
{
    private static readonly Value AnyObject = ValueJson.Parse("""{"type":"object","properties":{},"additionalProperties":true}""");

    public static SpecReader Parse(Value spec, ParseContext context)
    {
        if (spec.Kind != ValueKind.Map)
            return new SpecReader(new ConnectorSpec(SchemaLoader.Element(AnyObject), [], null), null);

        var reader = new ComponentReader(spec.Map, "spec", "Spec", Value.Undefined, context);
        reader.NotYet("config_normalization_rules");
        reader.Ignore("advanced_auth", "changelog_url", "supportsIncremental", "supportsNormalization", "supportsDBT", "supported_destination_sync_modes", "connection_specification", "connectionSpecification", "documentationUrl");
        var schema = spec.Map["connection_specification"] is { Kind: ValueKind.Map } wanted ? wanted
            : spec.Map["connectionSpecification"] is { Kind: ValueKind.Map } older ? older : AnyObject;
        var secrets = new List<FieldPath>();
        FindSecrets(schema, [], secrets, 0);

        return reader.Done(new SpecReader(
            new ConnectorSpec(SchemaLoader.Element(schema), secrets, reader.TextOrNull("documentation_url")), Flow(spec.Map["advanced_auth"])));
    }

    private static void FindSecrets(Value schema, IReadOnlyList<string> path, List<FieldPath> secrets, int depth)
    {
        if (schema.Kind != ValueKind.Map || depth > 20)
            return;
        if (path.Count > 0 && schema.Map["airbyte_secret"].IsTrue && !secrets.Contains(new FieldPath(path)))
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

    /// <summary>The declarative flow: its consent url is a template over parameters that our own flow sends anyway, so only the rest of it is kept.</summary>
    private static OAuthDescription? Flow(Value auth)
    {
        var input = ValuePaths.Get(auth, ["oauth_config_specification", "oauth_connector_input_specification"]);
        if (input.Kind != ValueKind.Map || input.Map["consent_url"] is not { IsText: true } consent || input.Map["access_token_url"] is not { IsText: true } token)
            return null;

        var (url, query) = consent.Text.Split('?', 2) is [var head, var tail] ? (head, tail) : (consent.Text, "");
        var constants = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(part => !part.Contains("{{", StringComparison.Ordinal) && part.Contains('='))
            .Select(part => part.Split('=', 2));

        return new OAuthDescription
        {
            AuthorizeUrl = url,
            TokenUrl = token.Text.Split('?', 2)[0],
            Scopes = input.Map["scope"] is { IsText: true } scope ? [.. scope.Text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)] : [],
            ScopeSeparator = input.Map["scope"] is { IsText: true } spelled && spelled.Text.Contains(',') ? "," : " ",
            Pkce = query.Contains("code_challenge", StringComparison.Ordinal),
            AuthorizeParameters = constants.Where(pair => pair[0] is not ("response_type" or "scope")).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal),
            ConfigFields = Outputs(auth, "complete_oauth_output_specification"),
            ClientIdField = Outputs(auth, "complete_oauth_server_output_specification").GetValueOrDefault("client_id"),
            ClientSecretField = Outputs(auth, "complete_oauth_server_output_specification").GetValueOrDefault("client_secret"),
        };
    }

    private static Dictionary<string, FieldPath> Outputs(Value auth, string name)
    {
        var fields = new Dictionary<string, FieldPath>(StringComparer.Ordinal);
        if (ValuePaths.Get(auth, ["oauth_config_specification", name, "properties"]) is not { Kind: ValueKind.Map } properties)
            return fields;
        foreach (var (field, property) in properties.Map)
        {
            if (property.Kind == ValueKind.Map && property.Map["path_in_connector_config"] is { Kind: ValueKind.List, List.Count: > 0 } path)
                fields[field] = new FieldPath(path.List.Select(PythonText.Str));
        }

        return fields;
    }
}
