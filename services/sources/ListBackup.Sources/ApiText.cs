using System.Text.Json;

namespace ListBackup.Sources;

/// <summary>Values of other libraries as the API spells them.</summary>
public static class ApiText
{
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>Limits of lists: 1 to 200, 50 when nothing is asked.</summary>
    public static int Limit(int? asked) => asked switch
    {
        null => 50,
        >= 1 and <= 200 => asked.Value,
        _ => throw Domain.Problem.Invalid("limit", "Must be 1 to 200."),
    };
}
