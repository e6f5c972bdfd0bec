using Microsoft.Extensions.Primitives;

namespace ListBackup.Host;

/// <summary>
/// Lets the process stop although requests are open: an event stream would hold it for ever and ends at once; others get a moment to finish and are
/// then cancelled, so that they roll back in order instead of being cut off.
/// </summary>
public static class Stopping
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public static IApplicationBuilder UseStopping(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        return app.Use(async (http, next) =>
        {
            using var aborted = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            using var registered = stopping.Register(() => aborted.CancelAfter(WantsEvents(http.Request.Headers.Accept) || IsEvents(http) ? TimeSpan.Zero : Grace));
            var own = http.RequestAborted;
            http.RequestAborted = aborted.Token;
            try
            {
                await next(http);
            }
            catch (OperationCanceledException) when (aborted.IsCancellationRequested)
            {
                // The process stops, or nobody is left to read; there is nothing to answer.
            }
            finally
            {
                http.RequestAborted = own;
            }
        });
    }

    private static bool WantsEvents(StringValues accept) => accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static bool IsEvents(HttpContext http) => http.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;
}
