using System.Text.Json;

namespace ListBackup.Connectors;

/// <summary>What the customer filled in: a JSON object after the connector's <see cref="ConnectorSpec"/>. Holds secrets; it never prints itself.</summary>
public sealed class ConnectorConfig
{
    private readonly byte[] _json;

    private ConnectorConfig(byte[] json) => _json = json;

    public static readonly ConnectorConfig Empty = Parse("{}");

    /// <exception cref="ConfigException">The text is not a JSON object.</exception>
    public static ConnectorConfig Parse(string json) => Parse(System.Text.Encoding.UTF8.GetBytes(json));

    /// <inheritdoc cref="Parse(string)"/>
    public static ConnectorConfig Parse(ReadOnlySpan<byte> utf8Json)
    {
        var json = utf8Json.ToArray();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new ConnectorConfig(json);
        }
        catch (JsonException)
        {
            // Not chained: a parser's message quotes the text, and this text holds secrets.
        }

        throw new ConfigException("The configuration is not a JSON object.");
    }

    /// <summary>The configuration as UTF-8 JSON, secrets included.</summary>
    public ReadOnlyMemory<byte> Utf8Json => _json;

    public override string ToString() => "(configuration)";
}

/// <summary>A configuration that the connector cannot work with. The message names fields, never values.</summary>
public sealed class ConfigException(string message) : Exception(message);
