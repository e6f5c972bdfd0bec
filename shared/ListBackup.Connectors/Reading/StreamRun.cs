using System.Runtime.CompilerServices;
using System.Text.Json;
using ListBackup.Connectors.Cursors;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Paging;
using ListBackup.Connectors.Partitions;
using ListBackup.Connectors.Schemas;

namespace ListBackup.Connectors.Reading;

/// <summary>The course of one read: which partitions and intervals come, where it stands after each page, and what may be said of it at its end.</summary>
internal sealed class StreamRun
{
    /// <summary>Where not one of so many partitions may be read, none may: a missing right, not a partition of its own kind.</summary>
    private const int RefusedFirstMax = 100;

    private static readonly JsonElement Empty = SchemaLoader.Element(Value.Of(new ValueMap()));

    private readonly StreamProgram _stream;
    private readonly Session _session;
    private readonly StateKeeper _state;
    private readonly ReadRequest _request;
    private readonly ReadSelection? _selection;
    private readonly ExpressionContext _frozen;
    private readonly Dictionary<ulong, int> _times = [];
    private DonePartitions _done;

    /// <summary>What the partition that is read is called among those that were read.</summary>
    private string _key = "";
    private bool _passesByOrder;
    private bool _found;
    private bool _isHeld;
    private long? _totalBefore;
    private PagePosition? _stoppedAt;

    /// <summary>Where the read stands after its last batch; null before the first.</summary>
    private PagePosition? _position;
    private PlatformException? _firstRefusal;

    public StreamRun(StreamProgram stream, Session session, StateKeeper state, ReadRequest request, PagesAhead? ahead)
    {
        (_stream, _session, _state, _request) = (stream, session, state, request);
        _selection = request.Only is null ? null : new ReadSelection(request.Only);
        Progress = state.Resume?.Read ?? new ReadProgress { Began = ReadProgress.Whole(session.Ports.Clock.GetUtcNow()), IsFullRefresh = request.FullRefresh };
        _frozen = session.Context.At(new FrozenClock(Progress.Began));
        _done = state.Resume?.DonePartitions ?? new DonePartitions();
        Progress = Progress with { Done = _done.Take() };
        _passesByOrder = state.Resume is { Read: null } || _done.IsUnlisted;
        _totalBefore = Progress.Total;
        if (_totalBefore is not null)
            session.Evidence = session.Evidence with { ReportedTotal = _totalBefore };
        Pages = new PageReading(stream, session) { PagesMax = Math.Max(1, request.PagesMax), Sizes = Progress.Sizes, Ahead = ahead, RecordsMax = request.RecordsMax };
        (Pages.Pipeline.Sight.IsFiner, Pages.Pipeline.Sight.IsEndWhole) = (Progress.IsFiner, Progress.IsEndWhole);
    }

    public PageReading Pages { get; }

    public ReadProgress Progress { get; private set; }

    /// <summary>The caller's limit of records is reached.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The partition in which the read stopped did not come, and which ones were behind it is unknown.</summary>
    public bool IsLost => !IsFull && _passesByOrder && !_found;

    private bool IsEnough => _request.RecordsMax is { } most && _session.Evidence.RowsKept >= most;

    private bool IsFullRead => _request.FullRefresh || _stream.Cursor is null;

    /// <summary>Starts over, for all partitions.</summary>
    public void Forget()
    {
        _done = new DonePartitions();
        _times.Clear();
        Progress = Progress with { Done = _done.Take() };
        _passesByOrder = false;
    }

    /// <summary>False for a partition that the read has behind it, or that nobody chose.</summary>
    /// <param name="from">The place to go on in this partition, or null for its start.</param>
    public bool TakesOn(Partition partition, PagePosition? resume, out PagePosition? from)
    {
        from = null;
        var key = _key = Named(partition);
        if (_done.Contains(key) || _selection?.Has(partition) == false)
            return false;
        if (resume is null || _found)
            return true;
        if (partition.Key == Partition.KeyOf(resume.Partition))
        {
            _found = true;
            from = resume;
            if (!_done.PassedTheSame)
                Progress = Progress.WithGap(CutReason.PartitionsChanged);
            return true;
        }

        // Which ones are behind us is known one by one; where there are too many for that, they are those before the one that we stopped in.
        if (!_passesByOrder)
            return true;
        _done.Add(key);

        return false;
    }

    /// <summary>The interval that a partition will be read from first; null when it will not be read, or nobody knows yet.</summary>
    public CursorSlice? FirstOf(Partition partition)
    {
        if (_done.Contains(partition.Key) || _selection?.Has(partition) == false || (_state.Resume is not null && !_found))
            return null;
        var slice = Slices(partition, null).Select(one => one.Slice).FirstOrDefault();

        return slice is null || _selection?.Has(partition, slice) == false ? null : slice;
    }

