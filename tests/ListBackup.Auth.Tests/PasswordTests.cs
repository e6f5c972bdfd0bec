using System.Net;
using ListBackup.Testing;

namespace ListBackup.Auth.Tests;

public class PasswordTests
{
    private const string Ada = "ada@example.com";
    private const string Other = "quite another passphrase";

    [Theory]
    [InlineData("short")]
    [InlineData("elevenchars")]
    [InlineData("passwordpassword")]
    [InlineData("Password1234!")]
    [InlineData("P@ssw0rd2024")]
    [InlineData("123456789012")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("abababababababab")]
    [InlineData("qwertyuiop123")]
    [InlineData("ada.lovelace@example.com")]
    [InlineData("ada.lovelace")]
    public async Task A_weak_password_is_refused_with_the_reason(string password)
    {
        await using var api = await AuthApi.StartAsync();

        var answer = await api.PostAsync("/v1/auth/register", new { email = "ada.lovelace@example.com", password, name = "Ada" });

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity, "invalid").Json["errors"]!["password"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_a_mailed_code_once()
    {
        await using var api = await AuthApi.StartAsync();
        var session = await api.JoinAsync(Ada);
        (await api.PostAsync("/v1/auth/password/forgot", new { email = Ada })).ShouldBe(HttpStatusCode.Accepted);
        var code = api.Mail.CodeTo(Ada);

        (await ResetAsync(api, "eve@example.com", code)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ResetAsync(api, Ada, code)).ShouldBe(HttpStatusCode.NoContent);
        (await ResetAsync(api, Ada, code)).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.LoginAsync(Ada, Other)).ShouldBe(HttpStatusCode.OK);
        (await api.GetAsync("/v1/auth/sessions", session.Text("accessToken"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.RefreshAsync(session.Text("refreshToken"))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_code_for_one_purpose_serves_no_other()
    {
        await using var api = await AuthApi.StartAsync();
        await api.PostAsync("/v1/auth/register", new { email = Ada, password = AuthApi.Password, name = "Ada" });
        var confirmation = api.Mail.CodeTo(Ada);

        (await ResetAsync(api, Ada, confirmation)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = confirmation })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Forgetting_the_password_of_nobody_is_answered_the_same()
    {
        await using var api = await AuthApi.StartAsync();

        (await api.PostAsync("/v1/auth/password/forgot", new { email = "nobody@example.com" })).ShouldBe(HttpStatusCode.Accepted);

        api.Mail.To("nobody@example.com").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_reset_lifts_the_lock_out()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);
        for (var i = 0; i < 6; i++) await api.LoginAsync(Ada, "not the right password");
        await api.PostAsync("/v1/auth/password/forgot", new { email = Ada });

        (await ResetAsync(api, Ada, api.Mail.CodeTo(Ada))).ShouldBe(HttpStatusCode.NoContent);

        (await api.LoginAsync(Ada, Other)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Changing_the_password_takes_the_old_one_and_ends_the_other_sessions()
    {
        await using var api = await AuthApi.StartAsync();
        var here = await api.JoinAsync(Ada);
        var there = await api.LoginAsync(Ada);
        var token = here.Text("accessToken");

        (await api.PostAsync("/v1/auth/password/change", new { currentPassword = "not the right password", newPassword = Other }, token))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["currentPassword"].ShouldNotBeNull();
        (await api.PostAsync("/v1/auth/password/change", new { currentPassword = AuthApi.Password, newPassword = "short" }, token))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["newPassword"].ShouldNotBeNull();
        (await api.PostAsync("/v1/auth/password/change", new { currentPassword = AuthApi.Password, newPassword = Other }, token)).ShouldBe(HttpStatusCode.NoContent);

        (await api.RefreshAsync(there.Text("refreshToken"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.RefreshAsync(here.Text("refreshToken"))).ShouldBe(HttpStatusCode.OK);
        api.Mail.To(Ada)[^1].Subject.ShouldBe("Your password was changed");
    }

    private static Task<ApiAnswer> ResetAsync(ApiUnderTest api, string email, string code) =>
        api.PostAsync("/v1/auth/password/reset", new { email, code, newPassword = Other });
}
