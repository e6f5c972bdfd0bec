using System.Net;
using ListBackup.Testing;

namespace ListBackup.Auth.Tests;

public class LoginTests
{
    private const string Ada = "ada@example.com";

    [Fact]
    public async Task Who_registers_and_confirms_signs_in()
    {
        await using var api = await AuthApi.StartAsync();

        var session = await api.JoinAsync(Ada);

        session.Text("accessToken").Split('.').Length.ShouldBe(3);
        session.Text("refreshToken").ShouldStartWith("lbr.");
        session.Json["expiresIn"]!.GetValue<int>().ShouldBe(600);
        session.Headers["Cache-Control"].ShouldBe(["no-store"]);
        (await api.GetAsync("/v1/auth/sessions", session.Text("accessToken"))).Json["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_signs_in_before_their_address_is_confirmed()
    {
        await using var api = await AuthApi.StartAsync();
        await api.PostAsync("/v1/auth/register", new { email = Ada, password = AuthApi.Password, name = "Ada" });

        (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.Unauthorized, "not-confirmed");
        (await api.LoginAsync(Ada, "not the right password")).ShouldBe(HttpStatusCode.Unauthorized, "wrong-credentials");
    }

    [Fact]
    public async Task An_unknown_address_is_answered_as_a_wrong_password_is()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        var wrong = await api.LoginAsync(Ada, "not the right password");
        var unknown = await api.LoginAsync("nobody@example.com", "not the right password");

        wrong.ShouldBe(HttpStatusCode.Unauthorized, "wrong-credentials");
        WithoutTrace(unknown).ShouldBe(WithoutTrace(wrong));

        static string WithoutTrace(ApiAnswer answer)
        {
            var json = answer.Json;
            json["traceId"] = null;
            return json.ToJsonString();
        }
    }

    [Fact]
    public async Task Registering_a_taken_address_answers_the_same_and_tells_its_owner()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        (await api.PostAsync("/v1/auth/register", new { email = "ADA@example.com ", password = "another long password", name = "Eve" })).ShouldBe(HttpStatusCode.Accepted);

        api.Mail.To(Ada)[^1].Subject.ShouldBe("You already have a ListBackup login");
        (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.OK);
        (await api.LoginAsync(Ada, "another long password")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Registering_again_before_confirming_voids_the_code_before()
    {
        await using var api = await AuthApi.StartAsync();
        await api.PostAsync("/v1/auth/register", new { email = Ada, password = AuthApi.Password, name = "Ada" });
        var first = api.Mail.CodeTo(Ada);
        await api.PostAsync("/v1/auth/register", new { email = Ada, password = "another long password", name = "Ada L" });

        (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = first })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = api.Mail.CodeTo(Ada) })).ShouldBe(HttpStatusCode.NoContent);
        (await api.LoginAsync(Ada, "another long password")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_out_for_a_time_that_doubles()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);
        for (var i = 0; i < 5; i++) (await api.LoginAsync(Ada, "not the right password")).ShouldBe(HttpStatusCode.Unauthorized);

        var locked = await api.LoginAsync(Ada);
        locked.ShouldBe(HttpStatusCode.TooManyRequests, "locked-out");
        locked.Headers["Retry-After"].ShouldBe(["30"]);

        api.Clock.Advance(TimeSpan.FromSeconds(31));
        (await api.LoginAsync(Ada, "not the right password")).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.LoginAsync(Ada)).Headers["Retry-After"].ShouldBe(["60"]);

        api.Clock.Advance(TimeSpan.FromSeconds(61));
        (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.OK);
        api.Mail.To(Ada)[^1].Subject.ShouldBe("Signed in after several wrong attempts");
        (await api.LoginAsync(Ada, "not the right password")).ShouldBe(HttpStatusCode.Unauthorized, "wrong-credentials");
    }

    [Fact]
    public async Task An_unknown_address_is_locked_out_just_so()
    {
        await using var api = await AuthApi.StartAsync();

        for (var i = 0; i < 5; i++) (await api.LoginAsync("nobody@example.com")).ShouldBe(HttpStatusCode.Unauthorized);

        (await api.LoginAsync("nobody@example.com")).ShouldBe(HttpStatusCode.TooManyRequests, "locked-out");
    }

    [Fact]
    public async Task Guesses_at_the_same_moment_are_counted_one_by_one()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => api.LoginAsync(Ada, $"wrong password number {i}")));

        answers.Count(a => a.Status == HttpStatusCode.Unauthorized).ShouldBe(5);
        answers.Count(a => a.Status == HttpStatusCode.TooManyRequests).ShouldBe(15);
    }

    [Fact]
    public async Task One_network_address_that_tries_many_names_is_locked_out()
    {
        await using var api = await AuthApi.StartAsync();

        for (var i = 0; i < 30; i++) (await api.LoginAsync($"nobody{i}@example.com")).ShouldBe(HttpStatusCode.Unauthorized);

        (await api.LoginAsync("somebody@example.com")).ShouldBe(HttpStatusCode.TooManyRequests, "locked-out");
    }

    [Fact]
    public async Task Signing_in_often_does_not_lock_out()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        for (var i = 0; i < 40; i++) (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_confirmation_code_is_void_after_five_guesses_and_after_half_an_hour()
    {
        await using var api = await AuthApi.StartAsync();
        await api.PostAsync("/v1/auth/register", new { email = Ada, password = AuthApi.Password, name = "Ada" });
        for (var i = 0; i < 5; i++) (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = "00000-00000" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = api.Mail.CodeTo(Ada) })).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await api.PostAsync("/v1/auth/confirm/resend", new { email = Ada })).ShouldBe(HttpStatusCode.Accepted);
        api.Clock.Advance(TimeSpan.FromMinutes(31));
        (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = api.Mail.CodeTo(Ada) })).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await api.PostAsync("/v1/auth/confirm/resend", new { email = Ada })).ShouldBe(HttpStatusCode.Accepted);
        (await api.PostAsync("/v1/auth/confirm", new { email = Ada, code = api.Mail.CodeTo(Ada).ToUpperInvariant() })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Asking_for_mails_again_and_again_sends_only_a_few()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        for (var i = 0; i < 12; i++) (await api.PostAsync("/v1/auth/password/forgot", new { email = Ada })).ShouldBe(HttpStatusCode.Accepted);

        api.Mail.To(Ada).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Many_sign_ups_from_one_network_are_slowed_down_and_lock_nobody_out_of_signing_in()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        for (var i = 0; i < 99; i++) (await api.PostAsync("/v1/auth/password/forgot", new { email = $"nobody{i}@example.com" })).ShouldBe(HttpStatusCode.Accepted);

        (await api.PostAsync("/v1/auth/password/forgot", new { email = Ada })).ShouldBe(HttpStatusCode.TooManyRequests, "locked-out");
        (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.OK);
    }
}
