using System.Net;
using ListBackup.Domain;

namespace ListBackup.Host.Tests;

/// <summary>
/// Calls every route of the running Host as everybody who may not. Nothing here names a route: what is mapped is tested. A tenant who sees anything of
/// another is the worst that can happen to this product.
/// </summary>
public sealed class TenancyTests(TestHost host) : IClassFixture<TestHost>
{
    /// <summary>What anybody may call, signed in or not. A route that joins them is added here by somebody who thought about it.</summary>
    private static readonly HashSet<string> Public = new(StringComparer.Ordinal)
    {
        "GET /health", "GET /ready", "GET /v1/version",
        "GET /openapi/{documentName}.json", "GET /docs/{documentName?}", "GET /docs/scalar.js", "GET /docs/scalar.aspnetcore.js", "GET /docs/favicon.svg",
        "GET /.well-known/openid-configuration", "GET /.well-known/jwks.json",
        "POST /v1/auth/register", "POST /v1/auth/confirm", "POST /v1/auth/confirm/resend", "POST /v1/auth/login", "POST /v1/auth/mfa", "POST /v1/auth/refresh",
        "POST /v1/auth/logout", "POST /v1/auth/token", "POST /v1/auth/password/forgot", "POST /v1/auth/password/reset",
        "GET /v1/roles", "GET /v1/platforms/{platform}/icon", "GET /v1/oauth/callback",
        // Platforms call there, by an address that nobody can guess and with a signature.
        "POST /v1/hooks/{connection}/{token}",
        // A signed link that expires: whoever was given it may fetch the file.
        "GET /v1/accounts/{accountId}/sources/{sourceId}/exports/{jobId}/files/{file}",
    };

    private static readonly Dictionary<Type, string> NoIds = [];

    // Were the body read before the permission is checked, this would answer 400.
    private const string Malformed = "{ malformed";

    private IReadOnlyList<Route> Routes => field ??= Route.Of(host.App);

    [Fact]
    public void Every_route_names_a_permission_or_is_on_the_list_of_public_ones()
    {
        Routes.Count.ShouldBeGreaterThan(30);
        Routes.Where(r => r.Demanded is null).ShouldBeEmpty("these routes name no permission: add .Requires(…)");
        Routes.Where(r => r.Demanded!.Permission is null).Select(r => r.ToString()).Where(r => !Public.Contains(r))
            .ShouldBeEmpty("these routes are open to anybody and not on the list");
    }

    [Fact]
    public void Every_route_with_an_account_demands_a_permission_on_it_and_only_those()
    {
        Routes.Where(r => r.IsTenants && !Public.Contains(r.ToString()) && r.Demanded?.Permission is null or Permission.Self).ShouldBeEmpty("a tenant's route has to demand a permission on its account");
        Routes.Where(r => !r.IsTenants && r.Demanded?.Permission is not (null or Permission.Self)).ShouldBeEmpty("a permission on an account needs {accountId} in the route");
    }

