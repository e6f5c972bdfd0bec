namespace ListBackup.Demo.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>401, as if the token had expired.</summary>
    Unauthorized,

    /// <summary>429 with Retry-After.</summary>
    RateLimited,

    /// <summary>500, or another status.</summary>
    ServerError,

    /// <summary>200 with a body that is not JSON.</summary>
    Garbage,

    /// <summary>No answer until the client gives up, at most two minutes.</summary>
    Never,

    /// <summary>The request is carried out, half of the answer is sent, then the connection breaks.</summary>
    CutBody,

    /// <summary>The answer comes late.</summary>
    Slow,

    /// <summary>The page before is sent again in place of the page asked for.</summary>
    RepeatPage,

    /// <summary>The total is wrong by <see cref="Fault.TotalShift"/>.</summary>
    ShiftTotal,
}

/// <summary>The next <see cref="Count"/> requests to paths that start with <see cref="Path"/> go wrong, after <see cref="Skip"/> went well.</summary>
public sealed record Fault
{
    public const int CountMax = 1_000;
    public static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(60);

    public required FaultKind Kind { get; init; }

    /// <summary>For example /api/v1/contacts.</summary>
    public required string Path { get; init; }

    /// <summary>GET, POST …; null for every method.</summary>
    public string? Method { get; init; }

    /// <summary>1 to <see cref="CountMax"/>.</summary>
    public int Count { get; init; } = 1;

    public int Skip { get; init; }

    /// <summary>Seconds; null sends no Retry-After.</summary>
    public int? RetryAfter { get; init; } = 1;

    public int Status { get; init; } = 500;

    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    public int TotalShift { get; init; } = 1;
}
