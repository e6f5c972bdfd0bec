using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A stream's partitions with their records, and the pages that clients have been told of.</summary>
internal sealed class FakeTable
{
    private readonly ExpressionContext _session;
    private readonly Dictionary<(int Partition, string Token), RequestShape> _shapes = [];
    private readonly List<Dictionary<string, PageMark>> _marks;
    private readonly HashSet<HeldPartition> _shadowed = [];

    public FakeTable(FakeStream stream, IReadOnlyList<HeldPartition> partitions, ExampleRecords examples, ExpressionContext session)
    {
        Stream = stream;
        Partitions = partitions;
        Examples = examples;
        Pipeline = new FakePipeline(stream, session);
        _session = session;
        _marks = [.. partitions.Select(_ => new Dictionary<string, PageMark>(StringComparer.Ordinal))];
        Shadow();
    }

    public FakeStream Stream { get; }

    public IReadOnlyList<HeldPartition> Partitions { get; }

    public ExampleRecords Examples { get; }

    public FakePipeline Pipeline { get; }

    /// <summary>Where each page tells how many rows there are; null: nowhere.</summary>
    public FakeTotal? Total { get; init; }

    /// <summary>Records that were sent with their page's paging in them, as they were sent.</summary>
    public Dictionary<HeldRecord, string> Merged { get; } = [];

    /// <summary>True when a request about this stream has told an interval.</summary>
    public bool IsFiltered { get; private set; }

    /// <summary>True when some intervals are told and others are not, as the manifest's expression has a condition.</summary>
    public bool MayLackInterval => !Stream.IsJob && Partitions.Count > 0 && Shape(0, Stream.Paging.FirstToken).MayLackInterval;

    /// <summary>True when no request can be about this partition, because those about an earlier one look the same.</summary>
    public bool IsShadowed(HeldPartition partition) => _shadowed.Contains(partition);

    public bool HasShadows => _shadowed.Count > 0;

    /// <summary>True when a request for a further page looks like the one for the first, so that no client can get further.</summary>
    public bool CannotTurnPages => Stream.Paging.Strategy is not null && Partitions.Count > 0 && Print(Shape(0, Stream.Paging.FirstToken)) == Print(Shape(0, Stream.Paging.IsByAnswer ? Stream.Token("token") : Value.Of(99)));

    /// <summary>How a client asks for a partition's first page, in full; null for what is ordered.</summary>
    public string? Address(int partition) => Stream.IsJob ? null : Print(Shape(partition, Stream.Paging.FirstToken));

    /// <summary>The page that a request asks for, or null and what is wrong with it.</summary>
    public AskedPage? Find(IncomingRequest request, IReadOnlySet<string> owned, out string difference)
    {
        difference = "";
        var body = Uri.UnescapeDataString(request.Body.Replace('+', ' '));
        for (var at = 0; at < Partitions.Count; at++)
        {
            if (IsShadowed(Partitions[at]))
                continue;
            var first = Stream.Paging.FirstToken;

            // Further pages first: a page that is told by a header alone is also a request for the first one.
            foreach (var mark in _marks[at].Values.Append(new PageMark(first, 0, null, [])))
            {
                // Rendering is dear, so a page that the request does not name is passed over.
                if (mark.Token.IsText && mark.LinkMark is { } name && !request.Query.Any(pair => pair.Key == FakeAnswer.LinkParameter && pair.Value == name))
                    continue;
                if (mark is { LinkMark: null, Token.IsText: true } && !Occurs(mark.Token.Text, request, body))
                    continue;
                var shape = Shape(at, mark.Token);
                if (shape.Match(request, owned, out var why) is { } captures)
                {
                    return new AskedPage(this, at, mark, captures.Count > 0 ? captures : mark.Captures);
                }

                if (why is not null && (difference.Length == 0 || !why.StartsWith("path ", StringComparison.Ordinal) && !why.StartsWith("host ", StringComparison.Ordinal)))
                    difference = why;
            }
        }

        return null;
    }

    /// <summary>The records of an interval in the platform's order.</summary>
    public IReadOnlyList<HeldRecord> Filtered(AskedPage page, List<string> complaints)
    {
        IEnumerable<HeldRecord> records = Partitions[page.Partition].Records.Where(record => record.IsVisible);
        foreach (var capture in page.Captures)
        {
            if (Stream.Cursor!.IsCount)
            {
                IsFiltered = true;
                if (long.TryParse(capture.Text, CultureInfo.InvariantCulture, out var from))
                    records = records.Where(record => record.Count >= from);
                continue;
            }

            var format = capture.Format ?? Guess(capture.Text);

            // A part of a time, as in /archive/2026/11.json, is no boundary.
            if (capture.Format is null && (capture.Text.Length < 8 || FakeCursor.Parse(capture.Text, format) is null))
                continue;
            if (FakeCursor.Parse(capture.Text, format) is not { } boundary || (capture.Format is not null && Times.Parse(capture.Text, capture.Format) is null))
            {
                complaints.Add($"{Stream.Name}: '{capture.Text}' is not a time in the format {format}");
                continue;
            }

            IsFiltered = true;
            records = capture.Boundary == Boundary.Start
                ? records.Where(record => record.Time is not { } time || FakeCursor.Truncated(time, format) >= boundary)
                : records.Where(record => record.Time is not { } time || FakeCursor.Truncated(time, format) <= boundary);
        }

        return [.. Stream.Cursor is { IsFeed: true } ? records.OrderByDescending(record => record.Time) : records];
    }

