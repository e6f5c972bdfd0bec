using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>
/// Carries out changes of whole subtrees so that a crash at any point leaves nothing half-done for good: hold the tree, check, begin in one transaction,
/// walk down from the top writing what does not yet fit, let go. The walk can be repeated any number of times, by several at once. It goes by the items
/// that list an account's children, which never lag, and a tree that is held gets no new children, so it misses nobody.
/// </summary>
public sealed class SubtreeChanges(IItemStore items, TimeProvider clock)
{
    // A transaction takes 100 writes; one of them checks that the change is still under way.
    private const int BatchMax = 99;
    private const int HoldTriesMax = 10;
    // Somebody may be checking right now; after this they have crashed, and should they wake, their begin fails.
    private static readonly TimeSpan CheckingMax = TimeSpan.FromSeconds(30);

    /// <summary>Holds the trees for a change that is to be checked next. Finishes what others left.</summary>
    /// <exception cref="Problem">Conflict <c>tree-busy</c>.</exception>
    public async Task<Hold> HoldAsync(SubtreeChangeKind kind, AccountId account, IEnumerable<AccountId> trees, DateTimeOffset at, CancellationToken cancellation)
    {
        // In one order everywhere, so that the version of the first stands for all.
        var change = new SubtreeChange { Kind = kind, AccountId = account, Trees = [.. trees.Distinct().OrderBy(t => t.ToString(), StringComparer.Ordinal)], At = at };
        for (var tries = 0; tries < HoldTriesMax; tries++)
        {
            if (await TryHoldAsync(change, cancellation) is { } hold) return hold;
            foreach (var top in change.Trees)
            {
                if (!await FinishAsync(top, cancellation)) throw Busy();
            }
        }
        throw Busy();
    }

    /// <summary>Begins the change with its first writes (at most 90), carries it out and lets go. Whatever happens after its begin, it will be carried out.</summary>
    /// <exception cref="ConditionFailedException">A condition of the writes did not hold, or the hold was pushed aside. Nothing was changed.</exception>
    public async Task BeginAsync(Hold hold, IReadOnlyList<ItemWrite> writes, CancellationToken cancellation)
    {
        var begun = new TreeHold { Change = hold.Change, HeldAt = clock.GetUtcNow(), Begun = true };
        await items.TransactAsync([.. writes, .. hold.Change.Trees.Select(top => Put(begun, top, Condition.VersionIs(hold.Versions[top])))], cancellation);
        await FinishAsync(hold.Change.Trees[0], cancellation);
    }

    /// <summary>Nothing was begun; others may go on.</summary>
    public async Task GiveUpAsync(Hold hold, CancellationToken cancellation)
    {
        try
        {
            await items.TransactAsync([.. hold.Change.Trees.Select(top => Put(Free(), top, Condition.VersionIs(hold.Versions[top])))], cancellation);
        }
        catch (ConditionFailedException)
        {
            // Pushed aside: then it is not ours to let go.
        }
    }

