using System.Text.Json;
using System.Threading.Channels;
using ListBackup.Domain;
using Microsoft.Data.Sqlite;

namespace ListBackup.Embedded;

/// <summary>
/// Queues in SQLite with the semantics of SQS. A message is a row; who claims it makes it invisible for a while and must delete it in that time. A send returns
/// once the message is on disk, and wakes the pump.
/// </summary>
public sealed class SqliteQueues(SqliteDatabase database, TimeProvider time) : IQueues, IDeadLetters
{
    private const int DeadLettersPageMax = 100;

    /// <summary>
    /// A message whose process ended during so many deliveries lies among the dead letters: it may be what ends the process. Far more than
    /// <see cref="QueueRules.ReceivesMax"/>, since whatever is at work when the power fails, or an operator kills, is innocent as a rule, and long work is at work each time.
    /// </summary>
    internal const int DeathsMax = 20;

    // Whose turn was when. Only this process receives; after a start all are equal.
    private readonly Dictionary<(QueueName Queue, string Tenant), long> _turns = [];
    private long _turn;

    // One place for a wake-up is enough: who wakes up looks at the table.
    private readonly Channel<bool>[] _wakeUps =
        [.. Enum.GetValues<QueueName>().Select(_ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }))];

    public async Task SendAsync(QueueName queue, string body, TimeSpan delay, CancellationToken cancellation)
    {
        QueueRules.Check(queue, body, delay);
        var (now, tenant, trace) = (Now(), TenantOf(body), System.Diagnostics.Activity.Current?.Id);
        await database.WriteAsync(session => session.Execute(
            "INSERT INTO messages (queue, tenant, body, trace, sent_at, visible_at) VALUES ($queue, $tenant, $body, $trace, $now, $visible)",
            ("$queue", (int)queue), ("$tenant", tenant), ("$body", body), ("$trace", trace), ("$now", now), ("$visible", now + (long)delay.TotalMilliseconds)), cancellation);
        Wake(queue);
    }

    public async Task<DeadLetterPage> ListAsync(QueueName queue, string? cursor, int limit, CancellationToken cancellation)
    {
        if (limit is < 1 or > DeadLettersPageMax) throw new ArgumentException($"A page of dead letters has 1 to {DeadLettersPageMax}, not {limit}.");
        if (!long.TryParse(cursor ?? "0", out var after)) throw Problem.Malformed("The cursor does not belong to this list.");
        var letters = await database.ReadAsync(session => session.All(
            "SELECT id, body, receives, sent_at, died_at, reason FROM dead_letters WHERE queue = $queue AND id > $after ORDER BY id LIMIT $limit",
            row => new DeadLetter(row.GetString(0), queue, row.GetString(1), row.GetInt32(2), Time(row, 3), Time(row, 4), row.GetString(5)),
            ("$queue", (int)queue), ("$after", after), ("$limit", limit + 1)), cancellation);
        return letters.Count <= limit ? new(letters, null) : new([.. letters.Take(limit)], letters[limit - 1].Id);
    }

    public async Task<bool> ReplayAsync(QueueName queue, string id, CancellationToken cancellation)
    {
        var replayed = await database.WriteAsync(session =>
        {
            session.Execute(
                "INSERT INTO messages (queue, tenant, body, sent_at, visible_at) SELECT queue, tenant, body, sent_at, $now FROM dead_letters WHERE queue = $queue AND id = $id",
                ("$queue", (int)queue), ("$id", Number(id)), ("$now", Now()));
            return Forget(session, queue, id);
        }, cancellation);
        if (replayed) Wake(queue);
        return replayed;
    }

    public Task<bool> DeleteAsync(QueueName queue, string id, CancellationToken cancellation) =>
        database.WriteAsync(session => Forget(session, queue, id), cancellation);

    /// <summary>The state of each queue that has messages or dead letters, for metrics and for people.</summary>
    public Task<IReadOnlyList<QueueState>> StatesAsync(CancellationToken cancellation) => database.ReadAsync(session =>
        session.All(
            """
            SELECT queue, sum(visible_at <= $now), sum(visible_at > $now AND claimed = 0), sum(visible_at > $now AND claimed = 1), sum(dead), min(CASE dead WHEN 0 THEN sent_at END)
            FROM (SELECT queue, visible_at, claimed, sent_at, 0 AS dead FROM messages UNION ALL SELECT queue, NULL, 0, sent_at, 1 FROM dead_letters)
            GROUP BY queue ORDER BY queue
            """,
            row => new QueueState((QueueName)row.GetInt32(0), Count(row, 1), Count(row, 2), Count(row, 3), Count(row, 4), row.IsDBNull(5) ? null : Time(row, 5)),
            ("$now", Now())), cancellation);

    /// <summary>
    /// Makes up to <paramref name="limit"/> visible messages invisible for <paramref name="visibility"/> and returns them: one after the other of the accounts that have some, the one
    /// first whose turn is longest ago, and of each its oldest. So an account with a thousand messages takes one turn in two beside one with a single message.
    /// </summary>
    internal async Task<IReadOnlyList<Claim>> ClaimAsync(QueueName queue, int limit, TimeSpan visibility, CancellationToken cancellation) =>
        await database.WriteAsync(session =>
        {
            var now = Now();
            BuryAbandoned(session, queue, now);
            var claims = new List<Claim>();
            foreach (var tenant in Turns(session, queue, now))
            {
                if (claims.Count == limit) break;
                if (ClaimOldest(session, queue, tenant, now, visibility) is not { } claim) continue;
                claims.Add(claim);
                lock (_turns) _turns[(queue, tenant)] = ++_turn;
            }
            return claims;
        }, cancellation);

    /// <summary>Tenants with something to do, in turn, round after round until nobody has more. Each step is one look into an index, however long the queue.</summary>
    private IEnumerable<string> Turns(SqliteSession session, QueueName queue, long now)
    {
        var tenants = session.All(
            """
            WITH RECURSIVE tenants(tenant) AS (
                SELECT (SELECT min(tenant) FROM messages WHERE queue = $queue)
                UNION ALL
                SELECT (SELECT min(tenant) FROM messages WHERE queue = $queue AND tenant > tenants.tenant) FROM tenants WHERE tenants.tenant IS NOT NULL)
            SELECT tenant, (SELECT min(visible_at) FROM messages WHERE queue = $queue AND messages.tenant = tenants.tenant) AS oldest
            FROM tenants WHERE tenant IS NOT NULL AND oldest <= $now ORDER BY oldest
            """,
            row => row.GetString(0), ("$queue", (int)queue), ("$now", now));
        List<string> order;
        lock (_turns)
        {
            // Who has nothing to do has no turn to remember.
            foreach (var gone in _turns.Keys.Where(key => key.Queue == queue).ExceptBy(tenants, key => key.Tenant).ToList()) _turns.Remove(gone);
            order = [.. tenants.OrderBy(tenant => _turns.GetValueOrDefault((queue, tenant)))];
        }
        while (order.Count > 0)
        {
            foreach (var tenant in order) yield return tenant;
            order.RemoveAll(tenant => !HasVisible(session, queue, tenant, now));
        }
    }

    private static bool HasVisible(SqliteSession session, QueueName queue, string tenant, long now) => session.First(
        "SELECT EXISTS (SELECT 1 FROM messages WHERE queue = $queue AND tenant = $tenant AND visible_at <= $now)",
        row => row.GetBoolean(0), ("$queue", (int)queue), ("$tenant", tenant), ("$now", now));

    private static Claim? ClaimOldest(SqliteSession session, QueueName queue, string tenant, long now, TimeSpan visibility) => session.All(
        """
        UPDATE messages SET visible_at = $until, receives = receives + 1, claimed = 1
        WHERE id = (SELECT id FROM messages WHERE queue = $queue AND tenant = $tenant AND visible_at <= $now ORDER BY visible_at, id LIMIT 1)
        RETURNING id, body, receives, trace, deaths
        """,
        row => new Claim(queue, row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt32(4), row.IsDBNull(3) ? null : row.GetString(3)),
        ("$queue", (int)queue), ("$tenant", tenant), ("$now", now), ("$until", now + (long)visibility.TotalMilliseconds)).SingleOrDefault();

    /// <summary>The account that a message names; what names none shares one turn.</summary>
    private static string TenantOf(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("notification", out var notification)) root = notification;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("accountId", out var account) && account.ValueKind == JsonValueKind.String ? account.GetString() ?? "" : "";
        }
        catch (Exception notOurs) when (notOurs is JsonException or InvalidOperationException)
        {
            // A queue takes any text.
            return "";
        }
    }

    /// <summary>The message is done with, whoever may have claimed it since.</summary>
    internal Task CompleteAsync(Claim claim, CancellationToken cancellation) =>
        database.WriteAsync(session => session.Execute("DELETE FROM messages WHERE id = $id", ("$id", claim.Id)), cancellation);

    /// <summary>Keeps a claim for longer. False: it has been lost to another delivery.</summary>
    internal Task<bool> ExtendAsync(Claim claim, TimeSpan visibility, CancellationToken cancellation) =>
        database.WriteAsync(session => session.Execute(
            "UPDATE messages SET visible_at = $until WHERE id = $id AND receives = $receives",
            ("$id", claim.Id), ("$receives", claim.Receives), ("$until", Now() + (long)visibility.TotalMilliseconds)) > 0, cancellation);

    /// <summary>Gives the message back after a failure, or buries it when it has failed often enough.</summary>
    internal async Task FailAsync(Claim claim, TimeSpan delay, string reason, CancellationToken cancellation)
    {
        await database.WriteAsync(
            session => claim.Tries >= QueueRules.ReceivesMax ? Bury(session, claim, reason) : Return(session, claim, claim.Receives, delay), cancellation);
        Wake(claim.Queue);
    }

    /// <summary>Gives the message back as if it had not been delivered: its handler was asked to stop.</summary>
    internal async Task ReleaseAsync(Claim claim, CancellationToken cancellation)
    {
        await database.WriteAsync(session => Return(session, claim, claim.Receives - 1, TimeSpan.Zero), cancellation);
        Wake(claim.Queue);
    }

    /// <summary>At the start of the only process on this database, every claim is one of a process that died. Its messages are visible at once.</summary>
    internal Task<int> ReleaseDeadClaimsAsync(CancellationToken cancellation) =>
        database.WriteAsync(session => session.Execute("UPDATE messages SET visible_at = $now, claimed = 0, deaths = deaths + 1 WHERE claimed = 1", ("$now", Now())), cancellation);

    /// <summary>Returns when a message may have become visible.</summary>
    internal async Task WaitAsync(QueueName queue, CancellationToken cancellation)
    {
        var next = await database.ReadAsync(
            session => session.First("SELECT min(visible_at) FROM messages WHERE queue = $queue", row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), ("$queue", (int)queue)),
            cancellation);
        var wakeUp = _wakeUps[(int)queue].Reader;
        if (next is not { } due)
        {
            await wakeUp.ReadAsync(cancellation);
            return;
        }
        var wait = due - Now();
        if (wait <= 0) return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(wakeUp.WaitToReadAsync(either.Token).AsTask(), Task.Delay(TimeSpan.FromMilliseconds(wait), time, either.Token));
        await either.CancelAsync();
        wakeUp.TryRead(out _);
        cancellation.ThrowIfCancellationRequested();
    }

    private void Wake(QueueName queue) => _wakeUps[(int)queue].Writer.TryWrite(true);

    private bool Return(SqliteSession session, Claim claim, int receives, TimeSpan delay) => session.Execute(
        "UPDATE messages SET visible_at = $visible, claimed = 0, receives = $counted WHERE id = $id AND receives = $receives",
        ("$id", claim.Id), ("$receives", claim.Receives), ("$counted", receives), ("$visible", Now() + (long)delay.TotalMilliseconds)) > 0;

    private bool Bury(SqliteSession session, Claim claim, string reason)
    {
        session.Execute(
            """
            INSERT INTO dead_letters (id, queue, tenant, body, sent_at, died_at, receives, reason)
            SELECT id, queue, tenant, body, sent_at, $now, receives, $reason FROM messages WHERE id = $id AND receives = $receives
            """,
            ("$id", claim.Id), ("$receives", claim.Receives), ("$now", Now()), ("$reason", reason));
        return session.Execute("DELETE FROM messages WHERE id = $id AND receives = $receives", ("$id", claim.Id), ("$receives", claim.Receives)) > 0;
    }

    // Delivered for the last time allowed and never heard of again: it takes its process down with it, each time.
    private static void BuryAbandoned(SqliteSession session, QueueName queue, long now)
    {
        var buried = session.Execute(
            """
            INSERT INTO dead_letters (id, queue, tenant, body, sent_at, died_at, receives, reason)
            SELECT id, queue, tenant, body, sent_at, $now, receives, 'Abandoned' FROM messages WHERE queue = $queue AND visible_at <= $now AND (receives - deaths >= $max OR deaths >= $deaths)
            """,
            ("$queue", (int)queue), ("$now", now), ("$max", QueueRules.ReceivesMax), ("$deaths", DeathsMax));
        if (buried > 0)
            session.Execute(
                "DELETE FROM messages WHERE queue = $queue AND visible_at <= $now AND (receives - deaths >= $max OR deaths >= $deaths)",
                ("$queue", (int)queue), ("$now", now), ("$max", QueueRules.ReceivesMax), ("$deaths", DeathsMax));
    }

    private static bool Forget(SqliteSession session, QueueName queue, string id) =>
        session.Execute("DELETE FROM dead_letters WHERE queue = $queue AND id = $id", ("$queue", (int)queue), ("$id", Number(id))) > 0;

    // An id that is no number belongs to no dead letter.
    private static long Number(string id) => long.TryParse(id, out var number) ? number : -1;

    private static int Count(SqliteDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt32(column);

    private static DateTimeOffset Time(SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>A delivery: the message is ours until its visibility time-out, as long as nobody else has received it since.</summary>
/// <param name="Deaths">How many of the deliveries before ended with their process.</param>
internal sealed record Claim(QueueName Queue, long Id, string Body, int Receives, int Deaths, string? Trace)
{
    /// <summary>Deliveries that the message itself answers for, this one included.</summary>
    public int Tries => Receives - Deaths;
}

/// <summary>How many messages wait, are delayed, are being handled, are dead; and when the oldest living one was sent.</summary>
public sealed record QueueState(QueueName Queue, int Visible, int Delayed, int InFlight, int Dead, DateTimeOffset? OldestSentAt);
