using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ListBackup.Connectors.Requests;

/// <summary>Limits of every request that the engine sends.</summary>
public sealed record HttpLimits
{
    /// <summary>Lets customers reach private, loopback and link-local addresses. For self-hosters and tests; never on a shared service.</summary>
    public bool AllowPrivateNetworks { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From sending a request to the last byte of its answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Largest answer after decompression, and the most that a decoder may make of one. The default is half of the temporary space that a function has,
    /// and more than any platform sends as one page; beyond it lies a mistake or an attack.
    /// </summary>
    public int AnswerBytesMax { get; init; } = 256 * 1024 * 1024;

    /// <summary>
    /// Largest answer that is held in memory. A larger one waits in a temporary file and is handed on in several batches, so a page costs no more memory than
    /// this, whatever its size.
    /// </summary>
    public int HeldBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Largest record of a page that is not held.</summary>
    public int RecordBytesMax { get; init; } = 32 * 1024 * 1024;

    /// <summary>Where large answers wait. The files have no name on systems that allow it, and are readable by this user only.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Redirects followed before giving up.</summary>
    public int RedirectsMax { get; init; } = 5;

    public int ConnectionsPerHostMax { get; init; } = 16;
}

/// <summary>
/// The sockets of a process: one pooled handler for all connections. It decompresses, checks every address at connect time, and follows redirects
/// itself, so that each hop is checked and credentials never cross to another host.
/// </summary>
public sealed class ConnectorHttp : IDisposable
{
    /// <summary>Far more than any platform sends.</summary>
    private const int HeaderKilobytesMax = 64;

    private readonly HttpMessageInvoker _invoker;

    public ConnectorHttp(HttpLimits? limits = null)
        : this(limits, sockets => sockets)
    {
    }

    /// <param name="around">Wraps the sockets. For tests, which let a server on loopback answer for a platform's own hosts.</param>
    internal ConnectorHttp(HttpLimits? limits, Func<HttpMessageHandler, HttpMessageHandler> around)
    {
        Limits = limits ?? new HttpLimits();
        _invoker = new HttpMessageInvoker(
            around(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.All,
                ConnectCallback = ConnectAsync,
                ConnectTimeout = Limits.ConnectTimeout,
                EnableMultipleHttp2Connections = true,

                // A connection that died in silence is noticed while an answer is awaited, and not only when its time is over.
                KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
                MaxConnectionsPerServer = Limits.ConnectionsPerHostMax,
                MaxResponseHeadersLength = HeaderKilobytesMax,

                // A name that moves is looked up again, and an address that was allowed once is checked again.
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                UseCookies = false,

                // Through a proxy we would check the proxy's address instead of the platform's.
                UseProxy = false,
            }),
            disposeHandler: true);
    }

    public HttpLimits Limits { get; }

    /// <summary>Where the arrays of pages come from and go back to.</summary>
    internal ArrayPool<byte> Pool { get; init; } = ArrayPool<byte>.Shared;

    internal BodyLimits BodyLimits => new(Limits.AnswerBytesMax, Limits.HeldBytesMax, Limits.TemporaryFolder, Pool);

    /// <summary>
    /// Sends one request under this process's limits and address guard, without retries and without following redirects. For calls of the OAuth code flow,
    /// which run outside of a read.
    /// </summary>
    public Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        // HTTP/2 where TLS agrees on it (ALPN), 1.1 elsewhere.
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;

        return _invoker.SendAsync(request, cancellation);
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary>Sends, follows redirects, and reads the answer whole.</summary>
    /// <exception cref="TransportException">There is no answer, or more of it than the limit.</exception>
    /// <param name="isForeign">The url itself leads to a host that gets no credentials; it stays so whatever redirects say.</param>
    internal async Task<RawAnswer> SendAsync(Func<Uri, HttpMethod, bool, HttpRequestMessage> request, Uri url, HttpMethod method, bool isForeign, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limits.AnswerTimeout);
        try
        {
            var sameOrigin = !isForeign;
            for (var hop = 0; ; hop++)
            {
                using var message = request(url, method, sameOrigin);
                using var answer = await SendOnceAsync(message, deadline.Token);
                if (Redirects.Target(answer, url) is not { } target)
                    return await RawAnswer.ReadAsync(answer, !sameOrigin, BodyLimits, deadline.Token);

                if (hop >= Limits.RedirectsMax)
                    throw new TransportException(TransportFailure.Unreachable, $"it redirects more than {Limits.RedirectsMax} times");
                if (url.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
                    throw new TransportException(TransportFailure.Unreachable, "it redirects from https to another scheme");
                sameOrigin &= Redirects.IsSameOrigin(url, target);
                method = Redirects.Method(answer.StatusCode, method);
                url = target;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TransportException(TransportFailure.TimedOut, "time is over");
        }
        catch (HttpRequestException exception)
        {
            throw Translate(exception);
        }
        catch (IOException exception) when (exception is not TemporarySpaceException)
        {
            throw new TransportException(TransportFailure.Unreachable, "the connection broke off in the middle of the answer");
        }
        catch (InvalidDataException)
        {
            throw new TransportException(TransportFailure.NotReadable, "its compression is broken");
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            // So says the reader of Brotli.
            throw new TransportException(TransportFailure.NotReadable, "its compression is broken");
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation);
        var allowed = Limits.AllowPrivateNetworks ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
            throw new TransportException(addresses.Length == 0 ? TransportFailure.Unreachable : TransportFailure.PrivateAddress, "the name has no address");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TransportException Translate(HttpRequestException exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case TransportException known:
                    return known;
                case InvalidDataException:
                    return new TransportException(TransportFailure.NotReadable, "its compression is broken");
                case AuthenticationException:
                    return new TransportException(TransportFailure.Unreachable, "TLS failed");
                case SocketException socket:
                    return new TransportException(TransportFailure.Unreachable, socket.SocketErrorCode.ToString());
                case OperationCanceledException or TimeoutException:
                    return new TransportException(TransportFailure.TimedOut, "time is over");
            }
        }

        return exception.HttpRequestError switch
        {
            HttpRequestError.ConfigurationLimitExceeded => new TransportException(TransportFailure.NotReadable, $"its headers are larger than {HeaderKilobytesMax} KiB"),
            HttpRequestError.InvalidResponse => new TransportException(TransportFailure.NotReadable, "it is no HTTP"),
            var error => new TransportException(TransportFailure.Unreachable, error.ToString()),
        };
    }
}

internal enum TransportFailure
{
    Unreachable,
    TimedOut,
    TooLarge,
    NotReadable,
    PrivateAddress,
    RecordTooLarge,
}

/// <summary>There is no usable answer. The message never holds an address or a header.</summary>
internal sealed class TransportException(TransportFailure failure, string why) : Exception(why)
{
    public TransportFailure Failure => failure;
}
