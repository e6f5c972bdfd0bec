using System.Net;
using ListBackup.Auth;
using ListBackup.Embedded.Identity;
using ListBackup.Testing;

namespace ListBackup.Auth.Tests;

/// <summary>The auth service on the embedded issuer, and people in the states that tests start from.</summary>
internal static class AuthApi
{
    public const string Password = "four words nobody guesses";
    public const string Issuer = "https://backup.example";

    // Real Argon2id, at the least cost it has.
    public static IdentityOptions Options { get; } = new() { Issuer = Issuer, PasswordCost = new(64, 1, 2) };

    public static Task<ApiUnderTest> StartAsync() => ApiUnderTest.StartAsync(
        services => services.AddEmbeddedIdentities(Options).AddAuthService(),
        endpoints => endpoints.MapAuthEndpoints());

    public static async Task RegisterAsync(this ApiUnderTest api, string email, string password = Password)
    {
        (await api.PostAsync("/v1/auth/register", new { email, password, name = "Ada" })).ShouldBe(HttpStatusCode.Accepted);
        (await api.PostAsync("/v1/auth/confirm", new { email, code = api.Mail.CodeTo(email) })).ShouldBe(HttpStatusCode.NoContent);
    }

    public static Task<ApiAnswer> LoginAsync(this ApiUnderTest api, string email, string password = Password) =>
        api.PostAsync("/v1/auth/login", new { email, password });

    public static Task<ApiAnswer> RefreshAsync(this ApiUnderTest api, string refreshToken) => api.PostAsync("/v1/auth/refresh", new { refreshToken });

    /// <summary>Registers, confirms and signs in.</summary>
    public static async Task<ApiAnswer> JoinAsync(this ApiUnderTest api, string email)
    {
        await api.RegisterAsync(email);
        return (await api.LoginAsync(email)).ShouldBe(HttpStatusCode.OK);
    }
}
