using System.Text.Json;
using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>Writes an enum's names in camel case, in the format and in every API alike.</summary>
public sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) where T : struct, Enum;
