using System.Diagnostics;

namespace ListBackup.Host;

/// <summary>Every answer names its trace (W3C trace context), so that a person's report leads to the log line.</summary>
public static class Traceparent
{
    public static IApplicationBuilder UseTraceparent(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (Activity.Current?.Id is { } id) http.Response.Headers.TraceParent = id;
        return next(http);
    });
}
