using System.Globalization;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Reading;

namespace ListBackup.Connectors.Requests;

/// <summary>
/// Sends requests of one session: budget, credentials, retries as the manifest's error handler decides. Every way out is an answer that the manifest
/// takes for success (or says to ignore), or a <see cref="PlatformException"/>.
/// </summary>
internal sealed class HttpSender(Session session)
{
    /// <summary>The wait before the first retry when nobody says anything; it doubles each time.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    public async Task<HttpAnswer> SendAsync(HttpRequester requester, RequestParts parts, ExpressionContext context, CancellationToken cancellation)
    {
        string? rejected = null;
        CheckHost(requester, parts);
        session.RetryBudget.Sent();
        for (var attempt = 0; ; attempt++)
        {
            var attemptParts = parts.Copy();
            var credential = parts.IsForeign ? null : await requester.Authenticator.ApplyAsync(attemptParts, context, session, rejected, cancellation);
            var url = attemptParts.Address();
            await session.Pace.PassAsync(cancellation);
            await WaitForBudgetAsync(attemptParts, url, cancellation);

            HttpAnswer answer;
            try
            {
                answer = await SendOnceAsync(attemptParts, url, cancellation);
            }
            catch (TransportException exception)
            {
                var failure = session.Failure(url.Host) with { Retries = attempt };
                if (exception.Failure is not (TransportFailure.Unreachable or TransportFailure.TimedOut) || attempt >= RetriesMax(requester, context) || !session.RetryBudget.TryTake())
                    throw Translate(exception, failure);
                await WaitAsync(requester.ErrorHandler.Wait(null, attempt, context)?.Wait ?? Exponential(attempt), WaitReason.Retry, failure, cancellation);
                Count(retries: 1);
                continue;
            }

            var resolution = requester.ErrorHandler.Resolve(answer, context) ?? DefaultErrorHandler.ByStatus((int)answer.Status);
            answer.Resolution = resolution;
            await ReportAsync(session.Budget?.Observe(attemptParts, url, answer), answer, resolution, cancellation);
            var canRotate = requester.Authenticator.Observe(attemptParts, answer, credential, context, session);
            if (resolution.Action is ResponseAction.Success or ResponseAction.Ignore or ResponseAction.ResetPagination)
                return answer;

            using (answer)
            {
                var failure = session.Failure(url.Host) with { Status = answer.Status, Retries = attempt, ManifestMessage = resolution.Message ?? WithoutCredentials(answer) };

                // A token may end between our check and the platform's: once per request it is renewed without asking the manifest. A key has nothing to
                // renew, also where the manifest offers a choice of the two.
                if ((resolution.Action == ResponseAction.RefreshTokenThenRetry || (int)answer.Status == 401) && requester.Authenticator.CanRenew && rejected is null && credential is not null)
                {
                    rejected = credential;
                    Count(retries: 1);
                    continue;
                }

                if (resolution.Action is ResponseAction.Fail or ResponseAction.RefreshTokenThenRetry)
                    throw Refused(failure, resolution);

                var rateLimited = resolution.Action == ResponseAction.RateLimited;
                if (rateLimited)
                    session.Pace.Slow(session.Ports.PagesAtOnceMax);
                if (rateLimited && canRotate && attempt < RetriesMax(requester, context))
                {
                    Count(retries: 1);
                    continue;
                }

                var backoff = requester.ErrorHandler.Wait(answer, attempt, context);
                var wait = backoff?.Wait ?? RetryAfter.Of(answer, Now) ?? Exponential(attempt);
                if (backoff is { IsTooLong: true })
                    throw new PlatformRateLimitedException(wait, failure);
                if (attempt >= RetriesMax(requester, context) || (!rateLimited && !session.RetryBudget.TryTake()))
                    throw rateLimited ? new PlatformRateLimitedException(wait, failure) : new PlatformServerException(failure);
                if (rateLimited)
                    await session.Pace.HoldAsync(() => WaitAsync(wait, WaitReason.RateLimit, failure, cancellation));
                else
                    await WaitAsync(wait, WaitReason.Retry, failure, cancellation);
                Count(retries: 1);
            }
        }
    }

    /// <summary>Sends without error handler and retries; for token endpoints.</summary>
    public async Task<HttpAnswer> SendPlainAsync(RequestParts parts, CancellationToken cancellation)
    {
        var url = parts.Address();
        try
        {
            return await SendOnceAsync(parts, url, cancellation);
        }
        catch (TransportException exception)
        {
            throw Translate(exception, session.Failure(url.Host));
        }
    }

    public PlatformException Translate(TransportException exception, PlatformFailure failure) => exception.Failure switch
    {
        TransportFailure.TimedOut => new PlatformTimedOutException(session.Ports.Http.Limits.AnswerTimeout, failure),
        TransportFailure.TooLarge => new PlatformTooLargeException(session.Ports.Http.Limits.AnswerBytesMax, failure),
        TransportFailure.RecordTooLarge => new PlatformTooLargeException(session.Ports.Http.Limits.RecordBytesMax, failure, "record"),
        TransportFailure.NotReadable => new PlatformNotReadableException(exception.Message, failure),
        TransportFailure.PrivateAddress => new PlatformAddressException(failure),
        _ => new PlatformUnreachableException(exception.Message, failure),
    };

