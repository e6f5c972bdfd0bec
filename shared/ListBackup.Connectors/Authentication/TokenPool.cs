using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>What one session knows of its tokens' quotas.</summary>
internal sealed class TokenPool(RateLimitedMultipleTokenAuthenticator owner, IReadOnlyList<string> tokens, ExpressionContext context)
{
    private static readonly IsoDuration WaitMaxDefault = new(0, TimeSpan.FromHours(2));

    /// <summary>Calls are spread by no more than this each.</summary>
    private static readonly TimeSpan SpreadMax = TimeSpan.FromSeconds(10);

    /// <summary>A shorter spread is not worth a wait.</summary>
    private static readonly TimeSpan SpreadMin = TimeSpan.FromMilliseconds(100);

    /// <summary>A reset that lies behind us is a clock that differs from ours; asking again at once would be asking without end.</summary>
    private static readonly TimeSpan ExhaustionWaitMin = TimeSpan.FromSeconds(5);

    /// <summary>A reset that lies this little before the one we know belongs to the same window.</summary>
    private static readonly TimeSpan ResetSkew = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private Dictionary<(string Token, string Quota), QuotaState>? _states;
    private int _active;

    private SemaphoreSlim Seeding { get; } = new(1, 1);

    /// <summary>A token with a call left, which is taken; waits for one when all are spent.</summary>
    /// <exception cref="PlatformRateLimitedException">All are spent for longer than may be waited.</exception>
    public async Task<string> TakeAsync(RequestParts parts, Session session, CancellationToken cancellation)
    {
        await SeedAsync(isAgain: false, session, cancellation);
        var quota = Find(parts);
        var waitMax = Longest();
        var waited = TimeSpan.Zero;
        while (true)
        {
            var (token, wait) = Take(quota);
            if (token is not null)
            {
                if (wait >= SpreadMin)
                    await session.Sender.WaitAsync(wait, WaitReason.Budget, session.Failure(), cancellation);

                return token;
            }

            if (waited + wait > waitMax)
                throw new PlatformRateLimitedException(wait, session.Failure());
            await session.Sender.WaitAsync(wait, WaitReason.Budget, session.Failure(), cancellation);
            waited += wait;
            await SeedAsync(isAgain: true, session, cancellation);
        }
    }

    /// <summary>Brings the counts in line with what the platform says in an answer.</summary>
    /// <returns>True when this token is spent and another is not, so that a retry need not wait.</returns>
    public bool Observe(RequestParts parts, HttpAnswer answer, string token)
    {
        var quota = Find(parts);
        lock (_lock)
        {
            if (_states is null || !_states.TryGetValue((token, quota.Name), out var state) || !state.IsTracked)
                return false;

            var isRefusal = quota.ExhaustionCodes.Contains((int)answer.Status);
            var remaining = TokenQuota.Count(Header(answer, quota.RemainingHeader)) ?? (isRefusal ? 0 : null);
            var reset = TokenQuota.Time(Header(answer, quota.ResetHeader));
            state.Observe(remaining, reset, TokenQuota.Count(Header(answer, quota.LimitHeader)), isRefusal, ResetSkew);

            return state.Remaining <= 0 && tokens.Any(other => _states[(other, quota.Name)] is { IsTracked: true, Remaining: > 0 });
        }
    }

    private (string? Token, TimeSpan Wait) Take(TokenQuota quota)
    {
        lock (_lock)
        {
            for (var turn = 0; turn < tokens.Count; turn++)
            {
                var token = tokens[_active];
                var state = _states![(token, quota.Name)];
                if (!state.IsTracked)
                    return (token, TimeSpan.Zero);
                if (state.Remaining > 0)
                {
                    state.Remaining--;
                    return (token, Spread(quota, state));
                }

                _active = (_active + 1) % tokens.Count;
            }

            var now = context.Clock.GetUtcNow();
            var soonest = tokens.Min(token => _states![(token, quota.Name)].Reset) - now;

            return (null, soonest > ExhaustionWaitMin ? soonest : ExhaustionWaitMin);
        }
    }

    /// <summary>Once every token is down to its reserve, what is left is spread over the time until there is more.</summary>
    private TimeSpan Spread(TokenQuota quota, QuotaState active)
    {
        var states = tokens.Select(token => _states![(token, quota.Name)]).ToList();
        if (states.Any(state => !state.IsTracked || state.Remaining > Math.Max(owner.ReserveMin, state.Limit * owner.ReserveFraction)))
            return TimeSpan.Zero;

        var (left, time) = (states.Sum(state => state.Remaining), active.Reset - context.Clock.GetUtcNow());
        if (left <= 0 || time <= TimeSpan.Zero)
            return TimeSpan.Zero;

        return time / left < SpreadMax ? time / left : SpreadMax;
    }