    public async IAsyncEnumerable<RecordBatch> PartitionAsync(Partition partition, PagePosition? from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        _isHeld = from?.IsHeld ?? false;
        await foreach (var (slice, place) in Pages.Jobs.AheadAsync(partition, Slices(partition, from), cancellation))
        {
            if (_selection?.Has(partition, slice) == false)
            {
                // Intervals that were left out stay unread, so the cursor must not pass over them.
                _isHeld = true;
                continue;
            }

            if (IsEnough && _position is not null)
            {
                // The last page of an interval reached the limit, and here is another interval: the read is cut between the two.
                (IsFull, _stoppedAt) = (true, _position);
                yield break;
            }

            Pages.Following = Following(partition, slice);
            Pages.Pipeline.Start(place?.Seen is { } seen ? Exactly(seen) : null);
            await using var pages = Pages.PagesAsync(partition, slice, place?.Token ?? Value.None, place?.Pages, cancellation).GetAsyncEnumerator(cancellation);
            while (true)
            {
                Page page;
                try
                {
                    if (!await pages.MoveNextAsync())
                        break;
                    page = pages.Current;
                }
                catch (PlatformException exception) when (exception is PlatformForbiddenException or PlatformRefusedException && _stream.Retriever.Router is not null)
                {
                    Refuse(partition, exception);
                    yield break;
                }

                yield return Take(partition, page.Slice, page);

                if (IsFull)
                    yield break;
            }
        }

        if (!_isHeld)
            _state.Keep(partition);
        _done.Add(_key);
        Progress = Progress with { Partitions = Progress.Partitions + 1, Done = _done.Take() };
        _session.Evidence = _session.Evidence with { Partitions = _session.Evidence.Partitions + 1 };
    }

    /// <summary>The state that the read ends with: without a place once everything was read, with the next page when the caller's limit ended the read.</summary>
    /// <exception cref="PlatformException">The platform refused every partition.</exception>
    public StreamState Finish()
    {
        if (IsFull)
            return _state.Snapshot(_stoppedAt);
        if (_firstRefusal is not null && Progress.Partitions == 0)
            throw _firstRefusal;

        if (_selection is { Missing: > 0 and var missing })
            Progress = Progress.WithGap(CutReason.PartitionsMissing, missing);
        if (_session.ParentCut is { } cut)
            Progress = Progress.WithGap(cut);
        if (_selection is not null)
            Progress = Progress.With(CoverageNote.Selection);
        else
            _session.Evidence = _session.Evidence with { PartitionsGone = _state.Partitions.LongCount(fields => !_done.Contains(Partition.KeyOf(fields))) };
        Note(CoverageNote.PageSizeCapped, Pages.Sizes.Cap is not null);
        Note(CoverageNote.RowsWithoutCursor, Pages.Pipeline.Sight.RowsWithout > 0);
        Note(CoverageNote.IntervalIgnored, !IsFilteredHere && Pages.Pipeline.Sight.RowsOutside > Pages.Pipeline.Sight.RowsInside);
        Note(CoverageNote.ParentsWithoutKey, _session.Evidence.ParentsWithoutKey > 0 && _session.Evidence.PartitionsRefused == 0 && Progress.Partitions == 0);
        Note(CoverageNote.DescriptionsRefused, _session.Evidence.DescriptionsRefused > 0);
        Note(CoverageNote.PartitionIgnored, Pages.Others.RowsOther > 0);
        AdvanceAll();

        return _state.Snapshot(null);
    }

    /// <summary>
    /// Two parents may have children under one key, with different fields of the parent: each is read. A partition that comes again is told from the first by
    /// how often it came.
    /// </summary>
    private string Named(Partition partition)
    {
        var key = partition.Key;
        var hash = DonePartitions.HashOf(key);
        var times = _times[hash] = _times.GetValueOrDefault(hash) + 1;

        return times == 1 ? key : $"{key}#{times}";
    }

    private bool IsFilteredHere => _stream.Cursor is null or { IsFeed: true } or { IsClientSide: true };

    /// <summary>A cursor that all partitions share moves once all were read without a gap: it stands for each of them.</summary>
    private void AdvanceAll()
    {
        if (_stream.Cursor is not { } cursor || _stream.Retriever.Router is null || !(_state.IsGlobal || Progress.IsOverflowing))
            return;
        if (_selection is not null || !Progress.Gaps.IsEmpty || Progress.Notes.Contains(CoverageNote.TotalFell) || Progress.Highest is not { } highest || Exactly(highest) is not { } position)
            return;
        if (!_state.IsGlobal)
            Progress = Progress.With(CoverageNote.GlobalCursor);
        if (_state.IsGlobal && Place(_state.CursorOf(Partition.Whole)) is { } before && Operators.Compare(position, before) <= 0)
            return;
        _state.AdvanceAll(cursor.Format(position), _session.Ports.Clock.GetUtcNow() - Progress.Began);
    }

