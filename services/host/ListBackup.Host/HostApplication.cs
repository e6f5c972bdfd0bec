using System.Net;
using System.Text.Json.Serialization;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;

namespace ListBackup.Host;

/// <summary>The composition root: every service on the embedded ports, in one process.</summary>
public static class HostApplication
{
    // No request of ours needs more; uploads of manifests and settings are small.
    private const long RequestBytesMax = 1024 * 1024;
    private static readonly TimeSpan ShutdownMax = TimeSpan.FromSeconds(4);

    // A failure to start is told by HostProgram in one line; the framework would log it a second time, with its stack.
    private static volatile bool _hasStarted;

    public static WebApplication Build(HostSettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "ListBackup.Host", EnvironmentName = Environments.Production });
        // Settings come from SettingsReader alone: an ASPNETCORE_URLS of another program must not move us to another port.
        builder.Configuration.Sources.Clear();
        Log(builder.Logging, settings);
        Listen(builder.WebHost, settings);
        AddServices(builder.Services, settings);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => _hasStarted = true);
        UsePipeline(app, settings);
        MapEndpoints(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, HostSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<AccountAccess>();
        services.AddSingleton<ActivityLog>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownMax);
        // Explains what is wrong with a body instead of answering a bare 400; Problems turns it into one.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddRouting();
        services.AddApiJson(HostJson.Default);
        services.AddApiDocument();
        services.AddTelemetry(settings);
    }

    private static void UsePipeline(WebApplication app, HostSettings settings)
    {
        if (settings.TrustProxy) app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });
        app.UseProblems();
        app.UseSecurityHeaders();
        app.UseTraceparent();
        app.UseWebApp(settings);
        app.UseRouting();
        app.UseRateLimits(settings.RateLimit);
        app.UsePermissions();
        app.UseIdempotency();
    }

    private static void MapEndpoints(WebApplication app)
    {
        app.MapSystem();
        app.MapApiDocument();
    }

    private static void Listen(IWebHostBuilder web, HostSettings settings) => web.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        switch (settings.Listen)
        {
            // Both loopback addresses cannot share a port that the system chooses.
            case "localhost" when settings.Port == 0: kestrel.Listen(IPAddress.Loopback, 0); break;
            case "localhost": kestrel.ListenLocalhost(settings.Port); break;
            case "any": kestrel.ListenAnyIP(settings.Port); break;
            default: kestrel.Listen(IPAddress.Parse(settings.Listen), settings.Port); break;
        }
    });

    private static void Log(ILoggingBuilder logging, HostSettings settings)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.LogLevel);
        // Each request would be three lines; failures are logged by Problems, and traces carry the rest.
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => _hasStarted && level >= LogLevel.Warning);
        if (settings.LogFormat == LogFormat.Json) logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        else logging.AddSimpleConsole(plain =>
        {
            plain.SingleLine = true;
            plain.UseUtcTimestamp = true;
            plain.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss'Z' ";
        });
    }
}
