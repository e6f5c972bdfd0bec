using System.Text.Json;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Finds the sources whose maintenance is due and sends their messages. Every source gets its turn within a day; no account more than a few at once.</summary>
public sealed class MaintenanceQueue(IItemStore items, IQueues queues, TimeProvider clock)
{
    /// <summary>How long a pass may show no sign of life before its message is sent again. Longer than a lease.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(15);

    /// <summary>After a source's first snapshot: soon enough to be seen on the first day.</summary>
    private static readonly TimeSpan FirstAfter = TimeSpan.FromHours(1);

    /// <summary>Of one account in one tick. An account of thousands of sources takes hours for them all, and the others do not wait for it.</summary>
    private const int PerAccountMax = 5;
    private const int PageSize = 100;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    /// <summary>Called at each snapshot; the first time makes the item.</summary>
    public async Task EnsureAsync(AccountId account, SourceId source, CancellationToken cancellation)
    {
        var key = SourceKeys.Maintenance(source);
        if (await items.FindAsync(key, SourceItemsJson.Default.SourceMaintenance, cancellation) is not null) return;
        var first = new SourceMaintenance { AccountId = account, SourceId = source, NextAt = clock.GetUtcNow() + FirstAfter };
        try
        {
            await items.PutAsync(ItemJson.Item(key, first, SourceItemsJson.Default.SourceMaintenance, first.Index), Condition.Absent, cancellation);
        }
        catch (ConditionFailedException)
        {
            // Another delivery was faster.
        }
    }

    public async Task TickAsync(DateTimeOffset deadline, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var sent = new Dictionary<AccountId, int>();
        var due = new ItemQuery { Table = Table.Sources, ByIndex = true, Partition = SourceKeys.MaintenancePartition, SortTo = SourceKeys.TimeText(now) + "~", Limit = PageSize };
        await foreach (var item in items.AllAsync(due, cancellation))
        {
            if (clock.GetUtcNow() > deadline - Margin) return;
            var found = ItemJson.Read(item, SourceItemsJson.Default.SourceMaintenance).Value;
            if (sent.GetValueOrDefault(found.AccountId) >= PerAccountMax) continue;
            if (await TakeAsync(item.Key, now, cancellation)) sent[found.AccountId] = sent.GetValueOrDefault(found.AccountId) + 1;
        }
    }

    public Task SendAsync(SourceMaintenance maintenance, TimeSpan delay, CancellationToken cancellation) => queues.SendAsync(
        QueueName.Maintenance, JsonSerializer.Serialize(new(maintenance.AccountId, maintenance.SourceId), SourceItemsJson.Default.MaintenanceMessage),
        delay > RunMessages.DelayMax ? RunMessages.DelayMax : delay, cancellation);

    /// <summary>Whoever dies between the claim and the message leaves it to a later tick, when the silence is over.</summary>
    private async Task<bool> TakeAsync(ItemKey key, DateTimeOffset now, CancellationToken cancellation)
    {
        // The index may lag behind, and there may be more than one that ticks: the item itself says whether it is due.
        var taken = false;
        var stored = await items.UpdateAsync(key, SourceItemsJson.Default.SourceMaintenance, m =>
        {
            taken = m.NextAt <= now;
            return taken ? m with { NextAt = now + Silence, StartedAt = m.StartedAt ?? now } : null;
        }, cancellation, m => m.Index);
        if (taken) await SendAsync(stored!.Value, TimeSpan.Zero, cancellation); // It was there, or nothing was taken.
        return taken;
    }
}
