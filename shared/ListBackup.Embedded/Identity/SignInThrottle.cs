using System.Net;
using System.Net.Sockets;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// Locks out guessers with a back-off that doubles. Every attempt is counted before it is judged, so many at the same moment do not get more guesses,
/// and taken back when it was right. Counted by name whether or not anybody has it, so being locked out tells nothing about an address.
/// </summary>
internal sealed class SignInThrottle(IItemStore items, TimeProvider clock)
{
    /// <summary>Wrong passwords for one address, wrong codes of one person: five are free, then 30 s, 1 min, 2 min… up to one hour.</summary>
    public static readonly Backoff Account = new("account", 5, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));

    public static readonly Backoff SecondFactor = new("mfa", 5, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));

    /// <summary>One network address (IPv6: its /64), which may be an office: more are free, and the wait stays shorter.</summary>
    public static readonly Backoff Network = new("ip", 30, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(15));

    /// <summary>Sign-ups, resends and forgotten passwords from one network address. Counted apart, so that they lock nobody out of signing in.</summary>
    public static readonly Backoff Requests = new("requests", 100, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(15));

    /// <summary>Mails to one address, each counted: five, then a growing wait in which asking is answered as always and nothing is sent.</summary>
    public static readonly Backoff Mail = new("mail", 5, TimeSpan.FromMinutes(5), TimeSpan.FromHours(6));

    // Failures older than this are forgotten.
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    /// <summary>Counts an attempt and returns how many failures came before it.</summary>
    /// <exception cref="Problem">TooMany <c>locked-out</c>: the wait is not over; this attempt is not counted.</exception>
    public async Task<int> CountAsync(Backoff backoff, string who, CancellationToken cancellation)
    {
        if (await TryCountAsync(backoff, who, cancellation) is { } before) return before;
        var locked = await items.FindAsync(IdentityKeys.Throttle(backoff.Kind, who), IdentityJson.Default.Failures, cancellation);
        var wait = (locked?.Value.LockedUntil ?? clock.GetUtcNow()) - clock.GetUtcNow();
        throw Problem.TooMany("Too many attempts. Wait before you try again.", wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait, "locked-out");
    }

    /// <summary>As <see cref="CountAsync"/>, but null instead of a refusal.</summary>
    public async Task<int?> TryCountAsync(Backoff backoff, string who, CancellationToken cancellation)
    {
        var key = IdentityKeys.Throttle(backoff.Kind, who);
        while (true)
        {
            var now = clock.GetUtcNow();
            var stored = await items.FindAsync(key, IdentityJson.Default.Failures, cancellation);
            if (stored?.Value.LockedUntil is { } until && until > now) return null;
            var count = (stored?.Value.Count ?? 0) + 1;
            var next = new Failures(count, count < backoff.Free ? null : now + backoff.WaitAfter(count));
            try
            {
                await items.PutAsync(
                    ItemJson.Item(key, next, IdentityJson.Default.Failures, expiresAt: now + Remembered),
                    stored is null ? Condition.Absent : Condition.VersionIs(stored.Version), cancellation);
                return count - 1;
            }
            catch (ConditionFailedException)
            {
                // Another attempt was counted at the same moment. Each loss is one attempt counted, and the lock ends the loop.
            }
        }
    }

    /// <summary>The attempt was right and nothing before it matters any more.</summary>
    public Task ClearAsync(Backoff backoff, string who, CancellationToken cancellation) =>
        items.DeleteAsync(IdentityKeys.Throttle(backoff.Kind, who), Condition.None, cancellation);

    /// <summary>The attempt was right, but what others did from there still counts.</summary>
    public Task TakeBackAsync(Backoff backoff, string who, CancellationToken cancellation) => items.UpdateAsync(
        IdentityKeys.Throttle(backoff.Kind, who), IdentityJson.Default.Failures,
        failures => failures with { Count = Math.Max(0, failures.Count - 1), LockedUntil = failures.Count > backoff.Free ? failures.LockedUntil : null }, cancellation);

    /// <summary>An address as a name: IPv6 by its /64, which one customer of a provider has for themselves.</summary>
    public static string NameOf(ClientInfo client)
    {
        if (!IPAddress.TryParse(client.Address, out var address)) return "unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        return Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8));
    }
}

/// <summary>So many attempts are free; the last of them starts the first wait, and each after it doubles the wait up to a bound.</summary>
internal sealed record Backoff(string Kind, int Free, TimeSpan FirstWait, TimeSpan WaitMax)
{
    public TimeSpan WaitAfter(int count)
    {
        var wait = FirstWait * Math.Pow(2, Math.Min(count - Free, 20));
        return wait < WaitMax ? wait : WaitMax;
    }
}
