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

    public async IAsyncEnumerable<RecordBatch> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var session = program.OpenSession(request.Config, ports, request.Stream);
        var stream = await program.FindAsync(request.Stream, session, cancellation);
        var state = OpenState(stream, session);
        var run = new Run(stream, session, state, request);

        var resume = state.Resume;
        var found = false;
        await foreach (var partition in run.Pages.PartitionsAsync(cancellation))
        {
            // A read that goes on passes over the partitions that it has behind it.
            if (resume is not null && !found && partition.Key != Partition.KeyOf(resume.Partition))
                continue;
            var from = resume is not null && !found ? resume : null;
            found = true;
            await foreach (var batch in run.PartitionAsync(partition, from, cancellation))
                yield return batch;
            if (run.IsFull)
                break;
        }

        if (resume is not null && !found)
        {
            // The partition that we stopped in exists no more. Which ones were behind us is unknown, so all are read.
            await foreach (var partition in run.Pages.PartitionsAsync(cancellation))
            {
                await foreach (var batch in run.PartitionAsync(partition, null, cancellation))
                    yield return batch;
                if (run.IsFull)
                    break;
            }
        }

        yield return new RecordBatch(null)
        {
            Stream = stream.Name,
            Records = [],
            Partition = Empty,
            Slice = Empty,
            StateAfter = run.FinalState,
            Evidence = session.Evidence,
            Coverage = Summary(run, session),
        };
    }

    private StateKeeper OpenState(StreamProgram stream, Session session) => new(
        request.State,
        stream.Cursor?.Field.EvaluateText(session.Context),
        perPartition: stream.Retriever.Router is not null && stream.Cursor is { IsGlobal: false },
        cursorIsNumber: stream.Cursor is IncrementingCountCursor,
        request.FullRefresh);

    private static Coverage Summary(Run run, Session session)
    {
        var cut = run.Cut ?? session.ParentCut ?? (session.Evidence.AnswersIgnored > 0 ? CutReason.AnswersIgnored : null);

        return new Coverage(cut is null, cut, cut switch
        {
            null => null,
            CutReason.RecordsMax => "The read stopped at the number of records that was asked for.",
            CutReason.PagesMax => "A partition had more pages than the limit; the rest was not read.",
            CutReason.RepeatedPageToken => "The platform gave the same page again; what may come after it was not read.",
            _ => $"{session.Evidence.AnswersIgnored} answers with an error status were passed over as the manifest says.",
        }, session.Evidence);
    }

    /// <summary>The course of one read.</summary>
    private sealed class Run(StreamProgram stream, Session session, StateKeeper state, ReadRequest request)
    {
        private Value? _globalSeen;
        private PagePosition? _stoppedAt;

        public PageReading Pages { get; } = new(stream, session) { PagesMax = request.PagesMax };

        public CutReason? Cut { get; private set; }

        public bool IsFull => Cut == CutReason.RecordsMax;

        /// <summary>Without a page once everything was read; with the next page when the caller's limit ended the read.</summary>
        public StreamState FinalState
        {
            get
            {
                if (stream.Cursor is { IsGlobal: true } && _globalSeen is { } seen && Cut is null)
                    state.Advance(Partition.Whole, stream.Cursor.Format(seen));

                return state.Snapshot(_stoppedAt);
            }
        }

        public async IAsyncEnumerable<RecordBatch> PartitionAsync(Partition partition, PagePosition? from, [EnumeratorCancellation] CancellationToken cancellation)
        {
            foreach (var (slice, token, seen) in Slices(partition, from))
            {
                Pages.Pipeline.Start(seen);
                var isFirst = true;
                var wasCut = false;
                await foreach (var page in Pages.PagesAsync(partition, slice, token, cancellation))
                {
                    if (page.Cut is { } cut)
                    {
                        Cut ??= cut;
                        wasCut = true;
                    }

                    if (isFirst && token.IsNothing)
                        AddTotal(page);
                    isFirst = false;
                    var isLast = page.NextToken.IsNone && !page.HasMore;
                    if (isLast && !wasCut)
                        Close(partition, slice);
                    if (!isLast && page.IsWhole && request.RecordsMax is { } most && session.Evidence.RowsKept >= most)
                        Cut = CutReason.RecordsMax;

                    var position = Position(partition, slice, page, isLast);
                    if (IsFull)
                        _stoppedAt = position;

                    yield return Batch(partition, slice, page, state.Snapshot(position));

                    if (IsFull)
                        yield break;
                }
            }

            session.Evidence = session.Evidence with { Partitions = session.Evidence.Partitions + 1 };
        }

        private IEnumerable<(CursorSlice Slice, Value Token, Value? Seen)> Slices(Partition partition, PagePosition? from)
        {
            if (stream.Cursor is null)
            {
                if (from is not { Done: true })
                    yield return (CursorSlice.Everything, from?.Token ?? Value.None, null);
                yield break;
            }

            CursorSlice? after = null;
            if (from is not null)
            {
                after = new CursorSlice(from.Slice, Place(from.Start) ?? Value.None, Place(from.End) ?? Value.None);
                if (!from.Done)
                    yield return (after, from.Token, Place(from.Seen));
                if (after.End.IsNone)
                    yield break;
            }

            foreach (var slice in stream.Cursor.Slices(session.Context, request.FullRefresh && from is null ? null : state.CursorOf(partition), after))
                yield return (slice, Value.None, null);
        }

        private Value? Place(string? text) => text is null ? null : stream.Cursor!.Position(text, session.Context);

        /// <summary>The interval is read: its highest cursor is where the next read starts. It never moves back.</summary>
        private void Close(Partition partition, CursorSlice slice)
        {
            if (stream.Cursor is not { } cursor || Pages.Pipeline.Seen is not { } seen)
                return;
            if (cursor.IsGlobal)
            {
                _globalSeen = _globalSeen is { } highest && Operators.Compare(highest, seen) >= 0 ? highest : seen;
                return;
            }

            var before = Place(state.CursorOf(partition));
            if (before is null || Operators.Compare(seen, before.Value) > 0)
                state.Advance(partition, cursor.Format(seen));
        }

        private PagePosition Position(Partition partition, CursorSlice slice, Page page, bool isLast) => new(
            partition.Fields,
            slice.Fields,
            slice.Start.IsNone ? null : stream.Cursor?.Format(slice.Start),
            slice.End.IsNone ? null : stream.Cursor?.Format(slice.End),
            page.ResumeToken,
            isLast,
            Pages.Pipeline.Seen is { } seen ? stream.Cursor?.Format(seen) : null);

        private void AddTotal(Page page)
        {
            if (stream.Total?.InPage is { } path && TotalProbing.Number(ValuePaths.Get(page.Response, path.Keys)) is { } total)
                session.Evidence = session.Evidence with { ReportedTotal = (session.Evidence.ReportedTotal ?? 0) + total };
        }

        private RecordBatch Batch(Partition partition, CursorSlice slice, Page page, StreamState after) => new(page)
        {
            Stream = stream.Name,
            Records = page.Records,
            Partition = partition.Fields.Count == 0 ? Empty : SchemaLoader.Element(Value.Of(partition.Fields)),
            Slice = slice.Fields.Count == 0 ? Empty : SchemaLoader.Element(Value.Of(slice.Fields)),
            StateAfter = after,
            Evidence = session.Evidence,
        };
    }
}
