using System.Text.Json;

namespace ListBackup.Sources;

/// <summary>Values of other libraries as the API spells them.</summary>
public static class ApiText
{
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
