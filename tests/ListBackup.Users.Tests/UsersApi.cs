using System.Net;
using ListBackup.Accounts;
using ListBackup.Auth;
using ListBackup.Embedded.Identity;
using ListBackup.Testing;

namespace ListBackup.Users.Tests;

internal static class UsersApi
{
    public const string Password = "four words nobody guesses";

    public static Task<ApiUnderTest> StartAsync() => ApiUnderTest.StartAsync(
        services => services
            .AddEmbeddedIdentities(new() { Issuer = "https://backup.example", PasswordCost = new(64, 1, 2) })
            .AddAuthService().AddUsersService().AddAccountsService(new("https://backup.example")),
        endpoints => endpoints.MapAuthEndpoints().MapUsersEndpoints().MapAccountsEndpoints());

    /// <summary>Registers, confirms and signs in; the access token.</summary>
    public static async Task<string> JoinAsync(this ApiUnderTest api, string email)
    {
        (await api.PostAsync("/v1/auth/register", new { email, password = Password, name = "Ada" })).ShouldBe(HttpStatusCode.Accepted);
        (await api.PostAsync("/v1/auth/confirm", new { email, code = api.Mail.CodeTo(email) })).ShouldBe(HttpStatusCode.NoContent);
        return await api.LoginAsync(email);
    }

    public static async Task<string> LoginAsync(this ApiUnderTest api, string email) =>
        (await api.PostAsync("/v1/auth/login", new { email, password = Password })).ShouldBe(HttpStatusCode.OK).Text("accessToken");

    public static async Task<string> HomeAsync(this ApiUnderTest api, string token) => (await api.GetAsync("/v1/users/me", token)).Text("homeAccountId");
}
