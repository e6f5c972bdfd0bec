using System.Text.Json;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors;

/// <summary>What the customer filled in: a JSON object after the connector's <see cref="ConnectorSpec"/>. Holds secrets; it never prints itself.</summary>
public sealed class ConnectorConfig
{
    private readonly byte[] _json;

    private ConnectorConfig(byte[] json, bool isMigrated = false, bool isNormalized = false)
    {
        _json = json;
        IsMigrated = isMigrated;
        IsNormalized = isNormalized;
    }

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

    /// <summary>True when the manifest's migrations have been run on it, so that they are not run twice.</summary>
    internal bool IsMigrated { get; }

    /// <summary>True when all of the manifest's rules have been applied.</summary>
    internal bool IsNormalized { get; }

    /// <summary>The same, with the word of its keeper that the manifest's migrations have been run on it.</summary>
    public ConnectorConfig AsMigrated() => IsMigrated ? this : new ConnectorConfig(_json, isMigrated: true, IsNormalized);

    internal ConnectorConfig AsNormalized() => IsNormalized ? this : new ConnectorConfig(_json, isMigrated: true, isNormalized: true);

    /// <summary>The same with some fields replaced as a whole.</summary>
    internal ConnectorConfig Overlaid(ValueMap fields)
    {
        if (fields.Count == 0)
            return this;

        var overlaid = ValueJson.Parse(_json).Map.Copy();
        foreach (var (key, value) in fields)
            overlaid.Set(key, value);

        return new ConnectorConfig(ValueJson.ToBytes(Value.Of(overlaid)), IsMigrated, IsNormalized);
    }

    public override string ToString() => "(configuration)";
}

/// <summary>A configuration that the connector cannot work with. The message names fields, never values.</summary>
public sealed class ConfigException(string message) : Exception(message);
