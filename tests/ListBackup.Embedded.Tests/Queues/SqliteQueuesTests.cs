using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Testing.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Embedded.Tests.Queues;

public sealed class SqliteQueuesTests : QueueContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly SqliteDatabase _database;
    private readonly SqliteQueues _queues;

    public SqliteQueuesTests()
    {
        _database = SqliteDatabase.Open(_folder.File("queues.db"), _time);
        _queues = new SqliteQueues(_database, _time);
    }

    protected override IQueues Queues => _queues;

    // The longest delay between two deliveries.
    protected override TimeSpan RedeliveryTime => TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_living_handler_keeps_its_message_beyond_the_visibility_time_out()
    {
        var goOn = new TaskCompletionSource();
        var handler = new Recorder { Handle = (message, _) => message.Body == "long" ? goOn.Task : Task.CompletedTask };
        await using var pump = await StartAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "long");
        await handler.NextAsync();

        for (var third = 0; third < 9; third++)
        {
            var until = await VisibleAtAsync();
            _time.Advance(TimeSpan.FromSeconds(20));
            await EventuallyAsync(async () => await VisibleAtAsync() > until);
        }
        await SendAsync(QueueName.Plan, "other");

        (await handler.NextAsync()).Body.ShouldBe("other");
        goOn.SetResult();
        await EventuallyAsync(async () => (await _queues.StatesAsync(Cancellation)).Count == 0);
    }

    [Fact]
    public async Task Never_more_messages_are_handled_at_once_than_agreed()
    {
        var (running, most, goOn) = (0, 0, new TaskCompletionSource());
        var handler = new Recorder
        {
            Handle = async (_, _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await goOn.Task;
                Interlocked.Decrement(ref running);
            },
        };
        await using var pump = await StartAsync(QueueName.Plan, handler, concurrency: 3);
        for (var n = 0; n < 10; n++) await SendAsync(QueueName.Plan, $"{n}");
        await handler.NextAsync(3);

        (await StateAsync(QueueName.Plan)).ShouldBe(new QueueState(QueueName.Plan, 7, 0, 3, 0, _time.GetUtcNow()));
        goOn.SetResult();
        await handler.NextAsync(7);
        most.ShouldBe(3);
    }

    [Fact]
    public async Task An_account_with_a_thousand_messages_takes_turns_with_the_others()
    {
        for (var n = 0; n < 1_000; n++) await SendAsync(QueueName.Sync, $$"""{"accountId":"acc_huge","n":{{n}}}""");
        _time.Advance(TimeSpan.FromHours(1));
        for (var n = 0; n < 3; n++) await SendAsync(QueueName.Sync, $$"""{"accountId":"acc_small","n":{{n}}}""");
        await SendAsync(QueueName.Sync, """{"notification":{"accountId":"acc_other"},"n":0}""");
        await SendAsync(QueueName.Sync, "of nobody");

        var order = new List<string>();
        for (var n = 0; n < 5; n++) order.AddRange((await _queues.ClaimAsync(QueueName.Sync, 2, TimeSpan.FromMinutes(1), Cancellation)).Select(claim => claim.Body));

        order[..9].Count(body => body.Contains("huge")).ShouldBe(4);
        order[..9].Where(body => !body.Contains("huge")).ShouldBe(
        [
            """{"accountId":"acc_small","n":0}""", """{"notification":{"accountId":"acc_other"},"n":0}""", "of nobody", """{"accountId":"acc_small","n":1}""", """{"accountId":"acc_small","n":2}""",
        ], ignoreOrder: true);
        order.Where(body => body.Contains("huge")).ShouldBe(Enumerable.Range(0, 5).Select(n => $$"""{"accountId":"acc_huge","n":{{n}}}"""));
    }

    [Fact]
    public async Task Turns_cost_no_message_and_no_delivery_is_given_out_twice()
    {
        var sent = new HashSet<string>();
        for (var n = 0; n < 200; n++)
        {
            var body = $$"""{"accountId":"acc_{{n % 7}}","n":{{n}}}""";
            sent.Add(body);
            await SendAsync(QueueName.Sync, body);
        }

        var claims = new List<Claim>();
        while (await _queues.ClaimAsync(QueueName.Sync, 3, TimeSpan.FromMinutes(1), Cancellation) is { Count: > 0 } some) claims.AddRange(some);

        claims.Select(claim => claim.Body).ShouldBe(sent, ignoreOrder: true);
        claims.ShouldAllBe(claim => claim.Receives == 1);
    }

    [Fact]
    public async Task Stopping_lets_a_handler_finish()
    {
        var goOn = new TaskCompletionSource();
        var handler = new Recorder { Handle = (_, _) => goOn.Task };
        await using var pump = await StartAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "1");
        await handler.NextAsync();

        var stopping = pump.StopAsync();
        await SendAsync(QueueName.Plan, "2");
        goOn.SetResult();
        await stopping;

        (await StateAsync(QueueName.Plan)).ShouldBe(new QueueState(QueueName.Plan, 1, 0, 0, 0, _time.GetUtcNow()));
    }

    [Fact]
    public async Task Stopping_cancels_a_slow_handler_whose_message_is_then_due_at_once_and_not_counted()
    {
        var handler = new Recorder { Handle = (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation) };
        var pump = await StartAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "1");
        await handler.NextAsync();

        await StopSlowlyAsync(pump);
        var next = new Recorder();
        await using var nextPump = await StartAsync(QueueName.Plan, next);

        (await next.NextAsync()).Receives.ShouldBe(1);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_handler_that_ignores_it()
    {
        var goOn = new TaskCompletionSource();
        var handler = new Recorder { Handle = (_, _) => goOn.Task };
        var pump = await StartAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "1");
        await handler.NextAsync();

        await StopSlowlyAsync(pump);

        (await StateAsync(QueueName.Plan)).Visible.ShouldBe(1);
        goOn.SetResult();
    }

    [Fact]
    public async Task A_handler_is_cancelled_when_its_deadline_has_passed()
    {
        var started = new TaskCompletionSource<CancellationToken>();
        var handler = new Recorder
        {
            Handle = async (message, cancellation) =>
            {
                if (message.Body != "slow") return;
                started.SetResult(cancellation);
                await Task.Delay(Timeout.Infinite, cancellation);
            },
        };
        await using var pump = await StartAsync(QueueName.Plan, handler, concurrency: 1);
        await SendAsync(QueueName.Plan, "slow");
        await handler.NextAsync();
        var token = await started.Task;

        _time.Advance(TimeSpan.FromMinutes(14));
        token.IsCancellationRequested.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        token.IsCancellationRequested.ShouldBeTrue();
        await SendAsync(QueueName.Plan, "next");

        (await handler.NextAsync()).Body.ShouldBe("next");
    }

    [Fact]
    public async Task Messages_of_a_process_that_died_are_delivered_at_the_next_start()
    {
        await SendAsync(QueueName.Plan, "1");
        (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldHaveSingleItem();
        var handler = new Recorder();

        await using var pump = await StartAsync(QueueName.Plan, handler);

        (await handler.NextAsync()).Receives.ShouldBe(2);
    }

    [Fact]
    public async Task A_message_that_takes_its_process_down_each_time_becomes_a_dead_letter()
    {
        await SendAsync(QueueName.Plan, "poison");
        for (var deaths = 1; deaths <= SqliteQueues.DeathsMax; deaths++)
        {
            (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldHaveSingleItem();
            await _queues.ReleaseDeadClaimsAsync(Cancellation);
        }

        (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldBeEmpty();

        var letter = (await _queues.ListAsync(QueueName.Plan, null, 10, Cancellation)).Letters.ShouldHaveSingleItem();
        (letter.Body, letter.Receives, letter.Reason).ShouldBe(("poison", SqliteQueues.DeathsMax, "Abandoned"));
    }

    [Fact]
    public async Task A_process_that_dies_again_and_again_costs_a_message_none_of_its_tries()
    {
        await SendAsync(QueueName.Plan, "long work");
        for (var deaths = 1; deaths <= QueueRules.ReceivesMax + 1; deaths++)
        {
            (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldHaveSingleItem();
            await _queues.ReleaseDeadClaimsAsync(Cancellation);
        }

        for (var tries = 1; tries <= QueueRules.ReceivesMax; tries++)
        {
            var claim = (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldHaveSingleItem();
            claim.Tries.ShouldBe(tries);
            await _queues.FailAsync(claim, TimeSpan.Zero, "TestFailure", Cancellation);
        }

        (await _queues.ListAsync(QueueName.Plan, null, 10, Cancellation)).Letters.ShouldHaveSingleItem().Reason.ShouldBe("TestFailure");
    }

    [Fact]
    public async Task A_claim_that_was_lost_can_be_neither_prolonged_nor_given_back()
    {
        await SendAsync(QueueName.Plan, "1");
        var lost = (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromSeconds(1), Cancellation)).ShouldHaveSingleItem();
        _time.Advance(TimeSpan.FromSeconds(1));
        var held = (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldHaveSingleItem();

        (await _queues.ExtendAsync(lost, TimeSpan.FromHours(1), Cancellation)).ShouldBeFalse();
        await _queues.FailAsync(lost, TimeSpan.Zero, "late", Cancellation);

        (await _queues.ClaimAsync(QueueName.Plan, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldBeEmpty();
        (await _queues.ExtendAsync(held, TimeSpan.FromMinutes(1), Cancellation)).ShouldBeTrue();
    }

    [Fact]
    public async Task Dead_letters_are_listed_in_pages_replayed_and_deleted()
    {
        for (var n = 0; n < 3; n++) await BuryAsync(QueueName.Sync, $"{n}");
        var first = await _queues.ListAsync(QueueName.Sync, null, 2, Cancellation);
        var second = await _queues.ListAsync(QueueName.Sync, first.Next, 2, Cancellation);
        first.Letters.Concat(second.Letters).Select(letter => letter.Body).ShouldBe(["0", "1", "2"]);
        second.Next.ShouldBeNull();
        first.Letters[0].Reason.ShouldBe("TestFailure");
        var handler = new Recorder();
        await using var pump = await StartAsync(QueueName.Sync, handler);

        (await _queues.ReplayAsync(QueueName.Sync, first.Letters[0].Id, Cancellation)).ShouldBeTrue();
        (await _queues.DeleteAsync(QueueName.Sync, first.Letters[1].Id, Cancellation)).ShouldBeTrue();

        var replayed = await handler.NextAsync();
        (replayed.Body, replayed.Receives).ShouldBe(("0", 1));
        (await DeadAsync(QueueName.Sync)).ShouldBe(["2"]);
    }

    [Fact]
    public async Task What_is_no_dead_letter_of_the_queue_is_neither_replayed_nor_deleted()
    {
        await BuryAsync(QueueName.Sync, "1");
        var id = (await _queues.ListAsync(QueueName.Sync, null, 1, Cancellation)).Letters[0].Id;

        foreach (var (queue, unknown) in new[] { (QueueName.Plan, id), (QueueName.Sync, "999"), (QueueName.Sync, "'; DROP TABLE messages") })
        {
            (await _queues.ReplayAsync(queue, unknown, Cancellation)).ShouldBeFalse();
            (await _queues.DeleteAsync(queue, unknown, Cancellation)).ShouldBeFalse();
        }
        (await DeadAsync(QueueName.Sync)).ShouldBe(["1"]);
        (await Should.ThrowAsync<Problem>(() => _queues.ListAsync(QueueName.Sync, "x", 10, Cancellation))).Kind.ShouldBe(ProblemKind.Malformed);
    }

    [Fact]
    public async Task Two_handlers_of_one_queue_are_refused_at_the_start()
    {
        var services = new ServiceCollection().AddLogging().AddQueueHandler<Idle>(QueueName.Plan, 1).AddQueueHandler<Idle>(QueueName.Plan, 2);

        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => PumpOnDatabase.StartAsync(services, _queues, _time));

        refusal.Message.ShouldContain("Plan");
    }

    protected override async Task<IAsyncDisposable> PumpAsync(QueueName queue, IMessageHandler handler) => await StartAsync(queue, handler);

    private Task<PumpOnDatabase> StartAsync(QueueName queue, IMessageHandler handler, int concurrency = 4) => PumpOnDatabase.StartAsync(
        new ServiceCollection().AddLogging().AddSingleton(new QueueHandler(queue, concurrency, _ => handler)), _queues, _time);

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    protected override Task SettledAsync(QueueName queue) =>
        EventuallyAsync(async () => (await _queues.StatesAsync(Cancellation)).All(state => state.Queue != queue || state.InFlight == 0));

    protected override async Task<IReadOnlyList<string>> DeadAsync(QueueName queue) =>
        [.. (await _queues.ListAsync(queue, null, 100, Cancellation)).Letters.Select(letter => letter.Body)];

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    // The pump waits on the fake clock for its handlers, so that clock must go on until it has stopped.
    private async Task StopSlowlyAsync(PumpOnDatabase pump)
    {
        var stopping = pump.StopAsync();
        await EventuallyAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(stopping.IsCompleted);
        });
        await stopping;
    }

    private async Task BuryAsync(QueueName queue, string body)
    {
        await SendAsync(queue, body);
        for (var receives = 1; receives <= QueueRules.ReceivesMax; receives++)
        {
            var claim = (await _queues.ClaimAsync(queue, 1, TimeSpan.FromMinutes(1), Cancellation)).ShouldHaveSingleItem();
            await _queues.FailAsync(claim, TimeSpan.Zero, "TestFailure", Cancellation);
        }
    }

    private async Task<QueueState> StateAsync(QueueName queue) => (await _queues.StatesAsync(Cancellation)).Single(state => state.Queue == queue);

    private Task<long> VisibleAtAsync() =>
        _database.ReadAsync(session => session.First("SELECT visible_at FROM messages", row => row.GetInt64(0)), Cancellation);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = most)
        {
        }
    }

    private sealed class Idle : IMessageHandler
    {
        public Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation) => Task.CompletedTask;
    }
}
