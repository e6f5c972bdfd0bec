using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

public sealed class UndeleteAccount(IItemStore items, SubtreeChanges subtrees, ActivityLog activities)
{
    public async Task<Ok<AccountAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        if (access.Account.DeletedAt is not { } at) throw Problem.Conflict("The account is not deleted.", "account-not-deleted");
        var hold = await subtrees.HoldAsync(SubtreeChangeKind.Undelete, access.Account.Id, [access.Account.Path[0]], at, cancellation);
        Account restored;
        try
        {
            var account = await items.FindAsync(AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, cancellation) ?? throw Problem.NotFound("The account");
            var deletion = await items.FindAsync(AccountItemKeys.Deletion(access.Account.Id), AccountItemJson.Default.Deletion, cancellation);
            if (account.Value.DeletedAt != at) throw Problem.Changed("The account");
            // Deleted with an account above it, or being shredded already.
            if (deletion is null) throw Problem.Conflict("The account was deleted together with one above it. Restore that one.", "deleted-with-parent");
            if (account.Value.ParentId is { } parent && await IsDeletedAsync(parent, cancellation))
                throw Problem.Conflict("The account above this one is deleted. Restore that one first.", "deleted-with-parent");

            restored = account.Value with { DeletedAt = null };
            await subtrees.BeginAsync(hold,
            [
                AccountWrites.PutProfile(restored, Condition.VersionIs(account.Version)),
                // The shredding takes this item away first, so only one of the two can have it.
                ItemWrite.Deleting(deletion.Key, Condition.VersionIs(deletion.Version)),
            ], cancellation);
        }
        catch
        {
            await subtrees.GiveUpAsync(hold, CancellationToken.None);
            throw;
        }
        await activities.AppendAsync(restored.Id, access.Caller.Actor, "account.restored", restored.Id.ToString(), cancellation);
        return TypedResults.Ok(AccountAnswer.Of(restored, access.Role));
    }

    private async Task<bool> IsDeletedAsync(AccountId id, CancellationToken cancellation) =>
        await items.FindAsync(AccountKeys.Profile(id), AccessJson.Default.Account, cancellation) is { Value.DeletedAt: not null };
}
