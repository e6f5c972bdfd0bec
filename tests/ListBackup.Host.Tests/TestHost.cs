using System.Net.Http.Headers;
using ListBackup.Connections;
using ListBackup.Domain;
using ListBackup.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Host.Tests;

/// <summary>The Host in this process, whole: Kestrel on a free port, the embedded ports in a folder of the test, real access tokens.</summary>
public sealed class TestHost : IAsyncLifetime
{
    private readonly TempFolder _temp = new();
    private DataFolder? _folder;
    private WebApplication? _app;

    public WebApplication App => _app ?? throw new InvalidOperationException("It has not started.");

    public HttpClient Http { get; private set; } = new();

    public IItemStore Items => App.Services.GetRequiredService<IItemStore>();

    private static TimeProvider Clock => TimeProvider.System;

    public async ValueTask InitializeAsync()
    {
        // One caller asks for everything here, many times a second.
        var settings = SettingsReader.Read(
            ["--port", "0", "--data", Path.Combine(_temp.Path, "data"), "--rate-limit-burst", "100000", "--rate-limit-per-second", "10000", "--log-level", "error"],
            new Dictionary<string, string>(), _temp.Path);
        _folder = DataFolder.Open(settings.Data);
        _app = HostApplication.Build(settings, _folder);
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        _folder?.Dispose();
        _temp.Dispose();
    }

    public async Task<AccountId> MakeAccountAsync(params AccountId[] parents)
    {
        var id = AccountId.New(Clock);
        var account = new Account { Id = id, Name = "Test", Path = [.. parents, id], CreatedAt = Clock.GetUtcNow() };
        await Items.TransactAsync([AccountWrites.PutProfile(account, Condition.Absent)], default);
        return id;
    }

    /// <summary>A person with a role on an account, and nothing else.</summary>
    public async Task<UserId> MakeMemberAsync(AccountId account, Role role)
    {
        var user = UserId.New(Clock);
        await Items.TransactAsync([AccountWrites.PutMember(new(account, user, role, Clock.GetUtcNow()), Condition.Absent)], default);
        return user;
    }

    /// <summary>An access token by way of an API key of the person.</summary>
    public async Task<string> SignInAsync(UserId user, IReadOnlyList<Permission>? scopes = null, IReadOnlyList<AccountId>? accounts = null)
    {
        var (key, _) = await App.Services.GetRequiredService<ApiKeys>().MakeAsync(user, "test", scopes ?? Enum.GetValues<Permission>(), accounts, null, default);
        var token = await App.Services.GetRequiredService<IIdentities>().IssueForApiKeyAsync(new(user, key.Id, key.Scopes, key.Accounts), default);
        return token.Token;
    }

    public async Task<ConnectionId> MakeConnectionAsync(AccountId account)
    {
        var connection = new Connection
        {
            Id = ConnectionId.New(Clock),
            AccountId = account,
            Name = "Test",
            Platform = "demo",
            Config = System.Text.Json.JsonDocument.Parse("{}").RootElement,
            Health = new(ConnectionState.Untested, null, Clock.GetUtcNow()),
            CreatedAt = Clock.GetUtcNow(),
            CreatedBy = UserId.New(Clock),
        };
        await Items.PutAsync(ItemJson.Item(ConnectionKeys.Connection(account, connection.Id), connection, ConnectionJson.Default.Connection), Condition.Absent, default);
        return connection.Id;
    }

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? token, string? json = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        // Headers are enough for most tests, and an event stream never ends by itself.
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
