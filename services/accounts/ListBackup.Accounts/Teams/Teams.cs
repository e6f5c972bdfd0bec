using ListBackup.Domain;

namespace ListBackup.Accounts;

/// <summary>Reads teams where they lie: in the account they belong to.</summary>
public sealed class Teams(IItemStore items)
{
    public async Task<Stored<Team>> GetAsync(AccountId account, TeamId team, CancellationToken cancellation) =>
        await items.FindAsync(AccountItemKeys.Team(account, team), AccountItemJson.Default.Team, cancellation) ?? throw Problem.NotFound("The team");

    /// <summary>A team that belongs to one of the accounts of a path, or null.</summary>
    public async Task<Stored<Team>?> FindOnPathAsync(IReadOnlyList<AccountId> path, TeamId team, CancellationToken cancellation)
    {
        foreach (var account in path)
        {
            if (await items.FindAsync(AccountItemKeys.Team(account, team), AccountItemJson.Default.Team, cancellation) is { } found) return found;
        }
        return null;
    }

    /// <summary>Whoever changes who is in a team changes who has its roles, and must have them.</summary>
    public static void RequireReach(Access access, Team team)
    {
        if (team.RoleCeiling is { } ceiling) AccountRules.RequireReach(access, ceiling);
    }
}
