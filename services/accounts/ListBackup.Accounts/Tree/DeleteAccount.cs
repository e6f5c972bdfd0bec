using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>Closes an account and everything below it. For thirty days an owner can take that back; then it is shredded.</summary>
public sealed class DeleteAccount(IItemStore items, SubtreeChanges subtrees, ActivityLog activities, TimeProvider clock)
{
    public static readonly TimeSpan Grace = TimeSpan.FromDays(30);

    public async Task<Ok<AccountAnswer>> RunAsync(HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var at = clock.GetUtcNow();
        var hold = await subtrees.HoldAsync(SubtreeChangeKind.Delete, access.Account.Id, [access.Account.Path[0]], at, cancellation);
        Account deleted;
        try
        {
            var account = await items.FindAsync(AccountKeys.Profile(access.Account.Id), AccessJson.Default.Account, cancellation) ?? throw Problem.NotFound("The account");
            http.RequireMatch(account.Version, "The account");
            if (account.Value.DeletedAt is not null) throw Problem.Conflict("The account is deleted already.", "account-deleted");
            if (account.Value.Path[0] != access.Account.Path[0]) throw Problem.Changed("The account");

            deleted = account.Value with { DeletedAt = at };
            var deletion = new Deletion(deleted.Id, at + Grace);
            await subtrees.BeginAsync(hold,
            [
                AccountWrites.PutProfile(deleted, Condition.VersionIs(account.Version)),
                ItemWrite.Putting(ItemJson.Item(
                    AccountItemKeys.Deletion(deleted.Id), deletion, AccountItemJson.Default.Deletion, new(AccountItemKeys.DeletionsIndex, $"{deletion.DueAt.UtcDateTime:O}#{deleted.Id}"))),
            ], cancellation);
        }
        catch
        {
            await subtrees.GiveUpAsync(hold, CancellationToken.None);
            throw;
        }
        await activities.AppendAsync(deleted.Id, access.Caller.Actor, "account.deleted", deleted.Id.ToString(), cancellation, ("shreddedAt", $"{at + Grace:O}"));
        return TypedResults.Ok(AccountAnswer.Of(deleted, access.Role));
    }
}
