using ListBackup.Functions;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Platforms;

public static class PlatformServices
{
    /// <summary>Expects <c>AddConnections</c>, the ports, AccountAccess and ActivityLog.</summary>
    public static IServiceCollection AddPlatforms(this IServiceCollection services, PublicAddress address)
    {
        services.AddSingleton(address);
        services.AddSingleton<ListPlatforms>();
        services.AddSingleton<GetPlatform>();
        services.AddSingleton<ValidateManifest>();
        services.AddSingleton<CreateManifest>();
        services.AddSingleton<DeleteManifest>();
        services.AddSingleton<ConnectionStore>();
        services.AddSingleton<CreateConnection>();
        services.AddSingleton<ChangeConnection>();
        services.AddSingleton<TestConnection>();
        services.AddSingleton<ReconnectConnection>();
        services.AddSingleton<DeleteConnection>();
        services.AddSingleton<OAuthStates>();
        services.AddSingleton<OAuthCalls>();
        services.AddSingleton<StartOAuth>();
        services.AddSingleton<FinishOAuth>();
        services.AddSingleton<RevokeAccess>();
        services.AddSingleton<WebhookAddresses>();
        services.AddSingleton<EnableWebhook>();
        services.AddSingleton<GetWebhook>();
        services.AddSingleton<DisableWebhook>();
        services.AddSingleton<ReceiveWebhook>();
        services.AddApiJson(PlatformsJson.Default);
        return services;
    }
}
