using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class RevokeInvitation(IItemStore items, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(InvitationId invitationId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var key = AccountItemKeys.Invitation(access.Account.Id, invitationId);
        if (await items.GetAsync(key, cancellation) is null) throw Problem.NotFound("The invitation");

        await items.DeleteAsync(key, Condition.None, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "invitation.revoked", invitationId.ToString(), cancellation);
        return TypedResults.NoContent();
    }
}
