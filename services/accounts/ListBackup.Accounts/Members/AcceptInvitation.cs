using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Takes an invitation up, once. It gives what the inviter may still give, and no more than they saw when they invited.</summary>
public sealed class AcceptInvitation(IItemStore items, Invitations invitations, People people, AccountAccess accounts, ActivityLog activities, TimeProvider clock)
{
    public async Task<Ok<AccountAnswer>> RunAsync(InvitationId invitationId, InvitationCodeRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        var user = await people.GetAsync(who.UserId, cancellation);
        var invitation = await invitations.ProveAsync(user.Value, invitationId, request.Code, cancellation);
        var account = await items.FindAsync(AccountKeys.Profile(invitation.Value.AccountId), AccessJson.Default.Account, cancellation);
        if (account is not { Value.DeletedAt: null }) throw Problem.NotFound("The invitation");
        await RequireInviterAsync(invitation.Value, cancellation);

        var join = invitation.Value.TeamId is { } team
            ? await JoinTeamAsync(invitation.Value, team, who.UserId, cancellation)
            : await JoinAccountAsync(invitation.Value, who.UserId, cancellation);
        // The invitation goes in the same transaction: it cannot be accepted twice.
        await items.TransactAsync([ItemWrite.Deleting(invitation.Key, Condition.VersionIs(invitation.Version)), .. join], cancellation);
        await activities.AppendAsync(
            account.Value.Id, who.UserId.ToString(), "invitation.accepted", invitationId.ToString(), cancellation, ("role", AccountRules.Name(invitation.Value.Role)));

        var role = (await accounts.FindAsync(new() { UserId = who.UserId }, account.Value.Id, cancellation))?.Role;
        return TypedResults.Ok(AccountAnswer.Of(account.Value, role));
    }

    private async Task RequireInviterAsync(Invitation invitation, CancellationToken cancellation)
    {
        var inviter = await accounts.FindAsync(new() { UserId = invitation.InvitedBy }, invitation.AccountId, cancellation);
        if (inviter is null || !PermissionTable.Allows(inviter.Role, Permission.MembersManage) || inviter.Role < invitation.Role)
            throw Problem.Conflict("Who invited you may no longer do so. Ask for a new invitation.", "inviter-gone");
    }

    private async Task<IReadOnlyList<ItemWrite>> JoinAccountAsync(Invitation invitation, UserId user, CancellationToken cancellation)
    {
        var existing = await items.FindAsync(AccountKeys.Member(invitation.AccountId, user), AccessJson.Default.Membership, cancellation);
        // An invitation only ever raises a role.
        if (existing is not null && existing.Value.Role >= invitation.Role) return [];
        var member = new Membership(invitation.AccountId, user, invitation.Role, clock.GetUtcNow());
        return [AccountWrites.PutMember(member, existing is null ? Condition.Absent : Condition.VersionIs(existing.Version))];
    }

    private async Task<IReadOnlyList<ItemWrite>> JoinTeamAsync(Invitation invitation, TeamId teamId, UserId user, CancellationToken cancellation)
    {
        var team = await items.FindAsync(AccountItemKeys.Team(invitation.AccountId, teamId), AccountItemJson.Default.Team, cancellation) ?? throw Problem.NotFound("The invitation");
        if (team.Value.RoleCeiling > invitation.Role) throw Problem.Conflict("The team has got more rights since. Ask for a new invitation.", "team-raised");
        return
        [
            ItemWrite.Checking(team.Key, Condition.VersionIs(team.Version)),
            AccountWrites.PutTeamMember(new(invitation.AccountId, teamId, user, clock.GetUtcNow()), Condition.None),
        ];
    }
}
