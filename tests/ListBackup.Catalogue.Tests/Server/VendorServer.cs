using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using ListBackup.Testing;

namespace ListBackup.Catalogue.Tests;

/// <summary>A fake on loopback. It answers for all of the vendor's hosts, which the Host header tells apart.</summary>
public sealed class VendorServer<TFake> : IAsyncDisposable
    where TFake : VendorFake
{
    private readonly WebApplication _app;

    private VendorServer(WebApplication app, TFake fake)
    {
        _app = app;
        Fake = fake;
        Address = new Uri(app.Urls.Single());
    }

    public TFake Fake { get; }

    public Uri Address { get; }

    public static async Task<VendorServer<TFake>> StartAsync(TFake fake)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context => AnswerAsync(fake, context));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, fake);
    }

    /// <summary>The connector, its addresses as the manifest has them, answered by this server and on its clock.</summary>
    public ConnectorUnderTest Connect(object? config = null) => new(Fake.Platform, config ?? Fake.Config, answeredBy: Address, time: Fake.Time);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task AnswerAsync(TFake fake, HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var asked = new VendorRequest(
            context.Request.Method,
            context.Request.Host.Value ?? "",

            // The path as it was sent: %2F inside a segment is no slash.
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0],
            context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync(context.RequestAborted));
        var answer = fake.Answer(asked);
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) context.Response.Headers[name] = value;
        if (answer.Body.Length == 0) return;
        context.Response.ContentType = answer.ContentType;
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }
}
