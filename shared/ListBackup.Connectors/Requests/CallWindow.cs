using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Requests;

/// <summary>The calls that were made within one interval.</summary>
internal sealed class CallWindow(long limit, IsoDuration interval, bool isFixed)
{
    private readonly Queue<(DateTimeOffset At, int Weight)> _calls = [];
    private DateTimeOffset _start = DateTimeOffset.MinValue;
    private long _sum;

    /// <summary>How long until a call of this weight fits. One that is heavier than the limit goes alone: it could never go otherwise.</summary>
    public TimeSpan Wait(int weight, DateTimeOffset now)
    {
        Forget(now);
        var excess = _sum + Math.Min(weight, limit) - limit;
        if (excess <= 0)
            return TimeSpan.Zero;
        if (isFixed)
            return Rest(now);

        // So many of the oldest calls have to pass out of sight that there is room.
        foreach (var (at, old) in _calls)
        {
            excess -= Math.Min(old, limit);
            if (excess <= 0)
                return interval.After(at) - now;
        }

        return TimeSpan.Zero;
    }

    public void Add(int weight, DateTimeOffset now)
    {
        if (_sum == 0)
            _start = now;
        _sum += Math.Min(weight, limit);
        if (!isFixed)
            _calls.Enqueue((now, weight));
    }

    /// <summary>How long until all that was counted is over.</summary>
    public TimeSpan Rest(DateTimeOffset now)
    {
        var end = interval.After(isFixed && _sum > 0 ? _start : now);

        return end > now ? end - now : TimeSpan.Zero;
    }

    private void Forget(DateTimeOffset now)
    {
        if (isFixed && _sum > 0 && interval.After(_start) <= now)
            _sum = 0;
        while (_calls.TryPeek(out var oldest) && interval.After(oldest.At) <= now)
            _sum -= Math.Min(_calls.Dequeue().Weight, limit);
    }
}
