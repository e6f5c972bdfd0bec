using System.Net;
using ListBackup.Testing;

namespace ListBackup.Auth.Tests;

public class RefreshTests
{
    private const string Ada = "ada@example.com";
    private static readonly (string, string) Browser = ("X-ListBackup-Client", "browser");

    [Fact]
    public async Task A_refresh_token_gives_its_successor()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("refreshToken");

        for (var i = 0; i < 5; i++)
        {
            api.Clock.Advance(TimeSpan.FromMinutes(9));
            var next = (await api.RefreshAsync(token)).ShouldBe(HttpStatusCode.OK);
            next.Text("refreshToken").ShouldNotBe(token);
            (await api.GetAsync("/v1/auth/sessions", next.Text("accessToken"))).ShouldBe(HttpStatusCode.OK);
            token = next.Text("refreshToken");
        }
    }

    [Fact]
    public async Task A_lost_reply_costs_nobody_their_session()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("refreshToken");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.RefreshAsync(token)));

        var successor = answers.Select(a => a.ShouldBe(HttpStatusCode.OK).Text("refreshToken")).Distinct().ShouldHaveSingleItem();
        api.Clock.Advance(TimeSpan.FromMinutes(5));
        (await api.RefreshAsync(successor)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Using_a_spent_token_ends_the_session_and_its_access_tokens_and_tells_the_owner()
    {
        await using var api = await AuthApi.StartAsync();
        var stolen = (await api.JoinAsync(Ada)).Text("refreshToken");
        var owner = await api.RefreshAsync(stolen);
        api.Clock.Advance(TimeSpan.FromSeconds(11));
        (await api.GetAsync("/v1/auth/sessions", owner.Text("accessToken"))).ShouldBe(HttpStatusCode.OK);

        (await api.RefreshAsync(stolen)).ShouldBe(HttpStatusCode.Unauthorized, "session-ended");

        (await api.RefreshAsync(owner.Text("refreshToken"))).ShouldBe(HttpStatusCode.Unauthorized, "session-ended");
        (await api.GetAsync("/v1/auth/sessions", owner.Text("accessToken"))).ShouldBe(HttpStatusCode.Unauthorized);
        api.Mail.To(Ada)[^1].Subject.ShouldBe("A session was ended for safety");
    }

    [Fact]
    public async Task A_token_spent_two_refreshes_ago_ends_the_session_even_within_seconds()
    {
        await using var api = await AuthApi.StartAsync();
        var first = (await api.JoinAsync(Ada)).Text("refreshToken");
        var second = (await api.RefreshAsync(first)).Text("refreshToken");
        var third = (await api.RefreshAsync(second)).Text("refreshToken");

        (await api.RefreshAsync(first)).ShouldBe(HttpStatusCode.Unauthorized);

        (await api.RefreshAsync(third)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_made_up_token_of_a_known_session_ends_nothing()
    {
        await using var api = await AuthApi.StartAsync();
        var token = (await api.JoinAsync(Ada)).Text("refreshToken");
        var second = (await api.RefreshAsync(token)).Text("refreshToken");
        var parts = second.Split('.');
        api.Clock.Advance(TimeSpan.FromMinutes(1));

        foreach (var number in new[] { "1", "2", "3", "20000" })
        {
            parts[3] = number;
            parts[4] = new string('A', 43);
            (await api.RefreshAsync(string.Join('.', parts))).ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await api.RefreshAsync(second)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("lbr....")]
    [InlineData("lbr.usr_00000000000000000000000000.ses_00000000000000000000000000.1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("lbr.usr_00000000000000000000000000.ses_00000000000000000000000000.-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_refresh_token_is_refused(string token)
    {
        await using var api = await AuthApi.StartAsync();

        (await api.RefreshAsync(token)).ShouldBe(HttpStatusCode.Unauthorized, "session-ended");
    }

    [Fact]
    public async Task A_session_ends_when_it_is_not_used_for_two_weeks_and_after_ninety_days_anyway()
    {
        await using var api = await AuthApi.StartAsync();
        var idle = (await api.JoinAsync(Ada)).Text("refreshToken");
        var used = (await api.LoginAsync(Ada)).Text("refreshToken");

        for (var day = 0; day < 84; day += 12)
        {
            api.Clock.Advance(TimeSpan.FromDays(12));
            used = (await api.RefreshAsync(used)).ShouldBe(HttpStatusCode.OK).Text("refreshToken");
        }

        (await api.RefreshAsync(idle)).ShouldBe(HttpStatusCode.Unauthorized);
        api.Clock.Advance(TimeSpan.FromDays(7));
        (await api.RefreshAsync(used)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_browser_gets_its_refresh_token_as_a_guarded_cookie()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);

        var login = await api.SendAsync(HttpMethod.Post, "/v1/auth/login", new { email = Ada, password = AuthApi.Password }, null, Browser);
        login.ShouldBe(HttpStatusCode.OK).Json["refreshToken"].ShouldBeNull();
        var set = login.Headers["Set-Cookie"].ShouldHaveSingleItem();
        set.ShouldContain("httponly");
        set.ShouldContain("samesite=strict");
        set.ShouldContain("path=/v1/auth");
        var cookie = ("Cookie", set.Split(';')[0]);

        // Without the header a foreign page's request carries the cookie in vain.
        (await api.SendAsync(HttpMethod.Post, "/v1/auth/refresh", null, null, cookie)).ShouldBe(HttpStatusCode.Unauthorized);
        var refreshed = await api.SendAsync(HttpMethod.Post, "/v1/auth/refresh", null, null, cookie, Browser);
        refreshed.ShouldBe(HttpStatusCode.OK).Headers["Set-Cookie"].ShouldHaveSingleItem().ShouldNotBe(set);
    }

    [Fact]
    public async Task The_cookie_is_secure_except_on_plain_loopback()
    {
        await using var api = await AuthApi.StartAsync();
        await api.RegisterAsync(Ada);
        var body = new { email = Ada, password = AuthApi.Password };

        var loopback = await api.SendAsync(HttpMethod.Post, "/v1/auth/login", body, null, Browser);
        var elsewhere = await api.SendAsync(HttpMethod.Post, "/v1/auth/login", body, null, Browser, ("Host", "backup.example"));

        loopback.Headers["Set-Cookie"][0].ShouldNotContain("secure");
        elsewhere.Headers["Set-Cookie"][0].ShouldContain("secure");
    }

    [Fact]
    public async Task Signing_out_works_at_once()
    {
        await using var api = await AuthApi.StartAsync();
        var session = await api.JoinAsync(Ada);
        (await api.GetAsync("/v1/auth/sessions", session.Text("accessToken"))).ShouldBe(HttpStatusCode.OK);

        (await api.PostAsync("/v1/auth/logout", new { refreshToken = session.Text("refreshToken") })).ShouldBe(HttpStatusCode.NoContent);

        (await api.GetAsync("/v1/auth/sessions", session.Text("accessToken"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.RefreshAsync(session.Text("refreshToken"))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_person_ends_their_own_sessions_and_nobody_elses()
    {
        await using var api = await AuthApi.StartAsync();
        var here = await api.JoinAsync(Ada);
        var there = await api.LoginAsync(Ada);
        var eve = await api.JoinAsync("eve@example.com");
        var listed = (await api.GetAsync("/v1/auth/sessions", here.Text("accessToken"))).Json["items"]!.AsArray();
        var other = (string)listed.Single(s => !(bool)s!["isCurrent"]!)!["id"]!;

        (await api.SendAsync(HttpMethod.Delete, $"/v1/auth/sessions/{other}", null, eve.Text("accessToken"))).ShouldBe(HttpStatusCode.NotFound);
        (await api.SendAsync(HttpMethod.Delete, $"/v1/auth/sessions/{other}", null, here.Text("accessToken"))).ShouldBe(HttpStatusCode.NoContent);

        (await api.RefreshAsync(there.Text("refreshToken"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await api.RefreshAsync(here.Text("refreshToken"))).ShouldBe(HttpStatusCode.OK);
    }
}
