using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Accounts;

/// <summary>
/// Moves an account with everything below it under another account, or makes it the top of a tree. Roles follow the tree: what was inherited from the old
/// place is gone, what the new place gives holds. The caller must own both ends.
/// </summary>
public sealed class MoveAccount(IItemStore items, SubtreeChanges subtrees, AccountAccess accounts, ActivityLog activities, TimeProvider clock)
{
    public async Task<Ok<AccountAnswer>> RunAsync(MoveAccountRequest request, HttpContext http, CancellationToken cancellation)
    {
        var access = http.GetAccess();
        var (caller, id) = (access.Caller, access.Account.Id);
        var target = request.ParentId is { } wanted ? (await RequireTargetAsync(caller, wanted, cancellation)).Account : null;
        if (access.Account.ParentId is { } old) await accounts.RequireAsync(caller, old, Permission.AccountMove, cancellation);

        var now = clock.GetUtcNow();
        var hold = await subtrees.HoldAsync(SubtreeChangeKind.Move, id, [access.Account.Path[0], target?.Path[0] ?? id], now, cancellation);
        Account moved;
        try
        {
            (moved, var writes) = await PlanAsync(hold, access, target?.Id, http, cancellation);
            await subtrees.BeginAsync(hold, writes, cancellation);
        }
        catch
        {
            await subtrees.GiveUpAsync(hold, CancellationToken.None);
            throw;
        }
        await LogAsync(access.Account, moved, caller, cancellation);
        return TypedResults.Ok(AccountAnswer.Of(moved, (await accounts.FindAsync(caller, id, cancellation))?.Role));
    }

    /// <summary>Everything is read again under the hold: from here on nobody else changes these trees.</summary>
    private async Task<(Account Moved, IReadOnlyList<ItemWrite> Writes)> PlanAsync(
        SubtreeChanges.Hold hold, Access access, AccountId? target, HttpContext http, CancellationToken cancellation)
    {
        var account = await ReadAsync(access.Account.Id, cancellation);
        http.RequireMatch(account.Version, "The account");
        var parent = target is { } t ? await ReadAsync(t, cancellation) : null;
        // Who moved between our first look and the hold may be in another tree by now, which we do not hold.
        if (!hold.Versions.ContainsKey(account.Value.Path[0]) || (parent is not null && !hold.Versions.ContainsKey(parent.Value.Path[0]))) throw Problem.Changed("The account");
        if (account.Value.ParentId == parent?.Value.Id) throw Problem.Conflict("The account lies there already.", "already-there");
        if (parent is { Value.DeletedAt: not null }) throw Problem.Conflict("The account to move to is deleted.", "account-deleted");
        if (parent?.Value.Path.Contains(account.Value.Id) == true) throw Problem.Conflict("An account cannot lie below itself.", "cycle");
        var height = await subtrees.HeightAsync(account.Value.Id, cancellation);
        if ((parent?.Value.Path.Count ?? 0) + height > Account.DepthMax)
            throw Problem.Conflict($"Accounts lie at most {Account.DepthMax} levels deep; moved there, the lowest would lie deeper.", "too-deep");

        IReadOnlyList<AccountId> path = [.. parent?.Value.Path ?? [], account.Value.Id];
        var moved = account.Value with { Path = path };
        var writes = new List<ItemWrite> { AccountWrites.PutProfile(moved, Condition.VersionIs(account.Version)) };
        if (account.Value.ParentId is { } old) writes.Add(ItemWrite.Deleting(AccountKeys.Child(old, moved.Id), Condition.Present));
        if (parent is not null) writes.Add(ItemWrite.Putting(new Item { Key = AccountKeys.Child(parent.Value.Id, moved.Id), Body = "{}" }, Condition.Absent));
        // The top of a tree has an owner of its own; so far this one had those above it.
        else writes.Add(AccountWrites.PutMember(new(moved.Id, access.Caller.UserId, Role.Owner, clock.GetUtcNow()), Condition.None));
        return (moved, writes);
    }

    private async Task<Access> RequireTargetAsync(Caller caller, AccountId target, CancellationToken cancellation)
    {
        try
        {
            return await accounts.RequireAsync(caller, target, Permission.AccountMove, cancellation);
        }
        catch (Problem problem) when (problem.Kind == ProblemKind.NotFound)
        {
            throw Problem.Invalid("parentId", "There is no such account, or none that you can reach.");
        }
    }

    private async Task<Stored<Account>> ReadAsync(AccountId id, CancellationToken cancellation) =>
        await items.FindAsync(AccountKeys.Profile(id), AccessJson.Default.Account, cancellation) ?? throw Problem.NotFound("The account");

    private async Task LogAsync(Account before, Account after, Caller caller, CancellationToken cancellation)
    {
        var id = after.Id.ToString();
        await activities.AppendAsync(
            after.Id, caller.Actor, "account.moved", id, cancellation, ("from", before.ParentId?.ToString() ?? "top"), ("to", after.ParentId?.ToString() ?? "top"));
        if (before.ParentId is { } old) await activities.AppendAsync(old, caller.Actor, "account.child-moved-away", id, cancellation, ("name", after.Name));
        if (after.ParentId is { } parent) await activities.AppendAsync(parent, caller.Actor, "account.child-moved-here", id, cancellation, ("name", after.Name));
    }
}
