using System.Net;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Functions.Tests;

public sealed class PermissionsTests
{
    private static Task<TestApi> StartAsync() => TestApi.StartAsync(app =>
    {
        app.MapPost("/v1/accounts/{accountId}/sync", (HttpContext http) => http.GetAccess().Role.ToString()).Requires(Permission.SourcesRun);
        app.MapGet("/v1/me", (HttpContext http) => http.GetCaller().UserId.ToString()).Requires(Permission.Self);
        app.MapGet("/v1/open", () => "open").AllowsAnybody();
        app.MapGet("/v1/forgotten", () => "nobody said who may");
    });

    [Theory]
    [InlineData(Role.Owner, HttpStatusCode.OK)]
    [InlineData(Role.Operator, HttpStatusCode.OK)]
    [InlineData(Role.Viewer, HttpStatusCode.Forbidden)]
    [InlineData(Role.Auditor, HttpStatusCode.Forbidden)]
    public async Task A_role_on_the_account_decides(Role role, HttpStatusCode expected)
    {
        await using var api = await StartAsync();
        var account = await api.AddAccountAsync();
        var user = await api.AddMemberAsync(account, role);

        var answer = await api.SendAsync(HttpMethod.Post, $"/v1/accounts/{account.Id}/sync", null, ("X-User", user.ToString()));

        answer.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_role_holds_for_everything_below_and_nothing_above()
    {
        await using var api = await StartAsync();
        var parent = await api.AddAccountAsync();
        var child = await api.AddAccountAsync(parent);
        var grandchild = await api.AddAccountAsync(child);
        var user = await api.AddMemberAsync(child, Role.Operator);

        (await StatusOf(grandchild)).ShouldBe(HttpStatusCode.OK);
        (await StatusOf(child)).ShouldBe(HttpStatusCode.OK);
        (await StatusOf(parent)).ShouldBe(HttpStatusCode.NotFound);

        async Task<HttpStatusCode> StatusOf(Account account) =>
            (await api.SendAsync(HttpMethod.Post, $"/v1/accounts/{account.Id}/sync", null, ("X-User", user.ToString()))).StatusCode;
    }

    [Fact]
    public async Task A_stranger_cannot_tell_an_account_from_none()
    {
        await using var api = await StartAsync();
        var account = await api.AddAccountAsync();
        var stranger = await api.AddMemberAsync(await api.AddAccountAsync(), Role.Owner);

        var real = await api.SendAsync(HttpMethod.Post, $"/v1/accounts/{account.Id}/sync", null, ("X-User", stranger.ToString()));
        var none = await api.SendAsync(HttpMethod.Post, $"/v1/accounts/{AccountId.New(TimeProvider.System)}/sync", null, ("X-User", stranger.ToString()));

        real.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await WithoutTrace(real)).ShouldBe((await WithoutTrace(none)).Replace(none.RequestMessage!.RequestUri!.AbsolutePath, real.RequestMessage!.RequestUri!.AbsolutePath, StringComparison.Ordinal));

        static async Task<string> WithoutTrace(HttpResponseMessage answer)
        {
            var problem = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
            problem.Remove("traceId");
            return problem.ToJsonString();
        }
    }

    [Fact]
    public async Task Nobody_is_asked_to_sign_in()
    {
        await using var api = await StartAsync();
        var account = await api.AddAccountAsync();

        (await api.SendAsync(HttpMethod.Post, $"/v1/accounts/{account.Id}/sync")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await api.SendAsync(HttpMethod.Get, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await api.SendAsync(HttpMethod.Get, "/v1/open")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_endpoint_that_names_no_permission_is_closed()
    {
        await using var api = await StartAsync();

        (await api.SendAsync(HttpMethod.Get, "/v1/forgotten")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_api_key_reaches_no_further_than_its_scopes_and_accounts()
    {
        await using var api = await StartAsync();
        var (account, other) = (await api.AddAccountAsync(), await api.AddAccountAsync());
        var owner = await api.AddMemberAsync(account, Role.Owner);

        (await StatusOf(("X-Scope", "SourcesRun"))).ShouldBe(HttpStatusCode.OK);
        (await StatusOf(("X-Scope", "SourcesRead"))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusOf(("X-Scope", "NoSuchThing"))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusOf(("X-Accounts", account.Id.ToString()))).ShouldBe(HttpStatusCode.OK);
        (await StatusOf(("X-Accounts", other.Id.ToString()))).ShouldBe(HttpStatusCode.NotFound);

        async Task<HttpStatusCode> StatusOf((string, string) restriction) =>
            (await api.SendAsync(HttpMethod.Post, $"/v1/accounts/{account.Id}/sync", null, ("X-User", owner.ToString()), restriction)).StatusCode;
    }
}
