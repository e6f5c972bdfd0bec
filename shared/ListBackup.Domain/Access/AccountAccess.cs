namespace ListBackup.Domain;

/// <summary>Decides who may do what on which account: a membership or team grant on an account holds for everything below it.</summary>
public sealed class AccountAccess(IItemStore items)
{
    private const int TeamsPerUserMax = 200;

    // To look around, and to take the deletion back.
    private static readonly Permission[] AllowedWhileDeleted =
        [Permission.AccountRead, Permission.AccountDelete, Permission.ActivitiesRead, Permission.MembersRead, Permission.UsageRead, Permission.CertificatesRead];

    /// <summary>Returns the access, or refuses: 404 when the caller has no role there (whether or not the account exists), 403 when the role is too low.</summary>
    public async Task<Access> RequireAsync(Caller caller, AccountId account, Permission permission, CancellationToken cancellation)
    {
        var found = await FindAsync(caller, account, cancellation) ?? throw Problem.NotFound("The account");
        found.Require(permission);
        if (found.Account.DeletedAt is not null && !AllowedWhileDeleted.Contains(permission))
            throw Problem.Conflict("The account was deleted and waits for its end. An owner can restore it until then.", "account-deleted");
        return found;
    }

    /// <summary>The caller's highest role on the account, or null when there is none or the account does not exist.</summary>
    public async Task<Access?> FindAsync(Caller caller, AccountId account, CancellationToken cancellation)
    {
        if (await items.FindAsync(AccountKeys.Profile(account), AccessJson.Default.Account, cancellation) is not { } profile) return null;
        if (caller.Accounts is { } only && !profile.Value.Path.Any(only.Contains)) return null;

        var roles = await RolesAsync(caller.UserId, profile.Value.Path, cancellation);
        return roles.Count == 0 ? null : new Access(caller, profile.Value, roles.Max());
    }

    private async Task<List<Role>> RolesAsync(UserId user, IReadOnlyList<AccountId> path, CancellationToken cancellation)
    {
        var roles = new List<Role>();
        foreach (var account in path)
        {
            if (await items.FindAsync(AccountKeys.Member(account, user), AccessJson.Default.Membership, cancellation) is { } member)
                roles.Add(member.Value.Role);
        }
        foreach (var team in await TeamsAsync(user, cancellation))
        {
            // A grant counts at or below the account that the team belongs to: where the account was moved away, the grant is void.
            foreach (var account in path.SkipWhile(id => id != team.AccountId))
            {
                if (await items.FindAsync(AccountKeys.Grant(account, team.TeamId), AccessJson.Default.TeamGrant, cancellation) is { } grant)
                    roles.Add(grant.Value.Role);
            }
        }
        return roles;
    }

    private async Task<List<TeamMembership>> TeamsAsync(UserId user, CancellationToken cancellation)
    {
        var page = await items.QueryAsync(
            new() { Table = Table.Accounts, ByIndex = true, Partition = $"USER#{user}", SortPrefix = "TEAM#", Limit = TeamsPerUserMax }, cancellation);
        return [.. page.Items.Select(item => ItemJson.Read(item, AccessJson.Default.TeamMembership).Value)];
    }
}