    private TokenQuota Find(RequestParts parts)
    {
        var url = parts.Address();

        return owner.Quotas.FirstOrDefault(quota => quota.Matchers.Any(matcher => matcher.Matches(parts, url)))
            ?? owner.Quotas.FirstOrDefault(quota => quota.Matchers.Count == 0)
            ?? owner.Quotas[0];
    }

    private async Task SeedAsync(bool isAgain, Session session, CancellationToken cancellation)
    {
        await Seeding.WaitAsync(cancellation);
        try
        {
            if (_states is not null && !isAgain)
                return;
            var states = new Dictionary<(string, string), QuotaState>();
            foreach (var token in tokens)
            {
                foreach (var (quota, state) in await AskAsync(token, session, cancellation))
                    states[(token, quota)] = state;
            }

            lock (_lock)
                _states = states;
        }
        finally
        {
            Seeding.Release();
        }
    }

    private async Task<IReadOnlyList<(string Quota, QuotaState State)>> AskAsync(string token, Session session, CancellationToken cancellation)
    {
        var parts = new RequestParts { Method = owner.Source.Method, Url = owner.Source.Url.EvaluateText(context) ?? "" };
        if (owner.Source.Headers?.Evaluate(context) is { Kind: ValueKind.Map } headers)
        {
            foreach (var (name, value) in headers.Map)
                parts.SetHeader(name, PythonText.Str(value));
        }

        owner.Sign(parts, token);
        using var answer = await session.Sender.SendPlainAsync(parts, cancellation);
        if (owner.Source.UnavailableCodes.Contains((int)answer.Status))
            return [.. owner.Quotas.Select(quota => (quota.Name, QuotaState.Untracked))];
        if (!answer.IsGood)
            throw Refused(answer, session);

        return [.. owner.Quotas.Select(quota => (quota.Name, State(quota, answer, session)))];
    }

    private QuotaState State(TokenQuota quota, HttpAnswer answer, Session session)
    {
        var remaining = TokenQuota.Count(ValuePaths.Get(answer.Json, quota.RemainingPath));
        var reset = TokenQuota.Time(ValuePaths.Get(answer.Json, quota.ResetPath));
        var limit = quota.LimitPath.Count == 0 ? remaining : TokenQuota.Count(ValuePaths.Get(answer.Json, quota.LimitPath));
        if (remaining is not null && reset is not null && limit is not null)
            return new QuotaState { IsTracked = true, Remaining = remaining.Value, Reset = reset.Value, Limit = limit.Value };

        // A platform that may be without quotas may also be without this one.
        return owner.Source.UnavailableCodes.Count > 0
            ? QuotaState.Untracked
            : throw new PlatformNotReadableException($"it does not tell the quota {quota.Name} where the manifest says", session.Failure(answer.Host) with { Status = answer.Status });
    }

    private static PlatformException Refused(HttpAnswer answer, Session session)
    {
        var failure = session.Failure(answer.Host) with { Status = answer.Status, ManifestMessage = "It happened when a token's quota was asked for." };

        return (int)answer.Status switch
        {
            401 => new PlatformUnauthorizedException(failure),
            403 => new PlatformForbiddenException(failure),
            429 => new PlatformRateLimitedException(TimeSpan.FromMinutes(1), failure),
            >= 500 => new PlatformServerException(failure),
            _ => new PlatformRefusedException(failure),
        };
    }

    private TimeSpan Longest()
    {
        if (owner.WaitMax?.EvaluateText(context) is not { } text)
            return WaitMaxDefault.Span;
        var now = context.Clock.GetUtcNow();

        return IsoDuration.Parse(text) is { } duration ? duration.After(now) - now : throw new ConfigException("The longest wait for a token's quota is not a duration of ISO 8601.");
    }

    private static Value Header(HttpAnswer answer, string? name) => name is null ? Value.None : Value.Of(answer.Header(name));
}

/// <summary>What is left of one quota of one token.</summary>
internal sealed class QuotaState
{
    public required bool IsTracked { get; init; }

    public long Remaining { get; set; }

    public DateTimeOffset Reset { get; set; }

    public long Limit { get; set; }

    /// <summary>The platform counts nothing, so neither do we.</summary>
    public static QuotaState Untracked => new() { IsTracked = false };

    /// <summary>Answers overtake each other, so within a window the count only falls; a later reset is a new window.</summary>
    public void Observe(long? remaining, DateTimeOffset? reset, long? limit, bool isRefusal, TimeSpan skew)
    {
        if (limit is > 0 && (reset is null || reset >= Reset))
            Limit = limit.Value;
        if (reset > Reset)
            (Reset, Remaining) = (reset.Value, remaining ?? Limit);
        else if (remaining is { } left && (isRefusal || reset is null || reset >= Reset - skew))
            Remaining = Math.Min(Remaining, left);
    }
}
