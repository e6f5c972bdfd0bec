using System.Security.Cryptography;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Invites somebody by mail, to a role on the account or into a team of it. They accept with the mailed code, signed in under the same address.</summary>
public sealed class CreateInvitation(IItemStore items, IMail mail, People people, ActivityLog activities, AccountOptions options, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    // Pending ones per account, so that nobody makes us mail half the world.
    private const int PendingMax = 100;

    public async Task<Created<InvitationAnswer>> RunAsync(InvitationRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        if (!EmailAddress.IsValid(request.Email)) throw Problem.Invalid("email", "This is not an e-mail address.");
        var role = await RoleAsync(request, access, cancellation);
        AccountRules.RequireReach(access, role);
        await RequireRoomAsync(access.Account.Id, cancellation);

        var code = RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 30);
        var now = clock.GetUtcNow();
        var invitation = new Invitation
        {
            Id = InvitationId.New(clock),
            AccountId = access.Account.Id,
            Email = EmailAddress.Normalize(request.Email),
            Role = role,
            TeamId = request.TeamId,
            InvitedBy = access.Caller.UserId,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
            CodeHash = Invitations.Hash(code),
        };
        await items.PutAsync(
            ItemJson.Item(
                AccountItemKeys.Invitation(invitation.AccountId, invitation.Id), invitation, AccountItemJson.Default.Invitation,
                AccountItemKeys.InvitationIndex(invitation.Email, invitation.Id), invitation.ExpiresAt),
            Condition.Absent, cancellation);
        await activities.AppendAsync(
            access.Account.Id, access.Caller.Actor, "invitation.created", invitation.Id.ToString(), cancellation, ("email", invitation.Email), ("role", AccountRules.Name(role)));
        await MailAsync(access, invitation, code, cancellation);
        return TypedResults.Created((string?)null, InvitationAnswer.Of(invitation));
    }

    private async Task<Role> RoleAsync(InvitationRequest request, Access access, CancellationToken cancellation)
    {
        if (request.TeamId is not { } teamId) return AccountRules.RequireRole(request.Role ?? throw Problem.Invalid("role", "Say which role, or which team."), "role");
        if (request.Role is not null) throw Problem.Invalid("role", "With a team there is no role: it comes from the team's grants.");
        var team = await items.FindAsync(AccountItemKeys.Team(access.Account.Id, teamId), AccountItemJson.Default.Team, cancellation)
            ?? throw Problem.Invalid("teamId", "The account has no such team.");
        return team.Value.RoleCeiling ?? Role.Auditor;
    }

    private async Task RequireRoomAsync(AccountId account, CancellationToken cancellation)
    {
        var pending = await items.QueryAsync(
            new() { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = "INVITE#", Limit = PendingMax }, cancellation);
        if (pending.Items.Count >= PendingMax) throw Problem.Conflict($"{PendingMax} invitations wait for an answer. Revoke some of them first.", "too-many-invitations");
    }

    private async Task MailAsync(Access access, Invitation invitation, string code, CancellationToken cancellation)
    {
        var inviter = await people.FindAsync(access.Caller.UserId, cancellation);
        await mail.SendAsync(new(invitation.Email, $"Invitation to {access.Account.Name} on ListBackup", $"""
            {inviter?.Value.Name ?? "Somebody"} invites you to {access.Account.Name} on ListBackup{(invitation.TeamId is null ? $" as {AccountRules.Name(invitation.Role)}" : "")}.

            Accept or decline at {options.PublicUrl}/invitations/{invitation.Id}?code={code}

            You need a login under this address ({invitation.Email}); you can sign up on that page. The invitation is valid for {Lifetime.TotalDays:0} days.
            If you do not know what this is about, ignore this message.
            """), cancellation);
    }
}
