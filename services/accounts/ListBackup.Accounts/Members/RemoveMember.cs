using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class RemoveMember(Memberships memberships, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(UserId userId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var member = await memberships.GetAsync(access.Account.Id, userId, cancellation);
        http.RequireMatch(member.Version, "The member");
        AccountRules.RequireReach(access, member.Value.Role);

        await memberships.RemoveAsync(access.Account, member, cancellation);
        await activities.AppendAsync(
            access.Account.Id, access.Caller.Actor, "member.removed", userId.ToString(), cancellation, ("role", AccountRules.Name(member.Value.Role)));
        return TypedResults.NoContent();
    }
}
