using System.Globalization;
using System.Net;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>The manifest's own rate limits (<c>api_budget</c>): what the platform allows per time, kept within one session.</summary>
/// <param name="RemainingHeader">The header in which the platform tells how many calls are left.</param>
/// <param name="ResetHeader">The header in which it tells when there are new ones: seconds since 1970, or from now.</param>
/// <param name="LimitedCodes">Statuses that say that the limit is reached.</param>
internal sealed record ApiBudgetSpec(IReadOnlyList<CallRatePolicy> Policies, string RemainingHeader, string ResetHeader, IReadOnlySet<int> LimitedCodes)
{
    private const int TooManyRequests = (int)HttpStatusCode.TooManyRequests;

    public static ApiBudgetSpec Parse(ComponentReader reader)
    {
        if (reader.Type != "HTTPAPIBudget")
            throw reader.WrongType();

        return reader.Done(new ApiBudgetSpec(
            reader.Components("policies", "UnlimitedCallRatePolicy", CallRatePolicy.Parse),
            reader.TextOrNull("ratelimit_remaining_header") ?? "ratelimit-remaining",
            reader.TextOrNull("ratelimit_reset_header") ?? "ratelimit-reset",
            reader.Has("status_codes_for_ratelimit_hit") ? reader.Integers("status_codes_for_ratelimit_hit") : new HashSet<int> { TooManyRequests }));
    }

    public ApiBudget Open(ExpressionContext context) => new(this, context);
}

/// <summary>How many calls some requests may make.</summary>
/// <param name="IsFixed">Calls are counted in windows that follow each other, from the first call on; otherwise in the time that lies behind each call.</param>
internal sealed record CallRatePolicy(IReadOnlyList<(Template Limit, Template Interval)> Rates, IReadOnlyList<RequestMatcher> Matchers, bool IsFixed)
{
    public static CallRatePolicy Parse(ComponentReader reader)
    {
        var matchers = reader.Components("matchers", "HttpRequestRegexMatcher", RequestMatcher.Parse);

        return reader.Type switch
        {
            "FixedWindowCallRatePolicy" => reader.Done(new CallRatePolicy([(reader.Template("call_limit"), reader.Template("period"))], matchers, IsFixed: true)),
            "MovingWindowCallRatePolicy" => reader.Done(new CallRatePolicy(reader.Components("rates", "Rate", ParseRate), matchers, IsFixed: false)),
            "UnlimitedCallRatePolicy" => reader.Done(new CallRatePolicy([], matchers, IsFixed: false)),
            _ => throw reader.WrongType(),
        };
    }

    private static (Template, Template) ParseRate(ComponentReader reader) => reader.Done((reader.Template("limit"), reader.Template("interval")));
}

/// <summary>Counts calls of one session, or of all sessions of one restore, against the manifest's policies. The first policy whose matcher fits a request holds for it.</summary>
internal sealed class ApiBudget(ApiBudgetSpec spec, ExpressionContext context)
{
    /// <summary>A wait that a header asks for is no longer than this; more is a mistake in the header.</summary>
    private static readonly TimeSpan ResetMax = TimeSpan.FromDays(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<(CallRatePolicy, int), CallWindow> _windows = [];
    private readonly Dictionary<CallRatePolicy, DateTimeOffset> _closedUntil = [];

    /// <summary>How long to wait before this request may go; zero when it may go now, and then it is counted.</summary>
    public TimeSpan Take(RequestParts request, Uri url)
    {
        if (Find(request, url) is not (var policy, var weight) || policy.Rates.Count == 0)
            return TimeSpan.Zero;

        lock (_lock)
        {
            var now = context.Clock.GetUtcNow();
            var wait = _closedUntil.TryGetValue(policy, out var until) && until > now ? until - now : TimeSpan.Zero;
            var windows = Enumerable.Range(0, policy.Rates.Count).Select(at => Window(policy, at)).ToList();
            foreach (var window in windows)
                wait = Max(wait, window.Wait(weight, now));
            if (wait == TimeSpan.Zero)
            {
                foreach (var window in windows)
                    window.Add(weight, now);
            }

            return wait;
        }
    }

    /// <summary>What an answer tells about the limit: the next requests of its policy wait when none are left.</summary>
    /// <returns>The report for those who share the platform's own limit, or null when the answer says nothing of it.</returns>
    public RateReport? Observe(RequestParts request, Uri url, HttpAnswer answer)
    {
        var isLimited = spec.LimitedCodes.Contains((int)answer.Status);
        var remaining = Whole(answer, spec.RemainingHeader);
        if (!isLimited && remaining is null)
            return null;

        var now = context.Clock.GetUtcNow();
        var reset = Reset(Whole(answer, spec.ResetHeader), now);
        if ((isLimited || remaining <= 0) && Find(request, url) is (var policy, _) && policy.Rates.Count > 0)
        {
            lock (_lock)
                _closedUntil[policy] = now + (reset ?? AskedFor(answer, now) ?? Enumerable.Range(0, policy.Rates.Count).Min(at => Window(policy, at).Rest(now)));
        }

        return new RateReport(isLimited ? 0 : remaining, reset, isLimited);
    }

    private (CallRatePolicy Policy, int Weight)? Find(RequestParts request, Uri url)
    {
        foreach (var policy in spec.Policies)
        {
            if (policy.Matchers.Count == 0)
                return (policy, 1);
            if (policy.Matchers.FirstOrDefault(matcher => matcher.Matches(request, url)) is { } matched)
                return (policy, matched.WeightOf(context));
        }

        return null;
    }

    private CallWindow Window(CallRatePolicy policy, int at)
    {
        if (_windows.TryGetValue((policy, at), out var window))
            return window;

        var (limitTemplate, intervalTemplate) = policy.Rates[at];
        if (limitTemplate.Evaluate(context) is not { Kind: ValueKind.Integer, Long: > 0 } limit || IsoDuration.Parse(intervalTemplate.EvaluateText(context) ?? "") is not { IsZero: false } interval)
            throw new ConfigException("A call rate of api_budget is not a number above zero per duration of ISO 8601.");

        return _windows[(policy, at)] = new CallWindow(limit.Long, interval, policy.IsFixed);
    }

    private static TimeSpan? Reset(long? value, DateTimeOffset now) => value switch
    {
        null or < 0 => null,
        < 1_000_000_000 => Min(TimeSpan.FromSeconds(value.Value), ResetMax),
        < 100_000_000_000 when DateTimeOffset.FromUnixTimeSeconds(value.Value) - now is { Ticks: > 0 } wait => Min(wait, ResetMax),
        _ => null,
    };

    /// <summary>
    /// The platform's own word. Without one the shortest window is taken for the one that is full: a day's limit that was reached says so again at
    /// the next request, while waiting for the day to end after every 429 would stop a backup that has only been quick.
    /// </summary>
    private static TimeSpan? AskedFor(HttpAnswer answer, DateTimeOffset now) => RetryAfter.Of(answer, now) is { } asked ? Min(asked, ResetMax) : null;

    private static long? Whole(HttpAnswer answer, string header) =>
        long.TryParse(answer.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
