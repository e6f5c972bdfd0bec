using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>A new tree, whose top the caller owns.</summary>
public sealed class CreateAccount(IItemStore items, Memberships memberships, ActivityLog activities, TimeProvider clock)
{
    // Trees of one's own; clients of an agency are children, of which there may be any number.
    private const int OwnedTreesMax = 20;

    public async Task<Created<AccountAnswer>> RunAsync(AccountRequest request, HttpContext http, CancellationToken cancellation)
    {
        var who = http.GetSignedIn();
        var name = AccountRules.RequireName(request.Name, Account.NameLengthMax);
        if ((await memberships.OfUserAsync(who.UserId, cancellation)).Count(m => m.Role == Role.Owner) >= OwnedTreesMax)
            throw Problem.Conflict($"You own {OwnedTreesMax} accounts. Create this one below one of them.", "too-many-accounts");

        var now = clock.GetUtcNow();
        var id = AccountId.New(clock);
        var account = new Account { Id = id, Name = name, Path = [id], CreatedAt = now };
        await items.TransactAsync(
        [
            AccountWrites.PutProfile(account, Condition.Absent),
            AccountWrites.PutMember(new(id, who.UserId, Role.Owner, now), Condition.Absent),
        ], cancellation);
        await activities.AppendAsync(id, who.UserId.ToString(), "account.created", id.ToString(), cancellation, ("name", name));
        http.WriteETag(1);
        return TypedResults.Created($"/v1/accounts/{id}", AccountAnswer.Of(account, Role.Owner));
    }
}
