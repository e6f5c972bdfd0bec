namespace ListBackup.Domain;

/// <summary>The writes that keep an account's items and their index together, for use in transactions.</summary>
public static class AccountWrites
{
    public static ItemWrite PutProfile(Account account, Condition condition) => ItemWrite.Putting(
        ItemJson.Item(AccountKeys.Profile(account.Id), account, AccessJson.Default.Account, AccountKeys.PathIndex(account.Path)), condition);

    public static ItemWrite PutMember(Membership member, Condition condition) => ItemWrite.Putting(
        ItemJson.Item(AccountKeys.Member(member.AccountId, member.UserId), member, AccessJson.Default.Membership, AccountKeys.MemberIndex(member.UserId, member.AccountId)),
        condition);

    public static ItemWrite PutTeamMember(TeamMembership member, Condition condition) => ItemWrite.Putting(
        ItemJson.Item(AccountKeys.TeamMember(member.AccountId, member.TeamId, member.UserId), member, AccessJson.Default.TeamMembership, AccountKeys.TeamMemberIndex(member.UserId, member.AccountId, member.TeamId)),
        condition);

    public static ItemWrite PutGrant(TeamGrant grant, Condition condition) => ItemWrite.Putting(
        ItemJson.Item(AccountKeys.Grant(grant.AccountId, grant.TeamId), grant, AccessJson.Default.TeamGrant, AccountKeys.GrantIndex(grant.TeamId, grant.AccountId)),
        condition);
}
