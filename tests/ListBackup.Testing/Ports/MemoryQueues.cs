using System.Collections.Concurrent;
using ListBackup.Domain;

namespace ListBackup.Testing;

/// <summary>Keeps messages until a test hands them to a handler: delivery happens when the test says so.</summary>
public sealed class MemoryQueues : IQueues
{
    private readonly ConcurrentDictionary<QueueName, ConcurrentQueue<string>> _queues = new();

    public Task SendAsync(QueueName queue, string body, TimeSpan delay, CancellationToken cancellation)
    {
        QueueRules.Check(queue, body, delay);
        _queues.GetOrAdd(queue, _ => new()).Enqueue(body);
        return Task.CompletedTask;
    }

    public int Count(QueueName queue) => _queues.TryGetValue(queue, out var messages) ? messages.Count : 0;

    /// <summary>Delivers what waits now, each once. What a handler sends meanwhile waits for the next call.</summary>
    public async Task<int> DeliverAsync(QueueName queue, IMessageHandler handler, TimeProvider clock, CancellationToken cancellation)
    {
        var waiting = Count(queue);
        for (var i = 0; i < waiting && _queues[queue].TryDequeue(out var body); i++)
            await handler.HandleAsync(new(Guid.NewGuid().ToString("N"), body, 1), clock.GetUtcNow() + TimeSpan.FromMinutes(1), cancellation);
        return waiting;
    }
}
