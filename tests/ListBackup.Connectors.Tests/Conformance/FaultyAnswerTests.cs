using System.Globalization;
using System.Text;
using ListBackup.Connectors.Requests;
using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

/// <summary>Answers that are late, broken or refusals: whatever the way of paging, nothing is lost and nothing comes twice.</summary>
public class FaultyAnswerTests
{
    public static TheoryData<string> Sources =>
    [
        "pages-counted/from_one_at_once", "pages-counted/in_a_json_body", "pages-offset/with_a_size", "pages-cursor/in_the_body", "pages-cursor/by_the_last_record_alone",
        "pages-links/in_the_body", "pages-links/in_the_link_header", "cursors-by-time/by_weeks", "cursors-by-time/whole", "partitions/children", "partitions/listed", "bodies/query",
    ];

    public static TheoryData<string> Logins => ["auth-oauth-refresh/items", "auth-oauth-rotating/items", "auth-oauth-client/items", "auth-session/items", "auth-session-older/items"];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_limit_is_waited_for_as_long_as_its_seconds_say(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = PlannedFaults.From(2, 3, new FakeFault(Limited("7")));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
        run.Trial.Waits.Delays.ShouldBe([(TimeSpan.FromSeconds(7), WaitReason.RateLimit), (TimeSpan.FromSeconds(7), WaitReason.RateLimit)]);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_limit_is_waited_for_until_its_date(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = PlannedFaults.At(2, new FakeFault(Limited(ManifestTrial.Now.AddSeconds(9).ToString("R", CultureInfo.InvariantCulture))));

        var read = await run.ReadAsync();

        run.Sorted(read.Records).ShouldBe(run.Held);
        run.Trial.Waits.Delays.ShouldHaveSingleItem().Delay.ShouldBe(TimeSpan.FromSeconds(9));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_limit_beyond_what_a_worker_waits_is_told_and_resumed(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = PlannedFaults.At(2, new FakeFault(Limited("3600")));

        var (records, coverage, failures) = await run.ReadToTheEndAsync();

        failures.ShouldHaveSingleItem().ShouldBeOfType<PlatformRateLimitedException>().RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        records.ShouldBe(run.Held);
        coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_server_that_recovers_is_read_as_if_nothing_had_been(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new PlannedFaults(count => count is 1 or 3 or 4 ? new FakeFault(FakeReply.Json("oops", count == 3 ? 502 : 500)) : null);

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Evidence.Retries.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_server_that_stays_down_ends_the_read_which_goes_on_later_at_the_same_page(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var isDown = true;
        run.Server.Faults = new PlannedFaults(count => isDown && count >= 3 ? new FakeFault(FakeReply.Json("oops", 503)) : null);

        var first = await run.ReadAsync();
        isDown = false;
        var rest = await run.ReadAsync(first.State);

        first.Failure.ShouldBeOfType<PlatformServerException>().MayPassLater.ShouldBeTrue();
        rest.Failure.ShouldBeNull();
        run.Sorted([.. first.Records, .. rest.Records]).ShouldBe(run.Held);
        rest.Coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_connection_that_breaks_in_the_middle_of_a_page_is_tried_again(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = PlannedFaults.At(2, new FakeFault(CutAfter: 10));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_body_that_stops_coming_is_given_up_at_the_deadline_and_asked_for_again()
    {
        await using var run = await FaultRun.StartAsync("pages-cursor/in_the_body", new HttpLimits { AnswerTimeout = TimeSpan.FromSeconds(1) });
        run.Server.Faults = PlannedFaults.At(2, new FakeFault(CutAfter: 10, Stalls: true));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Half_a_page_with_a_good_status_is_no_page(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Halving(at: 2);

        var (records, coverage, failures) = await run.ReadToTheEndAsync();

        failures.ShouldAllBe(failure => failure is PlatformNotReadableException);
        records.ShouldBe(run.Held);
        coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_page_of_an_outage_in_place_of_the_answer_is_no_page(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = PlannedFaults.At(2, new FakeFault(new FakeReply(200, "<html>We will be back soon</html>"u8.ToArray(), "text/html")));

        var (records, coverage, failures) = await run.ReadToTheEndAsync();

        failures.ShouldAllBe(failure => failure is PlatformNotReadableException);
        records.ShouldBe(run.Held);
        coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Logins))]
    public async Task A_token_that_is_taken_back_in_the_middle_is_renewed(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var pages = 0;
        run.Server.PageServed = _ =>
        {
            if (++pages == 1)
                run.Server.Logins.RevokeAccess();
        };

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
        run.Server.Logins.Granted.ShouldBe(2);
    }

    [Theory]
    [InlineData("auth-oauth-refresh/items")]
    [InlineData("auth-oauth-rotating/items")]
    [InlineData("auth-oauth-client/items")]
    [InlineData("auth-session/items")]
    public async Task A_token_that_ends_by_the_clock_is_renewed_without_a_refusal(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.PageServed = _ => run.Trial.Clock.Advance(TimeSpan.FromMinutes(59.5));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        run.Server.Logins.Granted.ShouldBeGreaterThan(1);
    }

    [Theory]
    [MemberData(nameof(Logins))]
    public async Task A_grant_that_is_gone_ends_the_read_and_a_new_one_goes_on(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var pages = 0;
        run.Server.PageServed = _ =>
        {
            if (++pages == 2)
            {
                run.Server.Logins.RevokeAccess();
                run.Server.Logins.Refuses = true;
            }
        };

        var first = await run.ReadAsync();
        run.Server.Logins.Refuses = false;
        var rest = await run.ReadAsync(first.State);

        first.Failure.ShouldBeOfType<PlatformUnauthorizedException>().MayPassLater.ShouldBeFalse();
        rest.Failure.ShouldBeNull();
        run.Sorted([.. first.Records, .. rest.Records]).ShouldBe(run.Held);
    }

    private static FakeReply Limited(string after) => FakeReply.Json("""{"error": "too many requests"}""", 429) with { Headers = new(StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = after } };

    private sealed class Halving(int at) : FakeFaults
    {
        private int _count;

        public override FakeReply After(IncomingRequest request, FakeReply reply) =>
            ++_count == at ? reply with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(reply.Body)[..^2]) } : reply;
    }
}