    /// <summary>Waits, or tells the caller that it would take too long.</summary>
    public async Task WaitAsync(TimeSpan wait, WaitReason reason, PlatformFailure failure, CancellationToken cancellation)
    {
        if (wait > session.Ports.WaitMax)
            throw new PlatformRateLimitedException(wait, failure);
        if (wait > TimeSpan.Zero)
            await session.Ports.WaitingOrClock.WaitAsync(wait, reason, cancellation);
    }

    private async Task<HttpAnswer> SendOnceAsync(RequestParts parts, Uri url, CancellationToken cancellation)
    {
        Count(requests: 1);
        session.SignIn.AddCookies(parts, url);
        var raw = await session.Ports.Http.SendAsync(parts.Message, url, parts.Method, parts.IsForeign, cancellation);
        session.SignIn.KeepCookies(raw, url);
        session.Evidence = session.Evidence with { BytesReceived = session.Evidence.BytesReceived + raw.Body.Length };

        return new HttpAnswer(raw, url.Host, session.Ports.Http);
    }

    private void CheckHost(HttpRequester requester, RequestParts parts)
    {
        try
        {
            session.OwnHosts.Check(requester, parts);
        }
        catch (TransportException exception)
        {
            throw Translate(exception, session.Failure());
        }
    }

    private async Task WaitForBudgetAsync(RequestParts parts, Uri url, CancellationToken cancellation)
    {
        // One after the other: the manifest's budget counts the request where it lets it go, which is once, however long the caller's budget holds it after that.
        while (session.Budget?.Take(parts, url) is { Ticks: > 0 } wait)
            await WaitAsync(wait, WaitReason.Budget, session.Failure(url.Host), cancellation);
        while (await session.Ports.RateBudget.TakeAsync(1, cancellation) is { Wait.Ticks: > 0 } held)
        {
            // However near the end of the day is: a worker does not sleep for it, and a person is told why.
            if (held.Ceiling is { } ceiling)
                throw new PlatformDailyCeilingException(held.Wait, ceiling, session.Failure(url.Host));
            await WaitAsync(held.Wait, WaitReason.Budget, session.Failure(url.Host), cancellation);
        }
    }

    /// <param name="named">What the headers that the manifest names have told; null when it names none or they are not there.</param>
    private ValueTask ReportAsync(RateReport? named, HttpAnswer answer, Resolution resolution, CancellationToken cancellation)
    {
        var limited = resolution.Action == ResponseAction.RateLimited;
        var daily = session.DailyQuota?.LimitHeader is { } header && Whole(answer, header) is > 0 and <= DailyQuota.RequestsMax and var told ? told : (long?)null;
        if (named is not null)
            return session.Ports.RateBudget.ReportAsync(named with { Reset = named.Reset ?? RetryAfter.Of(answer, Now), Limited = named.Limited || limited, DailyLimit = daily }, cancellation);

        var remaining = Whole(answer, "ratelimit-remaining") ?? Whole(answer, "x-ratelimit-remaining") ?? Whole(answer, "x-rate-limit-remaining");
        if (!limited && remaining is null && daily is null)
            return ValueTask.CompletedTask;

        return session.Ports.RateBudget.ReportAsync(new RateReport(remaining, limited ? RetryAfter.Of(answer, Now) : Reset(answer), limited, daily), cancellation);
    }

    private DateTimeOffset Now => session.Ports.Clock.GetUtcNow();

    private int RetriesMax(HttpRequester requester, ExpressionContext context) => Math.Min(session.Ports.RetriesMax, requester.ErrorHandler.RetriesMax(context));

    /// <summary>The window's end: seconds from now by the draft standard, seconds since 1970 by custom.</summary>
    private TimeSpan? Reset(HttpAnswer answer)
    {
        var value = Whole(answer, "ratelimit-reset") ?? Whole(answer, "x-ratelimit-reset") ?? Whole(answer, "x-rate-limit-reset");

        return value switch
        {
            null or < 0 => null,
            < 1_000_000_000 => TimeSpan.FromSeconds(value.Value),
            < 100_000_000_000 when DateTimeOffset.FromUnixTimeSeconds(value.Value) - Now is { Ticks: > 0 } wait => wait,
            _ => null,
        };
    }

    private static PlatformException Refused(PlatformFailure failure, Resolution resolution) => (int?)failure.Status switch
    {
        401 => new PlatformUnauthorizedException(failure),
        403 => new PlatformForbiddenException(failure),
        429 => new PlatformRateLimitedException(TimeSpan.FromMinutes(1), failure),
        >= 500 => new PlatformServerException(failure),
        _ when resolution.FailureType == "transient_error" => new PlatformServerException(failure),
        _ when resolution.FailureType == "config_error" && failure.Status is { } status && (int)status < 300 => new PlatformUnauthorizedException(failure),
        _ => new PlatformRefusedException(failure),
    };

    private static string? WithoutCredentials(HttpAnswer answer) => answer.IsForeign && (int)answer.Status is 401 or 403
        ? "A link or a redirect led there, to a host that neither manifest nor configuration names, so it was asked without credentials. If it belongs to the platform, its address is to be configured."
        : null;

    private static TimeSpan Exponential(int attempt) => FirstWait * Math.Pow(2, Math.Min(attempt, 10));

    private static long? Whole(HttpAnswer answer, string header) =>
        long.TryParse(answer.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private void Count(int requests = 0, int retries = 0) =>
        session.Evidence = session.Evidence with { Requests = session.Evidence.Requests + requests, Retries = session.Evidence.Retries + retries };
}
