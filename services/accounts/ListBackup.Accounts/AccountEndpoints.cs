using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ListBackup.Accounts;

/// <summary>The account tree and what hangs on it: people, teams, activities, channels, keys.</summary>
public static class AccountEndpoints
{
    public static IEndpointRouteBuilder MapAccountsEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var accounts = endpoints.MapGroup("/v1").WithTags("accounts").ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        MapTree(accounts);
        MapMembers(accounts);
        MapTeams(accounts);
        MapActivities(accounts);
        MapChannels(accounts);
        MapKeys(accounts);
        return endpoints;
    }

    private static void MapTree(RouteGroupBuilder accounts)
    {
        accounts.MapPost("/accounts", (AccountRequest request, CreateAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("createAccount").WithSummary("Makes an account at the top of a tree of its own").ProducesProblem(409).Requires(Permission.Self);
        accounts.MapGet("/accounts/{accountId}", (GetAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("getAccount").WithSummary("One account, with the caller's role on it").Requires(Permission.AccountRead);
        accounts.MapPatch("/accounts/{accountId}", (AccountRequest request, UpdateAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("updateAccount").WithSummary("Renames an account").ProducesProblem(412).Requires(Permission.AccountManage);
        accounts.MapDelete("/accounts/{accountId}", (DeleteAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("deleteAccount").WithSummary("Closes an account and all below it; shredded after 30 days").ProducesProblem(409).ProducesProblem(412).Requires(Permission.AccountDelete);
        accounts.MapPost("/accounts/{accountId}/undelete", (UndeleteAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("undeleteAccount").WithSummary("Takes a deletion back").ProducesProblem(409).Requires(Permission.AccountDelete);
        accounts.MapGet("/accounts/{accountId}/children", (ListChildren useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listChildren").WithSummary("The accounts one level below").Requires(Permission.AccountRead);
        accounts.MapPost("/accounts/{accountId}/children", (AccountRequest request, CreateChildAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("createChildAccount").WithSummary("Makes an account below this one").ProducesProblem(409).Requires(Permission.AccountCreate);
        accounts.MapGet("/accounts/{accountId}/subtree", (ListSubtree useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listSubtree").WithSummary("This account and all below it").Requires(Permission.AccountRead);
        accounts.MapPost("/accounts/{accountId}/move", (MoveAccountRequest request, MoveAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("moveAccount").WithSummary("Moves an account with all below it").ProducesProblem(409).ProducesProblem(412).Requires(Permission.AccountMove);
        accounts.MapGet("/accounts/{accountId}/settings", (GetAccountSettings useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("getAccountSettings").WithSummary("The account's settings").Requires(Permission.AccountRead);
        accounts.MapPut("/accounts/{accountId}/settings", (SettingsBody request, PutAccountSettings useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("putAccountSettings").WithSummary("Replaces the account's settings").ProducesProblem(412).Requires(Permission.AccountManage);
        accounts.MapPut("/accounts/{accountId}/limits", (AccountLimits request, PutAccountLimits useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("putAccountLimits").WithSummary("Decides, from above, what an account's plan has room for").ProducesProblem(412).Requires(Permission.AccountManage);
        accounts.MapGet("/accounts/{accountId}/usage", (GetUsage useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("getUsage").WithSummary("What is measured of the account, now").Requires(Permission.UsageRead);
    }

    private static void MapMembers(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/roles", (GetRoles roles) => roles.Run())
            .WithName("getRoles").WithSummary("What each role may do").AllowsAnybody();
        accounts.MapGet("/accounts/{accountId}/members", (ListMembers useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listMembers").WithSummary("The people with a role on just this account").Requires(Permission.MembersRead);
        accounts.MapPatch("/accounts/{accountId}/members/{userId}", (UserId userId, RoleRequest request, ChangeMemberRole useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(userId, request, http, cancellation))
            .WithName("changeMemberRole").WithSummary("Gives a member another role").ProducesProblem(409).ProducesProblem(412).Requires(Permission.MembersManage);
        accounts.MapDelete("/accounts/{accountId}/members/{userId}", (UserId userId, RemoveMember useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(userId, http, cancellation))
            .WithName("removeMember").WithSummary("Takes a member's role away").ProducesProblem(409).ProducesProblem(412).Requires(Permission.MembersManage);
        accounts.MapPost("/accounts/{accountId}/leave", (LeaveAccount useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("leaveAccount").WithSummary("Gives up one's own role").ProducesProblem(409).Requires(Permission.AccountRead);
        accounts.MapGet("/accounts/{accountId}/invitations", (ListInvitations useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listInvitations").WithSummary("Invitations that wait for an answer").Requires(Permission.MembersRead);
        accounts.MapPost("/accounts/{accountId}/invitations", (InvitationRequest request, CreateInvitation useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("createInvitation").WithSummary("Invites somebody by mail").ProducesProblem(409).Requires(Permission.MembersManage);
        accounts.MapDelete("/accounts/{accountId}/invitations/{invitationId}", (InvitationId invitationId, RevokeInvitation useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(invitationId, http, cancellation))
            .WithName("revokeInvitation").WithSummary("Takes an invitation back").Requires(Permission.MembersManage);
        accounts.MapGet("/users/me/invitations", (ListMyInvitations useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("listMyInvitations").WithSummary("What the caller is invited to").Requires(Permission.Self);
        accounts.MapPost("/invitations/{invitationId}/accept", (InvitationId invitationId, InvitationCodeRequest request, AcceptInvitation useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(invitationId, request, http, cancellation))
            .WithName("acceptInvitation").WithSummary("Accepts an invitation by its mailed code").ProducesProblem(409).Requires(Permission.Self);
        accounts.MapPost("/invitations/{invitationId}/decline", (InvitationId invitationId, InvitationCodeRequest request, DeclineInvitation useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(invitationId, request, http, cancellation))
            .WithName("declineInvitation").WithSummary("Declines an invitation").Requires(Permission.Self);
    }

    private static void MapTeams(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/accounts/{accountId}/teams", (ListTeams useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listTeams").WithSummary("The account's teams").Requires(Permission.MembersRead);
        accounts.MapPost("/accounts/{accountId}/teams", (TeamRequest request, CreateTeam useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("createTeam").WithSummary("Makes a team").ProducesProblem(409).Requires(Permission.TeamsManage);
        accounts.MapGet("/accounts/{accountId}/teams/{teamId}", (TeamId teamId, GetTeam useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, http, cancellation))
            .WithName("getTeam").WithSummary("One team").Requires(Permission.MembersRead);
        accounts.MapPatch("/accounts/{accountId}/teams/{teamId}", (TeamId teamId, TeamRequest request, UpdateTeam useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, request, http, cancellation))
            .WithName("updateTeam").WithSummary("Renames a team").ProducesProblem(412).Requires(Permission.TeamsManage);
        accounts.MapDelete("/accounts/{accountId}/teams/{teamId}", (TeamId teamId, DeleteTeam useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, http, cancellation))
            .WithName("deleteTeam").WithSummary("Deletes a team with its grants").ProducesProblem(412).Requires(Permission.TeamsManage);
        accounts.MapGet("/accounts/{accountId}/teams/{teamId}/members", (TeamId teamId, ListTeamMembers useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(teamId, http, limit, cursor, cancellation))
            .WithName("listTeamMembers").WithSummary("The people in a team").Requires(Permission.MembersRead);
        accounts.MapPut("/accounts/{accountId}/teams/{teamId}/members/{userId}", (TeamId teamId, UserId userId, AddTeamMember useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, userId, http, cancellation))
            .WithName("addTeamMember").WithSummary("Puts a member of the account into a team").ProducesProblem(409).Requires(Permission.TeamsManage);
        accounts.MapDelete("/accounts/{accountId}/teams/{teamId}/members/{userId}", (TeamId teamId, UserId userId, RemoveTeamMember useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, userId, http, cancellation))
            .WithName("removeTeamMember").WithSummary("Takes somebody out of a team").Requires(Permission.TeamsManage);
        accounts.MapGet("/accounts/{accountId}/teams/{teamId}/grants", (TeamId teamId, ListTeamGrants useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(teamId, http, limit, cursor, cancellation))
            .WithName("listTeamGrants").WithSummary("Where a team has roles").Requires(Permission.MembersRead);
        accounts.MapGet("/accounts/{accountId}/grants", (ListGrants useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listGrants").WithSummary("The teams with a role on just this account").Requires(Permission.MembersRead);
        accounts.MapPut("/accounts/{accountId}/grants/{teamId}", (TeamId teamId, RoleRequest request, GrantTeam useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, request, http, cancellation))
            .WithName("grantTeam").WithSummary("Gives a team a role here and below").ProducesProblem(409).ProducesProblem(412).Requires(Permission.TeamsManage);
        accounts.MapDelete("/accounts/{accountId}/grants/{teamId}", (TeamId teamId, RevokeGrant useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(teamId, http, cancellation))
            .WithName("revokeGrant").WithSummary("Takes a team's role away").ProducesProblem(412).Requires(Permission.TeamsManage);
    }
    private static void MapActivities(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/accounts/{accountId}/activities", (
                string? action, string? actor, string? subject, DateTimeOffset? from, DateTimeOffset? to, ListActivities useCase, HttpContext http, int? limit, string? cursor,
                CancellationToken cancellation) => useCase.RunAsync(http, new(action, actor, subject, from, to), limit, cursor, cancellation))
            .WithName("listActivities").WithSummary("The audit log, newest first").Requires(Permission.ActivitiesRead);
        accounts.MapGet("/accounts/{accountId}/activities/export", (ExportActivities useCase, HttpContext http, CancellationToken cancellation) => useCase.Run(http, cancellation))
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson").WithName("exportActivities").WithSummary("The whole audit log as NDJSON").Requires(Permission.ActivitiesRead);
        accounts.MapGet("/accounts/{accountId}/activities/verify", (VerifyActivities useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("verifyActivities").WithSummary("Checks the audit log's hash chain").Requires(Permission.ActivitiesRead);
    }

    private static void MapChannels(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/accounts/{accountId}/channels", (ListChannels useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(http, limit, cursor, cancellation))
            .WithName("listChannels").WithSummary("Where notifications go").Requires(Permission.ChannelsManage);
        accounts.MapPost("/accounts/{accountId}/channels", (ChannelRequest request, CreateChannel useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("createChannel").WithSummary("Makes a channel; shows a webhook's signing key this once").ProducesProblem(409).Requires(Permission.ChannelsManage).AnswersSecret();
        accounts.MapGet("/accounts/{accountId}/channels/{channelId}", (ChannelId channelId, GetChannel useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(channelId, http, cancellation))
            .WithName("getChannel").WithSummary("One channel").Requires(Permission.ChannelsManage);
        accounts.MapPatch("/accounts/{accountId}/channels/{channelId}", (ChannelId channelId, ChannelChangeRequest request, UpdateChannel useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(channelId, request, http, cancellation))
            .WithName("updateChannel").WithSummary("Changes name or events, switches on or off").ProducesProblem(412).Requires(Permission.ChannelsManage);
        accounts.MapDelete("/accounts/{accountId}/channels/{channelId}", (ChannelId channelId, DeleteChannel useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(channelId, http, cancellation))
            .WithName("deleteChannel").WithSummary("Deletes a channel").ProducesProblem(412).Requires(Permission.ChannelsManage);
        accounts.MapPost("/accounts/{accountId}/channels/{channelId}/secret", (ChannelId channelId, RotateChannelSecret useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(channelId, http, cancellation))
            .WithName("rotateChannelSecret").WithSummary("Gives a webhook a new signing key").ProducesProblem(409).Requires(Permission.ChannelsManage).AnswersSecret();
        accounts.MapPost("/accounts/{accountId}/channels/{channelId}/test", (ChannelId channelId, TestChannel useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(channelId, http, cancellation))
            .WithName("testChannel").WithSummary("Sends a test notification").Requires(Permission.ChannelsManage);
        accounts.MapGet("/accounts/{accountId}/channels/{channelId}/deliveries", (ChannelId channelId, ListDeliveries useCase, HttpContext http, int? limit, string? cursor, CancellationToken cancellation) => useCase.RunAsync(channelId, http, limit, cursor, cancellation))
            .WithName("listDeliveries").WithSummary("What went through the channel").Requires(Permission.ChannelsManage);
        accounts.MapPost("/accounts/{accountId}/channels/{channelId}/deliveries/{deliveryId}/replay", (ChannelId channelId, NotificationId deliveryId, ReplayDelivery useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(channelId, deliveryId, http, cancellation))
            .WithName("replayDelivery").WithSummary("Sends a delivery again").Requires(Permission.ChannelsManage);
    }

    private static void MapKeys(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/accounts/{accountId}/keys", (GetKeys useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("getKeys").WithSummary("Versions of the account's key, and the recovery key").Requires(Permission.KeysManage);
        accounts.MapPost("/accounts/{accountId}/keys/rotate", (RotateKey useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("rotateKey").WithSummary("Makes a new account key the current one").ProducesProblem(409).Requires(Permission.KeysManage);
        accounts.MapPut("/accounts/{accountId}/keys/recovery", (RecoveryKeyRequest request, PutRecoveryKey useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(request, http, cancellation))
            .WithName("putRecoveryKey").WithSummary("Keeps the public half of the customer's recovery key").Requires(Permission.KeysManage);
        accounts.MapDelete("/accounts/{accountId}/keys/recovery", (RemoveRecoveryKey useCase, HttpContext http, CancellationToken cancellation) => useCase.RunAsync(http, cancellation))
            .WithName("removeRecoveryKey").WithSummary("Takes the recovery key away").Requires(Permission.KeysManage);
    }
}
