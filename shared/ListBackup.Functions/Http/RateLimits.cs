using System.Threading.RateLimiting;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Functions;

/// <summary>How often one caller (or, before sign-in, one address) may ask: a token bucket.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Requests that may come at once.</summary>
    public int Burst { get; init; } = 1000;

    /// <summary>Requests per second that may go on for ever.</summary>
    public int PerSecond { get; init; } = 100;
}

/// <summary>Limits requests in this process and says so in <c>RateLimit-Limit</c>, <c>-Remaining</c> and <c>-Reset</c> (seconds until a full bucket).</summary>
public static class RateLimits
{
    /// <summary>Put after authentication, so that callers behind one address do not share a bucket.</summary>
    public static IApplicationBuilder UseRateLimits(this IApplicationBuilder app, RateLimitOptions options)
    {
        var limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(Bucket(http), _ => new()
        {
            TokenLimit = options.Burst,
            TokensPerPeriod = Math.Max(1, options.PerSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));
        return app.Use(async (http, next) =>
        {
            using var lease = limiter.AttemptAcquire(http);
            var remaining = limiter.GetStatistics(http)?.CurrentAvailablePermits ?? 0;
            http.Response.Headers["RateLimit-Limit"] = options.Burst.ToString();
            http.Response.Headers["RateLimit-Remaining"] = remaining.ToString();
            http.Response.Headers["RateLimit-Reset"] = Math.Ceiling((options.Burst - remaining) / (double)options.PerSecond).ToString();
            if (!lease.IsAcquired)
                throw Problem.TooMany($"More than {options.PerSecond} requests per second. Wait a second and ask again.", TimeSpan.FromSeconds(1));
            await next(http);
        });
    }

    private static string Bucket(HttpContext http) =>
        http.User.FindFirst("key")?.Value ?? http.User.FindFirst("sub")?.Value ?? http.Connection.RemoteIpAddress?.ToString() ?? "unknown";
}