    private RecordBatch Take(Partition partition, CursorSlice slice, Page page)
    {
        if (page.Cut is { } cut)
        {
            _isHeld = true;
            Progress = Progress.WithGap(cut);
        }

        if (page.Refused > 0)
        {
            // What a refused row stands for is not kept, so no cursor may pass over it.
            _isHeld = true;
            Progress = Progress.WithGap(CutReason.RowsRefused, page.Refused);
        }

        BoundByPlatform(page);
        AddTotal(page);
        var isLast = page.NextToken.IsNone && !page.HasMore;
        Note(CoverageNote.PagesMoved, page.Repeated > 0);
        Note(CoverageNote.DownloadsNone, page.NamesNoDownload);
        Note(CoverageNote.RowsUncomputed, _session.Evidence.RowsUncomputed > 0);
        var sight = Pages.Pipeline.Sight;
        Note(CoverageNote.CursorTooFine, sight.MustOverlap && !Progress.IsFiner && Progress.Intervals > 0);
        Progress = Progress with { IsFiner = sight.IsFiner, IsEndWhole = sight.IsEndWhole, Sizes = Pages.Sizes };
        if (isLast)
            Close(partition, slice, page);
        IsFull |= !isLast && page.IsWhole && IsEnough;

        var goesOn = page.Continues ?? slice;
        var position = new PagePosition
        {
            Partition = partition.Fields,
            Slice = goesOn.Fields,
            Start = Exact(goesOn.Start),
            End = Exact(goesOn.End),
            Next = Exact(goesOn.Next),
            Token = page.ResumeToken,
            Done = isLast,
            Seen = Pages.Pipeline.Seen is { } seen ? Exact(seen) : null,
            IsHeld = _isHeld,
            Pages = page.Progress,
            Read = Progress,
        };
        _position = position;
        if (IsFull)
            _stoppedAt = position;

        return new RecordBatch(page)
        {
            Stream = _stream.Name,
            Records = page.Records,
            Partition = partition.Fields.Count == 0 ? Empty : SchemaLoader.Element(Value.Of(partition.Fields)),
            Slice = slice.Fields.Count == 0 ? Empty : SchemaLoader.Element(Value.Of(slice.Fields)),
            StateAfter = _state.Snapshot(position),
            Evidence = _session.Evidence,
        };
    }

    /// <summary>The intervals to read, each with the place to go on in it.</summary>
    private IEnumerable<(CursorSlice Slice, PagePosition? From)> Slices(Partition partition, PagePosition? from)
    {
        if (_stream.Cursor is not { } cursor)
        {
            if (from is not { Done: true })
                yield return (CursorSlice.Everything, from);
            yield break;
        }

        CursorSlice? after = null;
        if (from is not null)
        {
            after = new CursorSlice(from.Slice, Exactly(from.Start) ?? Value.None, Exactly(from.End) ?? Value.None, Exactly(from.Next) ?? Value.None);
            if (!from.Done)
                yield return (after, from);
        }

        foreach (var slice in cursor.Slices(_frozen, after is null ? From(partition) : null, after, Pages.Pipeline.Sight))
            yield return (slice, null);
    }

    /// <summary>The intervals that most likely come after one, so that they can be asked for ahead; whether they come is decided when it is their turn.</summary>
    private IEnumerable<(Partition Partition, CursorSlice Slice)> Following(Partition partition, CursorSlice slice)
    {
        if (_selection is not null || (_state.Resume is not null && !_found))
            yield break;

        foreach (var next in slice == CursorSlice.Everything || _stream.Cursor is not { } cursor ? [] : cursor.Slices(_frozen, null, slice, Pages.Pipeline.Sight))
            yield return (partition, next);
        foreach (var upcoming in Pages.Upcoming.Where(upcoming => !_done.Contains(upcoming.Key) && upcoming.FirstPage.IsEmpty))
            yield return (upcoming, _stream.Cursor is null ? CursorSlice.Everything : FirstSlice(upcoming));
    }

    private CursorSlice FirstSlice(Partition partition)
    {
        var from = _request.FullRefresh || Place(_state.CursorOf(partition)) is not { } cursor ? null : _stream.Cursor!.Trusted(cursor, _state.LookBack, _frozen);

        return _stream.Cursor!.Slices(_frozen, from, null, Pages.Pipeline.Sight).FirstOrDefault() ?? CursorSlice.Everything;
    }

