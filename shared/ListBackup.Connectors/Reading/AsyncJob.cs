using ListBackup.Connectors.Decoding;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Records;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>A report that the platform prepares in its own time: ordered, asked about, then downloaded.</summary>
internal sealed class AsyncJob
{
    private const double TimeoutMinutes = 60;
    private const double MinutesMax = 60 * 24;
    private static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollMax = TimeSpan.FromSeconds(60);

    public required HttpRequester Creation { get; init; }

    public required HttpRequester Polling { get; init; }

    public required IReadOnlyList<Template> StatusPath { get; init; }

    public required IReadOnlyDictionary<string, JobStatus> Statuses { get; init; }

    /// <summary>Where the answer about the job names what to download; null: the download needs no target.</summary>
    public required IReadOnlyList<Template>? TargetPath { get; init; }

    public required HttpRequester? TargetRequester { get; init; }

    public required HttpRequester? Delete { get; init; }

    public required HttpRequester? Abort { get; init; }

    public required Template? Timeout { get; init; }

    /// <summary>Seconds to wait after a report has failed; null: none.</summary>
    public required Template? FailedWait { get; init; }

    /// <summary>Reads the answers about the job.</summary>
    public required BodyDecoder Decoder { get; init; }

    public static AsyncJob Parse(ComponentReader reader) => new()
    {
        Creation = reader.Component("creation_requester", nameof(HttpRequester), HttpRequester.ParsePlain),
        Polling = reader.Component("polling_requester", nameof(HttpRequester), HttpRequester.ParsePlain),
        StatusPath = reader.Component("status_extractor", nameof(DpathExtractor), PlainPath).Path,
        Statuses = reader.Component("status_mapping", "AsyncJobStatusMap", ParseStatuses),
        TargetPath = (reader.ComponentOrNull("download_target_extractor", nameof(DpathExtractor), PlainPath) ?? reader.ComponentOrNull("urls_extractor", nameof(DpathExtractor), PlainPath))?.Path,
        TargetRequester = reader.ComponentOrNull("download_target_requester", nameof(HttpRequester), HttpRequester.ParsePlain)
            ?? reader.ComponentOrNull("url_requester", nameof(HttpRequester), HttpRequester.ParsePlain),
        Delete = reader.ComponentOrNull("delete_requester", nameof(HttpRequester), HttpRequester.ParsePlain),
        Abort = reader.ComponentOrNull("abort_requester", nameof(HttpRequester), HttpRequester.ParsePlain),
        Timeout = reader.TemplateOrNull("polling_job_timeout"),
        FailedWait = reader.TemplateOrNull("failed_retry_wait_time_in_seconds"),
        Decoder = reader.ComponentOrNull("decoder", nameof(JsonDecoder), BodyDecoder.Parse) ?? JsonDecoder.Instance,
    };

    /// <summary>Orders the report.</summary>
    /// <param name="complete">Adds to the order what partition and interval want.</param>
    public async Task<OrderedJob> OrderAsync(ExpressionContext context, Action<RequestParts> complete, Session session, CancellationToken cancellation)
    {
        var order = Creation.Build(context);
        complete(order);
        using var created = await Creation.SendAsync(order, context, session, cancellation);

        return Ordered(context, DecodedAnswer.Of(created, Decoder, session), created.Host, session);
    }

    /// <summary>A report that was ordered before.</summary>
    public OrderedJob Ordered(ExpressionContext context, Value answer, string? host, Session session) =>
        new(context.With(Variable.CreationResponse, answer), answer, host, session.Ports.Clock.GetUtcNow() + TimeLimit(context));

    /// <summary>Waits until the report is no longer being prepared.</summary>
    /// <returns>What became of it, and the context in which the last answer about it is known.</returns>
    public async Task<(JobStatus Status, ExpressionContext Context)> WaitAsync(OrderedJob job, Session session, CancellationToken cancellation)
    {
        var context = job.Context;
        var path = StatusPath.Select(part => part.EvaluateText(context) ?? "").ToList();
        var longest = session.Ports.WaitMax < PollMax ? session.Ports.WaitMax : PollMax;
        for (var wait = FirstPoll; ; wait = wait < longest ? wait * 1.5 : longest)
        {
            using var answer = await Polling.SendAsync(Polling.Build(context), context, session, cancellation);
            var polled = DecodedAnswer.Of(answer, Decoder, session);
            var text = PythonText.Str(ValuePaths.Find(polled, path).FirstOrDefault());
            if (!Statuses.TryGetValue(text, out var status))
                throw new PlatformNotReadableException("the state of its report is one that the manifest does not know", session.Failure(job.Host) with { Status = answer.Status });
            if (status != JobStatus.Running)
                return (status, context.With(Variable.PollingResponse, polled));
            if (session.Ports.Clock.GetUtcNow() >= job.Deadline)
            {
                await TellAsync(Abort, context, session, cancellation);
                return (JobStatus.TimedOut, context);
            }

            await session.Sender.WaitAsync(wait < longest ? wait : longest, WaitReason.Poll, session.Failure(job.Host), cancellation);
        }
    }

