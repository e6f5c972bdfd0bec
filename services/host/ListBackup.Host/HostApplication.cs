using System.Net;
using ListBackup.Accounts;
using ListBackup.Auth;
using ListBackup.Connections;
using ListBackup.Connectors.Requests;
using ListBackup.Domain;
using ListBackup.Embedded;
using ListBackup.Embedded.Identity;
using ListBackup.Functions;
using ListBackup.Platforms;
using ListBackup.Sources;
using ListBackup.Users;
using Microsoft.AspNetCore.HttpOverrides;

namespace ListBackup.Host;

/// <summary>The composition root: every service on the embedded ports, in one process.</summary>
public static class HostApplication
{
    // No request of ours needs more; uploads of manifests and settings are small.
    private const long RequestBytesMax = 1024 * 1024;
    private static readonly TimeSpan ShutdownMax = TimeSpan.FromSeconds(4);

    /// <param name="settings">How it is set up.</param>
    /// <param name="folder">Held by the caller, who gives it back after the application has ended.</param>
    public static WebApplication Build(HostSettings settings, DataFolder folder)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "ListBackup.Host", EnvironmentName = Environments.Production });
        // Settings come from SettingsReader alone: an ASPNETCORE_URLS of another program must not move us to another port.
        builder.Configuration.Sources.Clear();
        TracePropagation.Start();
        var started = new StrongBox();
        Log(builder.Logging, settings, started);
        Listen(builder.WebHost, settings);
        AddCommon(builder.Services, settings);
        AddPorts(builder.Services, settings, folder);
        AddProduct(builder.Services, settings);
        AddBackgroundWork(builder.Services);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started.Value = true);
        UsePipeline(app, settings);
        MapEndpoints(app);
        return app;
    }

    /// <summary>Where people and platforms reach it: what the settings say, else this machine.</summary>
    public static Uri PublicUrl(HostSettings settings) => settings.Url ?? new($"http://localhost:{settings.Port}");

    private static void AddCommon(IServiceCollection services, HostSettings settings)
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
        services.AddTelemetry();
    }

    private static void AddPorts(IServiceCollection services, HostSettings settings, DataFolder folder)
    {
        services.AddEmbeddedPorts(folder, new()
        {
            Smtp = settings.Mail is { } mail ? new(mail.Host, mail.Port, mail.User, mail.Password, mail.From) : null,
        });
        services.AddEmbeddedIdentities(new() { Issuer = PublicUrl(settings).ToString().TrimEnd('/') });
        services.AddPartChecks();
    }

    private static void AddProduct(IServiceCollection services, HostSettings settings)
    {
        services.AddAuthService();
        services.AddUsersService();
        services.AddAccountsService(new(PublicUrl(settings).ToString().TrimEnd('/')) { AllowPrivateNetworks = settings.AllowPrivateNetworks });
        services.AddConnections(new ConnectionOptions
        {
            Connectors = settings.Connectors ?? Path.Combine(AppContext.BaseDirectory, "connectors"),
            OAuth = new(settings.OAuth.ToDictionary(o => o.Key, o => new OAuthClient(o.Value.ClientId, o.Value.ClientSecret), StringComparer.Ordinal)),
            Http = new HttpLimits { AllowPrivateNetworks = settings.AllowPrivateNetworks },
        });
        services.AddPlatforms(new ListBackup.Platforms.PublicAddress(PublicUrl(settings)));
        services.AddSingleton(new SyncOptions { AloneSince = TimeProvider.System.GetUtcNow() });
        services.AddSingleton(new ExportOptions { DestinationRoot = settings.ExportFolder, AllowPrivateNetworks = settings.AllowPrivateNetworks });
        services.AddSources().AddExportFormats();
    }

    /// <summary>How many messages of a queue are handled at once: planning and committing are short; two syncs keep a small machine busy and usable.</summary>
    private static void AddBackgroundWork(IServiceCollection services) => services
        .AddScheduledHandler<Scheduler>(TimeSpan.FromMinutes(1))
        .AddScheduledHandler<Maintenance>(TimeSpan.FromMinutes(1))
        .AddScheduledHandler<ShredAccounts>(TimeSpan.FromHours(1))
        .AddQueueHandler<SyncPlanner>(QueueName.Plan, concurrency: 2)
        .AddQueueHandler<SyncWorker>(QueueName.Sync, concurrency: 2)
        .AddQueueHandler<SyncCommitter>(QueueName.Commit, concurrency: 1)
        .AddQueueHandler<RestoreWorker>(QueueName.Restore, concurrency: 1)
        .AddQueueHandler<ExportWorker>(QueueName.Export, concurrency: 1)
        .AddQueueHandler<Maintenance>(QueueName.Maintenance, concurrency: 1)
        .AddQueueHandler<NotifyWorker>(QueueName.Notify, concurrency: 4);

    private static void UsePipeline(WebApplication app, HostSettings settings)
    {
        if (settings.TrustProxy) app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });
        app.UseProblems();
        app.UseSecurityHeaders();
        app.UseTraceparent();
        app.UseStopping();
        app.UseWebApp(settings);
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimits(settings.RateLimit);
        app.UsePermissions();
        app.UseIdempotency();
    }

    private static void MapEndpoints(WebApplication app)
    {
        app.MapSystem();
        app.MapApiDocument();
        app.MapAuthEndpoints();
        app.MapUsersEndpoints();
        app.MapAccountsEndpoints();
        app.MapPlatforms();
        app.MapSourceEndpoints();
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

    private static void Log(ILoggingBuilder logging, HostSettings settings, StrongBox started)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(settings.LogLevel);
        // In JSON each line has the trace that it belongs to, and the ids of the message that is being handled.
        logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        // Each request would be three lines; failures are logged by Problems, and traces carry the rest.
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        // A failure to start is told by HostProgram in one line; the framework would log it a second time, with its stack.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started.Value && level >= LogLevel.Warning);
        if (settings.LogFormat == LogFormat.Json) logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.IncludeScopes) = (true, true));
        else logging.AddSimpleConsole(plain =>
        {
            plain.SingleLine = true;
            plain.UseUtcTimestamp = true;
            plain.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss'Z' ";
        });
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
