namespace ListBackup.Demo.Faults;

/// <summary>The faults to come. A request meets at most one.</summary>
public sealed class FaultPlan
{
    private const int FaultsMax = 100;

    private readonly Lock _gate = new();
    private readonly List<Planned> _planned = [];
    private long _seen;

    public void Add(Fault fault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fault.Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fault.Count, Fault.CountMax);
        ArgumentOutOfRangeException.ThrowIfNegative(fault.Skip);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fault.Delay, Fault.DelayMax);
        lock (_gate)
        {
            if (_planned.Count >= FaultsMax) throw new InvalidOperationException($"At most {FaultsMax} faults can wait.");
            _planned.Add(new Planned(fault) { Skip = fault.Skip, Left = fault.Count });
        }
    }

    public void Clear()
    {
        lock (_gate) _planned.Clear();
    }

    /// <summary>How many requests have come, whatever became of them.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>How many requests will still go wrong.</summary>
    public int Left
    {
        get
        {
            lock (_gate) return _planned.Sum(planned => planned.Left);
        }
    }

    internal Fault? Take(string method, string path)
    {
        Interlocked.Increment(ref _seen);
        lock (_gate)
        {
            foreach (var planned in _planned)
            {
                if (!path.StartsWith(planned.Fault.Path, StringComparison.Ordinal)) continue;
                if (planned.Fault.Method is { } wanted && !wanted.Equals(method, StringComparison.OrdinalIgnoreCase)) continue;
                if (planned.Skip > 0)
                {
                    planned.Skip--;
                    continue;
                }

                if (--planned.Left == 0) _planned.Remove(planned);
                return planned.Fault;
            }

            return null;
        }
    }

    private sealed class Planned(Fault fault)
    {
        public Fault Fault => fault;
        public int Skip { get; set; }
        public int Left { get; set; }
    }
}
