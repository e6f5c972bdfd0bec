using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ListBackup.Connectors.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ListBackup.Connectors.Requests;

public sealed class HttpTwoTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    public async Task Pages_over_tls_come_by_the_best_version_of_http_that_both_speak_and_over_one_connection(HttpProtocols spoken, string version)
    {
        using var certificate = Certificate();
        var (versions, connections) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, bool>());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = spoken;
            listen.UseHttps(certificate);
        }));
        await using var server = builder.Build();
        server.Run(context =>
        {
            versions.Enqueue(context.Request.Protocol);
            connections[$"{context.Connection.RemotePort}"] = true;
            var page = int.Parse($"0{context.Query("page")}", System.Globalization.CultureInfo.InvariantCulture);

            return context.Json($$"""{"items":[{"id":{{page}}}],"next":{{(page < 4 ? $"{page + 1}" : "null")}}}""");
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var http = new ConnectorHttp(Ports.Loopback, sockets =>
        {
            ((SocketsHttpHandler)sockets).SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString();

            return sockets;
        });

        var read = await ReadResult.Of(Connector.Load(Manifests.OneStream("/items", retriever: """
            paginator:
              type: DefaultPaginator
              page_token_option: { type: RequestOption, inject_into: request_parameter, field_name: page }
              pagination_strategy: { type: CursorPagination, cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}" }
            """)).ReadAsync(
            new ReadRequest { Stream = "items", Config = ConnectorConfig.Parse($$"""{"url":"{{server.Urls.First()}}"}""") },
            Ports.For(http),
            TestContext.Current.CancellationToken));

        read.Records.Count.ShouldBe(5);
        versions.ShouldBe(Enumerable.Repeat(version, 5));
        connections.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var certificate = Certificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var server = builder.Build();
        server.Run(context => context.Json("""{"items":[]}"""));
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var http = new ConnectorHttp(Ports.Loopback);

        var exception = await Should.ThrowAsync<PlatformUnreachableException>(() => ReadResult.Of(Connector.Load(Manifests.OneStream("/items")).ReadAsync(
            new ReadRequest { Stream = "items", Config = ConnectorConfig.Parse($$"""{"url":"{{server.Urls.First()}}"}""") },
            Ports.For(http),
            TestContext.Current.CancellationToken)));

        exception.Message.ShouldContain("TLS failed");
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));

        // The key is taken along, which a certificate as it was made does not do everywhere.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
