using ListBackup.Testing;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>One request that goes wrong.</summary>
/// <param name="Number">Which, counted from 1 over all lives of the process.</param>
/// <param name="Time">Before or after its effect.</param>
/// <param name="IsCrash">The process ends there: no handler of the vault sees it, and nothing of this life reaches the store any more.</param>
/// <param name="LateAt">The caller is told of an outage, and the effect comes all the same, just before this later request; null: not at all.</param>
internal sealed record PlannedFault(long Number, FaultTime Time, bool IsCrash = false, long? LateAt = null);

/// <summary>What goes wrong in a sequence of lives on one store: each life is a process that the queue starts after the one before has failed.</summary>
internal sealed class FaultPlan(IReadOnlyList<PlannedFault> faults)
{
    private readonly List<(long At, Func<Task> Effect)> _late = [];

    /// <summary>Requests of all lives so far.</summary>
    public long RequestCount { get; private set; }

    /// <summary>What they were; for the messages of failing tests and to tell writes from reads.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The store as the next life sees it.</summary>
    /// <param name="inner">Where effects go.</param>
    /// <param name="onRequest">Called before each request.</param>
    public IObjectStore NextLife(IObjectStore inner, Func<string, Task> onRequest) => new GatedObjects(inner, new Life(this, onRequest).DoAsync);

    /// <summary>Lets effects come that are still under way.</summary>
    public async Task SettleAsync()
    {
        foreach (var (_, effect) in _late) await Quietly(effect);
        _late.Clear();
    }

    public override string ToString() =>
        string.Join(" and ", faults.Select(fault => $"{(fault.IsCrash ? "crash" : fault.LateAt is null ? "outage" : $"effect as late as {fault.LateAt}")} {fault.Time} of {fault.Number}"));

    private sealed class Life(FaultPlan plan, Func<string, Task> onRequest)
    {
        private bool _isOver;

        public async Task DoAsync(string request, Func<Task> effect)
        {
            if (_isOver) throw new ProcessEndedException();
            var number = ++plan.RequestCount;
            plan.Requests.Add(request);
            await plan.ComeLateAsync(number);
            await onRequest(request);
            var fault = plan.Find(number);
            if (fault is { LateAt: { } at }) plan._late.Add((at, effect));
            if (fault is not { Time: FaultTime.BeforeEffect }) await effect();
            if (fault is null) return;
            _isOver = fault.IsCrash;
            throw fault.IsCrash ? new ProcessEndedException() : new ObjectStoreUnavailableException($"Request {number} fails by order of the test.");
        }
    }

    private PlannedFault? Find(long number) => faults.FirstOrDefault(fault => fault.Number == number);

    private async Task ComeLateAsync(long number)
    {
        foreach (var late in _late.Where(late => late.At <= number).ToList())
        {
            _late.Remove(late);
            await Quietly(late.Effect);
        }
    }

    /// <summary>Nobody hears any more that the name was taken meanwhile.</summary>
    private static async Task Quietly(Func<Task> effect)
    {
        try
        {
            await effect();
        }
        catch (ObjectStoreException)
        {
        }
    }
}

/// <summary>The process was killed. No handler of the vault names it.</summary>
internal sealed class ProcessEndedException() : Exception("The process ends by order of the test.");
