using System.Collections.Concurrent;
using System.Diagnostics;
using ListBackup.Domain;
using Activity = System.Diagnostics.Activity;

namespace ListBackup.Sources.Tests;

/// <summary>A run is one trace, however its messages came.</summary>
public sealed class WorkTraceTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public WorkTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SourcesTelemetry.Tracing,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Planning_every_stream_and_the_commit_are_spans_of_the_trace_that_asked_for_the_run()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Add("lists").Fill(5);
        var source = await world.AddSourceAsync();
        using var request = new Activity("a request").Start();
        var run = await world.StartAsync(source);
        request.Stop();
        Activity.Current = null; // What works off the queue knows nothing of the request.

        await world.WorkAsync();

        var spans = SpansOf(run);
        spans.Select(span => span.OperationName).Order().ShouldBe(["commit run", "plan run", "read stream", "read stream"]);
        spans.ShouldAllBe(span => span.TraceId == request.TraceId);
        spans.Select(span => span.GetTagItem("listbackup.stream")?.ToString()).OfType<string>().Order().ShouldBe(["contacts", "lists"]);
    }

    [Fact]
    public async Task A_message_that_the_sweeper_or_another_runs_worker_sent_goes_on_in_the_runs_own_trace()
    {
        await using var world = new SyncWorld { Connections = { AtOnce = 1 } };
        world.Platform.Add("contacts").Fill(5);
        var (one, two) = (await world.AddSourceAsync(), await world.AddSourceAsync());
        var first = await world.StartAsync(one);
        var second = await world.StartAsync(two);
        world.Queues.Loses = queue => queue == QueueName.Commit;
        await world.WorkAsync();
        using var sweep = new Activity("a sweep").Start();
        world.Queues.Loses = _ => false;

        await world.SweepAsync();

        foreach (var run in new[] { first, second })
        {
            (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
            var trace = ActivityContext.Parse(run.Trace!, null).TraceId;
            SpansOf(run).ShouldAllBe(span => span.TraceId == trace);
            var commit = SpansOf(run).Single(span => span.OperationName == "commit run");
            commit.Links.ShouldHaveSingleItem().Context.TraceId.ShouldBe(sweep.TraceId);
        }
        first.Trace.ShouldNotBe(second.Trace);
    }

    private List<Activity> SpansOf(Run run) => [.. _ended.Where(span => run.Id.ToString() == span.GetTagItem("listbackup.run")?.ToString())];
}
