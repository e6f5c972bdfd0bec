using ListBackup.Domain;

namespace ListBackup.Functions;

/// <summary><c>?limit=&amp;cursor=</c> of every list.</summary>
public static class Paging
{
    public const int LimitDefault = 50;
    public const int LimitMax = 200;

    /// <summary>The limit as asked for, or the default. Refuses what no page can be.</summary>
    public static int Limit(int? asked) => asked switch
    {
        null => LimitDefault,
        >= 1 and <= LimitMax => asked.Value,
        _ => throw Problem.Invalid("limit", $"A page has 1 to {LimitMax} items."),
    };
}
