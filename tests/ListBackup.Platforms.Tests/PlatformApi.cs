using ListBackup.Connections;
using ListBackup.Demo;
using ListBackup.Domain;
using ListBackup.Embedded.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Platforms.Tests;

/// <summary>The platforms service with the connectors of the product, an owner with an account, and the demo CRM to connect to.</summary>
public sealed class PlatformApi : IAsyncDisposable
{
    private PlatformApi(ApiUnderTest api, DemoPlatform demo) => (Api, Demo) = (api, demo);

    public ApiUnderTest Api { get; }

    public DemoPlatform Demo { get; }

    public AccountId Account { get; private set; }

    /// <summary>Of the account's owner.</summary>
    public string Token { get; private set; } = "";

    public string Connections => $"/v1/accounts/{Account}/connections";

    public string Manifests => $"/v1/accounts/{Account}/manifests";

    /// <param name="replace">Puts others in the place of services.</param>
    public static async Task<PlatformApi> StartAsync(Action<IServiceCollection>? replace = null)
    {
        var demo = await DemoPlatform.StartAsync(new() { Port = 0, Contacts = 20 }, TestContext.Current.CancellationToken);
        var api = await ApiUnderTest.StartAsync(
            services =>
            {
                services
                    .AddSingleton<ApiKeys>()
                    .AddEmbeddedIdentities(new() { Issuer = "http://localhost" })
                    .AddConnections(new ConnectionOptions { Connectors = Path.Combine(BuildOutput.Root, "connectors"), Http = new() { AllowPrivateNetworks = true } })
                    .AddPlatforms(new PublicAddress(new("http://localhost:8080")));
                replace?.Invoke(services);
            },
            endpoints => endpoints.MapPlatforms());
        var platforms = new PlatformApi(api, demo);
        (platforms.Account, platforms.Token) = await platforms.JoinAsync();
        return platforms;
    }

    /// <summary>Another account with its owner.</summary>
    public async Task<(AccountId Account, string Token)> JoinAsync()
    {
        var clock = Api.Get<TimeProvider>();
        var (account, user) = (AccountId.New(clock), UserId.New(clock));
        await Api.Items.TransactAsync(
        [
            AccountWrites.PutProfile(new() { Id = account, Name = "Test", Path = [account], CreatedAt = clock.GetUtcNow() }, Condition.Absent),
            AccountWrites.PutMember(new(account, user, Role.Owner, clock.GetUtcNow()), Condition.Absent),
        ], default);
        var (key, _) = await Api.Get<ApiKeys>().MakeAsync(user, "test", Enum.GetValues<Permission>(), null, null, default);
        return (account, (await Api.Get<IIdentities>().IssueForApiKeyAsync(new(user, key.Id, key.Scopes, null), default)).Token);
    }

    public Task<ApiAnswer> GetAsync(string path) => Api.GetAsync(path, Token);

    public Task<ApiAnswer> PostAsync(string path, object? body = null) => Api.PostAsync(path, body, Token);

    public object WithKey(string key = "demo-key") => new { name = "Demo", platform = "demo", config = new { url = Demo.BaseUrl, credentials = new { auth_type = "api_key", api_key = key } } };

    public object ByOAuth() => new
    {
        name = "Demo",
        platform = "demo",
        config = new { url = Demo.BaseUrl, credentials = new { auth_type = "oauth", client_id = Demo.Options.Client.Id, client_secret = Demo.Options.Client.Secret } },
    };

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Demo.DisposeAsync();
    }
}
