using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Puts somebody into a team who is a member of its account or of one above. Everybody else is invited, and asked.</summary>
public sealed class AddTeamMember(IItemStore items, Teams teams, Memberships memberships, ActivityLog activities, TimeProvider clock)
{
    public async Task<NoContent> RunAsync(TeamId teamId, UserId userId, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var team = await teams.GetAsync(access.Account.Id, teamId, cancellation);
        Teams.RequireReach(access, team.Value);
        if (!await IsMemberOnPathAsync(access.Account.Path, userId, cancellation))
            throw Problem.Conflict("This person is no member of the account. Invite them to the team instead.", "not-a-member");
        if (await items.GetAsync(AccountKeys.TeamMember(access.Account.Id, teamId, userId), cancellation) is not null) return TypedResults.NoContent();

        await items.TransactAsync(
        [
            // A grant that raises the team at this very moment changes it, and must be seen first.
            ItemWrite.Checking(team.Key, Condition.VersionIs(team.Version)),
            AccountWrites.PutTeamMember(new(access.Account.Id, teamId, userId, clock.GetUtcNow()), Condition.None),
        ], cancellation);
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "team.member-added", teamId.ToString(), cancellation, ("user", userId.ToString()));
        return TypedResults.NoContent();
    }

    private async Task<bool> IsMemberOnPathAsync(IReadOnlyList<AccountId> path, UserId user, CancellationToken cancellation)
    {
        foreach (var account in path)
        {
            if (await memberships.FindAsync(account, user, cancellation) is not null) return true;
        }
        return false;
    }
}