    /// <summary>Where earlier reads of a partition came to; null when it is read from its start.</summary>
    private Value? From(Partition partition)
    {
        if (_request.FullRefresh || Place(_state.CursorOf(partition)) is not { } cursor)
            return null;
        var trusted = _stream.Cursor!.Trusted(cursor, _state.LookBack, _frozen);
        Note(CoverageNote.CursorFromFuture, trusted is null);

        return trusted;
    }

    /// <summary>The interval is read: its highest cursor is where the next read starts. It never moves back, and never passes over a gap.</summary>
    private void Close(Partition partition, CursorSlice slice, Page page)
    {
        JudgeTotal(page);
        Progress = Progress with { Intervals = Progress.Intervals + 1 };
        if (_stream.Cursor is not { } cursor || _isHeld || Pages.Pipeline.Seen is not { } highest)
            return;

        var seen = Progress.Bound is { } bound ? cursor.Bounded(highest, bound) : highest;
        if (Progress.Highest is null || Exactly(Progress.Highest) is not { } before || Operators.Compare(seen, before) > 0)
            Progress = Progress with { Highest = Exact(seen) };
        if (_state.IsGlobal)
            return;

        // A cursor from the future was not believed when the interval was opened, so it is none that could be moved back.
        var own = Place(_state.CursorOf(partition)) is { } known ? cursor.Trusted(known, TimeSpan.Zero, _frozen) is null ? (Value?)null : known : null;
        if (own is null || Operators.Compare(seen, own.Value) > 0)
            Progress = Progress with { IsOverflowing = !_state.Advance(partition, cursor.Format(seen)) || Progress.IsOverflowing };
    }

    /// <summary>What the platform says of an interval, against what came.</summary>
    private void JudgeTotal(Page page)
    {
        if (page.Progress is not { Total: { } last, TotalFirst: { } first } progress)
            return;

        var fell = last < first && _stream.Retriever.Paginator.Strategy is { IsCounted: true };
        Note(CoverageNote.TotalChanged, last != first);
        Note(CoverageNote.TotalFell, fell);

        // Rows behind a deleted one moved up, maybe past us. The next read looks again.
        _isHeld |= fell;
        if (IsFullRead && page.Cut is null && !Pages.Pipeline.EndedOld && progress.Rows < Math.Min(first, last))
        {
            _isHeld = true;
            Progress = Progress.WithGap(CutReason.TotalNotReached, Math.Min(first, last) - progress.Rows);
        }
    }

    /// <summary>One partition is refused and others may be read: what was read of it stays, its cursor stays where it was, and the coverage tells.</summary>
    private void Refuse(Partition partition, PlatformException exception)
    {
        _firstRefusal ??= exception;
        Progress = Progress.WithGap(CutReason.PartitionsRefused);
        _done.Add(_key);
        Progress = Progress with { Done = _done.Take() };
        _session.Evidence = _session.Evidence with { PartitionsRefused = _session.Evidence.PartitionsRefused + 1 };
        if (Progress.Partitions == 0 && Progress.Gaps[CutReason.PartitionsRefused] >= RefusedFirstMax)
            throw _firstRefusal;
    }

    /// <summary>
    /// Where the platform's clock is behind ours, what it writes after it answered us may carry an earlier time than our beginning. No cursor moves beyond
    /// the platform's own time when the read began.
    /// </summary>
    private void BoundByPlatform(Page page)
    {
        if (Progress.Bound is not null || page.PlatformTime is not { } platform)
            return;
        var began = platform - (_session.Ports.Clock.GetUtcNow() - Progress.Began);
        Progress = Progress with { Bound = began < Progress.Began && Progress.Began - began < TimeSpan.FromDays(1) ? began : Progress.Began };
    }

    /// <summary>The sum over intervals of what the platform said last.</summary>
    private void AddTotal(Page page)
    {
        if (page.Progress.Total is not { } total)
            return;
        var sum = (_totalBefore ?? 0) + total;
        _session.Evidence = _session.Evidence with { ReportedTotal = sum };
        if (!page.NextToken.IsNone || page.HasMore)
            return;
        _totalBefore = sum;
        Progress = Progress with { Total = sum };
    }

    private void Note(CoverageNote note, bool holds)
    {
        if (holds)
            Progress = Progress.With(note);
    }

    private Value? Place(string? text) => text is null ? null : _stream.Cursor!.StatePosition(text, _session.Context);

    private Value? Exactly(string? text) => text is null ? null : _stream.Cursor?.FromExact(text, _session.Context);

    private string? Exact(Value position) => position.IsNone ? null : _stream.Cursor?.Exact(position);
}