    /// <summary>Waits before a report that failed is ordered again.</summary>
    /// <exception cref="PlatformRateLimitedException">The wait is longer than one may be here.</exception>
    public Task WaitAfterFailureAsync(OrderedJob job, Session session, CancellationToken cancellation) =>
        FailedWait?.Evaluate(job.Context) is { IsNumber: true, Double: > 0 } seconds
            ? session.Sender.WaitAsync(TimeSpan.FromSeconds(Math.Min(seconds.Double, MinutesMax * 60)), WaitReason.Retry, session.Failure(job.Host), cancellation)
            : Task.CompletedTask;

    /// <summary>What the platform names for download. An empty list is an empty report; anything else that names nothing is not that plain.</summary>
    public async Task<JobTargets> TargetsAsync(ExpressionContext context, Session session, CancellationToken cancellation)
    {
        if (TargetPath is null)
            return new JobTargets([context], IsAbsent: false, IsNull: false);

        var source = context[Variable.PollingResponse];
        if (TargetRequester is not null)
        {
            using var answer = await TargetRequester.SendAsync(TargetRequester.Build(context), context, session, cancellation);
            source = DecodedAnswer.Of(answer, Decoder, session);
        }

        var path = TargetPath.Select(part => part.EvaluateText(context) ?? "").ToList();

        var found = ValuePaths.Find(source, path).ToList();
        var targets = found.SelectMany(one => one.Kind == ValueKind.List ? one.List : Enumerable.Repeat(one, 1)).ToList();

        return new JobTargets(
            [.. targets.Where(target => !target.IsNothing).Select(target => context.With(Variable.DownloadTarget, target))],
            IsAbsent: found.Count == 0,
            IsNull: targets.Exists(target => target.IsNothing));
    }

    /// <summary>Tells the platform that the report is no longer needed.</summary>
    public Task FinishAsync(ExpressionContext context, Session session, CancellationToken cancellation) => TellAsync(Delete, context, session, cancellation);

    public TimeSpan TimeLimit(ExpressionContext context) =>
        TimeSpan.FromMinutes(Timeout?.Evaluate(context) is { IsNumber: true } minutes ? Math.Clamp(minutes.Double, 0, MinutesMax) : TimeoutMinutes);

    /// <summary>It saves the platform work and changes nothing for us, so a platform that does not take it is no failure of the read.</summary>
    private static async Task TellAsync(HttpRequester? requester, ExpressionContext context, Session session, CancellationToken cancellation)
    {
        if (requester is null)
            return;
        try
        {
            (await requester.SendAsync(requester.Build(context), context, session, cancellation)).Dispose();
        }
        catch (PlatformException)
        {
            // The report is read, or given up, either way.
        }
    }

    private static JobPath PlainPath(ComponentReader reader) => reader.Type == nameof(DpathExtractor)
        ? reader.Done(new JobPath(reader.Templates("field_path")))
        : throw reader.WrongType();

    private static IReadOnlyDictionary<string, JobStatus> ParseStatuses(ComponentReader reader)
    {
        var statuses = new Dictionary<string, JobStatus>(StringComparer.Ordinal);
        foreach (var (key, status) in (ReadOnlySpan<(string, JobStatus)>)[("running", JobStatus.Running), ("completed", JobStatus.Completed), ("failed", JobStatus.Failed), ("timeout", JobStatus.TimedOut), ("skipped", JobStatus.Skipped)])
        {
            foreach (var text in reader.Texts(key))
            {
                if (!statuses.TryAdd(text, status) && statuses[text] != status)
                    throw reader.Problem(key, $"The state '{text}' has two meanings.");
            }
        }

        return reader.Done(statuses);
    }

    private sealed record JobPath(IReadOnlyList<Template> Path);
}

/// <summary>What of a report is to be downloaded.</summary>
/// <param name="Downloads">One context per download.</param>
/// <param name="IsAbsent">The answer has nothing at all where the manifest says that they stand.</param>
/// <param name="IsNull">It says null there, as some platforms do of an empty report.</param>
internal sealed record JobTargets(IReadOnlyList<ExpressionContext> Downloads, bool IsAbsent, bool IsNull);

/// <summary>A report on its way.</summary>
/// <param name="Answer">What the platform said when it was ordered.</param>
internal sealed record OrderedJob(ExpressionContext Context, Value Answer, string? Host, DateTimeOffset Deadline);

internal enum JobStatus
{
    Running,
    Completed,
    Failed,
    TimedOut,
    Skipped,
}
