using System.Globalization;

namespace ListBackup.Demo.Access;

/// <summary>One token bucket for each caller.</summary>
internal sealed class RateLimiter(RateLimit? limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = [];

    /// <summary>Null when the request may go on, else how long to wait.</summary>
    public TimeSpan? Take(HttpContext context, string caller)
    {
        if (limit is null) return null;

        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (!_buckets.TryGetValue(caller, out var bucket)) _buckets.Add(caller, bucket = new Bucket(limit.Burst, now));
            bucket.Tokens = Math.Min(limit.Burst, bucket.Tokens + time.GetElapsedTime(bucket.At, now).TotalSeconds * limit.RequestsPerSecond);
            bucket.At = now;
            if (bucket.Tokens < 1) return TimeSpan.FromSeconds((1 - bucket.Tokens) / limit.RequestsPerSecond);

            bucket.Tokens--;
            context.Response.Headers["X-RateLimit-Limit"] = limit.Burst.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-RateLimit-Remaining"] = ((int)bucket.Tokens).ToString(CultureInfo.InvariantCulture);
            return null;
        }
    }

    private sealed class Bucket(double tokens, long at)
    {
        public double Tokens { get; set; } = tokens;
        public long At { get; set; } = at;
    }
}
