using System.Net;
using ListBackup.Connectors.Expressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ListBackup.Testing.Manifests;

/// <summary>
/// A platform on loopback that behaves as a manifest says its platform does, whatever host the requests are for. It reads the manifest by itself: of the
/// engine it uses the expression language only. What it does not understand it refuses with a 400 and remembers as a complaint.
/// </summary>
internal sealed class ManifestServer : IAsyncDisposable
{
    /// <summary>More than any stream of a test needs; a reader that asks for more goes in circles.</summary>
    private const int RequestsMax = 10_000;

    private readonly WebApplication _application;
    private readonly Lock _lock = new();
    private IReadOnlyList<FakeWorld> _worlds = [];
    private IReadOnlyList<FakeJobs> _jobs = [];
    private Dictionary<FakeTable, FakeAnswer> _answers = [];
    private Dictionary<Component, FakeAuthentication> _guards = [];
    private ExpressionContext? _credentials;

    private ManifestServer(WebApplication application) => _application = application;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public List<string> Complaints { get; } = [];

    /// <summary>Every request since <see cref="Serve"/> and the status of its answer.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Requests for pages that were answered, in order.</summary>
    public List<AskedPage> Pages { get; } = [];

    public int Requests { get; private set; }

    /// <summary>Requests that were refused for their credentials.</summary>
    public int Refusals { get; private set; }

    public FakeLogins Logins { get; private set; } = new(TimeProvider.System);

    /// <summary>Called before a page is put together, so that a test may change what the platform holds in the middle of a read.</summary>
    public Action<AskedPage>? PageServed { get; set; }

    /// <summary>What goes wrong. Null: nothing.</summary>
    public FakeFaults? Faults { get; set; }

    public static async Task<ManifestServer> StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var server = new ManifestServer(application);
        application.Run(server.HandleAsync);
        await application.StartAsync(cancellation);
        server.Address = new Uri(application.Urls.First());

