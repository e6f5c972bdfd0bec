using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ListBackup.Connectors.Requests;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Connectors.Reading;

/// <summary>Whatever a server does, the read ends with an error of its kind, after bounded work, and what came before stands.</summary>
public sealed class HostileServerTests : IDisposable
{
    private const string NextByToken = """
        paginator:
          type: DefaultPaginator
          page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: after }
          pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}" }
        """;

    private readonly ConnectorHttp _http = new(Ports.Loopback with { AnswerBytesMax = 4_000_000, HeldBytesMax = 1_000_000, AnswerTimeout = TimeSpan.FromSeconds(30) });

    public void Dispose() => _http.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The first page is good and names a second one, which is as bad as the test says.</summary>
    internal static Func<HttpContext, Task> SecondPage(Func<HttpContext, Task> bad) =>
        context => context.Query("after") == "2" ? bad(context) : context.Json("""{"items":[{"id":1}],"next":2}""");

    private Task<TException> ShouldKeepTheFirstPageAndThrow<TException>(string url, ConnectorHttp? http = null)
        where TException : PlatformException => ShouldKeepTheFirstPageAndThrowBy<TException>(http ?? _http, url);

    internal static async Task<TException> ShouldKeepTheFirstPageAndThrowBy<TException>(ConnectorHttp http, string url)
        where TException : PlatformException
    {
        var (records, state) = (new List<string>(), "");
        var connector = Connector.Load(Manifests.OneStream("/items", retriever: NextByToken, requester: "error_handler: { type: DefaultErrorHandler, max_retries: 1 }"));
        var exception = await Should.ThrowAsync<TException>(async () =>
        {
            await foreach (var batch in connector.ReadAsync(
                new ReadRequest { Stream = "items", Config = ConnectorConfig.Parse($$"""{"url":"{{url}}"}""") }, Ports.For(http), Cancellation))
            {
                using (batch)
                {
                    records.AddRange(batch.Records.Select(record => Encoding.UTF8.GetString(record.Span)));
                    state = batch.StateAfter.ToJson();
                }
            }
        });

        records.ShouldBe(["""{"id":1}"""]);
        state.ShouldContain("x-listbackup");
        exception.Page.ShouldBe(2);
        exception.Stream.ShouldBe("items");

        return exception;
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_bomb_of_compression_is_stopped_at_the_limit(string encoding)
    {
        // 256 MB of zeros in some hundred kilobytes, and the limit is at 4 MB.
        var bomb = Compressed(encoding, (stream, _) =>
        {
            var zeros = new byte[1024 * 1024];
            for (var written = 0; written < 256; written++)
                stream.Write(zeros);
        });
        await using var platform = await FakePlatform.StartAsync(SecondPage(context => Body(context, encoding, bomb)));

        await ShouldKeepTheFirstPageAndThrow<PlatformTooLargeException>(platform.Url);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compression_that_is_broken_is_told(string encoding)
    {
        var garbage = Enumerable.Range(0, 5_000).Select(at => (byte)(at * 7919 >> 3)).ToArray();
        await using var platform = await FakePlatform.StartAsync(SecondPage(context => Body(context, encoding, garbage)));

        (await ShouldKeepTheFirstPageAndThrow<PlatformNotReadableException>(platform.Url)).Message.ShouldContain("compression");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Lines_whose_compression_ends_too_early_are_not_taken_for_all_lines(string encoding)
    {
        var half = 0;
        var whole = Compressed(encoding, (stream, target) =>
        {
            // Up to here all lines are whole, and only the end of the compression is missing.
            stream.Write("{\"id\":1}\n{\"id\":2}\n"u8);
            stream.Flush();
            half = (int)target.Length;
            stream.Write("{\"id\":3}\n"u8);
        });
        await using var platform = await FakePlatform.StartAsync(context => Body(context, encoding, whole[..half]));
        var connector = Connector.Load(Manifests.OneStream("/items", retriever: "decoder: { type: JsonlDecoder }", selector: "field_path: []"));

        await Should.ThrowAsync<PlatformException>(() => ReadResult.Of(connector.ReadAsync(new ReadRequest { Stream = "items", Config = platform.Config() }, Ports.For(_http), Cancellation)));
    }

    [Fact]
    public async Task A_body_that_drips_is_given_up_when_time_is_over()
    {
        using var http = new ConnectorHttp(Ports.Loopback with { AnswerTimeout = TimeSpan.FromSeconds(1) });
        await using var platform = await FakePlatform.StartAsync(SecondPage(async context =>
        {
            try
            {
                while (true)
                {
                    await context.Response.WriteAsync(" ", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await Task.Delay(20, context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                // The engine hung up, which is what the test is about.
            }
        }));

        await ShouldKeepTheFirstPageAndThrow<PlatformTimedOutException>(platform.Url, http);
    }

    [Theory]
    [InlineData("not even http\r\n\r\n", typeof(PlatformNotReadableException))]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n", typeof(PlatformNotReadableException))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":[", typeof(PlatformUnreachableException))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ite\r\n", typeof(PlatformUnreachableException))]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", typeof(PlatformException))]
    [InlineData("", typeof(PlatformUnreachableException))]
    [InlineData("HEADERS", typeof(PlatformNotReadableException))]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 14\r\nContent-Type: text/html\r\n\r\n<html></html>\n", typeof(PlatformNotReadableException))]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", typeof(PlatformException))]
    [InlineData("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", typeof(PlatformException))]
    [InlineData("HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}", typeof(PlatformException))]
    public async Task A_server_that_speaks_badly_is_an_error_of_its_kind(string answer, Type type)
    {
        if (answer == "HEADERS")
            answer = "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 2_000).Select(header => $"X-{header}: {new string('x', 100)}\r\n")) + "Content-Length: 0\r\n\r\n";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, answer, stop.Token);

        var exception = await ShouldKeepTheFirstPageAndThrow<PlatformException>($"http://{listener.LocalEndpoint}");

        exception.ShouldBeAssignableTo(type);
        await stop.CancelAsync();
        await serving;
    }

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://localhost/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://[::127.0.0.1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://0x7f.1/")]
    public async Task A_redirect_to_a_private_address_is_not_followed(string target)
    {
        using var http = new ConnectorHttp(new HttpLimits(), sockets => new PublicServer(sockets, request => request.RequestUri!.Query.Contains("after=2", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("http://public.example/hop") } }
            : request.RequestUri.AbsolutePath == "/hop"
                ? new HttpResponseMessage(HttpStatusCode.TemporaryRedirect) { Headers = { Location = new Uri(target) } }
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"items":[{"id":1}],"next":2}""") }));

        await ShouldKeepTheFirstPageAndThrow<PlatformAddressException>("http://public.example", http);
    }

    private static byte[] Compressed(string encoding, Action<Stream, Stream> write)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Fastest),
            "br" => new BrotliStream(target, CompressionLevel.Fastest),
            _ => new ZLibStream(target, CompressionLevel.Fastest),
        })
        {
            write(stream, target);
        }

        return target.ToArray();
    }

    private static async Task Body(HttpContext context, string encoding, byte[] body)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.ContentEncoding = encoding;
        try
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The engine hung up, which is what some tests are about.
        }
    }

    /// <summary>Answers the first page well, any other request with the given bytes, and hangs up each time.</summary>
    private static async Task ServeAsync(TcpListener listener, string bad, CancellationToken cancellation)
    {
        const string Good = """{"items":[{"id":1}],"next":2}""";
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellation);
                var stream = client.GetStream();
                var request = new StringBuilder();
                var buffer = new byte[4096];
                while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, cancellation) is > 0 and var count)
                    request.Append(Encoding.Latin1.GetString(buffer, 0, count));
                var answer = request.ToString().Contains("after=2", StringComparison.Ordinal) ? bad : $"HTTP/1.1 200 OK\r\nContent-Length: {Good.Length}\r\nConnection: close\r\n\r\n{Good}";
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), cancellation);
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
        {
            // The test is over.
        }
    }

    /// <summary>Answers for hosts whose name ends with example; all others are for the sockets.</summary>
    private sealed class PublicServer(HttpMessageHandler sockets, Func<HttpRequestMessage, HttpResponseMessage> answer) : DelegatingHandler(sockets)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.Host.EndsWith(".example", StringComparison.Ordinal) ? Task.FromResult(answer(request)) : base.SendAsync(request, cancellationToken);
    }
}