    public void Remember(int partition, PageMark mark) => _marks[partition][Key(mark.Token)] = mark;

    /// <summary>True when the token stands for another page already.</summary>
    public bool IsTaken(int partition, Value token, int offset) => _marks[partition].TryGetValue(Key(token), out var mark) && mark.Offset != offset;

    /// <summary>The context in which the manifest's expressions about this page are computed.</summary>
    public ExpressionContext Context(AskedPage page) =>
        RequestRendering.Of(_session, Partitions[page.Partition].Fields, Partitions[page.Partition].Extra, page.Mark.Token, Stream.Cursor);

    private RequestShape Shape(int partition, Value token)
    {
        if (_shapes.TryGetValue((partition, Key(token)), out var known))
            return known;
        var held = Partitions[partition];
        var rendering = new RequestRendering(RequestRendering.Of(_session, held.Fields, held.Extra, token, Stream.Cursor), Stream.Cursor);
        var shape = rendering.Shape(Stream.Requester, Stream.Paging.TokenIsPath && !token.IsNone ? PythonText.Str(token) : null);
        var isBare = Stream.IsJob || (!token.IsNone && Stream.Retriever.Flag("ignore_stream_slicer_parameters_on_paginated_requests"));
        if (!isBare)
            AddSlice(shape, rendering, held);
        if (Stream.Paging.SizeOption is { } size && Stream.Paging.DeclaredSize is { } rows)
            rendering.Inject(shape, size, Value.Of(rows));
        if (Stream.Paging.TokenOption is { Type: not "RequestPath" } option && !token.IsNone)
            rendering.Inject(shape, option, token);

        return _shapes[(partition, Key(token))] = shape;
    }

    /// <summary>What partition and interval add to a request.</summary>
    public void AddSlice(RequestShape shape, RequestRendering rendering, HeldPartition held)
    {
        foreach (var router in Stream.Routers)
            Inject(router, shape, rendering, held.Fields);
        if (Stream.Cursor?.StartOption is { } start)
            rendering.Inject(shape, start, rendering.Start);
        if (Stream.Cursor?.EndOption is { } end)
            rendering.Inject(shape, end, rendering.End);
    }

    private void Inject(Component router, RequestShape shape, RequestRendering rendering, ValueMap fields)
    {
        if (router.Child("underlying_partition_router") is { } inner)
            Inject(inner, shape, rendering, fields);
        if (router.Child("request_option") is { } option)
            rendering.Inject(shape, option, fields[router.Template(router.Text("cursor_field") ?? "").EvaluateText(_session) ?? ""]);
        foreach (var parent in router.Children("parent_stream_configs"))
        {
            if (parent.Child("request_option") is { } own)
                rendering.Inject(shape, own, fields[parent.Template(parent.Text("partition_field") ?? "").EvaluateText(_session) ?? ""]);
        }
    }

    private void Shadow()
    {
        if (Stream.IsJob)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < Partitions.Count; at++)
        {
            if (!seen.Add(Print(Shape(at, Stream.Paging.FirstToken))))
                _shadowed.Add(Partitions[at]);
        }
    }

    private static string Print(RequestShape shape)
    {
        return $"{shape.Method} {shape.Host} {shape.Path} {Pairs(shape.Query)} {Pairs(shape.Headers)} {Pairs(shape.Fields)} {shape.Text}";

        static string Pairs(List<(string Name, TextPattern Value)> pairs) => string.Join('&', pairs.Select(pair => $"{pair.Name}={pair.Value}"));
    }

    private static string Guess(string text) => !text.All(char.IsAsciiDigit) ? "" : text.Length switch { 8 => "%Y%m%d", > 11 => "%ms", _ => "%s" };

    private static string Key(Value token) => PythonText.Repr(token);

    /// <summary>False only where the request cannot be about the token's page. One of several words may be sent in several places.</summary>
    private static bool Occurs(string token, IncomingRequest request, string body) =>
        token.Contains(' ', StringComparison.Ordinal) || request.Path.Contains(token, StringComparison.Ordinal) || request.Query.Any(pair => pair.Value.Contains(token, StringComparison.Ordinal))
        || body.Contains(token, StringComparison.Ordinal) || request.Headers.Values.Any(value => value.Contains(token, StringComparison.Ordinal)) || token.Any(character => character is '"' or '\\' or > '~');
}

/// <summary>A page that a client may ask for: how it names it, and where it starts.</summary>
/// <param name="Offset">Rows before it.</param>
/// <param name="After">The record before it, where pages go on behind a record and not behind a number of rows.</param>
/// <param name="Captures">The interval, for clients that name only the page.</param>
internal sealed record PageMark(Value Token, int Offset, HeldRecord? After, IReadOnlyList<Capture> Captures)
{
    /// <summary>The page's own parameter in a link; null when the token is no link.</summary>
    public string? LinkMark { get; } = Token.IsText && Token.Text.IndexOf($"{FakeAnswer.LinkParameter}=", StringComparison.Ordinal) is >= 0 and var at
        ? Token.Text[(at + FakeAnswer.LinkParameter.Length + 1)..].Split('&', '#')[0]
        : null;
}

/// <summary>The number of rows that each page tells.</summary>
/// <param name="CountsRest">Of the rows from that page on, not of all.</param>
internal sealed record FakeTotal(IReadOnlyList<string> Path, bool CountsRest);

/// <summary>A request that was understood.</summary>
internal sealed record AskedPage(FakeTable Table, int Partition, PageMark Mark, IReadOnlyList<Capture> Captures);
