using System.Net;
using System.Net.Sockets;
using ListBackup.Connectors.Requests;

namespace ListBackup.Accounts;

/// <summary>
/// The sockets of all webhooks. What a customer configured must not reach what only we can reach: every address is checked when the connection is made,
/// after the name was resolved, so a name that changes its mind meanwhile gains nothing. No redirects, no proxy, no cookies; answers are not read.
/// </summary>
public sealed class WebhookHttp : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private readonly bool _allowPrivate;
    private readonly HttpMessageInvoker _invoker;

    public WebhookHttp(AccountOptions options)
    {
        _allowPrivate = options.AllowPrivateNetworks;
        _invoker = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = 4,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Posts JSON and returns the status.</summary>
    /// <exception cref="HttpRequestException">There is no answer, or the address is not public.</exception>
    /// <exception cref="TimeoutException">The answer took too long.</exception>
    public async Task<HttpStatusCode> PostAsync(Uri url, string json, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.UserAgent.ParseAdd("ListBackup-Webhooks/1");
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        try
        {
            // The invoker returns at the headers; the body is nothing to us.
            using var answer = await _invoker.SendAsync(request, deadline.Token);
            return answer.StatusCode;
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"There was no answer within {AnswerTimeout.TotalSeconds:0} seconds.", late);
        }
    }

    public void Dispose() => _invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        var allowed = addresses.Where(a => _allowPrivate || PublicAddress.Is(a)).ToArray();
        if (allowed.Length == 0) throw new HttpRequestException("The address does not lie on the public internet.");
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
}
