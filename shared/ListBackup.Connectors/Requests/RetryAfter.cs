using System.Globalization;

namespace ListBackup.Connectors.Requests;

/// <summary>The header Retry-After: seconds (with a fraction at some platforms, against the standard), or the moment itself.</summary>
internal static class RetryAfter
{
    // Some eleven days. More is a misread clock, not a wait.
    private const double SecondsMax = 1e6;

    /// <returns>How long the platform asks to be left alone; null when it does not say, or the moment has passed.</returns>
    public static TimeSpan? Of(HttpAnswer answer, DateTimeOffset now)
    {
        if (answer.Header("Retry-After") is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return seconds is >= 0 and < SecondsMax ? TimeSpan.FromSeconds(seconds) : null;

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at > now ? at - now : null;
    }
}
