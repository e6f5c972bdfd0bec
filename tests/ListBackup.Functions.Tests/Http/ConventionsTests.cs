using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Functions.Tests;

public sealed class ConventionsTests
{
    [Theory]
    [InlineData("invalid", 422)]
    [InlineData("malformed", 400)]
    [InlineData("not-found", 404)]
    [InlineData("conflict", 409)]
    [InlineData("too-large", 413)]
    [InlineData("not-supported", 501)]
    [InlineData("platform-failed", 502)]
    public async Task A_refusal_is_problem_details(string code, int status)
    {
        await using var api = await TestApi.StartAsync(app => app.MapGet("/v1/{code}", string (string code) => throw Refusal(code)).AllowsAnybody());

        var answer = await api.SendAsync(HttpMethod.Get, $"/v1/{code}");

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(Problems.ContentType);
        ((string?)problem["type"]).ShouldBe(Problems.TypeBase + code);
        ((int?)problem["status"]).ShouldBe(status);
        ((string?)problem["instance"]).ShouldBe($"/v1/{code}");
        ((string?)problem["detail"]).ShouldNotBeNullOrEmpty();
        ((string?)problem["traceId"]).ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_full_disk_is_told_apart_from_a_bug_and_says_that_nothing_is_lost()
    {
        await using var api = await TestApi.StartAsync(app => app.MapPost("/v1/save", string () => throw new StorageFullException("no space left")).AllowsAnybody());

        var answer = await api.SendAsync(HttpMethod.Post, "/v1/save");

        answer.StatusCode.ShouldBe(HttpStatusCode.InsufficientStorage);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("Nothing that was saved before is lost");
    }

    [Fact]
    public async Task A_malformed_id_in_the_address_is_named_without_naming_our_types()
    {
        await using var api = await TestApi.StartAsync(app => app.MapGet("/v1/sources/{sourceId}", (SourceId sourceId) => sourceId.ToString()).AllowsAnybody());

        var answer = await api.SendAsync(HttpMethod.Get, "/v1/sources/x");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var detail = (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"];
        detail.ShouldBe("The value of 'sourceId' in the address is not of its form.");
    }

    [Fact]
    public async Task A_bug_shows_no_detail()
    {
        await using var api = await TestApi.StartAsync(app => app.MapGet("/v1/bug", string () => throw new InvalidOperationException("password=hunter2")).AllowsAnybody());

        var answer = await api.SendAsync(HttpMethod.Get, "/v1/bug");

        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task What_is_not_there_is_a_problem_too()
    {
        await using var api = await TestApi.StartAsync(app => app.MapGet("/v1/here", () => "here").AllowsAnybody());

        var (missing, method) = (await api.SendAsync(HttpMethod.Get, "/v1/nowhere"), await api.SendAsync(HttpMethod.Post, "/v1/here"));

        (await missing.Content.ReadAsStringAsync()).ShouldContain("problems/not-found");
        (await method.Content.ReadAsStringAsync()).ShouldContain("problems/method-not-allowed");
    }

    [Fact]
    public async Task A_change_to_another_version_than_the_one_read_is_refused()
    {
        await using var api = await TestApi.StartAsync(app => app.MapPut("/v1/thing", (HttpContext http) =>
        {
            http.RequireMatch(3, "The thing");
            http.WriteETag(4);
        }).AllowsAnybody());

        (await StatusOf("\"3\"")).ShouldBe(HttpStatusCode.OK);
        (await StatusOf("*")).ShouldBe(HttpStatusCode.OK);
        (await StatusOf("\"2\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await StatusOf("W/\"3\"")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusOf("three")).ShouldBe(HttpStatusCode.BadRequest);

        async Task<HttpStatusCode> StatusOf(string match) => (await api.SendAsync(HttpMethod.Put, "/v1/thing", null, ("If-Match", match))).StatusCode;
    }

    [Fact]
    public async Task More_requests_than_the_bucket_holds_are_told_to_wait_and_others_are_not()
    {
        await using var api = await TestApi.StartAsync(
            app => app.MapGet("/v1/me", () => "me").Requires(Permission.Self), new RateLimitOptions { Burst = 5, PerSecond = 1 });
        var (busy, calm) = (UserId.New(TimeProvider.System).ToString(), UserId.New(TimeProvider.System).ToString());

        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 50; i++) answers.Add(await api.SendAsync(HttpMethod.Get, "/v1/me", null, ("X-User", busy)));

        answers[0].Headers.GetValues("RateLimit-Limit").ShouldBe(["5"]);
        answers[0].Headers.GetValues("RateLimit-Remaining").ShouldBe(["4"]);
        var refused = answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await api.SendAsync(HttpMethod.Get, "/v1/me", null, ("X-User", calm))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Problem Refusal(string code) => code switch
    {
        "invalid" => Problem.Invalid("name", "A name is needed."),
        "malformed" => Problem.Malformed("No."),
        "not-found" => Problem.NotFound("It"),
        "conflict" => Problem.Conflict("No."),
        "too-large" => Problem.TooLarge("No."),
        "not-supported" => Problem.NotSupported("No."),
        "platform-failed" => Problem.Upstream("No."),
        _ => throw new ArgumentOutOfRangeException(nameof(code)),
    };
}
