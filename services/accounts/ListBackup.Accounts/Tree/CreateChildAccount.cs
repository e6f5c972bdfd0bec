using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>An account below another. Its roles are those of the accounts above it until it gets members of its own.</summary>
public sealed class CreateChildAccount(IItemStore items, SubtreeChanges subtrees, ActivityLog activities, TimeProvider clock)
{
    public async Task<Created<AccountAnswer>> RunAsync(AccountRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var name = AccountRules.RequireName(request.Name, Account.NameLengthMax);
        var isFree = await subtrees.CheckFreeAsync(access.Account.Path[0], cancellation);

        // Read after the check: if the parent moves from here on, the check fails.
        var parent = await items.FindAsync(AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, cancellation) ?? throw Problem.NotFound("The account");
        if (parent.Value.Path[0] != access.Account.Path[0]) throw Problem.Changed("The account");
        if (parent.Value.Path.Count >= Account.DepthMax)
            throw Problem.Conflict($"Accounts lie at most {Account.DepthMax} levels deep, and this one is at the bottom.", "too-deep");

        var id = AccountId.New(clock);
        var child = new Account { Id = id, Name = name, Path = [.. parent.Value.Path, id], CreatedAt = clock.GetUtcNow() };
        await items.TransactAsync(
        [
            isFree,
            AccountWrites.PutProfile(child, Condition.Absent),
            ItemWrite.Putting(new Item { Key = AccountKeys.Child(parent.Value.Id, id), Body = "{}" }, Condition.Absent),
        ], cancellation);
        await activities.AppendAsync(id, access.Caller.Actor, "account.created", id.ToString(), cancellation, ("name", name), ("parent", parent.Value.Id.ToString()));
        await activities.AppendAsync(parent.Value.Id, access.Caller.Actor, "account.child-added", id.ToString(), cancellation, ("name", name));
        http.WriteETag(1);
        return TypedResults.Created($"/v1/accounts/{id}", AccountAnswer.Of(child, access.Role));
    }
}
