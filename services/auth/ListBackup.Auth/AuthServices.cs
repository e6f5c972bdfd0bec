using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ListBackup.Auth;

public static class AuthServices
{
    /// <summary>Needs IIdentities, IItemStore, ActivityLog and TimeProvider.</summary>
    public static IServiceCollection AddAuthService(this IServiceCollection services)
    {
        services.AddApiJson(AuthJson.Default);
        services.TryAddSingleton<People>();
        services.TryAddSingleton<ApiKeys>();
        services.AddSingleton<Register>();
        services.AddSingleton<ConfirmEmail>();
        services.AddSingleton<ResendConfirmation>();
        services.AddSingleton<Login>();
        services.AddSingleton<AnswerMfa>();
        services.AddSingleton<RefreshSession>();
        services.AddSingleton<Logout>();
        services.AddSingleton<ExchangeApiKey>();
        services.AddSingleton<ForgotPassword>();
        services.AddSingleton<ResetPassword>();
        services.AddSingleton<ChangePassword>();
        services.AddSingleton<GetMfa>();
        services.AddSingleton<EnrolTotp>();
        services.AddSingleton<VerifyTotp>();
        services.AddSingleton<RemoveTotp>();
        services.AddSingleton<RenewRecoveryCodes>();
        services.AddSingleton<ListSessions>();
        services.AddSingleton<EndSession>();
        return services;
    }
}
