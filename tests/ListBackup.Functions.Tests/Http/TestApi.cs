using System.Security.Claims;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Functions.Tests;

/// <summary>The API's pipeline on a loopback port, with who asks taken from the header <c>X-User</c>.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApi(WebApplication app, FakeTimeProvider clock, IItemStore items) => (_app, Clock, Items) = (app, clock, items);

    public FakeTimeProvider Clock { get; }

    public IItemStore Items { get; }

    public HttpClient Client { get; } = new();

    public static async Task<TestApi> StartAsync(Action<WebApplication> map, RateLimitOptions? limits = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));
        var items = new MemoryItems(clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton<IItemStore>(items).AddSingleton<AccountAccess>();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        var app = builder.Build();
        app.UseProblems();
        app.Use((http, next) =>
        {
            if (http.Request.Headers["X-User"].ToString() is { Length: > 0 } user)
            {
                List<Claim> claims = [new("sub", user)];
                if (http.Request.Headers["X-Scope"].ToString() is { Length: > 0 } scope) claims.Add(new("scope", scope));
                if (http.Request.Headers["X-Accounts"].ToString() is { Length: > 0 } accounts) claims.Add(new("accounts", accounts));
                http.User = new ClaimsPrincipal(new ClaimsIdentity(claims, "test"));
            }
            return next(http);
        });
        app.UseRateLimits(limits ?? new());
        app.UseRouting();
        app.UsePermissions();
        app.UseIdempotency();
        map(app);
        await app.StartAsync();
        var api = new TestApi(app, clock, items);
        api.Client.BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return api;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }

    /// <summary>Stores an account below <paramref name="parent"/> and returns it.</summary>
    public async Task<Account> AddAccountAsync(Account? parent = null)
    {
        var id = AccountId.New(Clock);
        var account = new Account { Id = id, Name = "Agency", Path = [.. parent?.Path ?? [], id], CreatedAt = Clock.GetUtcNow() };
        await Items.PutAsync(ItemJson.Item(AccountKeys.Profile(id), account, AccessJson.Default.Account, AccountKeys.PathIndex(account.Path)), Condition.Absent, default);
        return account;
    }

    public async Task<UserId> AddMemberAsync(Account account, Role role)
    {
        var user = UserId.New(Clock);
        var member = new Membership(account.Id, user, role, Clock.GetUtcNow());
        await Items.PutAsync(
            ItemJson.Item(AccountKeys.Member(account.Id, user), member, AccessJson.Default.Membership, AccountKeys.MemberIndex(user, account.Id)), Condition.Absent, default);
        return user;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
