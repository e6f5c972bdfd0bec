using System.Text;
using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Testing.Manifests;

/// <summary>Reads every stream of a manifest from a fake of its platform, and compares record for record.</summary>
internal sealed class ManifestTrial : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private const int LargePage = 150;

    /// <summary>Streams of a list that are read: the first and the last. All are compared by name.</summary>
    private const int ListedReadMax = 4;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Value> _made = [];
    private readonly string _name;
    private readonly string? _folder;
    private readonly ManifestServer _server;
    private readonly ConnectorHttp _http;
    private readonly ManifestDocument _document;
    private readonly ExampleConfig _config;
    private readonly string _yaml;
    private Dictionary<string, List<HeldRecord>> _listed = [];
    private IReadOnlyList<FakeDynamicStream>? _dynamic;

    public ManifestTrial(string path, ManifestServer server, HttpLimits? limits = null)
    {
        _yaml = File.ReadAllText(path);
        _name = Path.GetFileNameWithoutExtension(path) is "manifest" ? Path.GetFileName(Path.GetDirectoryName(path))! : Path.GetFileNameWithoutExtension(path);
        _folder = Path.GetDirectoryName(path);
        _server = server;
        Connector = Connector.LoadFile(path);
        _document = ManifestDocument.Parse(_yaml);
        _config = new ExampleConfig(_document, _yaml, Now.AddDays(-60), Now);
        _http = new ConnectorHttp((limits ?? new HttpLimits()) with { AllowPrivateNetworks = true }, sockets => new LoopbackHosts(sockets, server.Address));
        Clock = new FakeTimeProvider(Now);
        Waits = new RememberedDelays(delay => Clock.Advance(delay));
        Ports = new ConnectorPorts { Http = _http, Clock = Clock, Waiting = Waits };
        Choose(0);
    }

    public Connector Connector { get; }

    public FakeTimeProvider Clock { get; private set; }

    public RememberedDelays Waits { get; }

    public ConnectorPorts Ports { get; set; }

    public ConnectorConfig Config { get; private set; } = ConnectorConfig.Empty;

    public ExpressionContext Session { get; private set; } = new(TimeProvider.System);

    /// <summary>Fills the configuration anew, with another of the alternatives that the specification offers.</summary>
    public void Choose(int alternative)
    {
        if (!_made.TryGetValue(alternative, out var config))
            _made[alternative] = config = _config.Make(alternative);
        Session = new ExpressionContext(Clock).With(Variable.Config, config);
        Config = ConnectorConfig.Parse(ValueJson.ToText(config));
        _listed = new(StringComparer.Ordinal);
        _dynamic = null;
    }

    /// <summary>The streams of the manifest as the fake reads them.</summary>
    public IEnumerable<Component> Streams => (_document.Resolve(_document.Root.GetValueOrDefault("streams")) as List<object?> ?? [])
        .Select(_document.Resolve).OfType<Dictionary<string, object?>>().SelectMany(map => Flat(new Component(_document, map)));

    /// <summary>The dynamic streams of the manifest with this configuration.</summary>
    public IReadOnlyList<FakeDynamicStream> Dynamic => _dynamic ??= FakeDynamicStream.All(_document, _folder, Session, Clock.GetUtcNow(), _listed);

    public FakeWorld World(string stream) => World(Find(stream));

    /// <summary>Becomes the platform of these worlds; it has its lists of streams besides.</summary>
    public void Serve(params IReadOnlyList<FakeWorld> worlds) => Serve(worlds, Session);

    /// <param name="credentials">With the configuration that the platform takes for right.</param>
    private void Serve(IReadOnlyList<FakeWorld> worlds, ExpressionContext credentials)
    {
        _server.Serve([.. worlds, .. Dynamic.Select(dynamic => dynamic.Listing).OfType<FakeWorld>()], credentials, Clock);
        Ports = Ports with { Clock = Clock, Tokens = new MemoryTokens(Clock) };
    }

    /// <summary>Reads a stream that is served.</summary>
    public async Task<TrialRead> ReadAsync(string stream, StreamState? state, CancellationToken cancellation, bool fullRefresh = false)
    {
        var read = new TrialRead { State = state };
        var request = new ReadRequest { Stream = stream, Config = Config, State = state, FullRefresh = fullRefresh };
        try
        {
            await foreach (var batch in Connector.ReadAsync(request, Ports, cancellation))
            {
                using (batch)
                {
                    read.Records.AddRange(batch.Records.Select(record => Encoding.UTF8.GetString(record.Span)));
                    read.State = batch.StateAfter;
                    read.Coverage = batch.Coverage ?? read.Coverage;
                }
            }
        }
        catch (Exception exception) when (exception is PlatformException or ExpressionException or ConfigException)
        {
            read.Failure = exception;
        }

        return read;
    }

    public async Task<IReadOnlyList<StreamVerdict>> RunAsync(CancellationToken cancellation)
    {
        var verdicts = new List<StreamVerdict> { await CheckAsync(cancellation) };
        var names = Connector.Streams.Select(stream => stream.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in Streams.Select(stream => stream.Text("name") ?? "").Where(names.Contains))
            verdicts.Add(await RunAsync(name, cancellation));
        if (FakeDynamicStream.Declared(_document).Count > 0)
            verdicts.AddRange(await DynamicAsync(cancellation));

        return verdicts;
    }

    /// <summary>The streams that a manifest alone does not name: whether they are all found, and some of each list read like any other.</summary>
    private async Task<List<StreamVerdict>> DynamicAsync(CancellationToken cancellation)
    {
        const string List = "(streams)";
        try
        {
            Start();
            Serve();
            var held = Streams.Concat(Dynamic.SelectMany(dynamic => dynamic.Streams).SelectMany(Flat)).Select(stream => stream.Text("name") ?? "").ToList();
            var found = (await Connector.DiscoverAsync(Config, Ports, cancellation)).Select(stream => stream.Name).ToList();
            if (Comparison.Difference(found, held) is { } difference)
                return [new StreamVerdict(_name, List, false, "difference", difference)];

            var verdicts = new List<StreamVerdict> { new(_name, List, true, "streams", $"{held.Count} streams") };
            foreach (var dynamic in Dynamic)
            {
                if (dynamic.Streams.Count == 0)
                    verdicts.Add(new StreamVerdict(_name, dynamic.Name, false, "streams", "a dynamic stream without streams proves nothing"));
                foreach (var name in Some(dynamic.Streams).Select(stream => stream.Text("name") ?? ""))
                    verdicts.Add(await RunAsync(name, cancellation));
            }

            return verdicts;
        }
        catch (CannotServeException exception)
        {
            return [new StreamVerdict(_name, List, false, exception.Category, exception.Message)];
        }
        catch (Exception exception) when (exception is ExpressionException or PlatformException or ConfigException)
        {
            return [new StreamVerdict(_name, List, false, "failure", $"{exception.GetType().Name}: {exception.Message} {_server.Complaints.FirstOrDefault()}")];
        }
    }

    private static IEnumerable<Component> Some(IReadOnlyList<Component> streams) =>
        streams.Where((_, at) => at < ListedReadMax / 2 || at >= streams.Count - (ListedReadMax / 2)).SelectMany(Flat);

    /// <summary>The right credentials connect, and others do not.</summary>
    public async Task<StreamVerdict> CheckAsync(CancellationToken cancellation)
    {
        const string Check = "(check)";
        try
        {
            for (var alternative = 0; alternative < _config.Choices; alternative++)
            {
                Choose(alternative);
                var checkedStreams = Checked().ToList();
                var worlds = checkedStreams.Select(World).ToList();
                Serve(worlds);
                if (await Connector.CheckAsync(Config, Ports, cancellation) is { Succeeded: false } refused)
                    return new StreamVerdict(_name, Check, false, "difference", $"the right credentials are refused: {refused.Reason} {_server.Complaints.FirstOrDefault()}");

                var asked = worlds.Concat(Dynamic.Select(dynamic => dynamic.Listing).OfType<FakeWorld>()).Select(world => world.Table.Stream.Requester).ToList();
                Serve([.. checkedStreams.Select(World)], Session.With(Variable.Config, FakeCredentials.Others(Session[Variable.Config], asked)));
                if ((await Connector.CheckAsync(Config, Ports, cancellation)).Succeeded)
                {
                    if (_server.Refusals == 0)
                        return new StreamVerdict(_name, Check, true, "no credentials", "the manifest sends none, or a constant");
                    return FakeCredentials.MayPassOver(asked)
                        ? new StreamVerdict(_name, Check, true, "401 passed over", "the manifest ignores the refusal")
                        : new StreamVerdict(_name, Check, false, "difference", "wrong credentials are not noticed");
                }
            }

            return new StreamVerdict(_name, Check, true, "check", $"{_config.Choices} ways to sign in");
        }
        catch (CannotServeException exception)
        {
            return new StreamVerdict(_name, Check, false, exception.Category, exception.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>With the lists of streams beside it, which the same requests may be about.</summary>
    private FakeWorld World((Component Stream, string? Dynamic) stream) => World(stream, isBrief: false, isListed: Dynamic.Count > 0);

    private FakeWorld World((Component Stream, string? Dynamic) stream, bool isBrief, bool isListed) =>
        new(_document, _folder, stream.Stream, Session, Clock.GetUtcNow(), isBrief, stream.Dynamic, isListed ? new FakeListing([], _listed) : null);

    private (Component Stream, string? Dynamic) Find(string name) => Streams.Select(stream => (stream, (string?)null))
        .Concat(Dynamic.SelectMany(dynamic => dynamic.Streams.SelectMany(Flat), (dynamic, stream) => (stream, (string?)dynamic.Name))).First(candidate => candidate.Item1.Text("name") == name);

    /// <summary>The streams that a check reads.</summary>
    private IEnumerable<(Component Stream, string? Dynamic)> Checked()
    {
        var check = new Component(_document, (Dictionary<string, object?>)_document.Resolve(_document.Root["check"])!);
        foreach (var name in check.Texts("stream_names"))
            yield return Find(name);
        foreach (var config in check.Children("dynamic_streams_check_configs"))
        {
            var dynamic = Dynamic.Single(dynamic => dynamic.Name == config.Text("dynamic_stream_name"));
            foreach (var stream in dynamic.Streams.SelectMany(Flat).Take((int)(config.Whole("stream_count") ?? int.MaxValue)))
                yield return (stream, dynamic.Name);
        }

        if (check.Whole("stream_count") is { } count)
        {
            foreach (var dynamic in Dynamic)
            {
                foreach (var stream in dynamic.Streams.SelectMany(Flat).Take((int)count))
                    yield return (stream, dynamic.Name);
            }
        }
    }

    private void Start()
    {
        Clock = new FakeTimeProvider(Now);
        Choose(0);
    }

    private async Task<StreamVerdict> RunAsync(string name, CancellationToken cancellation)
    {
        Start();
        try
        {
            var stream = Find(name);
            var world = World(stream, isBrief: HasSeen(stream.Stream), isListed: stream.Dynamic is not null);
            Serve(world);
            var read = await ReadAsync(name, null, cancellation);
            if (Verdict(name, world, read, "full") is var full && (!full.Agrees || world.Table.CannotTurnPages))
                return full;
            if (world.Table.Stream.Cursor is null || read.State is null)
                return Agreed(name, world, read.Records.Count, "");

            return await IncrementalAsync(name, world, read.State, read.Records.Count, cancellation);
        }
        catch (CannotServeException exception)
        {
            return new StreamVerdict(_name, name, false, exception.Category, exception.Message);
        }
        catch (ExpressionException exception)
        {
            return new StreamVerdict(_name, name, false, "expression", exception.Message);
        }
    }

    /// <summary>Large pages of one kind are read once in full measure.</summary>
    private bool HasSeen(Component stream)
    {
        var paging = new FakeStream(stream, Session).Paging;

        return paging.Size is > LargePage and < int.MaxValue && !_seen.Add($"{paging.Strategy?.Type} {paging.Size}");
    }

    private async Task<StreamVerdict> IncrementalAsync(string name, FakeWorld world, StreamState state, int records, CancellationToken cancellation)
    {
        var before = Comparison.Held(world.Table).ToHashSet(StringComparer.Ordinal);
        var highest = world.Table.Partitions.Where(partition => partition.Records.Count > 0).Select(partition => partition.Records.Max(record => record.Time)).Min();
        Clock.SetUtcNow(Now.AddDays(2));
        foreach (var partition in world.Table.Partitions.Where(partition => !world.Table.IsShadowed(partition)).Take(2))
            world.Change(partition, Now.AddDays(1));
        var read = await ReadAsync(name, state, cancellation);
        if (Trouble(read) is { } trouble)
            return new StreamVerdict(_name, name, false, trouble.Category, $"incremental: {trouble.Detail}");

        var now = Comparison.Held(world.Table);
        var brought = read.Records.Select(record => Comparison.Print(world.Table, record)).ToHashSet(StringComparer.Ordinal);
        var missing = now.Where(record => !before.Contains(record) && !brought.Contains(record)).ToList();
        if (missing.Count > 0)
            return new StreamVerdict(_name, name, false, "difference", $"incremental: {missing.Count} changes are missing: {missing[0][..Math.Min(300, missing[0].Length)]}");
        if (Comparison.Kind(world.Table) != "count" && brought.FirstOrDefault(record => !now.Contains(record)) is { } unknown)
            return new StreamVerdict(_name, name, false, "difference", $"incremental: a record that nobody holds: {unknown[..Math.Min(300, unknown.Length)]}");
        if (TooMuch(world, read, highest) is { } tooMuch)
            return new StreamVerdict(_name, name, false, "difference", $"incremental: {tooMuch}");

        return Agreed(name, world, records, $"+{read.Records.Count} incremental");
    }

    /// <summary>An incremental read of a platform that filters must not bring everything again.</summary>
    private static string? TooMuch(FakeWorld world, TrialRead read, DateTimeOffset? highest)
    {
        var table = world.Table;
        if (table is { MayLackInterval: true, IsFiltered: false })
            return "the manifest tells the start of later reads, and it was never sent";
        if (!table.IsFiltered || world.Tables.Any(candidate => candidate.HasShadows) || table.Stream.Cursor is not { IsCount: false } cursor || (cursor.StartOption is null && !table.MayLackInterval) || highest is null)
            return null;
        var from = (cursor.Lookback?.Negated().After(highest.Value) ?? highest.Value).AddDays(-1);
        var most = table.Partitions.Where(partition => !table.IsShadowed(partition)).Sum(partition => partition.Records.Where(record => record.Time >= from).Sum(record => Comparison.Records(table, record).Count));

        return read.Records.Count > most ? $"{read.Records.Count} records came although only {most} lie behind the cursor" : null;
    }

    private StreamVerdict Verdict(string name, FakeWorld world, TrialRead read, string kind)
    {
        if (Trouble(read) is { } trouble)
            return new StreamVerdict(_name, name, false, trouble.Category, $"{kind}: {trouble.Detail}");
        var held = Comparison.Held(world.Table);
        var brought = read.Records.Select(record => Comparison.Print(world.Table, record)).ToList();
        var difference = Comparison.Difference(brought, held);
        var mayRepeat = (world.Table.Stream.Cursor is not null && !world.Table.IsFiltered) || world.Tables.Any(table => table.HasShadows);
        if (difference is not null && mayRepeat && Comparison.Difference(brought.Distinct().ToList(), held.Distinct().ToList()) is null)
            difference = null;
        if (world.Table.CannotTurnPages && difference is not null)
        {
            // The manifest puts the page where no request carries it. Then the engine must say that it did not see everything.
            return read.Coverage is { Complete: false }
                ? Agreed(name, world, read.Records.Count, "the manifest cannot ask for a second page, and coverage tells") with { Category = "cut, and told" }
                : new StreamVerdict(_name, name, false, "difference", $"{kind}: pages cannot be turned, and coverage does not tell");
        }

        if (difference is null && read.Coverage?.Complete != true)
            return new StreamVerdict(_name, name, false, "coverage", $"{kind}: {read.Coverage?.Cut} {read.Coverage?.Detail}");

        return difference is null ? Agreed(name, world, read.Records.Count, "") : new StreamVerdict(_name, name, false, "difference", $"{kind}: {difference}");
    }

    private (string Category, string Detail)? Trouble(TrialRead read)
    {
        if (_server.Complaints.Count > 0)
            return (_server.Complaints[0].StartsWith("cannot serve (", StringComparison.Ordinal) ? _server.Complaints[0].Split('(', ')')[1] : "request", _server.Complaints[0]);

        return read.Failure is { } failure ? ("failure", $"{failure.GetType().Name}: {failure.Message}") : null;
    }

    private StreamVerdict Agreed(string name, FakeWorld world, int records, string detail) =>
        new(_name, name, true, Comparison.Kind(world.Table), $"{records} records {detail}") { Records = records };

    private static IEnumerable<Component> Flat(Component stream) => stream.Type switch
    {
        "ConditionalStreams" => stream.Children("streams").SelectMany(Flat),
        "StateDelegatingStream" => stream.Children("full_refresh_stream"),
        _ => [stream],
    };
}

/// <summary>What a read brought, and how it ended.</summary>
internal sealed class TrialRead
{
    public List<string> Records { get; } = [];

    public StreamState? State { get; set; }

    public Coverage? Coverage { get; set; }

    public Exception? Failure { get; set; }
}

/// <summary>Waits that pass on the test's clock and are remembered. A clock that stood still would let who waits for its turn wait for ever.</summary>
internal sealed class RememberedDelays(Action<TimeSpan> advance) : IWaiting
{
    private readonly List<(TimeSpan Delay, WaitReason Reason)> _delays = [];

    public IReadOnlyList<(TimeSpan Delay, WaitReason Reason)> Delays
    {
        get
        {
            lock (_delays)
                return [.. _delays];
        }
    }

    public void Clear()
    {
        lock (_delays)
            _delays.Clear();
    }

    public ValueTask WaitAsync(TimeSpan delay, WaitReason reason, CancellationToken cancellation)
    {
        lock (_delays)
            _delays.Add((delay, reason));
        advance(delay);

        return ValueTask.CompletedTask;
    }
}
