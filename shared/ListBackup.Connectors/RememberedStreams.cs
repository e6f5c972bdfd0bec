using ListBackup.Connectors.Dynamic;

namespace ListBackup.Connectors;

/// <summary>
/// The streams that platforms told of late, so that the steps of one sync do not each ask again. Holds no secret; safe for concurrent use: who comes while
/// somebody asks waits for the answer.
/// </summary>
public sealed class RememberedStreams(TimeProvider clock)
{
    /// <summary>Most lists. Behind it the one that was used longest ago is forgotten.</summary>
    public const int ListsMax = 64;

    /// <summary>Most streams of all lists together, which is what memory depends on: as many as one list may have.</summary>
    public const int StreamsMax = 5_000;

    /// <summary>Long enough for the steps of a sync, short enough that a new table is found soon.</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamMemory> _memories = new(StringComparer.Ordinal);
    private long _uses;

    /// <summary>The place of one list.</summary>
    /// <param name="key">Another one whenever the manifest or the configuration is another, as both tell which streams there are.</param>
    public StreamMemory Of(string key)
    {
        lock (_lock)
        {
            if (!_memories.TryGetValue(key, out var memory))
                _memories[key] = memory = new StreamMemory(clock, Shrink);
            memory.LastUse = ++_uses;
            while (_memories.Count > ListsMax)
                ForgetOldest();

            return memory;
        }
    }

    /// <summary>After a list has come, which may be a long one.</summary>
    private void Shrink()
    {
        lock (_lock)
        {
            while (_memories.Count > 1 && _memories.Values.Sum(memory => memory.Count) > StreamsMax)
                ForgetOldest();
        }
    }

    private void ForgetOldest() => _memories.Remove(_memories.MinBy(pair => pair.Value.LastUse).Key);
}

/// <summary>The streams that one configuration's platform told of late.</summary>
public sealed class StreamMemory
{
    private readonly TimeProvider _clock;
    private readonly Action _changed;

    private volatile Told? _told;

    internal StreamMemory(TimeProvider clock, Action changed) => (_clock, _changed) = (clock, changed);

    // Never disposed: without a wait handle it holds nothing that the collector does not free.
    private SemaphoreSlim One { get; } = new(1, 1);

    internal long LastUse { get; set; }

    internal int Count => _told?.Streams.Count ?? 0;

    /// <summary>The next who wants the streams asks the platform.</summary>
    public void Forget() => _told = null;

    /// <summary>What was told of late, or what the platform says now. A failure is the asker's own; whoever waits asks by himself.</summary>
    internal async ValueTask<ResolvedStreams> GetAsync(Func<Task<ResolvedStreams>> ask, CancellationToken cancellation)
    {
        if (Recent is { } known)
            return known;
        await One.WaitAsync(cancellation);
        try
        {
            if (Recent is { } meanwhile)
                return meanwhile;
            var streams = await ask();
            _told = new Told(streams, _clock.GetUtcNow());
            _changed();

            return streams;
        }
        finally
        {
            One.Release();
        }
    }

    private ResolvedStreams? Recent => _told is { } told && _clock.GetUtcNow() - told.At < RememberedStreams.AgeMax ? told.Streams : null;

    private sealed record Told(ResolvedStreams Streams, DateTimeOffset At);
}
