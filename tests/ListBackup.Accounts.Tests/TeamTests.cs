using System.Net;
using ListBackup.Testing;

namespace ListBackup.Accounts.Tests;

public class TeamTests
{
    [Fact]
    public async Task A_team_gets_a_role_on_an_account_and_all_below_it()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        var (client, other) = (await ada.ChildAsync(ada.Home), await ada.ChildAsync(ada.Home));
        var below = await ada.ChildAsync(client);
        var team = await TeamAsync(ada);
        await JoinTeamAsync(ada, team, bob);
        (await bob.GetAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.NotFound);

        (await ada.PutAsync($"/accounts/{client}/grants/{team}", new { role = "operator" })).ShouldBe(HttpStatusCode.OK);

        (await bob.GetAsync($"/accounts/{below}")).Text("role").ShouldBe("operator");
        (await bob.GetAsync($"/accounts/{other}")).ShouldBe(HttpStatusCode.NotFound);
        (await bob.GetAsync($"/accounts/{ada.Home}")).ShouldBe(HttpStatusCode.NotFound);
        (await bob.GetAsync("/users/me/accounts")).Json["items"]!.AsArray().Select(a => (string)a!["id"]!).ShouldBe([bob.Home, client], ignoreOrder: true);
        (await ada.GetAsync($"/accounts/{ada.Home}/teams/{team}/grants")).Json["items"]!.AsArray().ShouldHaveSingleItem();
        (await ada.GetAsync($"/accounts/{client}/grants")).Json["items"]!.AsArray().ShouldHaveSingleItem()!["teamName"]!.GetValue<string>().ShouldBe("Europe");

        (await ada.DeleteAsync($"/accounts/{client}/grants/{team}")).ShouldBe(HttpStatusCode.NoContent);
        (await bob.GetAsync($"/accounts/{below}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_account_that_moves_away_takes_no_grant_along()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        var client = await ada.ChildAsync(ada.Home);
        var team = await TeamAsync(ada);
        await JoinTeamAsync(ada, team, bob);
        (await ada.PutAsync($"/accounts/{client}/grants/{team}", new { role = "viewer" })).ShouldBe(HttpStatusCode.OK);
        (await bob.GetAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.OK);

        (await ada.MoveAsync(client, null)).ShouldBe(HttpStatusCode.OK);

        (await bob.GetAsync($"/accounts/{client}")).ShouldBe(HttpStatusCode.NotFound);
        (await ada.GetAsync($"/accounts/{ada.Home}/teams/{team}/grants")).Json["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task No_admin_becomes_owner_through_a_team()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        await ada.TakeInAsync(ada.Home, bob, "admin");
        var client = await ada.ChildAsync(ada.Home);
        var team = await TeamAsync(ada);
        (await ada.PutAsync($"/accounts/{client}/grants/{team}", new { role = "owner" })).ShouldBe(HttpStatusCode.OK);

        (await bob.PutAsync($"/accounts/{ada.Home}/teams/{team}/members/{bob.Id}")).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.PostAsync($"/accounts/{ada.Home}/invitations", new { email = "eve@example.com", teamId = team })).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.PutAsync($"/accounts/{client}/grants/{team}", new { role = "viewer" })).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        (await bob.DeleteAsync($"/accounts/{ada.Home}/teams/{team}")).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
        var own = (await bob.PostAsync($"/accounts/{ada.Home}/teams", new { name = "Mine" })).ShouldBe(HttpStatusCode.Created).Text("id");
        (await bob.PutAsync($"/accounts/{ada.Home}/grants/{own}", new { role = "owner" })).ShouldBe(HttpStatusCode.Forbidden, "role-above-own");
    }

