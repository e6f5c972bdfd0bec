using System.Diagnostics;

namespace ListBackup.Sources;

/// <summary>
/// A run, or a job, is one trace, from whoever asked for it to its end: the trace is kept with it, since not every message of it comes from the one before. The sweeper sends
/// some again, and a stream that waited for a place is sent for by the worker of another run.
/// </summary>
internal static class WorkTrace
{
    private static readonly ActivitySource Tracing = new(SourcesTelemetry.Tracing);

    /// <summary>The trace of what begins now: the request's, or a new one. W3C <c>traceparent</c>.</summary>
    public static string Begin() => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

    /// <summary>A step's span in the trace of its run or job. The delivery that brought it is its parent when it is of that trace, and linked when it is of another.</summary>
    /// <param name="name">What the step does.</param>
    /// <param name="trace">As the run or job has it; null for those of before.</param>
    /// <param name="tags">Ids; nothing of a customer's.</param>
    public static Activity? Step(string name, string? trace, params ReadOnlySpan<(string Key, object Value)> tags)
    {
        var delivery = Activity.Current;
        var isKnown = ActivityContext.TryParse(trace, null, isRemote: true, out var kept);
        var span = !isKnown || delivery?.TraceId == kept.TraceId
            ? Tracing.StartActivity(name)
            : Tracing.StartActivity(name, ActivityKind.Internal, kept, links: delivery is null ? null : [new(delivery.Context)]);
        foreach (var (key, value) in tags) span?.SetTag(key, value);
        return span;
    }
}
