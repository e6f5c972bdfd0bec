using ListBackup.Demo.Api;

namespace ListBackup.Demo.Faults;

/// <summary>Lets requests go wrong as planned. It stands before everything else, so that a fault needs no valid credential.</summary>
internal sealed class FaultMiddleware(FaultPlan plan, TimeProvider time)
{
    private static readonly TimeSpan s_neverMax = TimeSpan.FromMinutes(2);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var fault = plan.Take(context.Request.Method, context.Request.Path.Value ?? "");
        switch (fault?.Kind)
        {
            case null:
                await next(context);
                break;
            case FaultKind.Unauthorized:
                context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                await Answers.RefusalAsync(context, 401, "unauthorized", "The access token expired.");
                break;
            case FaultKind.RateLimited:
                if (fault.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
                await Answers.RefusalAsync(context, 429, "rate_limited", "Too many requests.");
                break;
            case FaultKind.ServerError:
                await Answers.RefusalAsync(context, fault.Status, "server_error", "Something broke.");
                break;
            case FaultKind.Garbage:
                await Answers.BytesAsync(context, 200, "<html>Bad gateway? {\"data\":["u8.ToArray());
                break;
            case FaultKind.Never:
                await DelayAsync(context, s_neverMax);
                context.Abort();
                break;
            case FaultKind.CutBody:
                await CutAsync(context, next);
                break;
            case FaultKind.Slow:
                await DelayAsync(context, fault.Delay);
                await next(context);
                break;
            default:
                PageFaults.Set(context, fault);
                await next(context);
                break;
        }
    }

    private async Task DelayAsync(HttpContext context, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, time, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client gave up, which is what the fault is for.
        }
    }

    private static async Task CutAsync(HttpContext context, RequestDelegate next)
    {
        var socket = context.Response.Body;
        using var whole = new MemoryStream();
        context.Response.Body = whole;
        await next(context);
        context.Response.Body = socket;

        context.Response.ContentLength = whole.Length;
        await socket.WriteAsync(whole.GetBuffer().AsMemory(0, (int)whole.Length / 2), context.RequestAborted);
        await socket.FlushAsync(context.RequestAborted);
        context.Abort();
    }
}

/// <summary>Faults that only a listing can act out.</summary>
internal static class PageFaults
{
    private static readonly object s_key = new();

    public static void Set(HttpContext context, Fault fault) => context.Items[s_key] = fault;

    public static bool RepeatsPage(HttpContext context) => Find(context)?.Kind == FaultKind.RepeatPage;

    public static int Total(HttpContext context, int total) =>
        Find(context) is { Kind: FaultKind.ShiftTotal } fault ? Math.Max(0, total + fault.TotalShift) : total;

    private static Fault? Find(HttpContext context) => (Fault?)context.Items[s_key];
}
