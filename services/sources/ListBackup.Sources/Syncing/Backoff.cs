namespace ListBackup.Sources;

/// <summary>How long to leave a platform alone.</summary>
public static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>What the platform asked for, or twice as long after each failure.</summary>
    public static TimeSpan Delay(int failures, TimeSpan? asked)
    {
        if (asked is { } wait && wait > TimeSpan.Zero) return wait;
        var doubled = First * Math.Pow(2, Math.Min(failures, 20) - 1);
        return doubled < Longest ? doubled : Longest;
    }
}
