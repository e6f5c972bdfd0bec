using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ListBackup.Connectors;
using ListBackup.Domain;

namespace ListBackup.Connections;

/// <summary>
/// Keeps the whole configuration of a connection as one sealed secret. The connection's item holds a copy for people, from which everything secret was
/// taken out.
/// </summary>
public sealed partial class ConnectionSecrets(ISecrets secrets, AccountEnvelope envelope)
{
    public static string NameOf(ConnectionId connection) => $"connections/{connection}";

    // Our own note inside the sealed object. No platform has such a field: it is the key of our own words in manifests, too.
    private const string NoteKey = "x-listbackup";
    private const string MigrationsKey = "migrations";

    /// <summary>The configuration as it was last put, or null when there is none.</summary>
    public async Task<KeptConfig?> FindAsync(AccountId account, ConnectionId connection, CancellationToken cancellation)
    {
        var name = NameOf(connection);
        if (await secrets.FindAsync(name, cancellation) is not { } text) return null;
        var config = ConfigJson.Parse(ConnectorConfig.Parse(await envelope.OpenAsync(account, name, text, cancellation)));
        var migrations = config[NoteKey]?[MigrationsKey] is JsonArray names ? names.Select(n => n!.ToString()).ToList() : [];
        config.Remove(NoteKey);
        return new(ConnectorConfig.Parse(config.ToJsonString()), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), migrations);
    }

    /// <param name="migrations">Names of the manifest's migrations that the configuration has been through.</param>
    public async Task PutAsync(AccountId account, ConnectionId connection, JsonObject config, IReadOnlyList<string> migrations, CancellationToken cancellation)
    {
        var name = NameOf(connection);
        var noted = (JsonObject)config.DeepClone();
        noted.Remove(NoteKey);
        if (migrations.Count > 0) noted[NoteKey] = new JsonObject { [MigrationsKey] = new JsonArray([.. migrations.Select(n => JsonValue.Create(n))]) };
        await secrets.PutAsync(name, await envelope.SealAsync(account, name, noted.ToJsonString(), cancellation), cancellation);
    }

    public Task DeleteAsync(ConnectionId connection, CancellationToken cancellation) => secrets.DeleteAsync(NameOf(connection), cancellation);

    /// <summary>A copy without what the connector declares secret, nor what is called like a secret and was not declared.</summary>
    public static JsonElement WithoutSecrets(JsonObject config, ConnectorSpec spec)
    {
        var shown = (JsonObject)config.DeepClone();
        foreach (var path in spec.SecretFields) Remove(shown, path.Keys, 0);
        RemoveUndeclared(shown);
        using var document = JsonDocument.Parse(shown.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>
    /// A changed configuration as a person sends it: secrets that they did not fill in again are taken over from <paramref name="old"/>. Without that
    /// they would have to type every secret again to change anything.
    /// </summary>
    public static JsonObject WithSecretsOf(JsonObject old, JsonObject changed, ConnectorSpec spec)
    {
        var merged = (JsonObject)changed.DeepClone();
        foreach (var path in spec.SecretFields) TakeOver(old, merged, path.Keys, 0);
        return merged;
    }

    private static void Remove(JsonNode? node, IReadOnlyList<string> keys, int depth)
    {
        var last = depth == keys.Count - 1;
        switch (node)
        {
            case JsonObject map when keys[depth] == "*":
                foreach (var name in map.Select(field => field.Key).ToList())
                {
                    if (last) map.Remove(name);
                    else Remove(map[name], keys, depth + 1);
                }
                break;
            case JsonObject map when last:
                map.Remove(keys[depth]);
                break;
            case JsonObject map:
                Remove(map[keys[depth]], keys, depth + 1);
                break;
            case JsonArray list:
                // A path may leave the list's own step out or write it as *.
                foreach (var item in list) Remove(item, keys, keys[depth] == "*" && !last ? depth + 1 : depth);
                break;
        }
    }

    private static void RemoveUndeclared(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) RemoveUndeclared(item);
        }
        if (node is not JsonObject map) return;
        foreach (var (name, value) in map.ToList())
        {
            if (value is JsonValue && SecretName().IsMatch(name)) map.Remove(name);
            else RemoveUndeclared(value);
        }
    }

    private static void TakeOver(JsonObject old, JsonObject changed, IReadOnlyList<string> keys, int depth)
    {
        var key = keys[depth];
        if (!old.TryGetPropertyValue(key, out var value)) return;
        if (depth == keys.Count - 1)
        {
            if (!changed.ContainsKey(key)) changed[key] = value?.DeepClone();
        }
        else if (value is JsonObject oldChild && changed[key] is JsonObject changedChild)
        {
            TakeOver(oldChild, changedChild, keys, depth + 1);
        }
    }

    [GeneratedRegex("(secret|password|passwd|api_?key|(access|refresh|auth|api)_?token|private_?key)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretName();
}

/// <summary>A configuration as it is kept.</summary>
/// <param name="Seal">Another one each time that a configuration is put, whatever it holds.</param>
/// <param name="Migrations">Names of the manifest's migrations that it has been through.</param>
public sealed record KeptConfig(ConnectorConfig Config, string Seal, IReadOnlyList<string> Migrations);
