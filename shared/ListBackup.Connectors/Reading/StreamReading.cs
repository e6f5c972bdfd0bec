using System.Runtime.CompilerServices;
using System.Text.Json;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Reading;

/// <summary>Reads one stream from its state to its end.</summary>
internal sealed class StreamReading(ConnectorProgram program, ReadRequest request, ConnectorPorts ports)
{
    private static readonly JsonElement Empty = SchemaLoader.Element(Value.Of(new ValueMap()));

    /// <summary>Where the manifest does not say how much may be asked for at once.</summary>
    private const int AtOnceDefault = 1;

    public async IAsyncEnumerable<RecordBatch> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var session = program.OpenSession(request.Config, ports, request.Stream);
        var (stream, chosen) = StateDelegation.Choose(await program.FindAsync(request.Stream, session, cancellation), request, session);
        var state = OpenState(stream, chosen, session);
        var atOnce = Math.Min(ports.PagesAtOnceMax, program.Concurrency?.Evaluate(session.Context) ?? AtOnceDefault);
        await using var ahead = ports.PagesAtOnceMax > 1 ? new PagesAhead(session, atOnce) : null;
        var run = new StreamRun(stream, session, state, chosen, ahead);

        await foreach (var batch in PartitionsAsync(run, state.Resume, cancellation))
            yield return batch;
        if (run.IsLost)
        {
            // The partition that we stopped in exists no more, and there are too many to know which were behind us: all are read.
            run.Forget();
            await foreach (var batch in PartitionsAsync(run, null, cancellation))
                yield return batch;
        }

        var after = run.Finish();

        yield return new RecordBatch(null)
        {
            Stream = stream.Name,
            Records = [],
            Partition = Empty,
            Slice = Empty,
            StateAfter = after,
            Evidence = session.Evidence,
            Coverage = CoverageSummary.Of(run.Progress, session, run.IsFull),
        };
    }

    private static async IAsyncEnumerable<RecordBatch> PartitionsAsync(StreamRun run, PagePosition? resume, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var partition in run.Pages.Jobs.AheadAsync(run.Pages.PartitionsAsync(cancellation), run.FirstOf, cancellation))
        {
            if (!run.TakesOn(partition, resume, out var from))
                continue;
            await foreach (var batch in run.PartitionAsync(partition, from, cancellation))
                yield return batch;
            if (run.IsFull)
                yield break;
        }
    }

    private static StateKeeper OpenState(StreamProgram stream, ReadRequest request, Session session) => new(
        request.State,
        new StateShape(
            stream.Cursor?.Field.EvaluateText(session.Context),
            HasPartitions: stream.Retriever.Router is not null,
            IsGlobal: stream.Cursor is { IsGlobal: true },
            IsNumber: stream.Cursor is IncrementingCountCursor,
            request.StateBytesMax,
            text => stream.Cursor?.StatePosition(text, session.Context),
            (end, start) => stream.Cursor?.Meets(end, start) ?? false),
        request.FullRefresh)
    {
        ReadingWay = stream.Delegation is null ? null : StateDelegation.FullRead,
    };
}
