using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>What the caller was invited to. Accepting still takes the mailed code.</summary>
public sealed class ListMyInvitations(Invitations invitations, People people, IItemStore items)
{
    public async Task<Ok<Page<InvitationAnswer>>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var user = await people.GetAsync(http.GetCaller().UserId, cancellation);
        var answers = new List<InvitationAnswer>();
        foreach (var invitation in await invitations.OfUserAsync(user.Value, cancellation))
        {
            var account = await items.FindAsync(AccountKeys.Profile(invitation.AccountId), AccessJson.Default.Account, cancellation);
            if (account is { Value.DeletedAt: null }) answers.Add(InvitationAnswer.Of(invitation, account.Value.Name));
        }
        return TypedResults.Ok(new Page<InvitationAnswer>(answers, null));
    }
}
