using System.Net;
using ListBackup.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ListBackup.Functions.Tests;

public sealed class IdempotencyTests
{
    private static readonly UserId User = UserId.New(TimeProvider.System);
    private int _count;

    private Task<TestApi> StartAsync() => TestApi.StartAsync(app =>
    {
        app.MapPost("/v1/things", async (HttpContext http) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            http.Response.Headers.Location = "/v1/things/1";
            http.Response.StatusCode = StatusCodes.Status201Created;
            await http.Response.WriteAsync($"{await reader.ReadToEndAsync()} {Interlocked.Increment(ref _count)}");
        }).Requires(Permission.Self);
        app.MapPost("/v1/secrets", () => $"secret {Interlocked.Increment(ref _count)}").Requires(Permission.Self).AnswersSecret();
        app.MapPost("/v1/failing", string () => Interlocked.Increment(ref _count) == 1 ? throw new InvalidOperationException("once") : "done").Requires(Permission.Self);
        app.MapPost("/v1/refusing", string () => Interlocked.Increment(ref _count) == 1 ? throw Problem.Conflict("not yet") : "done").Requires(Permission.Self);
    });

    private static (string, string)[] Headers(string key) => [("X-User", User.ToString()), (Idempotency.Header, key)];

    [Fact]
    public async Task The_same_request_happens_once_and_is_answered_twice()
    {
        await using var api = await StartAsync();

        var first = await api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"));
        var second = await api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"));

        (await first.Content.ReadAsStringAsync()).ShouldBe("a 1");
        (await second.Content.ReadAsStringAsync()).ShouldBe("a 1");
        second.StatusCode.ShouldBe(HttpStatusCode.Created);
        second.Headers.Location!.ToString().ShouldBe("/v1/things/1");
        second.Headers.Contains(Idempotency.ReplayedHeader).ShouldBeTrue();
        _count.ShouldBe(1);
    }

    [Fact]
    public async Task A_hundred_at_once_happen_once()
    {
        await using var api = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"))));

        _count.ShouldBe(1);
        answers.Select(a => a.StatusCode).ShouldBeSubsetOf([HttpStatusCode.Created, HttpStatusCode.Conflict]);
        answers.ShouldContain(a => a.StatusCode == HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_key_that_was_used_for_another_request_is_refused()
    {
        await using var api = await StartAsync();
        await api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"));

        var other = await api.SendAsync(HttpMethod.Post, "/v1/things", "b", Headers("k"));

        other.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await other.Content.ReadAsStringAsync()).ShouldContain("idempotency-key-reused");
        _count.ShouldBe(1);
    }

    [Fact]
    public async Task Callers_do_not_share_keys()
    {
        await using var api = await StartAsync();
        await api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"));

        var other = await api.SendAsync(HttpMethod.Post, "/v1/things", "a", ("X-User", UserId.New(TimeProvider.System).ToString()), (Idempotency.Header, "k"));

        (await other.Content.ReadAsStringAsync()).ShouldBe("a 2");
    }

    [Theory]
    [InlineData("/v1/failing", HttpStatusCode.InternalServerError)]
    [InlineData("/v1/refusing", HttpStatusCode.Conflict)]
    public async Task What_did_not_happen_can_be_tried_again_with_the_same_key(string path, HttpStatusCode first)
    {
        await using var api = await StartAsync();

        (await api.SendAsync(HttpMethod.Post, path, "a", Headers("k"))).StatusCode.ShouldBe(first);
        (await api.SendAsync(HttpMethod.Post, path, "a", Headers("k"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_secret_is_never_kept_for_a_replay()
    {
        await using var api = await StartAsync();
        await api.SendAsync(HttpMethod.Post, "/v1/secrets", "a", Headers("k"));

        var again = await api.SendAsync(HttpMethod.Post, "/v1/secrets", "a", Headers("k"));

        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await again.Content.ReadAsStringAsync()).ShouldContain("secret-shown-once");
        var kept = await api.Items.QueryAsync(new() { Table = Table.Tokens, Partition = $"IDEMPOTENCY#{User}" }, default);
        kept.Items.ShouldAllBe(item => !item.Body.Contains("secret 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_day_the_key_is_free_again()
    {
        await using var api = await StartAsync();
        await api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"));

        api.Clock.Advance(TimeSpan.FromHours(24));

        (await (await api.SendAsync(HttpMethod.Post, "/v1/things", "a", Headers("k"))).Content.ReadAsStringAsync()).ShouldBe("a 2");
    }
}
