using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ListBackup.Accounts;

public static class AccountServices
{
    /// <summary>Needs IItemStore, IKeys, IMail, IQueues, ISecrets, AccountAccess, ActivityLog and TimeProvider.</summary>
    public static IServiceCollection AddAccountsService(this IServiceCollection services, AccountOptions options)
    {
        services.AddApiJson(AccountJson.Default);
        services.AddSingleton(options);
        services.TryAddSingleton<People>();
        services.TryAddSingleton<Memberships>();
        services.TryAddSingleton<AccountKeyrings>();
        AddTree(services);
        AddMembers(services);
        AddTeams(services);
        AddChannels(services);
        AddKeys(services);
        services.AddSingleton<ListActivities>();
        services.AddSingleton<ExportActivities>();
        services.AddSingleton<VerifyActivities>();
        return services;
    }

    private static void AddTree(IServiceCollection services)
    {
        services.AddSingleton<SubtreeChanges>();
        services.AddSingleton<CreateAccount>();
        services.AddSingleton<CreateChildAccount>();
        services.AddSingleton<GetAccount>();
        services.AddSingleton<UpdateAccount>();
        services.AddSingleton<DeleteAccount>();
        services.AddSingleton<UndeleteAccount>();
        services.AddSingleton<MoveAccount>();
        services.AddSingleton<ListChildren>();
        services.AddSingleton<ListSubtree>();
        services.AddSingleton<GetAccountSettings>();
        services.AddSingleton<PutAccountSettings>();
        services.AddSingleton<GetUsage>();
        services.AddSingleton<PutAccountLimits>();
        services.AddSingleton<IAccountMeter, AccountMeter>();
        services.AddSingleton<ShredAccounts>();
    }

    private static void AddMembers(IServiceCollection services)
    {
        services.AddSingleton<Invitations>();
        services.AddSingleton<ListMembers>();
        services.AddSingleton<ChangeMemberRole>();
        services.AddSingleton<RemoveMember>();
        services.AddSingleton<LeaveAccount>();
        services.AddSingleton<CreateInvitation>();
        services.AddSingleton<ListInvitations>();
        services.AddSingleton<ListMyInvitations>();
        services.AddSingleton<RevokeInvitation>();
        services.AddSingleton<AcceptInvitation>();
        services.AddSingleton<DeclineInvitation>();
        services.AddSingleton<GetRoles>();
    }

    private static void AddTeams(IServiceCollection services)
    {
        services.AddSingleton<Teams>();
        services.AddSingleton<CreateTeam>();
        services.AddSingleton<ListTeams>();
        services.AddSingleton<GetTeam>();
        services.AddSingleton<UpdateTeam>();
        services.AddSingleton<DeleteTeam>();
        services.AddSingleton<ListTeamMembers>();
        services.AddSingleton<AddTeamMember>();
        services.AddSingleton<RemoveTeamMember>();
        services.AddSingleton<ListGrants>();
        services.AddSingleton<ListTeamGrants>();
        services.AddSingleton<GrantTeam>();
        services.AddSingleton<RevokeGrant>();
    }

    private static void AddChannels(IServiceCollection services)
    {
        services.TryAddSingleton<Notifications>();
        services.AddSingleton<Channels>();
        services.AddSingleton<WebhookHttp>();
        services.AddSingleton<NotifyWorker>();
        services.AddSingleton<IAccountShredder, ChannelShredder>();
        services.AddSingleton<CreateChannel>();
        services.AddSingleton<ListChannels>();
        services.AddSingleton<GetChannel>();
        services.AddSingleton<UpdateChannel>();
        services.AddSingleton<DeleteChannel>();
        services.AddSingleton<RotateChannelSecret>();
        services.AddSingleton<TestChannel>();
        services.AddSingleton<ListDeliveries>();
        services.AddSingleton<ReplayDelivery>();
    }

    private static void AddKeys(IServiceCollection services)
    {
        services.AddSingleton<GetKeys>();
        services.AddSingleton<RotateKey>();
        services.AddSingleton<PutRecoveryKey>();
        services.AddSingleton<RemoveRecoveryKey>();
    }
}
