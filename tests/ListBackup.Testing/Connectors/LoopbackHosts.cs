namespace ListBackup.Testing;

/// <summary>
/// Lets a server on loopback answer for a platform's own hosts, by plain HTTP, so that a manifest is tested with the addresses that it has. Path and query
/// stay as they are, and the Host header tells whom the request was for.
/// </summary>
internal sealed class LoopbackHosts(HttpMessageHandler sockets, Uri server) : DelegatingHandler(sockets)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        request.Headers.Host = asked.Authority;
        request.RequestUri = new Uri(server.GetLeftPart(UriPartial.Authority) + asked.PathAndQuery);
        return base.SendAsync(request, cancellationToken);
    }
}
