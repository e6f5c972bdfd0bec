using System.Net;
using ListBackup.Testing;
using OtpNet;

namespace ListBackup.Auth.Tests;

public class MfaTests
{
    private const string Ada = "ada@example.com";

    [Fact]
    public async Task With_a_second_factor_a_password_alone_gives_no_tokens()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);

        var login = (await api.LoginAsync(Ada)).ShouldBe(HttpStatusCode.OK);
        login.Json["accessToken"].ShouldBeNull();

        var answer = await AnswerAsync(api, login.Text("challenge"), Now(api, totp));
        (await api.GetAsync("/v1/auth/mfa", answer.ShouldBe(HttpStatusCode.OK).Text("accessToken"))).Json["recoveryCodesLeft"]!.GetValue<int>().ShouldBe(10);
    }

    [Fact]
    public async Task A_code_counts_once()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);
        var code = Now(api, totp);
        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), code)).ShouldBe(HttpStatusCode.OK);

        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), code)).ShouldBe(HttpStatusCode.Unauthorized, "wrong-code");
    }

    [Fact]
    public async Task Of_the_same_code_at_the_same_moment_one_counts()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);
        var challenges = new List<string>();
        for (var i = 0; i < 4; i++) challenges.Add((await api.LoginAsync(Ada)).Text("challenge"));
        var code = Now(api, totp);

        var answers = await Task.WhenAll(challenges.Select(c => AnswerAsync(api, c, code)));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task A_code_of_the_step_before_counts_and_an_older_one_does_not()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);
        var older = Now(api, totp);
        api.Clock.Advance(TimeSpan.FromSeconds(60));
        var before = totp.ComputeTotp(api.Clock.GetUtcNow().UtcDateTime.AddSeconds(-30));

        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), older)).ShouldBe(HttpStatusCode.Unauthorized);
        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), before)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Wrong_codes_end_the_challenge_and_then_lock_out()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);
        var challenge = (await api.LoginAsync(Ada)).Text("challenge");

        for (var i = 0; i < 5; i++) (await AnswerAsync(api, challenge, Wrong(api, totp))).ShouldBe(HttpStatusCode.Unauthorized, "wrong-code");

        (await AnswerAsync(api, challenge, Now(api, totp))).ShouldBe(HttpStatusCode.Unauthorized, "challenge-expired");
        var fresh = (await api.LoginAsync(Ada)).Text("challenge");
        (await AnswerAsync(api, fresh, Now(api, totp))).ShouldBe(HttpStatusCode.TooManyRequests, "locked-out");
        api.Clock.Advance(TimeSpan.FromSeconds(31));
        (await AnswerAsync(api, fresh, Now(api, totp))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_challenge_expires_and_counts_once()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);
        var late = (await api.LoginAsync(Ada)).Text("challenge");
        api.Clock.Advance(TimeSpan.FromMinutes(6));
        (await AnswerAsync(api, late, Now(api, totp))).ShouldBe(HttpStatusCode.Unauthorized, "challenge-expired");

        var used = (await api.LoginAsync(Ada)).Text("challenge");
        (await AnswerAsync(api, used, Now(api, totp))).ShouldBe(HttpStatusCode.OK);
        api.Clock.Advance(TimeSpan.FromSeconds(30));
        (await AnswerAsync(api, used, Now(api, totp))).ShouldBe(HttpStatusCode.Unauthorized, "challenge-expired");
        (await AnswerAsync(api, "made-up", Now(api, totp))).ShouldBe(HttpStatusCode.Unauthorized, "challenge-expired");
    }

    [Fact]
    public async Task A_recovery_code_counts_once_and_new_ones_void_the_old()
    {
        await using var api = await AuthApi.StartAsync();
        var (_, codes) = await EnrolAsync(api);
        codes.Count.ShouldBe(10);

        var session = (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), codes[0].ToUpperInvariant())).ShouldBe(HttpStatusCode.OK);
        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), codes[0])).ShouldBe(HttpStatusCode.Unauthorized);

        var renewed = await api.PostAsync("/v1/auth/mfa/recovery-codes", new { password = AuthApi.Password }, session.Text("accessToken"));
        var fresh = renewed.ShouldBe(HttpStatusCode.OK).Json["recoveryCodes"]!.AsArray().Select(c => (string)c!).ToList();
        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), codes[1])).ShouldBe(HttpStatusCode.Unauthorized);
        (await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), fresh[1])).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Switching_it_off_takes_the_password()
    {
        await using var api = await AuthApi.StartAsync();
        var (totp, _) = await EnrolAsync(api);
        var session = await AnswerAsync(api, (await api.LoginAsync(Ada)).Text("challenge"), Now(api, totp));
        var token = session.Text("accessToken");

        (await api.PostAsync("/v1/auth/mfa/totp", new { password = AuthApi.Password }, token)).ShouldBe(HttpStatusCode.Conflict, "totp-active");
        (await api.SendAsync(HttpMethod.Delete, "/v1/auth/mfa/totp", new { password = "not the right password" }, token)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Delete, "/v1/auth/mfa/totp", new { password = AuthApi.Password }, token)).ShouldBe(HttpStatusCode.NoContent);

        (await api.LoginAsync(Ada)).Text("accessToken").ShouldNotBeEmpty();
        api.Mail.To(Ada)[^1].Subject.ShouldBe("Two-step sign-in: switched off");
    }

    [Fact]
    public async Task An_enrolment_counts_only_after_a_right_code()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("accessToken");
        (await api.PostAsync("/v1/auth/mfa/totp/verify", new { code = "123456" }, token)).ShouldBe(HttpStatusCode.Conflict, "totp-absent");

        var enrolment = await api.PostAsync("/v1/auth/mfa/totp", new { password = AuthApi.Password }, token);
        var totp = new Totp(Base32Encoding.ToBytes(enrolment.Text("secret")));
        (await api.PostAsync("/v1/auth/mfa/totp/verify", new { code = Wrong(api, totp) }, token)).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await api.LoginAsync(Ada)).Text("accessToken").ShouldNotBeEmpty();
        enrolment.Text("uri").ShouldStartWith("otpauth://totp/ListBackup%3Aada%40example.com?secret=");
    }

    private static async Task<(Totp Totp, IReadOnlyList<string> RecoveryCodes)> EnrolAsync(ApiUnderTest api)
    {
        var token = (await api.JoinAsync(Ada)).Text("accessToken");
        var enrolment = (await api.PostAsync("/v1/auth/mfa/totp", new { password = AuthApi.Password }, token)).ShouldBe(HttpStatusCode.OK);
        var totp = new Totp(Base32Encoding.ToBytes(enrolment.Text("secret")));
        var verified = (await api.PostAsync("/v1/auth/mfa/totp/verify", new { code = Now(api, totp) }, token)).ShouldBe(HttpStatusCode.OK);
        api.Clock.Advance(TimeSpan.FromSeconds(60));
        return (totp, [.. verified.Json["recoveryCodes"]!.AsArray().Select(c => (string)c!)]);
    }

    private static Task<ApiAnswer> AnswerAsync(ApiUnderTest api, string challenge, string code) => api.PostAsync("/v1/auth/mfa", new { challenge, code });

    private static string Now(ApiUnderTest api, Totp totp) => totp.ComputeTotp(api.Clock.GetUtcNow().UtcDateTime);

    /// <summary>A code that is right at none of the three steps that count.</summary>
    private static string Wrong(ApiUnderTest api, Totp totp)
    {
        var right = new[] { -30, 0, 30 }.Select(s => totp.ComputeTotp(api.Clock.GetUtcNow().UtcDateTime.AddSeconds(s))).ToHashSet();
        return Enumerable.Range(0, 10).Select(i => $"{i:d6}").First(code => !right.Contains(code));
    }
}
