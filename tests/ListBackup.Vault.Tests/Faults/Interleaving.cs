namespace ListBackup.Vault.Tests.Faults;

/// <summary>
/// Runs several writers on one thread, one request at a time, in an order that a test chooses: the same choices give the same history. The vault awaits
/// nothing but its store, so when no continuation is left to run, every writer stands before a request or is done.
/// </summary>
internal sealed class Interleaving
{
    private readonly Pump _pump = new();
    private readonly List<(int Writer, string Request, TaskCompletionSource Turn)> _waiting = [];

    /// <summary>Who had each turn, and with what.</summary>
    public List<(int Writer, string Request)> Steps { get; } = [];

    /// <summary>The store as one writer sees it: each request waits for the writer's turn.</summary>
    public IObjectStore StoreOf(int writer, IObjectStore inner) => new GatedObjects(inner, async (request, effect) =>
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((writer, request, turn));
        await turn.Task;
        await effect();
    });

    /// <summary>Runs the writers to their ends.</summary>
    /// <param name="writers">What each does.</param>
    /// <param name="choose">Gets the number of the step and the writers that wait, ascending; returns one of them.</param>
    public void Run(IReadOnlyList<Func<Task>> writers, Func<int, IReadOnlyList<int>, int> choose)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_pump);
        try
        {
            var tasks = writers.Select(writer => writer()).ToList();
            _pump.RunAll();
            while (_waiting.Count > 0)
            {
                var chosen = choose(Steps.Count, [.. _waiting.Select(item => item.Writer).Distinct().Order()]);
                var next = _waiting.First(item => item.Writer == chosen);
                _waiting.Remove(next);
                Steps.Add((next.Writer, next.Request));
                next.Turn.SetResult();
                _pump.RunAll();
            }

            foreach (var task in tasks)
            {
                task.IsCompleted.ShouldBeTrue("no writer waits for anything but the store");
                task.GetAwaiter().GetResult();
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Pump : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

        public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

        public void RunAll()
        {
            while (_queue.TryDequeue(out var item)) item.Callback(item.State);
        }
    }
}
