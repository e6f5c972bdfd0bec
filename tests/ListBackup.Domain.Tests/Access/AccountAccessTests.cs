using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Domain.Tests;

public sealed class AccountAccessTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryItems _items;
    private readonly AccountAccess _access;
    private readonly UserId _user;

    public AccountAccessTests()
    {
        _items = new MemoryItems(_clock);
        _access = new AccountAccess(_items);
        _user = UserId.New(_clock);
    }

    [Fact]
    public async Task The_highest_role_on_the_way_up_counts()
    {
        var (root, child) = await TreeAsync();
        await MemberAsync(root, Role.Admin);
        await MemberAsync(child, Role.Viewer);

        (await RoleAsync(child)).ShouldBe(Role.Admin);
    }

    [Fact]
    public async Task A_team_reaches_what_it_was_granted_and_everything_below()
    {
        var (root, child) = await TreeAsync();
        var grandchild = await AccountAsync(child);
        var team = await TeamAsync(root);
        await GrantAsync(child, team, Role.Operator);

        (await RoleAsync(root)).ShouldBeNull();
        (await RoleAsync(child)).ShouldBe(Role.Operator);
        (await RoleAsync(grandchild)).ShouldBe(Role.Operator);
    }

    [Fact]
    public async Task A_grant_is_void_when_the_account_has_left_the_teams_tree()
    {
        var (root, child) = await TreeAsync();
        var team = await TeamAsync(root);
        await GrantAsync(child, team, Role.Owner);
        var elsewhere = await AccountAsync(null);

        await PutAsync(child with { Path = [.. elsewhere.Path, child.Id] }, Condition.Present);

        (await RoleAsync(child)).ShouldBeNull();
    }

    [Fact]
    public async Task A_grant_above_the_teams_own_account_is_void()
    {
        var (root, child) = await TreeAsync();
        var team = await TeamAsync(child);
        await GrantAsync(root, team, Role.Owner);

        (await RoleAsync(root)).ShouldBeNull();
        (await RoleAsync(child)).ShouldBeNull();
    }

    [Fact]
    public async Task Who_has_no_role_and_what_does_not_exist_are_refused_alike()
    {
        var (root, _) = await TreeAsync();
        var caller = new Caller { UserId = _user };

        var foreign = await Should.ThrowAsync<Problem>(() => _access.RequireAsync(caller, root.Id, Permission.AccountRead, default));
        var none = await Should.ThrowAsync<Problem>(() => _access.RequireAsync(caller, AccountId.New(_clock), Permission.AccountRead, default));

        (foreign.Kind, foreign.Message).ShouldBe((none.Kind, none.Message));
        foreign.Kind.ShouldBe(ProblemKind.NotFound);
    }

    private async Task<(Account Root, Account Child)> TreeAsync()
    {
        var root = await AccountAsync(null);
        return (root, await AccountAsync(root));
    }

    private async Task<Account> AccountAsync(Account? parent)
    {
        var id = AccountId.New(_clock);
        return await PutAsync(new() { Id = id, Name = "Agency", Path = [.. parent?.Path ?? [], id], CreatedAt = _clock.GetUtcNow() }, Condition.Absent);
    }

    private async Task<Account> PutAsync(Account account, Condition condition)
    {
        await _items.PutAsync(ItemJson.Item(AccountKeys.Profile(account.Id), account, AccessJson.Default.Account, AccountKeys.PathIndex(account.Path)), condition, default);
        return account;
    }

    private Task MemberAsync(Account account, Role role) => _items.PutAsync(
        ItemJson.Item(AccountKeys.Member(account.Id, _user), new Membership(account.Id, _user, role, _clock.GetUtcNow()), AccessJson.Default.Membership), Condition.None, default);

    private async Task<TeamId> TeamAsync(Account account)
    {
        var team = TeamId.New(_clock);
        var membership = new TeamMembership(account.Id, team, _user, _clock.GetUtcNow());
        await _items.PutAsync(
            ItemJson.Item(AccountKeys.TeamMember(account.Id, team, _user), membership, AccessJson.Default.TeamMembership, AccountKeys.TeamMemberIndex(_user, account.Id, team)),
            Condition.None, default);
        return team;
    }

    private Task GrantAsync(Account account, TeamId team, Role role) => _items.PutAsync(
        ItemJson.Item(AccountKeys.Grant(account.Id, team), new TeamGrant(account.Id, team, role, _clock.GetUtcNow()), AccessJson.Default.TeamGrant), Condition.None, default);

    private async Task<Role?> RoleAsync(Account account) => (await _access.FindAsync(new() { UserId = _user }, account.Id, default))?.Role;
}
