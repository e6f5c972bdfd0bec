using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Users;

/// <summary>
/// Deletes a person: roles, teams, API keys, identity, profile, in this order, so that stopping halfway leaves somebody who can try again. Refused while an
/// account would be left without an owner. The audit logs keep the user id, which then leads nowhere.
/// </summary>
public sealed class DeleteMe(IItemStore items, IIdentities identities, Memberships memberships, ApiKeys keys, ActivityLog activities)
{
    public async Task<NoContent> RunAsync(DeleteUserRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        await identities.ProvePasswordAsync(who, request.Password, http.GetClientInfo(), cancellation);

        foreach (var owned in (await memberships.OfUserAsync(who.UserId, cancellation)).Where(m => m.Role == Role.Owner)) await RequireAnotherOwnerAsync(owned, cancellation);
        foreach (var membership in await memberships.OfUserAsync(who.UserId, cancellation)) await LeaveAsync(membership, cancellation);
        await LeaveTeamsAsync(who.UserId, cancellation);
        foreach (var key in await keys.ListAsync(who.UserId, cancellation)) await keys.RevokeAsync(who.UserId, key.Id, cancellation);
        await identities.DeleteAsync(who, cancellation);
        await items.DeleteAsync(UserKeys.Profile(who.UserId), Condition.None, cancellation);
        return TypedResults.NoContent();
    }

    private async Task RequireAnotherOwnerAsync(Membership owned, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountKeys.Profile(owned.AccountId), AccessJson.Default.Account, cancellation) is not { Value: { ParentId: null, DeletedAt: null } account }) return;
        var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(account.Id), SortPrefix = "MEMBER#", Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var other = ItemJson.Read(item, AccessJson.Default.Membership).Value;
            if (other.Role == Role.Owner && other.UserId != owned.UserId) return;
        }
        throw Problem.Conflict($"You are the only owner of {account.Name}. Make somebody else an owner, or delete the account, first.", "last-owner");
    }

    private async Task LeaveAsync(Membership membership, CancellationToken cancellation)
    {
        var account = await items.FindAsync(AccountKeys.Profile(membership.AccountId), AccessJson.Default.Account, cancellation);
        if (account is null || await memberships.FindAsync(membership.AccountId, membership.UserId, cancellation) is not { } member) return;
        await memberships.RemoveAsync(account.Value, member, cancellation);
        await activities.AppendAsync(membership.AccountId, membership.UserId.ToString(), "member.left", membership.UserId.ToString(), cancellation, ("reason", "user deleted"));
    }

    private async Task LeaveTeamsAsync(UserId user, CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = $"USER#{user}", SortPrefix = "TEAM#" };
        await foreach (var item in items.AllAsync(query, cancellation)) await items.DeleteAsync(item.Key, Condition.None, cancellation);
    }
}
