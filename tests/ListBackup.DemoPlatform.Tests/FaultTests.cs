using System.Net;
using ListBackup.Demo.Faults;

namespace ListBackup.Demo.Tests;

public sealed class FaultTests
{
    private const string Contacts = "/api/v1/contacts";

    [Fact]
    public async Task A_fault_strikes_as_often_as_planned_and_then_never_again()
    {
        await using var client = await DemoClient.StartAsync();
        await client.SendAsync(HttpMethod.Post, "/admin/faults", """{"kind":"rate_limited","path":"/api/v1/contacts","count":2,"retry_after":3,"skip":1}""");

        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await client.Http.GetAsync(Contacts, DemoClient.Cancellation);
            statuses.Add((int)response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(3));
        }

        statuses.ShouldBe([200, 429, 429, 200]);
        client.Demo.Faults.Left.ShouldBe(0);
    }

    [Fact]
    public async Task A_repeated_page_is_the_one_before_and_the_total_can_lie()
    {
        await using var client = await DemoClient.StartAsync();
        var first = await client.GetAsync(Contacts + "?limit=10");
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.RepeatPage, Path = Contacts });
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.ShiftTotal, Path = Contacts, TotalShift = 5 });

        var repeated = await client.GetAsync(Contacts + "?limit=10&offset=10");
        var lying = await client.GetAsync(Contacts + "?limit=10&offset=10");

        repeated.GetProperty("data").GetRawText().ShouldBe(first.GetProperty("data").GetRawText());
        lying.GetProperty("total").GetInt32().ShouldBe(first.GetProperty("total").GetInt32() + 5);
    }

    [Fact]
    public async Task A_cut_body_breaks_the_connection()
    {
        await using var client = await DemoClient.StartAsync();
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.CutBody, Path = Contacts });

        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync(Contacts));

        (await client.GetAsync(Contacts)).GetProperty("total").GetInt32().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Garbage_is_no_json_and_never_is_given_up_by_the_client()
    {
        await using var client = await DemoClient.StartAsync();
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.Garbage, Path = Contacts });
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.Never, Path = Contacts });

        await Should.ThrowAsync<System.Text.Json.JsonException>(() => client.GetAsync(Contacts));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Should.ThrowAsync<OperationCanceledException>(() => client.Http.GetAsync(Contacts, patience.Token));
    }

    [Fact]
    public async Task A_slow_answer_comes_when_its_time_has_come()
    {
        await using var client = await DemoClient.StartAsync();
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.Slow, Path = Contacts, Delay = TimeSpan.FromSeconds(30) });

        var answer = client.GetAsync(Contacts);
        while (!answer.IsCompleted)
        {
            client.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        (await answer).GetProperty("total").GetInt32().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Faults_are_bounded()
    {
        await using var client = await DemoClient.StartAsync();

        var (status, _) = await client.SendAsync(HttpMethod.Post, "/admin/faults", """{"kind":"never","path":"/","count":100000}""");

        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_token_bucket_says_when_to_come_back()
    {
        await using var client = await DemoClient.StartAsync(options => options with { RateLimit = new RateLimit(0.5, 2) });

        var statuses = new List<int>();
        for (var i = 0; i < 3; i++) statuses.Add((int)(await client.SendAsync(HttpMethod.Get, Contacts)).Status);
        using var refused = await client.Http.GetAsync(Contacts, DemoClient.Cancellation);
        client.Time.Advance(refused.Headers.RetryAfter!.Delta!.Value);
        var after = await client.SendAsync(HttpMethod.Get, Contacts);

        statuses.ShouldBe([200, 200, 429]);
        after.Status.ShouldBe(HttpStatusCode.OK);
    }
}
