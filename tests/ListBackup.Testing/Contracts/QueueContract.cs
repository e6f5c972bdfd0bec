using System.Threading.Channels;
using ListBackup.Domain;

namespace ListBackup.Testing.Contracts;

/// <summary>
/// What every <see cref="IQueues"/> promises, together with whatever feeds its handlers. An adapter says how a pump is started and how time passes;
/// absence is shown without waiting, by a later message that arrives first.
/// </summary>
public abstract class QueueContract
{
    // Only a failing test ever waits this long.
    private static readonly TimeSpan ArrivalMax = TimeSpan.FromSeconds(20);

    protected abstract IQueues Queues { get; }

    /// <summary>Delivers the messages of a queue to the handler until disposed. Several may run at once in one test, for different queues.</summary>
    protected abstract Task<IAsyncDisposable> PumpAsync(QueueName queue, IMessageHandler handler);

    /// <summary>Lets time pass: a fake clock is moved, a real one waited for.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>After this time a message whose handler failed is due again, however often it failed before.</summary>
    protected abstract TimeSpan RedeliveryTime { get; }

    /// <summary>Waits until the outcome of what the handler was given is noted. On a fake clock, before time may pass; by default nothing.</summary>
    protected virtual Task SettledAsync(QueueName queue) => Task.CompletedTask;

    /// <summary>The bodies of a queue's dead letters.</summary>
    protected abstract Task<IReadOnlyList<string>> DeadAsync(QueueName queue);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_reaches_the_handler_as_it_was_sent()
    {
        var handler = new Recorder();
        await using var pump = await PumpAsync(QueueName.Plan, handler);

        await SendAsync(QueueName.Plan, """{"text":"Zoë 🦊 <&> \"quoted\"\n"}""");

        var message = await handler.NextAsync();
        message.Body.ShouldBe("""{"text":"Zoë 🦊 <&> \"quoted\"\n"}""");
        message.Receives.ShouldBe(1);
        message.Id.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Messages_sent_before_the_pump_started_are_delivered_too()
    {
        await SendAsync(QueueName.Plan, "1");
        await SendAsync(QueueName.Plan, "2");
        var handler = new Recorder();

        await using var pump = await PumpAsync(QueueName.Plan, handler);

        (await handler.NextAsync(2)).Select(message => message.Body).Order().ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Every_message_of_many_senders_is_delivered()
    {
        var handler = new Recorder();
        await using var pump = await PumpAsync(QueueName.Sync, handler);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(n => SendAsync(QueueName.Sync, $"{n}")));

        (await handler.NextAsync(60)).Select(message => int.Parse(message.Body)).Order().ShouldBe(Enumerable.Range(0, 60));
    }

    [Fact]
    public async Task Queues_do_not_see_each_others_messages()
    {
        var (plan, sync) = (new Recorder(), new Recorder());
        await using var planPump = await PumpAsync(QueueName.Plan, plan);
        await using var syncPump = await PumpAsync(QueueName.Sync, sync);

        await SendAsync(QueueName.Plan, "1");
        await SendAsync(QueueName.Sync, "2");

        (await plan.NextAsync()).Body.ShouldBe("1");
        (await sync.NextAsync()).Body.ShouldBe("2");
    }

    [Fact]
    public async Task A_handled_message_does_not_come_again()
    {
        var handler = new Recorder();
        await using var pump = await PumpAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "1");
        await handler.NextAsync();
        await SettledAsync(QueueName.Plan);

        await PassAsync(RedeliveryTime);
        await SendAsync(QueueName.Plan, "2");

        (await handler.NextAsync()).Body.ShouldBe("2");
    }

    [Fact]
    public async Task A_message_whose_handler_fails_comes_again_with_its_count()
    {
        var handler = new Recorder { FailWhile = message => message.Receives < 3 };
        await using var pump = await PumpAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "1");

        for (var receives = 1; receives <= 3; receives++)
        {
            var message = await handler.NextAsync();
            (message.Body, message.Receives).ShouldBe(("1", receives));
            await SettledAsync(QueueName.Plan);
            await PassAsync(RedeliveryTime);
        }
        await SendAsync(QueueName.Plan, "2");

