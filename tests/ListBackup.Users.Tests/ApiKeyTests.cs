using System.Net;
using ListBackup.Testing;

namespace ListBackup.Users.Tests;

public class ApiKeyTests
{
    private const string Ada = "ada@example.com";

    [Fact]
    public async Task A_key_is_traded_for_a_token_that_may_what_its_scopes_say()
    {
        await using var api = await UsersApi.StartAsync();
        var person = await api.JoinAsync(Ada);
        var home = await api.HomeAsync(person);
        var made = await MakeAsync(api, person, new { name = "ci", scopes = new[] { "AccountRead", "Self" } });

        var token = await ExchangeAsync(api, made.Text("key"));

        (await api.GetAsync($"/v1/accounts/{home}", token)).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync("/v1/users/me/accounts", token)).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync($"/v1/accounts/{home}/members", token)).ShouldBe(HttpStatusCode.Forbidden, "scope-missing");
        (await api.SendAsync(HttpMethod.Patch, $"/v1/accounts/{home}", new { name = "x" }, token)).ShouldBe(HttpStatusCode.Forbidden, "scope-missing");
    }

    [Fact]
    public async Task A_key_for_one_account_reaches_it_and_below_and_nothing_else()
    {
        await using var api = await UsersApi.StartAsync();
        var person = await api.JoinAsync(Ada);
        var home = await api.HomeAsync(person);
        var child = (await api.PostAsync($"/v1/accounts/{home}/children", new { name = "Child" }, person)).Text("id");
        var grandchild = (await api.PostAsync($"/v1/accounts/{child}/children", new { name = "Grandchild" }, person)).Text("id");
        var made = await MakeAsync(api, person, new { name = "ci", scopes = new[] { "AccountRead", "Self" }, accounts = new[] { child } });

        var token = await ExchangeAsync(api, made.Text("key"));

        (await api.GetAsync($"/v1/accounts/{child}", token)).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync($"/v1/accounts/{grandchild}", token)).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync($"/v1/accounts/{home}", token)).ShouldBe(HttpStatusCode.NotFound);
        (await api.GetAsync("/v1/users/me/accounts", token)).Json["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_does_nothing_that_takes_a_person()
    {
        await using var api = await UsersApi.StartAsync();
        var person = await api.JoinAsync(Ada);
        var token = await ExchangeAsync(api, (await MakeAsync(api, person, new { name = "ci", scopes = new[] { "Self" } })).Text("key"));

        (await api.PostAsync("/v1/users/me/api-keys", new { name = "more", scopes = new[] { "AccountRead" } }, token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
        (await api.GetAsync("/v1/users/me/api-keys", token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
        (await api.GetAsync("/v1/auth/sessions", token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
        (await api.PostAsync("/v1/auth/mfa/totp", new { password = UsersApi.Password }, token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
        (await api.PostAsync("/v1/auth/password/change", new { currentPassword = UsersApi.Password, newPassword = "another long password" }, token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
        (await api.SendAsync(HttpMethod.Delete, "/v1/users/me", new { password = UsersApi.Password }, token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
        (await api.PostAsync("/v1/accounts", new { name = "Another" }, token)).ShouldBe(HttpStatusCode.Forbidden, "person-required");
    }

    [Fact]
    public async Task A_revoked_or_expired_key_gives_no_token_and_its_tokens_end_within_seconds()
    {
        await using var api = await UsersApi.StartAsync();
        var person = await api.JoinAsync(Ada);
        var expiring = await MakeAsync(api, person, new { name = "short", scopes = new[] { "Self" }, expiresAt = api.Clock.GetUtcNow().AddMinutes(1) });
        var revoked = await MakeAsync(api, person, new { name = "ci", scopes = new[] { "Self" } });
        var token = await ExchangeAsync(api, revoked.Text("key"));
        (await api.GetAsync("/v1/users/me", token)).ShouldBe(HttpStatusCode.OK);

        (await api.SendAsync(HttpMethod.Delete, $"/v1/users/me/api-keys/{revoked.Text("id")}", null, person)).ShouldBe(HttpStatusCode.NoContent);
        (await api.SendAsync(HttpMethod.Delete, $"/v1/users/me/api-keys/{revoked.Text("id")}", null, person)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync("/v1/auth/token", new { apiKey = revoked.Text("key") })).ShouldBe(HttpStatusCode.Unauthorized, "wrong-api-key");
        api.Clock.Advance(TimeSpan.FromSeconds(6));
        (await api.GetAsync("/v1/users/me", token)).ShouldBe(HttpStatusCode.Unauthorized);

        api.Clock.Advance(TimeSpan.FromMinutes(1));
        (await api.PostAsync("/v1/auth/token", new { apiKey = expiring.Text("key") })).ShouldBe(HttpStatusCode.Unauthorized, "wrong-api-key");
    }

    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_a_hash()
    {
        await using var api = await UsersApi.StartAsync();
        var person = await api.JoinAsync(Ada);
        var key = (await MakeAsync(api, person, new { name = "ci", scopes = new[] { "Self" } })).Text("key");
        var secret = key.Split('.')[3];

        var listed = await api.GetAsync("/v1/users/me/api-keys", person);

        listed.Body.ShouldNotContain(secret);
        listed.Json["items"]!.AsArray().ShouldHaveSingleItem()!["key"].ShouldBeNull();
        var user = key.Split('.')[1];
        var stored = await api.Items.QueryAsync(new() { Table = Domain.Table.Users, Partition = $"USER#{user}" }, CancellationToken.None);
        stored.Items.ShouldAllBe(i => !i.Body.Contains(secret, StringComparison.Ordinal));
        (await api.PostAsync("/v1/auth/token", new { apiKey = key[..^1] + (key[^1] == 'A' ? 'B' : 'A') })).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("{\"name\":\"x\",\"scopes\":[]}")]
    [InlineData("{\"name\":\"x\",\"scopes\":[\"Everything\"]}")]
    [InlineData("{\"name\":\"x\",\"scopes\":[\"1\"]}")]
    [InlineData("{\"name\":\"x\",\"scopes\":[\"AccountRead, AccountManage\"]}")]
    [InlineData("{\"name\":\"\",\"scopes\":[\"Self\"]}")]
    [InlineData("{\"name\":\"x\",\"scopes\":[\"Self\"],\"accounts\":[]}")]
    [InlineData("{\"name\":\"x\",\"scopes\":[\"Self\"],\"accounts\":[\"acc_00000000000000000000000000\"]}")]
    [InlineData("{\"name\":\"x\",\"scopes\":[\"Self\"],\"expiresAt\":\"2020-01-01T00:00:00Z\"}")]
    public async Task A_key_that_makes_no_sense_is_refused(string body)
    {
        await using var api = await UsersApi.StartAsync();
        var person = await api.JoinAsync(Ada);

        (await api.PostAsync("/v1/users/me/api-keys", body, person)).ShouldBe(HttpStatusCode.UnprocessableEntity, "invalid");
    }

    private static async Task<ApiAnswer> MakeAsync(ApiUnderTest api, string person, object request) =>
        (await api.PostAsync("/v1/users/me/api-keys", request, person)).ShouldBe(HttpStatusCode.Created);

    private static async Task<string> ExchangeAsync(ApiUnderTest api, string apiKey) =>
        (await api.PostAsync("/v1/auth/token", new { apiKey })).ShouldBe(HttpStatusCode.OK).Text("accessToken");
}
