using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>What a question about the fleet may ask.</summary>
internal static class FleetRules
{
    private const int WithinHoursDefault = 24;
    private const int WithinHoursMax = 24 * 366;

    public static int WithinHours(int? asked) => asked switch
    {
        null => WithinHoursDefault,
        >= 1 and <= WithinHoursMax => asked.Value,
        _ => throw Problem.Invalid("withinHours", $"Is 1 to {WithinHoursMax} hours."),
    };
}
