using System.Text.Json;

namespace ListBackup.Connectors;

/// <summary>What a person has to fill in to connect.</summary>
/// <param name="ConfigSchema">A JSON schema (draft 7) of the configuration.</param>
/// <param name="SecretFields">Fields that the schema marks <c>airbyte_secret</c>; they are stored encrypted and never shown again.</param>
/// <param name="DocumentationUrl">Where the fields are explained, if the manifest says.</param>
public sealed record ConnectorSpec(JsonElement ConfigSchema, IReadOnlyList<FieldPath> SecretFields, string? DocumentationUrl);
