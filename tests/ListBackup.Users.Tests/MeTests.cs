using System.Net;
using ListBackup.Testing;

namespace ListBackup.Users.Tests;

public class MeTests
{
    private const string Ada = "ada@example.com";

    [Fact]
    public async Task Who_joins_owns_the_account_that_was_made_for_them()
    {
        await using var api = await UsersApi.StartAsync();
        var token = await api.JoinAsync(Ada);

        var me = await api.GetAsync("/v1/users/me", token);
        var accounts = await api.GetAsync("/v1/users/me/accounts", token);

        me.Text("email").ShouldBe(Ada);
        var account = accounts.Json["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)account["id"]!).ShouldBe(me.Text("homeAccountId"));
        ((string)account["role"]!).ShouldBe("owner");
    }

    [Fact]
    public async Task A_profile_changes_under_its_version()
    {
        await using var api = await UsersApi.StartAsync();
        var token = await api.JoinAsync(Ada);
        var seen = (await api.GetAsync("/v1/users/me", token)).ETag!;

        var renamed = await api.SendAsync(HttpMethod.Patch, "/v1/users/me", new { name = " Ada Lovelace " }, token, ("If-Match", seen));
        renamed.ShouldBe(HttpStatusCode.OK).Text("name").ShouldBe("Ada Lovelace");
        renamed.ETag.ShouldNotBe(seen);

        (await api.SendAsync(HttpMethod.Patch, "/v1/users/me", new { name = "Late" }, token, ("If-Match", seen))).ShouldBe(HttpStatusCode.PreconditionFailed, "changed");
        (await api.SendAsync(HttpMethod.Patch, "/v1/users/me", new { name = "a\nb" }, token)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Patch, "/v1/users/me", new { name = "x", email = "eve@example.com" }, token)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Settings_are_kept_and_limited()
    {
        await using var api = await UsersApi.StartAsync();
        var token = await api.JoinAsync(Ada);

        (await api.SendAsync(HttpMethod.Put, "/v1/users/me/settings", new { settings = new Dictionary<string, string> { ["theme"] = "dark" } }, token)).ShouldBe(HttpStatusCode.OK);
        ((string)(await api.GetAsync("/v1/users/me/settings", token)).Json["settings"]!["theme"]!).ShouldBe("dark");

        var many = Enumerable.Range(0, 51).ToDictionary(i => $"s{i}", i => "x");
        (await api.SendAsync(HttpMethod.Put, "/v1/users/me/settings", new { settings = many }, token)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Put, "/v1/users/me/settings", "{\"settings\":{\"theme\":null}}", token)).Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Put, "/v1/users/me/settings", "{\"settings\":{\"<script>\":\"x\"}}", token)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Nobody_deletes_themselves_while_an_account_would_lose_its_only_owner()
    {
        await using var api = await UsersApi.StartAsync();
        var token = await api.JoinAsync(Ada);
        var home = await api.HomeAsync(token);

        (await DeleteAsync(api, token, "not the right password")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await DeleteAsync(api, token, UsersApi.Password)).ShouldBe(HttpStatusCode.Conflict, "last-owner");
        (await api.SendAsync(HttpMethod.Delete, $"/v1/accounts/{home}", null, token)).ShouldBe(HttpStatusCode.OK);
        (await DeleteAsync(api, token, UsersApi.Password)).ShouldBe(HttpStatusCode.NoContent);

        (await api.GetAsync("/v1/users/me", token)).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.PostAsync("/v1/auth/login", new { email = Ada, password = UsersApi.Password })).ShouldBe(HttpStatusCode.Unauthorized);
        await api.JoinAsync(Ada);
    }

    private static Task<ApiAnswer> DeleteAsync(ApiUnderTest api, string token, string password) => api.SendAsync(HttpMethod.Delete, "/v1/users/me", new { password }, token);
}
