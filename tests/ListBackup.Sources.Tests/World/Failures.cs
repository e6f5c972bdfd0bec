using System.Net;
using ListBackup.Connectors;

namespace ListBackup.Sources.Tests;

/// <summary>How platforms and processes fail.</summary>
public static class Failure
{
    public static PlatformException Unauthorized => new PlatformUnauthorizedException(Where(HttpStatusCode.Unauthorized));

    public static PlatformException Forbidden => new PlatformForbiddenException(Where(HttpStatusCode.Forbidden));

    public static PlatformException Server => new PlatformServerException(Where(HttpStatusCode.InternalServerError));

    public static PlatformException Garbage => new PlatformNotReadableException("it begins with '<html'", Where(HttpStatusCode.OK));

    public static PlatformException Never => new PlatformTimedOutException(TimeSpan.FromMinutes(2), Where(null));

    public static PlatformException RateLimited(TimeSpan wait) => new PlatformRateLimitedException(wait, Where(HttpStatusCode.TooManyRequests));

    public static PlatformException DayIsSpent(DateTimeOffset now, DateTimeOffset until) => new PlatformDailyCeilingException(until - now, new(40, 40, 100, until), Where(null));

    /// <summary>The process is gone between two instructions: nothing is released, nothing is said.</summary>
    public static Exception Killed => new ProcessKilledException();

    private static PlatformFailure Where(HttpStatusCode? status) => new() { Host = "scripted.example", Status = status };
}

public sealed class ProcessKilledException : Exception;
