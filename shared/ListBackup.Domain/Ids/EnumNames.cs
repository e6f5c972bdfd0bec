using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Enums as their names in JSON, and as nothing else: the number that the stock converter also takes would tie callers to the order of our code.</summary>
public sealed class EnumNames<TEnum>() : JsonStringEnumConverter<TEnum>(namingPolicy: null, allowIntegerValues: false)
    where TEnum : struct, Enum;