    [Fact]
    public async Task Nobody_who_is_not_signed_in_gets_in()
    {
        var account = await host.MakeAccountAsync();

        foreach (var route in Routes.Where(r => r.Demanded?.Permission is not null))
            await ExpectAsync(route, account, NoIds, null, "nobody", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task No_role_of_another_tree_reaches_an_account()
    {
        var (own, other) = (await host.MakeAccountAsync(), await host.MakeAccountAsync());
        var child = await host.MakeAccountAsync(own);

        foreach (var role in Enum.GetValues<Role>())
        {
            var stranger = await host.SignInAsync(await host.MakeMemberAsync(other, role));
            foreach (var route in Tenants)
            {
                await ExpectAsync(route, own, NoIds, stranger, $"{role} of another tree", HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
                await ExpectAsync(route, child, NoIds, stranger, $"{role} of another tree", HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
            }
        }
    }

    [Fact]
    public async Task The_owner_of_an_account_reaches_neither_its_sibling_nor_its_parent()
    {
        var parent = await host.MakeAccountAsync();
        var (child, sibling) = (await host.MakeAccountAsync(parent), await host.MakeAccountAsync(parent));
        var owner = await host.SignInAsync(await host.MakeMemberAsync(child, Role.Owner));

        foreach (var route in Tenants)
        {
            await ExpectAsync(route, sibling, NoIds, owner, "owner of a sibling", HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
            await ExpectAsync(route, parent, NoIds, owner, "owner of a child", HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_person_without_any_account_and_a_key_for_another_account_reach_none()
    {
        var parent = await host.MakeAccountAsync();
        var (account, other) = (await host.MakeAccountAsync(parent), await host.MakeAccountAsync(parent));
        var nobody = await host.SignInAsync(UserId.New(TimeProvider.System));
        var owner = await host.MakeMemberAsync(parent, Role.Owner);
        var elsewhere = await host.SignInAsync(owner, accounts: [other]);

        foreach (var route in Tenants)
        {
            await ExpectAsync(route, account, NoIds, nobody, "a person without accounts", HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
            await ExpectAsync(route, account, NoIds, elsewhere, "a key for another account", HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_role_that_lacks_the_permission_is_refused_on_its_own_account()
    {
        var parent = await host.MakeAccountAsync();
        var account = await host.MakeAccountAsync(parent);

        foreach (var role in Enum.GetValues<Role>())
        {
            // By inheritance, as in an agency.
            var member = await host.SignInAsync(await host.MakeMemberAsync(parent, role));
            foreach (var route in Tenants.Where(r => !PermissionTable.Allows(role, r.Demanded!.Permission!.Value)))
                await ExpectAsync(route, account, NoIds, member, $"{role}", HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused_though_its_owner_may()
    {
        var account = await host.MakeAccountAsync();
        var owner = await host.MakeMemberAsync(account, Role.Owner);

        foreach (var permission in Routes.Select(r => r.Demanded?.Permission).OfType<Permission>().Distinct())
        {
            var key = await host.SignInAsync(owner, scopes: [.. Enum.GetValues<Permission>().Except([permission])]);
            foreach (var route in Routes.Where(r => r.Demanded?.Permission == permission))
                await ExpectAsync(route, account, NoIds, key, $"a key without {permission}", HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_part_of_another_account_is_not_there_below_ones_own()
    {
        var (own, foreign) = (await host.MakeAccountAsync(), await host.MakeAccountAsync());
        var owner = await host.SignInAsync(await host.MakeMemberAsync(own, Role.Owner));
        var member = await host.MakeMemberAsync(foreign, Role.Owner);
        var connection = await host.MakeConnectionAsync(foreign);
        var ids = new Dictionary<Type, string> { [typeof(ConnectionId)] = connection.ToString(), [typeof(UserId)] = member.ToString() };
        var before = await ItemsOfAsync(foreign);

        foreach (var route in Tenants.Where(r => r.SubResources.Any()))
        {
            // Body and query are bound before the part is looked for, so what they hold may be refused first; nothing is carried out or told.
            HttpStatusCode[] expected = route.TakesBody || route.Queries.Count > 0
                ? [HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity]
                : [HttpStatusCode.NotFound];
            await ExpectAsync(route, own, ids, owner, "owner of another account", "{}", expected);
        }

        (await ItemsOfAsync(foreign)).ShouldBe(before);
    }

    [Fact]
    public async Task An_account_that_is_no_id_is_not_found()
    {
        var person = await host.SignInAsync(UserId.New(TimeProvider.System));

        foreach (var route in Tenants)
        {
            var path = route.Path(AccountId.New(TimeProvider.System), NoIds);
            using var answer = await host.SendAsync(route.Method, path.Replace("acc_", "acd_", StringComparison.Ordinal), person, route.TakesBody ? Malformed : null);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{route}");
        }
    }

    private IEnumerable<Route> Tenants => Routes.Where(r => r.IsTenants && r.Demanded?.Permission is not null);

    private Task ExpectAsync(Route route, AccountId account, IReadOnlyDictionary<Type, string> ids, string? token, string who, params HttpStatusCode[] expected) =>
        ExpectAsync(route, account, ids, token, who, Malformed, expected);

    private async Task ExpectAsync(
        Route route, AccountId account, IReadOnlyDictionary<Type, string> ids, string? token, string who, string body, params HttpStatusCode[] expected)
    {
        using var answer = await host.SendAsync(route.Method, route.Path(account, ids), token, route.TakesBody ? body : null);

        expected.ShouldContain(answer.StatusCode, $"{route} as {who}");
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", $"{route} as {who}");
    }

    private async Task<List<string>> ItemsOfAsync(AccountId account)
    {
        var found = new List<string>();
        foreach (var table in Enum.GetValues<Table>())
        {
            await foreach (var item in host.Items.AllAsync(new() { Table = table, Partition = AccountKeys.Partition(account) }, TestContext.Current.CancellationToken))
                found.Add($"{item.Key} {item.Version} {item.Body}");
        }
        found.ShouldNotBeEmpty();
        return found;
    }
}