    /// <summary>Finishes what is under way in a tree. False: somebody is still checking theirs.</summary>
    public async Task<bool> FinishAsync(AccountId top, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountItemKeys.Subtree(top), AccountItemJson.Default.TreeHold, cancellation) is not { Value.Change: { } change } stored) return true;
        if (!stored.Value.Begun && clock.GetUtcNow() - stored.Value.HeldAt < CheckingMax) return false;

        if (stored.Value.Begun) await WalkAsync(change, ItemWrite.Checking(stored.Key, Condition.VersionIs(stored.Version)), cancellation);
        foreach (var tree in change.Trees) await LetGoAsync(change, tree, cancellation);
        return true;
    }

    /// <summary>A check, for the transaction that adds an account to a tree, that nobody changes its shape meanwhile. Finishes what others left.</summary>
    public async Task<ItemWrite> CheckFreeAsync(AccountId top, CancellationToken cancellation)
    {
        if (!await FinishAsync(top, cancellation)) throw Busy();
        var stored = await items.FindAsync(AccountItemKeys.Subtree(top), AccountItemJson.Default.TreeHold, cancellation);
        if (stored is { Value.Change: not null }) throw Busy();
        return ItemWrite.Checking(AccountItemKeys.Subtree(top), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version));
    }

    /// <summary>All changes that a crash left, found by index; for the maintenance.</summary>
    public async Task FinishAllAsync(CancellationToken cancellation)
    {
        var query = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = AccountItemKeys.SubtreesIndex };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            if (ItemJson.Read(item, AccountItemJson.Default.TreeHold).Value.Change is not { } change) continue;
            foreach (var top in change.Trees) await FinishAsync(top, cancellation);
        }
    }

    /// <summary>Levels of the subtree, the account's own included. Stays so only while the tree is held.</summary>
    public async Task<int> HeightAsync(AccountId account, CancellationToken cancellation)
    {
        var height = 0;
        for (var level = new List<AccountId> { account }; level.Count > 0; height++)
        {
            var next = new List<AccountId>();
            foreach (var id in level) next.AddRange(await ChildrenAsync(id, cancellation));
            level = next;
        }
        return height;
    }

    public async Task<IReadOnlyList<AccountId>> ChildrenAsync(AccountId account, CancellationToken cancellation)
    {
        var found = new List<AccountId>();
        var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = "CHILD#", Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation)) found.Add(AccountId.Parse(item.Key.Sort["CHILD#".Length..]));
        return found;
    }

    private async Task<Hold?> TryHoldAsync(SubtreeChange change, CancellationToken cancellation)
    {
        var (writes, versions) = (new List<ItemWrite>(), new Dictionary<AccountId, long>());
        var held = new TreeHold { Change = change, HeldAt = clock.GetUtcNow() };
        foreach (var top in change.Trees)
        {
            var stored = await items.FindAsync(AccountItemKeys.Subtree(top), AccountItemJson.Default.TreeHold, cancellation);
            if (stored is { Value.Change: not null }) return null;
            writes.Add(Put(held, top, stored is null ? Condition.Absent : Condition.VersionIs(stored.Version)));
            versions[top] = (stored?.Version ?? 0) + 1;
        }
        try
        {
            await items.TransactAsync(writes, cancellation);
            return new(change, versions);
        }
        catch (ConditionFailedException)
        {
            return null;
        }
    }

    private async Task WalkAsync(SubtreeChange change, ItemWrite isUnderWay, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountKeys.Profile(change.AccountId), AccessJson.Default.Account, cancellation) is not { } top) return;
        for (var level = new List<Account> { top.Value }; level.Count > 0;)
        {
            var next = new List<Account>();
            foreach (var parent in level)
            {
                foreach (var batch in (await ChildrenAsync(parent.Id, cancellation)).Chunk(BatchMax))
                {
                    if (await WriteAsync(change, parent, batch, isUnderWay, cancellation) is not { } written) return;
                    next.AddRange(written);
                }
            }
            level = next;
        }
    }

    /// <summary>Brings some children of one parent to what the change wants, all or none, and returns them. Null: another has finished the change.</summary>
    private async Task<IReadOnlyList<Account>?> WriteAsync(
        SubtreeChange change, Account parent, IReadOnlyList<AccountId> children, ItemWrite isUnderWay, CancellationToken cancellation)
    {
        while (true)
        {
            var (wanted, writes) = (new List<Account>(), new List<ItemWrite>());
            foreach (var id in children)
            {
                if (await items.FindAsync(AccountKeys.Profile(id), AccessJson.Default.Account, cancellation) is not { } child) continue;
                var next = Wanted(change, parent, child.Value);
                wanted.Add(next);
                if (!ReferenceEquals(next, child.Value)) writes.Add(AccountWrites.PutProfile(next, Condition.VersionIs(child.Version)));
            }
            if (writes.Count == 0) return wanted;
            try
            {
                await items.TransactAsync([isUnderWay, .. writes], cancellation);
                return wanted;
            }
            catch (ConditionFailedException failed)
            {
                if (failed.Key == isUnderWay.Key) return null;
                // Somebody renamed one of them, or carries out the same change; look again.
            }
        }
    }

    private static Account Wanted(SubtreeChange change, Account parent, Account child) => change.Kind switch
    {
        SubtreeChangeKind.Move when !child.Path.SequenceEqual([.. parent.Path, child.Id]) => child with { Path = [.. parent.Path, child.Id] },
        SubtreeChangeKind.Delete when child.DeletedAt is null => child with { DeletedAt = change.At },
        // What was deleted on its own before stays deleted: its moment is another.
        SubtreeChangeKind.Undelete when child.DeletedAt == change.At => child with { DeletedAt = null },
        _ => child,
    };

    private async Task LetGoAsync(SubtreeChange change, AccountId top, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountItemKeys.Subtree(top), AccountItemJson.Default.TreeHold, cancellation) is not { Value.Change: { } current } stored) return;
        if (current.Kind != change.Kind || current.AccountId != change.AccountId || current.At != change.At) return;
        try
        {
            await items.TransactAsync([Put(Free(), top, Condition.VersionIs(stored.Version))], cancellation);
        }
        catch (ConditionFailedException)
        {
            // Another who finished it let go first.
        }
    }

    private TreeHold Free() => new() { HeldAt = clock.GetUtcNow() };

    /// <summary>Indexed only while it is held, so that the maintenance finds nothing else.</summary>
    private static ItemWrite Put(TreeHold hold, AccountId top, Condition condition) => ItemWrite.Putting(
        ItemJson.Item(
            AccountItemKeys.Subtree(top), hold, AccountItemJson.Default.TreeHold, hold.Change is null ? null : new(AccountItemKeys.SubtreesIndex, top.ToString())), condition);

    private static Problem Busy() => Problem.Conflict("Another change of this tree of accounts is under way. Try again in a moment.", "tree-busy");

    /// <summary>Trees whose shape nobody else changes now, by the version of each hold.</summary>
    public sealed record Hold(SubtreeChange Change, IReadOnlyDictionary<AccountId, long> Versions);
}
