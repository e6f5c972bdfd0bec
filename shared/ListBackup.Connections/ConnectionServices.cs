using ListBackup.Connectors.Requests;
using ListBackup.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Connections;

/// <summary>Where connectors lie and how this installation connects.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Folder of connectors.</summary>
    public required string Connectors { get; init; }

    public OAuthClients OAuth { get; init; } = OAuthClients.None;

    public HttpLimits Http { get; init; } = new();
}

public static class ConnectionServices
{
    /// <summary>What works through connections needs; expects the ports IItemStore, IKeys, ISecrets and a TimeProvider.</summary>
    public static IServiceCollection AddConnections(this IServiceCollection services, ConnectionOptions options)
    {
        services.AddSingleton(options.OAuth);
        services.AddSingleton(_ => new ConnectorHttp(options.Http));
        services.AddSingleton(_ => new ConnectorCatalogue(options.Connectors));
        services.AddSingleton<AccountKeyrings>();
        services.AddSingleton<AccountEnvelope>();
        services.AddSingleton<ConnectionSecrets>();
        services.AddSingleton<ConnectionConfigs>();
        services.AddSingleton<CustomerManifests>();
        services.AddSingleton<Announcements>();
        services.AddSingleton<StoredConnections>();
        services.AddSingleton<IConnections>(provider => provider.GetRequiredService<StoredConnections>());
        return services;
    }
}
