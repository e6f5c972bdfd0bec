namespace ListBackup.Domain;

/// <summary>People's direct roles on accounts. An account at the top of a tree always keeps an owner; below, owners are inherited.</summary>
public sealed class Memberships(IItemStore items)
{
    // An account with more owners than this has another problem.
    private const int OwnersReadMax = 1000;

    public Task<Stored<Membership>?> FindAsync(AccountId account, UserId user, CancellationToken cancellation) =>
        items.FindAsync(AccountKeys.Member(account, user), AccessJson.Default.Membership, cancellation);

    public async Task<Stored<Membership>> GetAsync(AccountId account, UserId user, CancellationToken cancellation) =>
        await FindAsync(account, user, cancellation) ?? throw Problem.NotFound("The member");

    /// <summary>A page of the account's direct members.</summary>
    public async Task<(IReadOnlyList<Stored<Membership>> Members, string? Next)> ListAsync(AccountId account, int limit, string? cursor, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(
            new() { Table = Table.Accounts, Partition = AccountKeys.Partition(account), SortPrefix = "MEMBER#", Limit = limit, Cursor = cursor }, cancellation);
        return ([.. page.Items.Select(i => ItemJson.Read(i, AccessJson.Default.Membership))], page.Next);
    }

    /// <summary>The direct memberships of a person, by index.</summary>
    public async Task<IReadOnlyList<Membership>> OfUserAsync(UserId user, CancellationToken cancellation)
    {
        var found = new List<Membership>();
        var query = new ItemQuery { Table = Table.Accounts, ByIndex = true, Partition = $"USER#{user}", SortPrefix = "ACC#", Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation)) found.Add(ItemJson.Read(item, AccessJson.Default.Membership).Value);
        return found;
    }

    /// <exception cref="Problem">Conflict <c>last-owner</c>.</exception>
    /// <exception cref="ConditionFailedException">The membership, or the owner who was to remain, changed meanwhile.</exception>
    public async Task SetRoleAsync(Account account, Stored<Membership> member, Role role, CancellationToken cancellation)
    {
        var changed = member.Value with { Role = role };
        var guard = role == Role.Owner ? null : await GuardAsync(account, member.Value, cancellation);
        await WriteAsync(AccountWrites.PutMember(changed, Condition.VersionIs(member.Version)), guard, cancellation);
    }

    /// <exception cref="Problem">Conflict <c>last-owner</c>.</exception>
    /// <exception cref="ConditionFailedException">The membership, or the owner who was to remain, changed meanwhile.</exception>
    public async Task RemoveAsync(Account account, Stored<Membership> member, CancellationToken cancellation)
    {
        var guard = account.DeletedAt is null ? await GuardAsync(account, member.Value, cancellation) : null;
        await WriteAsync(ItemWrite.Deleting(member.Key, Condition.VersionIs(member.Version)), guard, cancellation);
    }

    /// <summary>
    /// Null when the account needs no owner besides this member. Else a check that another owner stays as they are: two owners who remove each other at
    /// the same moment cannot both succeed.
    /// </summary>
    private async Task<ItemWrite?> GuardAsync(Account account, Membership leaving, CancellationToken cancellation)
    {
        if (leaving.Role != Role.Owner || account.ParentId is not null) return null;
        var query = new ItemQuery { Table = Table.Accounts, Partition = AccountKeys.Partition(account.Id), SortPrefix = "MEMBER#", Limit = OwnersReadMax };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var other = ItemJson.Read(item, AccessJson.Default.Membership);
            if (other.Value.Role == Role.Owner && other.Value.UserId != leaving.UserId) return ItemWrite.Checking(other.Key, Condition.VersionIs(other.Version));
        }
        throw Problem.Conflict($"The account {account.Name} would be left without an owner. Make somebody else an owner first, or delete the account.", "last-owner");
    }

    private Task WriteAsync(ItemWrite write, ItemWrite? guard, CancellationToken cancellation) =>
        items.TransactAsync(guard is null ? [write] : [write, guard], cancellation);
}
