using ListBackup.Demo.Api;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Access;

/// <summary>Turns refusals into answers, for the whole application.</summary>
internal sealed class RefusalMiddleware
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (ApiProblem problem)
        {
            await Answers.RefusalAsync(context, problem.Status, problem.Code, problem.Message, problem.ExistingId);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is listening any more.
        }
    }
}

/// <summary>Before an endpoint of the API runs: credential, permission, rate limit, idempotency key.</summary>
internal sealed class ApiMiddleware(Credentials credentials, RateLimiter limiter, IdempotentAnswers idempotent)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var caller = credentials.Identify(context);
        if (limiter.Take(context, caller.Name) is { } wait)
        {
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString();
            throw new ApiProblem(429, "rate_limited", "Too many requests.");
        }

        Credentials.RequirePermission(context, caller);
        await idempotent.InvokeAsync(context, caller.Name, next);
    }
}
