using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>A platform's failure in the words of a person who can act on it.</summary>
public static class Reasons
{
    public static Reason Of(PlatformException failure) => new(Code(failure), failure.Message, Action(failure));

    /// <summary>A stream that had records arrived without any.</summary>
    public static Reason SuddenlyEmpty(string message) => new(Anomalies.SuddenlyEmpty, message,
        "Check the connection's rights and scopes, then retry the run. If the stream really is empty now, accept the snapshot in quarantine: the next run takes the platform's word.");

    /// <summary>True when only a person can mend the connection.</summary>
    public static bool NeedsReconnect(PlatformException failure) => failure is PlatformUnauthorizedException;

    private static string Code(PlatformException failure) => failure switch
    {
        PlatformUnauthorizedException => "platform-unauthorized",
        PlatformForbiddenException => "platform-forbidden",
        PlatformRateLimitedException => "platform-rate-limited",
        PlatformDailyCeilingException => "daily-ceiling",
        PlatformServerException => "platform-failed",
        PlatformRefusedException => "platform-refused",
        PlatformNotReadableException => "platform-not-readable",
        PlatformTimedOutException => "platform-timed-out",
        PlatformUnreachableException => "platform-unreachable",
        PlatformTooLargeException => "platform-answer-too-large",
        PlatformTooManyException => "platform-too-many-partitions",
        PlatformAddressException => "platform-address-not-allowed",
        _ => "platform-failed",
    };

    private static string Action(PlatformException failure) => failure switch
    {
        PlatformUnauthorizedException => "Reconnect the connection; then retry the run.",
        PlatformForbiddenException => "Grant the missing right or scope on the platform, reconnect, and retry; or leave this stream out of the source.",
        PlatformRateLimitedException => "Nothing now: the next run tries again. If it happens often, run less often or at a quieter time.",
        PlatformDailyCeilingException => "Nothing: it goes on by itself then. To have it sooner, raise the connection's ceiling (dailyPercentMax), cancel the run and start it again.",
        PlatformRefusedException => "Check the connection's settings; if they are right, the platform may have changed its API.",
        PlatformTooManyException => "Leave this stream out of the source, or ask for a connector that reads its parents in smaller groups.",
        PlatformAddressException => "Use the platform's public address.",
        _ => "Nothing now: the next run tries again. If it lasts, look at the platform's status page.",
    };
}
