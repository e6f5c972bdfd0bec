using System.Net;
using ListBackup.Testing;

namespace ListBackup.Accounts.Tests;

public class MemberTests
{
    [Fact]
    public async Task An_invitation_makes_a_member_once()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob, eve) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"), await api.JoinAsync("eve"));
        var invitation = (await ada.PostAsync($"/accounts/{ada.Home}/invitations", new { email = "BOB@example.com", role = "operator" })).ShouldBe(HttpStatusCode.Created).Text("id");
        var code = api.InvitationCode(bob.Email);
        (await bob.GetAsync("/users/me/invitations")).Json["items"]!.AsArray().ShouldHaveSingleItem()!["accountName"]!.GetValue<string>().ShouldBe("ada");
        (await ada.GetAsync($"/accounts/{ada.Home}/invitations")).Body.ShouldNotContain(code);

        // Bound to its address: to everybody else it is not there, code or not.
        (await eve.PostAsync($"/invitations/{invitation}/accept", new { code })).ShouldBe(HttpStatusCode.NotFound);
        (await bob.PostAsync($"/invitations/{invitation}/accept", new { code = "wrong" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => bob.PostAsync($"/invitations/{invitation}/accept", new { code })));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        (await bob.PostAsync($"/invitations/{invitation}/accept", new { code })).ShouldBe(HttpStatusCode.NotFound);

        (await bob.GetAsync($"/accounts/{ada.Home}")).Text("role").ShouldBe("operator");
        (await ada.GetAsync($"/accounts/{ada.Home}/members")).Json["items"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_invitation_can_be_declined_revoked_and_expires()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));

        var (declined, declinedCode) = await InviteAsync(api, ada, bob);
        (await bob.PostAsync($"/invitations/{declined}/decline", new { code = declinedCode })).ShouldBe(HttpStatusCode.NoContent);
        (await bob.PostAsync($"/invitations/{declined}/accept", new { code = declinedCode })).ShouldBe(HttpStatusCode.NotFound);

        var (revoked, revokedCode) = await InviteAsync(api, ada, bob);
        (await ada.DeleteAsync($"/accounts/{ada.Home}/invitations/{revoked}")).ShouldBe(HttpStatusCode.NoContent);
        (await bob.PostAsync($"/invitations/{revoked}/accept", new { code = revokedCode })).ShouldBe(HttpStatusCode.NotFound);

        var (guessed, guessedCode) = await InviteAsync(api, ada, bob);
        for (var i = 0; i < 5; i++) (await bob.PostAsync($"/invitations/{guessed}/accept", new { code = "wrong" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await bob.PostAsync($"/invitations/{guessed}/accept", new { code = guessedCode })).ShouldBe(HttpStatusCode.NotFound);

        var (expired, expiredCode) = await InviteAsync(api, ada, bob);
        api.Clock.Advance(TimeSpan.FromDays(7));
        bob = await api.LoginAsync("bob");
        (await bob.PostAsync($"/invitations/{expired}/accept", new { code = expiredCode })).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_invitation_gives_nothing_that_the_inviter_may_no_longer_give()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob, eve) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"), await api.JoinAsync("eve"));
        await ada.TakeInAsync(ada.Home, bob, "admin");
        var invitation = (await bob.PostAsync($"/accounts/{ada.Home}/invitations", new { email = eve.Email, role = "admin" })).ShouldBe(HttpStatusCode.Created).Text("id");

        (await ada.DeleteAsync($"/accounts/{ada.Home}/members/{bob.Id}")).ShouldBe(HttpStatusCode.NoContent);

        (await eve.PostAsync($"/invitations/{invitation}/accept", new { code = api.InvitationCode(eve.Email) })).ShouldBe(HttpStatusCode.Conflict, "inviter-gone");
    }

    [Fact]
    public async Task Nobody_gives_or_takes_a_role_above_their_own()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        await ada.TakeInAsync(ada.Home, bob, "admin");
        var members = $"/accounts/{ada.Home}/members";

        (await bob.PostAsync($"/accounts/{ada.Home}/invitations", new { email = "eve@example.com", role = "owner" })).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.PatchAsync($"{members}/{bob.Id}", new { role = "owner" })).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.PatchAsync($"{members}/{ada.Id}", new { role = "viewer" })).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.DeleteAsync($"{members}/{ada.Id}")).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.PatchAsync($"{members}/{bob.Id}", new { role = "viewer" })).ShouldBe(HttpStatusCode.OK);
        (await bob.PatchAsync($"{members}/{bob.Id}", new { role = "admin" })).ShouldBe(HttpStatusCode.Forbidden, "not-allowed");
    }

    [Fact]
    public async Task The_last_owner_stays()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        await ada.TakeInAsync(ada.Home, bob, "admin");
        var members = $"/accounts/{ada.Home}/members";

        (await ada.PatchAsync($"{members}/{ada.Id}", new { role = "admin" })).ShouldBe(HttpStatusCode.Conflict, "last-owner");
        (await ada.DeleteAsync($"{members}/{ada.Id}")).ShouldBe(HttpStatusCode.Conflict, "last-owner");
        (await ada.PostAsync($"/accounts/{ada.Home}/leave")).ShouldBe(HttpStatusCode.Conflict, "last-owner");
        (await ada.PatchAsync($"{members}/{bob.Id}", new { role = "owner" })).ShouldBe(HttpStatusCode.OK);
        (await ada.PostAsync($"/accounts/{ada.Home}/leave")).ShouldBe(HttpStatusCode.NoContent);
        (await ada.GetAsync($"/accounts/{ada.Home}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Two_owners_who_leave_at_the_same_moment_leave_one_behind()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        for (var round = 0; round < 10; round++)
        {
            var account = (await ada.PostAsync("/accounts", new { name = $"Shared {round}" })).ShouldBe(HttpStatusCode.Created).Text("id");
            await ada.TakeInAsync(account, bob, "owner");

            var answers = await Task.WhenAll(ada.PostAsync($"/accounts/{account}/leave"), bob.PostAsync($"/accounts/{account}/leave"));

            answers.Count(a => a.Status == HttpStatusCode.NoContent).ShouldBe(1);
            answers.Count(a => a.Status == HttpStatusCode.Conflict).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_member_of_elsewhere_is_nobody_here()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, eve) = (await api.JoinAsync("ada"), await api.JoinAsync("eve"));

        (await ada.PatchAsync($"/accounts/{ada.Home}/members/{eve.Id}", new { role = "viewer" })).ShouldBe(HttpStatusCode.NotFound);
        (await ada.DeleteAsync($"/accounts/{ada.Home}/members/{eve.Id}")).ShouldBe(HttpStatusCode.NotFound);
        (await ada.PatchAsync($"/accounts/{ada.Home}/members/{ada.Id}", new { role = "king" })).ShouldBe(HttpStatusCode.BadRequest);
        (await ada.PatchAsync($"/accounts/{ada.Home}/members/{ada.Id}", "{\"role\":4}")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_role_table_is_the_one_that_decides()
    {
        await using var api = await AccountsApi.StartAsync();

        var roles = (await api.GetAsync("/v1/roles")).ShouldBe(HttpStatusCode.OK).Json["roles"]!.AsArray();

        roles.Count.ShouldBe(5);
        foreach (var row in roles)
        {
            var role = Enum.Parse<Domain.Role>((string)row!["role"]!, ignoreCase: true);
            foreach (var permission in row["permissions"]!.AsArray()) Domain.PermissionTable.Allows(role, Enum.Parse<Domain.Permission>((string)permission!)).ShouldBeTrue();
        }
    }

    private static async Task<(string Id, string Code)> InviteAsync(ApiUnderTest api, Person inviter, Person guest)
    {
        var id = (await inviter.PostAsync($"/accounts/{inviter.Home}/invitations", new { email = guest.Email, role = "viewer" })).ShouldBe(HttpStatusCode.Created).Text("id");
        return (id, api.InvitationCode(guest.Email));
    }
}
