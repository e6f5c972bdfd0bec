using System.Collections.Concurrent;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// Whether the session or API key behind an access token still exists. A yes is remembered for five seconds; a session that ends in this process is
/// forgotten at once. So signing out works immediately where one process serves all, and within five seconds where several do.
/// </summary>
internal sealed class SessionStates(IItemStore items, TimeProvider clock)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    private const int EntriesMax = 20_000;
    private readonly ConcurrentDictionary<ItemKey, DateTimeOffset> _liveUntil = new();

    public async Task<bool> IsLiveAsync(ItemKey sessionOrApiKey, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (_liveUntil.TryGetValue(sessionOrApiKey, out var until) && now < until) return true;
        if (await items.GetAsync(sessionOrApiKey, cancellation) is null)
        {
            Forget(sessionOrApiKey);
            return false;
        }
        if (_liveUntil.Count >= EntriesMax) _liveUntil.Clear();
        _liveUntil[sessionOrApiKey] = now + Remembered;
        return true;
    }

    public void Forget(ItemKey sessionOrApiKey) => _liveUntil.TryRemove(sessionOrApiKey, out _);
}
