using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;

namespace ListBackup.Connections;

/// <summary>This installation's client at a platform's OAuth server.</summary>
public sealed record OAuthClient(string Id, string Secret)
{
    public override string ToString() => $"(client {Id})";
}

/// <summary>This installation's clients by platform. A customer who fills in a client of their own uses that.</summary>
public sealed record OAuthClients(IReadOnlyDictionary<string, OAuthClient> ByPlatform)
{
    public static readonly OAuthClients None = new(new Dictionary<string, OAuthClient>(StringComparer.Ordinal));

    /// <summary>The configuration with the installation's client where the manifest wants one and the customer gave none.</summary>
    public ConnectorConfig Complete(string platform, OAuthDescription? oauth, ConnectorConfig config)
    {
        if (oauth is not { ClientIdField: { } idField, ClientSecretField: { } secretField } || !ByPlatform.TryGetValue(platform, out var client)) return config;
        var json = ConfigJson.Parse(config);
        if (ConfigJson.Find(json, idField) is not null) return config;
        ConfigJson.Set(json, idField, client.Id);
        ConfigJson.Set(json, secretField, client.Secret);
        return ConnectorConfig.Parse(json.ToJsonString());
    }
}

/// <summary>Reads and writes single fields of a configuration.</summary>
public static class ConfigJson
{
    public static JsonObject Parse(ConnectorConfig config) =>
        JsonNode.Parse(config.Utf8Json.Span) as JsonObject ?? throw new InvalidDataException("A configuration is always an object.");

    /// <summary>The text at the path; null when it is absent, empty, or no text.</summary>
    public static string? Find(JsonObject config, FieldPath path)
    {
        JsonNode? node = config;
        foreach (var key in path.Keys) node = (node as JsonObject)?[key];
        return node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
    }

    /// <summary>Writes the text at the path, making the objects on the way.</summary>
    public static void Set(JsonObject config, FieldPath path, string text)
    {
        foreach (var key in path.Keys.SkipLast(1))
        {
            if (config[key] is not JsonObject child) config[key] = child = [];
            config = child;
        }
        config[path.Keys[^1]] = text;
    }
}
