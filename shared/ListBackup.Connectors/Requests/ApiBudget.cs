using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>The manifest's own rate limits (<c>api_budget</c>): what the platform allows per time, kept within one session.</summary>
internal sealed class ApiBudgetSpec(IReadOnlyList<CallRatePolicy> policies)
{
    public static ApiBudgetSpec Parse(ComponentReader reader)
    {
        if (reader.Type != "HTTPAPIBudget")
            throw reader.WrongType();

        // The headers and codes named here change nothing beyond what every answer does already: see HttpSender.ReportAsync.
        reader.Ignore("ratelimit_reset_header", "ratelimit_remaining_header", "status_codes_for_ratelimit_hit");

        return reader.Done(new ApiBudgetSpec(reader.Components("policies", "UnlimitedCallRatePolicy", CallRatePolicy.Parse)));
    }

    public ApiBudget Open(ExpressionContext context) => new(policies, context);
}

internal sealed record CallRatePolicy(IReadOnlyList<(Template Limit, Template Interval)> Rates, IReadOnlyList<RequestMatcher> Matchers)
{
    public static CallRatePolicy Parse(ComponentReader reader)
    {
        var matchers = reader.Components("matchers", "HttpRequestRegexMatcher", RequestMatcher.Parse);

        return reader.Type switch
        {
            "FixedWindowCallRatePolicy" => reader.Done(new CallRatePolicy([(reader.Template("call_limit"), reader.Template("period"))], matchers)),
            "MovingWindowCallRatePolicy" => reader.Done(new CallRatePolicy(reader.Components("rates", "Rate", ParseRate), matchers)),
            "UnlimitedCallRatePolicy" => reader.Done(new CallRatePolicy([], matchers)),
            _ => throw reader.WrongType(),
        };
    }

    private static (Template, Template) ParseRate(ComponentReader reader) => reader.Done((reader.Template("limit"), reader.Template("interval")));
}

internal sealed record RequestMatcher(string? Method, string? UrlBase, string? PathPattern, IReadOnlyDictionary<string, string> Query, int Weight)
{
    public static RequestMatcher Parse(ComponentReader reader)
    {
        reader.NotYet("headers");
        var query = reader.Raw("params");

        return reader.Done(new RequestMatcher(
            reader.TextOrNull("method"), reader.TextOrNull("url_base"), reader.PatternOrNull("url_path_pattern"),
            query.Kind == ValueKind.Map ? query.Map.ToDictionary(member => member.Key, member => PythonText.Str(member.Value), StringComparer.Ordinal) : new Dictionary<string, string>(StringComparer.Ordinal),
            Math.Max(1, reader.IntegerOrNull("weight") ?? 1)));
    }

    public bool Matches(HttpMethod method, Uri url) =>
        (Method is null || string.Equals(Method, method.Method, StringComparison.OrdinalIgnoreCase))
        && (UrlBase is null || url.GetLeftPart(UriPartial.Authority) == UrlBase.TrimEnd('/'))
        && (PathPattern is null || Patterns.Search(PathPattern, url.AbsolutePath).Success)
        && Query.All(pair => url.Query.Contains($"{pair.Key}={Uri.EscapeDataString(pair.Value)}", StringComparison.Ordinal));
}

/// <summary>Counts calls of one session against the manifest's policies. The first policy whose matcher fits a request holds for it.</summary>
internal sealed class ApiBudget(IReadOnlyList<CallRatePolicy> policies, ExpressionContext context)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(CallRatePolicy, int), Queue<DateTimeOffset>> _calls = [];

    /// <summary>How long to wait before this request may go; zero when it may go now, and then it is counted.</summary>
    public TimeSpan Take(HttpMethod method, Uri url)
    {
        var policy = policies.FirstOrDefault(candidate => candidate.Matchers.Count == 0 || candidate.Matchers.Any(matcher => matcher.Matches(method, url)));
        if (policy is null || policy.Rates.Count == 0)
            return TimeSpan.Zero;

        var weight = policy.Matchers.FirstOrDefault(matcher => matcher.Matches(method, url))?.Weight ?? 1;
        lock (_lock)
        {
            var now = context.Clock.GetUtcNow();
            var wait = TimeSpan.Zero;
            for (var at = 0; at < policy.Rates.Count; at++)
                wait = Max(wait, Wait(policy, at, weight, now));
            if (wait == TimeSpan.Zero)
            {
                for (var at = 0; at < policy.Rates.Count; at++)
                {
                    for (var unit = 0; unit < weight; unit++)
                        Calls(policy, at).Enqueue(now);
                }
            }

            return wait;
        }
    }

    private TimeSpan Wait(CallRatePolicy policy, int at, int weight, DateTimeOffset now)
    {
        var (limitTemplate, intervalTemplate) = policy.Rates[at];
        if (limitTemplate.Evaluate(context) is not { Kind: ValueKind.Integer } limit || IsoDuration.Parse(intervalTemplate.EvaluateText(context) ?? "") is not { } interval)
            throw new ExpressionException("A call rate of api_budget is not a number per duration.");

        var calls = Calls(policy, at);
        var span = interval.After(now) - now;
        while (calls.Count > 0 && calls.Peek() + span <= now)
            calls.Dequeue();

        return calls.Count == 0 || calls.Count + weight <= limit.Long ? TimeSpan.Zero : calls.Peek() + span - now;
    }

    private Queue<DateTimeOffset> Calls(CallRatePolicy policy, int at)
    {
        if (!_calls.TryGetValue((policy, at), out var calls))
            _calls[(policy, at)] = calls = new Queue<DateTimeOffset>();

        return calls;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
