using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Gives up one's own role. What one has through an account above, or through a team, stays.</summary>
public sealed class LeaveAccount(Memberships memberships, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var who = http.GetSignedIn();
        var member = await memberships.FindAsync(access.Account.Id, who.UserId, cancellation)
            ?? throw Problem.Conflict("You have no role of your own on this account: yours comes from an account above it or from a team.", "role-inherited");

        await memberships.RemoveAsync(access.Account, member, cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "member.left", who.UserId.ToString(), cancellation, ("role", AccountRules.Name(member.Value.Role)));
        return TypedResults.NoContent();
    }
}
