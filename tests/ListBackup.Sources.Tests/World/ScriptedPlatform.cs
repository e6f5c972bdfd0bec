using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ListBackup.Connections;
using ListBackup.Connectors;

namespace ListBackup.Sources.Tests;

/// <summary>A platform whose every page is the test's: records by key, pages of a fixed size, a cursor, and failures where the test wants them.</summary>
public sealed class ScriptedPlatform : IPlatformReader
{
    private readonly Dictionary<string, ScriptedStream> _streams = new(StringComparer.Ordinal);

    public int PageSize { get; set; } = 3;

    /// <summary>Asked before each page is given out (stream, page in this read from 1); what it returns is thrown.</summary>
    public Func<string, int, Exception?> Fails { get; set; } = (_, _) => null;

    /// <summary>Called after each page was taken whole.</summary>
    public Action<string, int> AfterPage { get; set; } = (_, _) => { };

    public int PagesServed { get; private set; }

    /// <summary>How many more records the platform says it has than it gives.</summary>
    public int HiddenRecords { get; set; }

    /// <summary>Whether its answers say how many records there are.</summary>
    public bool TellsTotals { get; set; } = true;

    /// <summary>What the engine says of a whole reading, given its counts.</summary>
    public Func<PageEvidence, Coverage> Judges { get; set; } = evidence => new(true, null, null, evidence);

    public List<ReadRequest> Reads { get; } = [];

    public ScriptedStream this[string name] => _streams[name];

    public ScriptedStream Add(string name, bool isIncremental = false, StreamExtensions? extensions = null) =>
        _streams[name] = new(name, isIncremental, extensions ?? StreamExtensions.None);

    public void Remove(string name) => _streams.Remove(name);

    /// <summary>Why the list of streams may lack some.</summary>
    public string? Doubt { get; set; }

    public Task<StreamList> StreamsAsync(OpenConnection connection, CancellationToken cancellation) =>
        Task.FromResult(new StreamList([.. _streams.Values.Select(s => s.Info)]) { Doubt = Doubt });

    public Task<StreamList> KnownStreamsAsync(OpenConnection connection, CancellationToken cancellation) => StreamsAsync(connection, cancellation);

    public Task<long?> ProbeTotalAsync(OpenConnection connection, string stream, CancellationToken cancellation) => Task.FromResult<long?>(_streams[stream].Records.Count);

    public async IAsyncEnumerable<RecordBatch> ReadAsync(OpenConnection connection, ReadRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        Reads.Add(request);
        var stream = _streams[request.Stream];
        var state = request.State is { } given ? JsonSerializer.Deserialize<State>(given.ToJson())! : new State();
        var since = request.FullRefresh ? 0 : state.Cursor;
        var rows = stream.Records.Values.Where(r => r.Stamp > since).OrderBy(r => r.Stamp).ToList();
        var newest = Math.Max(state.Cursor, stream.Records.Values.Select(r => r.Stamp).DefaultIfEmpty(0).Max());
        // An empty answer has a total, too.
        long? total = TellsTotals ? rows.Count + HiddenRecords : null;
        var evidence = new PageEvidence { ReportedTotal = total };

        for (var page = 1; state.After < rows.Count; page++)
        {
            if (Fails(stream.Name, page) is { } failure) throw failure;
            cancellation.ThrowIfCancellationRequested();
            var batch = rows.Skip(state.After).Take(PageSize).Select(r => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(r.Json)).ToList();
            state = state with { After = state.After + batch.Count };
            evidence = evidence with { Pages = page, Requests = page, RowsArrived = evidence.RowsArrived + batch.Count, RowsKept = evidence.RowsKept + batch.Count, ReportedTotal = total };
            PagesServed++;
            yield return Batch(stream.Name, batch, state, evidence, null);
            AfterPage(stream.Name, page);
        }
        yield return Batch(stream.Name, [], new State { Cursor = newest }, evidence, Judges(evidence));
    }

    private static RecordBatch Batch(string stream, IReadOnlyList<ReadOnlyMemory<byte>> records, State state, PageEvidence evidence, Coverage? coverage) => new(null)
    {
        Stream = stream,
        Records = records,
        Partition = default,
        Slice = default,
        StateAfter = StreamState.Parse(JsonSerializer.Serialize(state)),
        Evidence = evidence,
        Coverage = coverage,
    };

    private sealed record State
    {
        public long Cursor { get; init; }
        public int After { get; init; }
    }
}

public sealed class ScriptedStream(string name, bool isIncremental, StreamExtensions extensions)
{
    private static long s_stamp;

    public string Name => name;

    public IReadOnlyList<string> Groups { get; set; } = [];

    public SortedDictionary<string, (string Json, long Stamp)> Records { get; } = new(StringComparer.Ordinal);

    public StreamInfo Info => new()
    {
        Name = name,
        PrimaryKey = [FieldPath.Of("id")],
        SyncModes = isIncremental ? SyncModes.FullRefresh | SyncModes.Incremental : SyncModes.FullRefresh,
        Schema = JsonDocument.Parse("{}").RootElement,
        Extensions = extensions,
        Groups = Groups,
    };

    public ScriptedStream Put(string id, string value)
    {
        Records[id] = ($$"""{"id":"{{id}}","value":"{{value}}"}""", Interlocked.Increment(ref s_stamp));
        return this;
    }

    public ScriptedStream PutJson(string id, string json)
    {
        Records[id] = (json, Interlocked.Increment(ref s_stamp));
        return this;
    }

    public ScriptedStream Fill(int count)
    {
        for (var i = 1; i <= count; i++) Put($"r{i:d4}", $"value {i}");
        return this;
    }

    public void Delete(string id) => Records.Remove(id).ShouldBeTrue();
}
