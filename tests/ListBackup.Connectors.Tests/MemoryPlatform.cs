using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Web;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors;

/// <summary>A platform without sockets, for tests that read thousands of pages: each request is answered by a function of its path and query.</summary>
internal sealed class MemoryPlatform(Func<string, Func<string, string>, (int Status, string Json)> answer) : HttpMessageHandler
{
    public const string Url = "http://platform.test";

    public static ConnectorConfig Config { get; } = ConnectorConfig.Parse($$"""{"url":"{{Url}}"}""");

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The platform's clock, which it tells in each answer; null: it does not.</summary>
    public DateTimeOffset? Date { get; set; }

    public ConnectorHttp Http() => new(Ports.Loopback, _ => this);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var url = request.RequestUri!;
        Requests.Enqueue(Uri.UnescapeDataString(url.PathAndQuery));
        var query = HttpUtility.ParseQueryString(url.Query);
        var (status, json) = answer(url.AbsolutePath, name => query[name] ?? "");
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        response.Headers.Date = Date;

        return Task.FromResult(response);
    }
}