        return server;
    }

    /// <summary>Becomes the platform of these worlds.</summary>
    /// <param name="credentials">A session with the configuration whose credentials are right.</param>
    public void Serve(IReadOnlyList<FakeWorld> worlds, ExpressionContext credentials, TimeProvider clock)
    {
        lock (_lock)
        {
            _worlds = worlds;
            _credentials = credentials;
            _jobs = [.. worlds.Where(world => world.Table.Stream.IsJob).Select(world => new FakeJobs(world.Table, world.Session))];
            _answers = [];
            _guards = [];
            Logins = new FakeLogins(clock);
            Faults = null;
            PageServed = null;
            Requests = 0;
            Refusals = 0;
            Complaints.Clear();
            Log.Clear();
            Pages.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = await IncomingRequest.ReadAsync(context);
        FakeReply reply;
        FakeFault? fault;
        lock (_lock)
        {
            Requests++;
            fault = Faults?.Before(request);
            reply = fault?.Reply ?? Answer(request);
            reply = Faults?.After(request, reply) ?? reply;
            Refusals += reply.Status == 401 || (reply.Status == 400 && reply.IsRefusal) ? 1 : 0;
            Log.Add($"{request.Target}?{string.Join('&', request.Query.Select(pair => $"{pair.Key}={pair.Value}"))} {request.Body} => {reply.Status}");
        }

        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach (var (name, value) in reply.Headers)
            context.Response.Headers[name] = value;
        if (fault is { CutAfter: { } bytes })
        {
            context.Response.ContentLength = reply.Body.Length;
            await context.Response.Body.WriteAsync(reply.Body.AsMemory(0, Math.Min(bytes, reply.Body.Length - 1)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (fault.Stalls)
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted);
    }

    private FakeReply Answer(IncomingRequest request)
    {
        try
        {
            if (Requests > RequestsMax)
                throw new CannotServeException("endless", $"More than {RequestsMax} requests for one stream; the last was {Log[^1]}.");
            foreach (var table in _worlds.SelectMany(world => world.Tables))
            {
                if (Guard(table.Stream.Requester).Login(request) is { } login)
                    return login;
                if (table.Stream.IsJob && table.Stream.Retriever.Child("creation_requester") is { } creation && Guard(creation).Login(request) is { } ordered)
                    return ordered;
            }

            foreach (var jobs in _jobs)
            {
                if (jobs.Answer(request, (requester, asked) => Guard(requester).Accepts(asked), Complaints) is { } report)
                    return report;
            }

            var why = "";
            foreach (var table in _worlds.SelectMany(world => world.Tables).Where(table => !table.Stream.IsJob))
            {
                var guard = Guard(table.Stream.Requester);
                if (table.Find(request, guard.Owned, out var difference) is { } page)
                    return guard.Accepts(request) ? Page(page, request, guard.Owned) : FakeReply.Json("""{"error": "unauthorized"}""", 401);
                why = why.Length == 0 ? difference : why;
            }

            Complaints.Add($"{request.Target} was not understood: {why}");
        }
        catch (CannotServeException exception)
        {
            Complaints.Add($"cannot serve ({exception.Category}): {exception.Message}");
        }
        catch (ExpressionException exception)
        {
            Complaints.Add($"cannot serve (expression): {exception.Message}");
        }

        return FakeReply.Json("""{"error": "bad request"}""", 400);
    }

    private FakeReply Page(AskedPage page, IncomingRequest request, IReadOnlySet<string> owned)
    {
        Pages.Add(page);
        PageServed?.Invoke(page);
        var table = page.Table;
        if (!_answers.TryGetValue(table, out var answer))
            _answers[table] = answer = new FakeAnswer(table.Stream);
        var all = table.Filtered(Faults?.IgnoresFilter == true ? page with { Captures = [] } : page, Complaints);
        var offset = Offset(page, all, table.Stream.Paging);
        var size = answer.IsOneByOne ? 1 : Faults?.PageSize(table.Stream.Paging.Size) ?? table.Stream.Paging.Size;
        var records = all.Skip(offset).Take(size).ToList();
        var fields = table.Partitions[page.Partition].Fields;
        var kept = records.Where(record => table.Pipeline.Keeps(record, fields)).ToList();
        var last = records.Count == 0 ? Value.None : kept.Count > 0 ? table.Pipeline.Transformed(kept[^1], fields) : records[^1].Value;
        var served = answer.Make(
            records, last, offset + records.Count < all.Count || Faults?.IsEndless == true, Total(table, all.Count, offset), table.Context(page), Link(request, owned),
            token => table.IsTaken(page.Partition, token, offset + records.Count));
        Remember(page, served, offset, records, size);
        if (served.Merged is { } merged)
            table.Merged[records[0]] = merged;

        var reply = new FakeReply(200, FakeEncoding.Encode(table.Stream.Decoder, served.Body));
        foreach (var (name, value) in served.Headers.Where(header => header.Value.IsText))
            reply.Headers[name] = value.Text;

        return reply;
    }

    private FakeNumber? Total(FakeTable table, int rows, int offset) =>
        table.Total is { } total && (Faults ?? new FakeFaults()).Total(total.CountsRest ? rows - offset : rows) is { } number ? new FakeNumber(total.Path, number) : null;

    private static void Remember(AskedPage page, ServedPage served, int offset, IReadOnlyList<HeldRecord> records, int size)
    {
        var paging = page.Table.Stream.Paging;
        var after = records.Count > 0 ? records[^1] : page.Mark.After;
        if (paging.IsByAnswer && !served.Token.IsNone)
            page.Table.Remember(page.Partition, new PageMark(served.Token, offset + records.Count, after, page.Captures));
        else if (!paging.IsByAnswer && paging.Strategy is not null)
            page.Table.Remember(page.Partition, new PageMark(paging.TokenAfter(page.Mark.Token, offset, records.Count), paging.Strategy.Type == "PageIncrement" ? offset + size : offset + records.Count, null, []));
    }

    /// <summary>A page behind a record starts there, wherever that record is now; counted pages start behind so many rows.</summary>
    private static int Offset(AskedPage page, IReadOnlyList<HeldRecord> all, FakePaging paging)
    {
        if (!paging.IsByAnswer || page.Mark.After is null)
            return page.Mark.Offset;
        for (var at = 0; at < all.Count; at++)
        {
            if (ReferenceEquals(all[at], page.Mark.After))
                return at + 1;
        }

        return Math.Min(page.Mark.Offset, all.Count);
    }

    private FakeAuthentication Guard(Component requester)
    {
        if (!_guards.TryGetValue(requester, out var guard))
            _guards[requester] = guard = new FakeAuthentication(requester, _credentials!, Logins);

        return guard;
    }

    private static string Link(IncomingRequest request, IReadOnlySet<string> owned) =>
        $"https://{request.Host}{Uri.EscapeDataString(request.Path).Replace("%2F", "/", StringComparison.Ordinal)}?"
        + string.Join('&', request.Query.Where(pair => !owned.Contains($"query:{pair.Key}")).Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
}
