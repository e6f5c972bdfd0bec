using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class ChangeMemberRole(Memberships memberships, People people, ActivityLog activities)
{
    public async Task<Ok<MemberAnswer>> RunAsync(UserId userId, RoleRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var role = AccountRules.RequireRole(request.Role, "role");
        var member = await memberships.GetAsync(access.Account.Id, userId, cancellation);
        http.RequireMatch(member.Version, "The member");
        AccountRules.RequireReach(access, member.Value.Role);
        AccountRules.RequireReach(access, role);

        if (role != member.Value.Role)
        {
            await memberships.SetRoleAsync(access.Account, member, role, cancellation);
            await activities.AppendAsync(
                access.Account.Id, access.Caller.Actor, "member.role-changed", userId.ToString(), cancellation,
                ("from", AccountRules.Name(member.Value.Role)), ("to", AccountRules.Name(role)));
        }
        http.WriteETag(role == member.Value.Role ? member.Version : member.Version + 1);
        var user = await people.FindAsync(userId, cancellation);
        return TypedResults.Ok(new MemberAnswer(userId, user?.Value.Name, user?.Value.Email, role, member.Value.Since));
    }
}
