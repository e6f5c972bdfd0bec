using System.Net;
using ListBackup.Auth;
using ListBackup.Embedded.Identity;
using ListBackup.Testing;
using ListBackup.Users;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Accounts.Tests;

internal static class AccountsApi
{
    public const string Password = "four words nobody guesses";

    public static Task<ApiUnderTest> StartAsync(Action<IServiceCollection>? more = null) => ApiUnderTest.StartAsync(
        services =>
        {
            services.AddEmbeddedIdentities(new() { Issuer = "https://backup.example", PasswordCost = new(64, 1, 2) })
                .AddAuthService().AddUsersService().AddAccountsService(new("https://backup.example") { AllowPrivateNetworks = true });
            more?.Invoke(services);
        },
        endpoints => endpoints.MapAuthEndpoints().MapUsersEndpoints().MapAccountsEndpoints());

    /// <summary>Registers, confirms and signs in.</summary>
    public static async Task<Person> JoinAsync(this ApiUnderTest api, string name)
    {
        var email = $"{name}@example.com";
        (await api.PostAsync("/v1/auth/register", new { email, password = Password, name })).ShouldBe(HttpStatusCode.Accepted);
        (await api.PostAsync("/v1/auth/confirm", new { email, code = api.Mail.CodeTo(email) })).ShouldBe(HttpStatusCode.NoContent);
        return await api.LoginAsync(name);
    }

    public static async Task<Person> LoginAsync(this ApiUnderTest api, string name)
    {
        var session = (await api.PostAsync("/v1/auth/login", new { email = $"{name}@example.com", password = Password })).ShouldBe(HttpStatusCode.OK);
        var me = await api.GetAsync("/v1/users/me", session.Text("accessToken"));
        return new(api, session.Text("accessToken"), me.Text("id"), me.Text("email"), me.Text("homeAccountId"));
    }
}

/// <summary>Somebody who is signed in, and what they ask for.</summary>
internal sealed record Person(ApiUnderTest Api, string Token, string Id, string Email, string Home)
{
    public Task<ApiAnswer> GetAsync(string path) => Api.GetAsync($"/v1{path}", Token);

    public Task<ApiAnswer> PostAsync(string path, object? body = null) => Api.PostAsync($"/v1{path}", body, Token);

    public Task<ApiAnswer> SendAsync(HttpMethod method, string path, object? body = null, params (string, string)[] headers) =>
        Api.SendAsync(method, $"/v1{path}", body, Token, headers);

    public Task<ApiAnswer> PutAsync(string path, object? body = null) => SendAsync(HttpMethod.Put, path, body);

    public Task<ApiAnswer> PatchAsync(string path, object? body = null) => SendAsync(HttpMethod.Patch, path, body);

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<string> ChildAsync(string parent, string name = "Child") =>
        (await PostAsync($"/accounts/{parent}/children", new { name })).ShouldBe(HttpStatusCode.Created).Text("id");

    public Task<ApiAnswer> MoveAsync(string account, string? parentId) => PostAsync($"/accounts/{account}/move", parentId is null ? new { } : new { parentId });

    /// <summary>Invites somebody and lets them accept.</summary>
    public async Task TakeInAsync(string account, Person guest, string role)
    {
        var invitation = (await PostAsync($"/accounts/{account}/invitations", new { email = guest.Email, role })).ShouldBe(HttpStatusCode.Created).Text("id");
        (await guest.PostAsync($"/invitations/{invitation}/accept", new { code = Api.InvitationCode(guest.Email) })).ShouldBe(HttpStatusCode.OK);
    }
}

internal static class Mails
{
    /// <summary>The code in the link of the newest invitation to that address.</summary>
    public static string InvitationCode(this ApiUnderTest api, string email)
    {
        var text = api.Mail.To(email)[^1].Text;
        var start = text.IndexOf("?code=", StringComparison.Ordinal) + "?code=".Length;
        return text[start..text.IndexOf('\n', start)].Trim();
    }
}
