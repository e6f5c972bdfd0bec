using System.Text.Json;
using ListBackup.Domain;

namespace ListBackup.Sources.Tests;

/// <summary>Queues with delays and redelivery on a clock of the test's, and with as much disorder as it asks for.</summary>
public sealed class WorldQueues(TimeProvider clock) : IQueues, IDeadLetters
{
    /// <summary>What is not done with by then is delivered again.</summary>
    public static readonly TimeSpan Visibility = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly List<Waiting> _waiting = [];
    private readonly List<DeadLetter> _dead = [];

    /// <summary>Gives each message once more, at random places, when set.</summary>
    public Random? Disorder { get; set; }

    /// <summary>Messages that are lost on their way: a sender that died just before.</summary>
    public Func<QueueName, bool> Loses { get; set; } = _ => false;

    /// <summary>Messages of work.</summary>
    public int Sent { get; private set; }

    /// <summary>What people are to be told; another service delivers it, each id once.</summary>
    public List<Notification> Told { get; } = [];

    public Task SendAsync(QueueName queue, string body, TimeSpan delay, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (queue == QueueName.Notify)
            {
                Told.Add(JsonSerializer.Deserialize(body, NotificationJson.Default.NotifyMessage)!.Notification!);
                return Task.CompletedTask;
            }
            Sent++;
            if (Loses(queue)) return Task.CompletedTask;
            Add(queue, body, delay);
            if (Disorder?.Next(2) == 0) Add(queue, body, delay + TimeSpan.FromSeconds(Disorder.Next(40)));
        }
        return Task.CompletedTask;
    }

    /// <summary>The next message that may be delivered now; it comes again unless it is done with.</summary>
    public Delivery? Take()
    {
        lock (_lock)
        {
            var ready = _waiting.Where(m => m.At <= clock.GetUtcNow()).ToList();
            if (ready.Count == 0) return null;
            var taken = ready[Disorder?.Next(ready.Count) ?? 0];
            taken.At = clock.GetUtcNow() + Visibility;
            taken.Receives++;
            return new(taken.Queue, new(taken.Id, taken.Body, taken.Receives));
        }
    }

    public void Done(QueueMessage message)
    {
        lock (_lock) _waiting.RemoveAll(m => m.Id == message.Id);
    }

    /// <summary>Puts a message among the dead letters, as if it had failed each time.</summary>
    public string Bury(QueueName queue, string body)
    {
        lock (_lock)
        {
            _dead.Add(new($"{_dead.Count + 1}", queue, body, QueueRules.ReceivesMax, clock.GetUtcNow(), clock.GetUtcNow(), "TimeoutException"));
            return _dead[^1].Id;
        }
    }

    public Task<DeadLetterPage> ListAsync(QueueName queue, string? cursor, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var after = long.Parse(cursor ?? "0");
            var letters = _dead.Where(l => l.Queue == queue && long.Parse(l.Id) > after).Take(limit + 1).ToList();
            return Task.FromResult(letters.Count <= limit ? new DeadLetterPage(letters, null) : new([.. letters.Take(limit)], letters[limit - 1].Id));
        }
    }

    public async Task<bool> ReplayAsync(QueueName queue, string id, CancellationToken cancellation)
    {
        DeadLetter? letter;
        lock (_lock) letter = _dead.FirstOrDefault(l => l.Queue == queue && l.Id == id);
        if (letter is not null) await SendAsync(queue, letter.Body, TimeSpan.Zero, cancellation);
        return await DeleteAsync(queue, id, cancellation);
    }

    public Task<bool> DeleteAsync(QueueName queue, string id, CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(_dead.RemoveAll(l => l.Queue == queue && l.Id == id) > 0);
    }

    /// <summary>When something is to be delivered next; null when nothing waits.</summary>
    public DateTimeOffset? NextAt()
    {
        lock (_lock) return _waiting.Count == 0 ? null : _waiting.Min(m => m.At);
    }

    private void Add(QueueName queue, string body, TimeSpan delay) => _waiting.Add(new(queue, body, Guid.NewGuid().ToString("N")) { At = clock.GetUtcNow() + delay });

    private sealed class Waiting(QueueName queue, string body, string id)
    {
        public QueueName Queue => queue;
        public string Body => body;
        public string Id => id;
        public DateTimeOffset At { get; set; }
        public int Receives { get; set; }
    }
}

public sealed record Delivery(QueueName Queue, QueueMessage Message);