    [Fact]
    public async Task Who_was_invited_to_a_small_team_does_not_join_a_mighty_one()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob, eve) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"), await api.JoinAsync("eve"));
        await ada.TakeInAsync(ada.Home, bob, "admin");
        var team = await TeamAsync(ada);
        var invitation = (await bob.PostAsync($"/accounts/{ada.Home}/invitations", new { email = eve.Email, teamId = team })).ShouldBe(HttpStatusCode.Created).Text("id");

        (await ada.PutAsync($"/accounts/{ada.Home}/grants/{team}", new { role = "owner" })).ShouldBe(HttpStatusCode.OK);

        (await eve.PostAsync($"/invitations/{invitation}/accept", new { code = api.InvitationCode(eve.Email) })).ShouldBe(HttpStatusCode.Conflict, "team-raised");
    }

    [Fact]
    public async Task Strangers_are_invited_to_a_team_and_not_put_into_it()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, eve) = (await api.JoinAsync("ada"), await api.JoinAsync("eve"));
        var team = await TeamAsync(ada);

        (await ada.PutAsync($"/accounts/{ada.Home}/teams/{team}/members/{eve.Id}")).ShouldBe(HttpStatusCode.Conflict, "not-a-member");
        (await ada.PutAsync($"/accounts/{ada.Home}/teams/{team}/members/{ada.Id}")).ShouldBe(HttpStatusCode.NoContent);
        (await ada.PutAsync($"/accounts/{ada.Home}/teams/{team}/members/{ada.Id}")).ShouldBe(HttpStatusCode.NoContent);
        (await ada.GetAsync($"/accounts/{ada.Home}/teams/{team}/members")).Json["items"]!.AsArray().ShouldHaveSingleItem();
        (await ada.DeleteAsync($"/accounts/{ada.Home}/teams/{team}/members/{ada.Id}")).ShouldBe(HttpStatusCode.NoContent);
        (await ada.DeleteAsync($"/accounts/{ada.Home}/teams/{team}/members/{ada.Id}")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_deleted_team_leaves_no_role_behind()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        var team = await TeamAsync(ada);
        await JoinTeamAsync(ada, team, bob);
        await ada.PutAsync($"/accounts/{ada.Home}/grants/{team}", new { role = "viewer" });
        (await bob.GetAsync($"/accounts/{ada.Home}")).ShouldBe(HttpStatusCode.OK);
        var seen = (await ada.GetAsync($"/accounts/{ada.Home}/teams/{team}")).ETag!;
        (await ada.SendAsync(HttpMethod.Patch, $"/accounts/{ada.Home}/teams/{team}", new { name = "World" }, ("If-Match", seen))).ShouldBe(HttpStatusCode.OK);
        (await ada.SendAsync(HttpMethod.Patch, $"/accounts/{ada.Home}/teams/{team}", new { name = "Late" }, ("If-Match", seen))).ShouldBe(HttpStatusCode.PreconditionFailed);

        (await ada.DeleteAsync($"/accounts/{ada.Home}/teams/{team}")).ShouldBe(HttpStatusCode.NoContent);

        (await bob.GetAsync($"/accounts/{ada.Home}")).ShouldBe(HttpStatusCode.NotFound);
        (await ada.GetAsync($"/accounts/{ada.Home}/grants")).Json["items"]!.AsArray().ShouldBeEmpty();
        (await ada.GetAsync($"/accounts/{ada.Home}/teams")).Json["items"]!.AsArray().ShouldBeEmpty();
    }

    private static async Task<string> TeamAsync(Person person) =>
        (await person.PostAsync($"/accounts/{person.Home}/teams", new { name = "Europe" })).ShouldBe(HttpStatusCode.Created).Text("id");

    private static async Task JoinTeamAsync(Person inviter, string team, Person guest)
    {
        var invitation = (await inviter.PostAsync($"/accounts/{inviter.Home}/invitations", new { email = guest.Email, teamId = team })).ShouldBe(HttpStatusCode.Created).Text("id");
        (await guest.PostAsync($"/invitations/{invitation}/accept", new { code = inviter.Api.InvitationCode(guest.Email) })).ShouldBe(HttpStatusCode.OK);
    }
}