        (await handler.NextAsync()).Body.ShouldBe("2");
        (await DeadAsync(QueueName.Plan)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failing_message_does_not_stop_the_others()
    {
        var handler = new Recorder { FailWhile = message => message.Body == "bad" };
        await using var pump = await PumpAsync(QueueName.Plan, handler);

        await SendAsync(QueueName.Plan, "bad");
        await handler.NextAsync();
        await SendAsync(QueueName.Plan, "good");

        (await handler.NextAsync()).Body.ShouldBe("good");
    }

    [Fact]
    public async Task A_message_that_always_fails_becomes_a_dead_letter()
    {
        var handler = new Recorder { FailWhile = message => message.Body == "bad" };
        await using var pump = await PumpAsync(QueueName.Export, handler);
        await SendAsync(QueueName.Export, "bad");

        for (var receives = 1; receives <= QueueRules.ReceivesMax; receives++)
        {
            (await handler.NextAsync()).Receives.ShouldBe(receives);
            await SettledAsync(QueueName.Export);
            await PassAsync(RedeliveryTime);
        }
        await SendAsync(QueueName.Export, "good");

        (await handler.NextAsync()).Body.ShouldBe("good");
        await EventuallyAsync(async () => (await DeadAsync(QueueName.Export)).SequenceEqual(["bad"]));
        (await DeadAsync(QueueName.Plan)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_delayed_message_arrives_after_its_delay_and_not_before()
    {
        var handler = new Recorder();
        await using var pump = await PumpAsync(QueueName.Plan, handler);
        await SendAsync(QueueName.Plan, "late", TimeSpan.FromSeconds(3));
        await SendAsync(QueueName.Plan, "now");
        (await handler.NextAsync()).Body.ShouldBe("now");

        await PassAsync(TimeSpan.FromSeconds(1));
        await SendAsync(QueueName.Plan, "soon");
        (await handler.NextAsync()).Body.ShouldBe("soon");
        await PassAsync(TimeSpan.FromSeconds(3));

        (await handler.NextAsync()).Body.ShouldBe("late");
    }

    [Fact]
    public async Task The_largest_message_arrives_and_a_larger_one_is_refused()
    {
        var handler = new Recorder();
        await using var pump = await PumpAsync(QueueName.Plan, handler);
        var largest = $"\"{new string('é', (QueueRules.BodyBytesMax - 2) / 2)}\"";

        await SendAsync(QueueName.Plan, largest);
        await Should.ThrowAsync<ArgumentException>(() => SendAsync(QueueName.Plan, largest + " "));

        (await handler.NextAsync()).Body.ShouldBe(largest);
    }

    [Fact]
    public async Task Delays_outside_of_the_limits_and_empty_messages_are_refused()
    {
        await Should.ThrowAsync<ArgumentException>(() => SendAsync(QueueName.Plan, "1", TimeSpan.FromSeconds(-1)));
        await Should.ThrowAsync<ArgumentException>(() => SendAsync(QueueName.Plan, "1", QueueRules.DelayMax + TimeSpan.FromSeconds(1)));
        await Should.ThrowAsync<ArgumentException>(() => SendAsync(QueueName.Plan, ""));
        await Should.ThrowAsync<ArgumentException>(() => SendAsync((QueueName)99, "1"));
    }

    protected Task SendAsync(QueueName queue, string body, TimeSpan delay = default) => Queues.SendAsync(queue, body, delay, Cancellation);

    protected static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(ArrivalMax);
        while (!await holds()) await Task.Delay(10, limit.Token);
    }

    /// <summary>A handler that tells what it was given.</summary>
    protected sealed class Recorder : IMessageHandler
    {
        private readonly Channel<QueueMessage> _messages = Channel.CreateUnbounded<QueueMessage>();

        public Func<QueueMessage, bool> FailWhile { get; init; } = _ => false;

        public Func<QueueMessage, CancellationToken, Task> Handle { get; init; } = (_, _) => Task.CompletedTask;

        public async Task HandleAsync(QueueMessage message, DateTimeOffset deadline, CancellationToken cancellation)
        {
            await _messages.Writer.WriteAsync(message, cancellation);
            if (FailWhile(message)) throw new InvalidOperationException("The test wants this message to fail.");
            await Handle(message, cancellation);
        }

        public async Task<QueueMessage> NextAsync()
        {
            using var limit = new CancellationTokenSource(ArrivalMax);
            return await _messages.Reader.ReadAsync(limit.Token);
        }

        public async Task<IReadOnlyList<QueueMessage>> NextAsync(int count)
        {
            var messages = new List<QueueMessage>();
            while (messages.Count < count) messages.Add(await NextAsync());
            return messages;
        }
    }
}
