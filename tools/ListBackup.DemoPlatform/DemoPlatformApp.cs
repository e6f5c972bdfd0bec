using System.Net;
using ListBackup.Demo.Access;
using ListBackup.Demo.Api;
using ListBackup.Demo.Crm;
using ListBackup.Demo.Faults;
using ListBackup.Demo.Pages;
using ListBackup.Demo.Webhooks;

namespace ListBackup.Demo;

/// <summary>Puts the CRM together.</summary>
public static class DemoPlatformApp
{
    public static WebApplication Build(DemoPlatformOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        builder.Services.AddRoutingCore();
        AddServices(builder.Services, options);

        var app = builder.Build();
        var faults = app.Services.GetRequiredService<FaultMiddleware>();
        var access = app.Services.GetRequiredService<ApiMiddleware>();
        app.Use(faults.InvokeAsync);
        app.Use(RefusalMiddleware.InvokeAsync);
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), api => api.Use(access.InvokeAsync));
        app.UseRouting();
        MapEndpoints(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, DemoPlatformOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Time);
        services.AddSingleton<WebhookSubscriptions>();
        services.AddHostedService<WebhookSender>();
        services.AddSingleton<CrmStore>();
        services.AddSingleton<Disasters>();
        services.AddSingleton<FaultPlan>();
        services.AddSingleton<FaultMiddleware>();
        services.AddSingleton(provider => new OAuthServer(options));
        services.AddSingleton<Sessions>();
        services.AddSingleton<Credentials>();
        services.AddSingleton(new RateLimiter(options.RateLimit, options.Time));
        services.AddSingleton<IdempotentAnswers>();
        services.AddSingleton<ApiMiddleware>();
        services.AddSingleton<RecordBytes>();
        services.AddSingleton<Listings>();
        services.AddSingleton<AccountEndpoints>();
        services.AddSingleton<ContactEndpoints>();
        services.AddSingleton<RecordEndpoints>();
        services.AddSingleton<MembershipEndpoints>();
        services.AddSingleton<AttachmentEndpoints>();
        services.AddSingleton<WebhookEndpoints>();
        services.AddSingleton<OAuthEndpoints>();
        services.AddSingleton<AdminEndpoints>();
    }

    private static void MapEndpoints(WebApplication app)
    {
        var api = app.MapGroup("/api/v1");
        var services = app.Services;
        services.GetRequiredService<AccountEndpoints>().Map(api);
        services.GetRequiredService<ContactEndpoints>().Map(api);
        services.GetRequiredService<RecordEndpoints>().Map(api);
        services.GetRequiredService<MembershipEndpoints>().Map(api);
        services.GetRequiredService<AttachmentEndpoints>().Map(api);
        services.GetRequiredService<WebhookEndpoints>().Map(api);
        app.MapGet("/files/{id}", services.GetRequiredService<AttachmentEndpoints>().SignedContentAsync);
        services.GetRequiredService<OAuthEndpoints>().Map(app);
        services.GetRequiredService<AdminEndpoints>().Map(app);
    }
}
