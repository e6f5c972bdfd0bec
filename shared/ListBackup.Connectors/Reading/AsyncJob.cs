using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>A report that the platform prepares in its own time: ordered, asked about, then downloaded.</summary>
internal sealed class AsyncJob
{
    private const int AttemptsMax = 3;
    private const double TimeoutMinutes = 60;
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

    public required Template? Timeout { get; init; }

    public static AsyncJob Parse(ComponentReader reader)
    {
        // Aborting saves the platform work after a time-out; the job ends there by itself.
        reader.Ignore("abort_requester", "failed_retry_wait_time_in_seconds");

        return new AsyncJob
        {
            Creation = reader.Component("creation_requester", nameof(HttpRequester), HttpRequester.Parse),
            Polling = reader.Component("polling_requester", nameof(HttpRequester), HttpRequester.Parse),
            StatusPath = reader.Component("status_extractor", "DpathExtractor", PlainPath).Path,
            Statuses = reader.Component("status_mapping", "AsyncJobStatusMap", ParseStatuses),
            TargetPath = reader.ComponentOrNull("download_target_extractor", "DpathExtractor", PlainPath)?.Path,
            TargetRequester = reader.ComponentOrNull("download_target_requester", nameof(HttpRequester), HttpRequester.Parse),
            Delete = reader.ComponentOrNull("delete_requester", nameof(HttpRequester), HttpRequester.Parse),
            Timeout = reader.TemplateOrNull("polling_job_timeout"),
        };
    }

    /// <summary>Orders the report and waits for it.</summary>
    /// <param name="complete">Adds to the order what partition and interval want.</param>
    /// <returns>One context per download; none when the platform says that there is nothing.</returns>
    public async Task<IReadOnlyList<ExpressionContext>> RunAsync(
        ExpressionContext context, Action<RequestParts> complete, Session session, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var order = Creation.Build(context);
            complete(order);
            using var created = await Creation.SendAsync(order, context, session, cancellation);
            var ordered = context.With(Variable.CreationResponse, ValueJson.Detached(created.Json));
            var (status, polled) = await WaitAsync(ordered, created.Host, session, cancellation);
            switch (status)
            {
                case JobStatus.Completed:
                    return await TargetsAsync(polled, session, cancellation);
                case JobStatus.Skipped:
                    return [];
                case JobStatus.TimedOut when attempt >= AttemptsMax:
                    throw new PlatformTimedOutException(TimeLimit(context), session.Failure(created.Host));
                case JobStatus.Failed when attempt >= AttemptsMax:
                    throw new PlatformServerException(session.Failure(created.Host) with { Retries = attempt - 1, ManifestMessage = "It could not prepare the report." });
            }
        }
    }

    /// <summary>Tells the platform that the report is no longer needed.</summary>
    public async Task FinishAsync(ExpressionContext context, Session session, CancellationToken cancellation)
    {
        if (Delete is not null)
            (await Delete.SendAsync(Delete.Build(context), context, session, cancellation)).Dispose();
    }

    private async Task<(JobStatus, ExpressionContext)> WaitAsync(ExpressionContext context, string host, Session session, CancellationToken cancellation)
    {
        var end = session.Ports.Clock.GetUtcNow() + TimeLimit(context);
        var path = StatusPath.Select(part => part.EvaluateText(context) ?? "").ToList();
        for (var wait = FirstPoll; ; wait *= 1.5)
        {
            using var answer = await Polling.SendAsync(Polling.Build(context), context, session, cancellation);
            var text = PythonText.Str(ValuePaths.Find(answer.Json, path).FirstOrDefault());
            if (!Statuses.TryGetValue(text, out var status))
                throw new PlatformNotReadableException("the state of its report is one that the manifest does not know", session.Failure(host) with { Status = answer.Status });
            if (status != JobStatus.Running)
                return (status, context.With(Variable.PollingResponse, ValueJson.Detached(answer.Json)));
            if (session.Ports.Clock.GetUtcNow() >= end)
                return (JobStatus.TimedOut, context);

            var longest = session.Ports.WaitMax < PollMax ? session.Ports.WaitMax : PollMax;
            await session.Sender.WaitAsync(wait < longest ? wait : longest, WaitReason.Poll, session.Failure(host), cancellation);
        }
    }

    private async Task<IReadOnlyList<ExpressionContext>> TargetsAsync(ExpressionContext context, Session session, CancellationToken cancellation)
    {
        if (TargetPath is null)
            return [context];

        var source = context[Variable.PollingResponse];
        if (TargetRequester is not null)
        {
            using var answer = await TargetRequester.SendAsync(TargetRequester.Build(context), context, session, cancellation);
            source = ValueJson.Detached(answer.Json);
        }

        var path = TargetPath.Select(part => part.EvaluateText(context) ?? "").ToList();

        return [.. ValuePaths.Find(source, path)
            .SelectMany(found => found.Kind == ValueKind.List ? found.List : Enumerable.Repeat(found, 1))
            .Where(target => !target.IsNothing)
            .Select(target => context.With(Variable.DownloadTarget, target))];
    }

    private TimeSpan TimeLimit(ExpressionContext context) =>
        TimeSpan.FromMinutes(Timeout?.Evaluate(context) is { IsNumber: true } minutes ? Math.Clamp(minutes.Double, 0, 60 * 24) : TimeoutMinutes);

    private static JobPath PlainPath(ComponentReader reader) => reader.Type == "DpathExtractor"
        ? reader.Done(new JobPath(reader.Templates("field_path")))
        : throw reader.WrongType();

    private static IReadOnlyDictionary<string, JobStatus> ParseStatuses(ComponentReader reader)
    {
        var statuses = new Dictionary<string, JobStatus>(StringComparer.Ordinal);
        foreach (var (key, status) in (ReadOnlySpan<(string, JobStatus)>)[("running", JobStatus.Running), ("completed", JobStatus.Completed), ("failed", JobStatus.Failed), ("timeout", JobStatus.TimedOut), ("skipped", JobStatus.Skipped)])
        {
            foreach (var text in reader.Texts(key))
                statuses[text] = status;
        }

        return reader.Done(statuses);
    }

    private sealed record JobPath(IReadOnlyList<Template> Path);
}

internal enum JobStatus
{
    Running,
    Completed,
    Failed,
    TimedOut,
    Skipped,
}
