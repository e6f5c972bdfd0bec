using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ListBackup.Users;

public static class UserServices
{
    /// <summary>Needs IIdentities, IItemStore, AccountAccess, ActivityLog and TimeProvider.</summary>
    public static IServiceCollection AddUsersService(this IServiceCollection services)
    {
        services.AddApiJson(UserJson.Default);
        services.TryAddSingleton<People>();
        services.TryAddSingleton<ApiKeys>();
        services.TryAddSingleton<Memberships>();
        services.AddSingleton<GetMe>();
        services.AddSingleton<UpdateMe>();
        services.AddSingleton<GetMySettings>();
        services.AddSingleton<PutMySettings>();
        services.AddSingleton<DeleteMe>();
        services.AddSingleton<CreateApiKey>();
        services.AddSingleton<ListApiKeys>();
        services.AddSingleton<RevokeApiKey>();
        services.AddSingleton<ListMyAccounts>();
        return services;
    }
}
