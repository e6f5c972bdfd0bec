using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class DeclineInvitation(IItemStore items, Invitations invitations, People people, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(InvitationId invitationId, InvitationCodeRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        var user = await people.GetAsync(who.UserId, cancellation);
        var invitation = await invitations.ProveAsync(user.Value, invitationId, request.Code, cancellation);

        await items.DeleteAsync(invitation.Key, Condition.VersionIs(invitation.Version), cancellation);
        await activities.AppendAsync(invitation.Value.AccountId, who.UserId.ToString(), "invitation.declined", invitationId.ToString(), cancellation);
        return TypedResults.NoContent();
    }
}
