using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>
/// At most so many streams of a connection are read at the same time, all its sources and all workers together. A stream that finds no place is noted and its message is
/// done with; whoever gives a place back sends for those that wait, first come first served. So nobody waits in a worker, and nobody asks again and again.
/// </summary>
/// <remarks>
/// A place is held like a part, for <see cref="SyncOptions.Lease"/> at a time, so that a dead worker's comes free. A worker that was stopped for longer and wakes up may be
/// one too many until its stream ends. A message that is lost between the note and its sending is made good by the sweeper: the stream's part shows no sign of life.
/// </remarks>
public sealed class ConnectionPlaces(IItemStore items, RunMessages messages, SyncOptions options, TimeProvider clock)
{
    /// <summary>Streams that are noted; more of them ask again after <see cref="SyncOptions.GroupPause"/>. Keeps the item far below the store's limit.</summary>
    public const int WaitingMax = 500;

    /// <summary>Takes a place for the stream, or says that there is none. It is the caller who holds the stream's part; what an earlier holder of it had becomes the caller's.</summary>
    /// <param name="token">The caller's own, by which it keeps the place and gives it back.</param>
    public async Task<bool> TakeAsync(OpenConnection connection, SyncMessage stream, string token, CancellationToken cancellation)
    {
        var isTaken = false;
        await ChangeAsync(connection.Id, places =>
        {
            var others = places.Held.Where(held => held.Stream != stream && IsHeld(held)).ToList();
            isTaken = others.Count < connection.StreamsAtOnce;
            return places with
            {
                Most = connection.StreamsAtOnce,
                Held = isTaken ? [.. others, Held(stream, token)] : others,
                Waiting = isTaken ? [.. places.Waiting.Where(waiting => waiting.Stream != stream)] : places.Waiting,
            };
        }, cancellation);
        return isTaken;
    }

    /// <summary>Shows that the holder lives.</summary>
    public Task RenewAsync(ConnectionId connection, SyncMessage stream, string token, CancellationToken cancellation) => ChangeAsync(connection, places =>
        places.Held.Any(held => held.Stream == stream && held.Token != token)
            ? places
            : places with { Held = [.. places.Held.Where(held => held.Stream != stream), Held(stream, token)] }, cancellation);

    /// <summary>
    /// Notes a stream that found no place, whose part is free again; one that is noted already keeps its turn. False: too many wait; it has to ask again later.
    /// </summary>
    /// <param name="token">The caller's own: who has sent for an earlier note of the stream crosses out that one and not this.</param>
    public async Task<bool> NoteAsync(ConnectionId connection, SyncMessage stream, string token, CancellationToken cancellation)
    {
        var isNoted = false;
        await ChangeAsync(connection, places =>
        {
            var note = new WaitingStream(stream, token);
            var isThere = places.Waiting.Any(waiting => waiting.Stream == stream);
            isNoted = isThere || places.Waiting.Count < WaitingMax;
            if (!isNoted) return places;
            return places with { Waiting = isThere ? [.. places.Waiting.Select(waiting => waiting.Stream == stream ? note : waiting)] : [.. places.Waiting, note] };
        }, cancellation);
        return isNoted;
    }

    /// <summary>Gives the place back, unless another holder of the part has it by now.</summary>
    public Task GiveBackAsync(ConnectionId connection, SyncMessage stream, string token, CancellationToken cancellation) => ChangeAsync(connection, places =>
        places.Held.Any(held => held.Token == token) ? places with { Held = [.. places.Held.Where(held => held.Token != token)] } : places, cancellation);

    /// <summary>
    /// Sends for as many of the waiting as there are places. Every delivery does so at its end, whatever came of it: the one that was sent for may have nothing left to read,
    /// and a place may have come free while somebody was noted.
    /// </summary>
    public async Task CallAsync(ConnectionId connection, CancellationToken cancellation)
    {
        if (await items.FindAsync(ConnectionKeys.Places(connection), SourceItemsJson.Default.Places, cancellation) is not { Value: { Waiting.Count: > 0 } places }) return;
        var called = places.Waiting.Take(places.Most - places.Held.Count(IsHeld)).ToList();
        if (called.Count == 0) return;
        // Sent before it is crossed out: a crash in between sends twice, which does no harm.
        foreach (var waiting in called) await messages.SyncAsync(waiting.Stream, TimeSpan.Zero, cancellation);
        await ChangeAsync(connection, now => now with { Waiting = [.. now.Waiting.Except(called)] }, cancellation);
    }

    private HeldPlace Held(SyncMessage stream, string token) => new(stream, token, clock.GetUtcNow() + options.Lease);

    private bool IsHeld(HeldPlace held) => !options.IsFree(held.Until, options.Lease, clock.GetUtcNow());

    private async Task ChangeAsync(ConnectionId connection, Func<Places, Places> change, CancellationToken cancellation)
    {
        var key = ConnectionKeys.Places(connection);
        for (; ; )
        {
            var stored = await items.FindAsync(key, SourceItemsJson.Default.Places, cancellation);
            var before = stored?.Value ?? new();
            var after = change(before);
            if (ReferenceEquals(before, after)) return;
            try
            {
                await items.PutAsync(ItemJson.Item(key, after, SourceItemsJson.Default.Places), stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
                return;
            }
            catch (ConditionFailedException)
            {
                // Another worker wrote; each round one of them succeeds, so this ends.
            }
        }
    }
}

/// <summary>Who reads through a connection and who waits, <c>CONN#id / PLACES</c>.</summary>
public sealed record Places
{
    /// <summary>How many there are, as the last one that asked was told.</summary>
    public int Most { get; init; } = StreamsAtOnce.Default;

    public IReadOnlyList<HeldPlace> Held { get; init; } = [];

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<WaitingStream> Waiting { get; init; } = [];
}

/// <summary>A stream that found no place, by the delivery that found none.</summary>
public sealed record WaitingStream(SyncMessage Stream, string Token);

/// <summary>A stream that is being read, by somebody who showed himself in time for it to be his until then.</summary>
public sealed record HeldPlace(SyncMessage Stream, string Token, DateTimeOffset Until);
