namespace ListBackup.Domain;

/// <summary>Where the items of the account tree lie; see docs/data.md.</summary>
public static class AccountKeys
{
    public static string Partition(AccountId account) => $"ACC#{account}";

    public static ItemKey Profile(AccountId account) => new(Table.Accounts, Partition(account), "PROFILE");

    public static ItemKey Member(AccountId account, UserId user) => new(Table.Accounts, Partition(account), $"MEMBER#{user}");

    public static ItemKey TeamMember(AccountId account, TeamId team, UserId user) => new(Table.Accounts, Partition(account), $"TEAMMEMBER#{team}#{user}");

    public static ItemKey Grant(AccountId account, TeamId team) => new(Table.Accounts, Partition(account), $"GRANT#{team}");

    /// <summary>A child, listed with its parent: unlike the index by path it never lags, so moves and deletions walk the tree by it.</summary>
    public static ItemKey Child(AccountId parent, AccountId child) => new(Table.Accounts, Partition(parent), $"CHILD#{child}");

    /// <summary>Index of a profile: the tree is the partition, the path the sort key, so a subtree is one prefix.</summary>
    public static IndexKey PathIndex(IReadOnlyList<AccountId> path) => new($"TREE#{path[0]}", PathText(path));

    public static IndexKey MemberIndex(UserId user, AccountId account) => new($"USER#{user}", $"ACC#{account}");

    public static IndexKey TeamMemberIndex(UserId user, AccountId account, TeamId team) => new($"USER#{user}", $"TEAM#{account}#{team}");

    public static IndexKey GrantIndex(TeamId team, AccountId account) => new($"TEAM#{team}", $"ACC#{account}");

    /// <summary>Each id ends in a slash, so that no path is a prefix of a sibling's.</summary>
    public static string PathText(IReadOnlyList<AccountId> path) => string.Concat(path.Select(id => $"{id}/"));
}
