using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors;

/// <summary>What the engine needs from outside to work on one connection.</summary>
public sealed record ConnectorPorts
{
    /// <summary>The sockets, shared by all connections of the process.</summary>
    public required ConnectorHttp Http { get; init; }

    /// <summary>Keeper of OAuth tokens. Null: they come from the configuration and live in memory only.</summary>
    public ITokenSource? Tokens { get; init; }

    /// <summary>The budget of requests that all workers of this connection share.</summary>
    public IRateBudget RateBudget { get; init; } = UnlimitedRateBudget.Instance;

    /// <summary>How the engine waits before a retry. The default waits on <see cref="Clock"/>.</summary>
    public IWaiting? Waiting { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Longest single wait before a retry. When the platform or the budget asks for more, <see cref="PlatformRateLimitedException"/> tells the
    /// caller how long, so that a worker gives its slot away instead of sleeping in it.
    /// </summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most retries of one request, whatever the manifest asks for.</summary>
    public int RetriesMax { get; init; } = 10;

    /// <summary>
    /// Most pages of one read that are asked for or held at the same time, where the manifest's <c>concurrency_level</c> asks for more. Without that only the
    /// next page is asked for while the caller works on one, so that the platform never sees two requests at once. 1: strictly one after the other. Batches
    /// come in the same order with the same states whatever this is.
    /// </summary>
    public int PagesAtOnceMax { get; init; } = 4;

    /// <summary>Where this connection's streams are remembered that only the platform or the configuration knows. Null: each call asks for itself.</summary>
    public StreamMemory? Streams { get; init; }

    internal IWaiting WaitingOrClock => Waiting ?? new ClockWaiting(Clock);
}
