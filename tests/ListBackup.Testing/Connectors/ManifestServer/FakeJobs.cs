using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Reports that a platform prepares: an order is taken, is not ready when first asked about, then is, and can be downloaded.</summary>
internal sealed class FakeJobs(FakeTable table, ExpressionContext session)
{
    private readonly Dictionary<string, Job> _jobs = new(StringComparer.Ordinal);

    private Component Retriever => table.Stream.Retriever;

    /// <summary>The answer when the request is about a report; null when it is about something else.</summary>
    public FakeReply? Answer(IncomingRequest request, Func<Component, IncomingRequest, bool> accepts, List<string> complaints)
    {
        foreach (var job in _jobs.Values)
        {
            if (Is(request, "polling_requester", job.Context) && accepts(Retriever.Child("polling_requester")!, request))
                return Poll(job);
            if (Retriever.Child("download_target_requester") is not null && Is(request, "download_target_requester", job.Context))
                return FakeReply.Json(Targets(job, new FakeBody()).ToString());
            if (Retriever.Child("delete_requester") is not null && Is(request, "delete_requester", job.Context))
                return FakeReply.Json("{}");
            if (!job.IsReady)
                continue;
            var download = new RequestRendering(job.Context, null).Shape(Retriever.Child("download_requester")!, null);
            if (download.Match(request, new HashSet<string>(), out _) is not null)
                return Download(job, complaints);
        }

        return Order(request, accepts);
    }

    private FakeReply? Order(IncomingRequest request, Func<Component, IncomingRequest, bool> accepts)
    {
        var creation = Retriever.Child("creation_requester")!;
        for (var at = 0; at < table.Partitions.Count; at++)
        {
            var partition = table.Partitions[at];
            var rendering = new RequestRendering(RequestRendering.Of(session, partition.Fields, partition.Extra, Value.None, table.Stream.Cursor), table.Stream.Cursor);
            var shape = rendering.Shape(creation, null);
            table.AddSlice(shape, rendering, partition);
            if (shape.Match(request, new HashSet<string>(), out _) is not { } captures)
                continue;
            if (!accepts(creation, request))
                return FakeReply.Json("{}", 401);

            var id = $"job-{_jobs.Count + 1}";
            var body = new FakeBody();
            foreach (var chain in Asked("creation_response"))
                body.Set(chain, $"\"{id}\"");
            var created = ValueJson.Parse(body.ToString());
            var context = RequestRendering.Of(session, partition.Fields, partition.Extra, Value.None, null).Set(Variable.CreationResponse, created);
            _jobs[id] = new Job(id, new AskedPage(table, at, new PageMark(Value.None, 0, null, []), captures), context);

            return FakeReply.Json(body.ToString(), 201);
        }

        return null;
    }

    private FakeReply Poll(Job job)
    {
        var mapping = Retriever.Child("status_mapping")!;
        var isReady = job.Polls++ > 0;
        job.IsReady = isReady;
        var body = new FakeBody();
        body.Set(Path("status_extractor"), $"\"{mapping.Texts(isReady || mapping.Texts("running").Count == 0 ? "completed" : "running")[0]}\"");
        foreach (var chain in Asked("polling_response").Where(body.CanSet))
            body.Set(chain, $"\"{job.Id}\"");
        if (isReady && Retriever.Child("download_target_extractor") is not null && Retriever.Child("download_target_requester") is null)
            Targets(job, body);
        job.Context = job.Context.With(Variable.PollingResponse, ValueJson.Parse(body.ToString()));

        return FakeReply.Json(body.ToString());
    }

    private FakeBody Targets(Job job, FakeBody body)
    {
        var path = Path("download_target_extractor");
        var isAddress = (Retriever.Child("download_requester")!.Text("url") ?? Retriever.Child("download_requester")!.Text("url_base") ?? "").Contains("download_target", StringComparison.Ordinal)
            || (Retriever.Child("download_requester")!.Text("path") ?? "").Trim().StartsWith("{{", StringComparison.Ordinal);
        var target = isAddress ? $"https://files.example.com/{job.Id}" : job.Id;
        job.Context = job.Context.With(Variable.DownloadTarget, Value.Of(target));
        body.Set([.. path.Where(part => part != "*")], path.Contains("*") ? $"[\"{target}\"]" : $"\"{target}\"");

        return body;
    }

    private FakeReply Download(Job job, List<string> complaints)
    {
        var records = table.Filtered(job.Page, complaints);
        var body = new FakeBody(table.Stream.RecordsPath, [.. records.Select(record => record.Json)]).ToString();

        return new FakeReply(200, FakeEncoding.Encode(table.Stream.Decoder, body));
    }

    private bool Is(IncomingRequest request, string requester, ExpressionContext context) =>
        new RequestRendering(context, null).Shape(Retriever.Child(requester)!, null).Match(request, new HashSet<string>(), out _) is not null;

    /// <summary>What the other requests take from an answer about the report.</summary>
    private IReadOnlyList<IReadOnlyList<string>> Asked(string variable) =>
    [
        .. new[] { "polling_requester", "download_target_requester", "download_requester", "delete_requester" }
            .Select(Retriever.Child).OfType<Component>().SelectMany(requester => Strings(requester.Map.Keys.Select(requester.Plain)))
            .SelectMany(text => Chains.Of(text, variable)).DistinctBy(chain => string.Join('\0', chain)),
    ];

    private IReadOnlyList<string> Path(string extractor) => Retriever.Child(extractor)!.Texts("field_path");

    private static IEnumerable<string> Strings(IEnumerable<object?> nodes) => nodes.SelectMany(node => node switch
    {
        string text => [text],
        List<object?> list => Strings(list),
        Dictionary<string, object?> map => Strings(map.Values),
        _ => Enumerable.Empty<string>(),
    });

    private sealed class Job(string id, AskedPage page, ExpressionContext context)
    {
        public string Id => id;

        public AskedPage Page => page;

        public ExpressionContext Context { get; set; } = context;

        public int Polls { get; set; }

        /// <summary>Told to be ready, so that somebody may come for it.</summary>
        public bool IsReady { get; set; }
    }
}
