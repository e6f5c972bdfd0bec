namespace ListBackup.Domain;

/// <summary>People's profiles, and the account that each gets on joining.</summary>
public sealed class People(IItemStore items, ActivityLog activities, TimeProvider clock)
{
    public Task<Stored<User>?> FindAsync(UserId user, CancellationToken cancellation) =>
        items.FindAsync(UserKeys.Profile(user), UsersJson.Default.User, cancellation);

    public async Task<Stored<User>> GetAsync(UserId user, CancellationToken cancellation) =>
        await FindAsync(user, cancellation) ?? throw Problem.NotFound("The user");

    /// <summary>Keeps a profile for a person who has yet to confirm. Registering again before that replaces it; a confirmed profile stays as it is.</summary>
    public async Task PutUnconfirmedAsync(User user, CancellationToken cancellation)
    {
        try
        {
            await items.PutAsync(ItemJson.Item(UserKeys.Profile(user.Id), user, UsersJson.Default.User), Condition.Absent, cancellation);
        }
        catch (ConditionFailedException)
        {
            await items.UpdateAsync(UserKeys.Profile(user.Id), UsersJson.Default.User, before => before.ConfirmedAt is null ? user : null, cancellation);
        }
    }

    /// <summary>Makes the person's home account and marks them confirmed, both or neither. Safe to repeat: a crash before it is mended at the next sign-in.</summary>
    public async Task<User> ConfirmAsync(UserId id, CancellationToken cancellation)
    {
        var stored = await GetAsync(id, cancellation);
        if (stored.Value.ConfirmedAt is not null) return stored.Value;

        var now = clock.GetUtcNow();
        var user = stored.Value with { ConfirmedAt = now };
        var home = new Account { Id = user.HomeAccountId, Name = user.HomeAccountName, Path = [user.HomeAccountId], CreatedAt = now };
        var owner = new Membership(home.Id, id, Role.Owner, now);
        try
        {
            await items.TransactAsync(
            [
                ItemWrite.Putting(ItemJson.Item(UserKeys.Profile(id), user, UsersJson.Default.User), Condition.VersionIs(stored.Version)),
                AccountWrites.PutProfile(home, Condition.Absent),
                AccountWrites.PutMember(owner, Condition.Absent),
            ], cancellation);
        }
        catch (ConditionFailedException)
        {
            // The same confirmation came twice at once; the other one did it.
            return (await GetAsync(id, cancellation)).Value;
        }
        await activities.AppendAsync(home.Id, id.ToString(), "account.created", home.Id.ToString(), cancellation, ("name", home.Name));
        return user;
    }

    /// <summary>Logs what a person did to themselves, in their home account's log; before they are confirmed there is none.</summary>
    public async Task LogAsync(UserId id, string action, CancellationToken cancellation, params (string Name, string Value)[] details)
    {
        if (await FindAsync(id, cancellation) is { Value: { ConfirmedAt: not null } user })
            await activities.AppendAsync(user.HomeAccountId, id.ToString(), action, id.ToString(), cancellation, details);
    }
}
