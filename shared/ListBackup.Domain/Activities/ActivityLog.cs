using System.Security.Cryptography;
using System.Text;

namespace ListBackup.Domain;

/// <summary>An account's append-only, hash-chained audit log.</summary>
public sealed class ActivityLog(IItemStore items, TimeProvider clock)
{
    // Appends of one account meet at its head item; this many losses in a row mean that something else is wrong.
    private const int AppendTriesMax = 100;
    private static readonly string NoHash = new('0', 64);

    public static ItemKey HeadKey(AccountId account) => new(Table.Activities, AccountKeys.Partition(account), "HEAD");

    public static ItemKey EntryKey(AccountId account, long number) => new(Table.Activities, AccountKeys.Partition(account), $"A#{number:d16}");

    /// <summary>Appends one entry; atomic, in an order that all readers agree on.</summary>
    public async Task<Activity> AppendAsync(
        AccountId account, string actor, string action, string subject, CancellationToken cancellation, params (string Name, string Value)[] details)
    {
        for (var tries = 1; ; tries++)
        {
            var head = await items.FindAsync(HeadKey(account), ActivityJson.Default.ActivityHead, cancellation);
            var activity = Next(head?.Value, actor, action, subject, details);
            try
            {
                await items.TransactAsync(
                [
                    ItemWrite.Putting(ItemJson.Item(EntryKey(account, activity.Number), activity, ActivityJson.Default.Activity), Condition.Absent),
                    ItemWrite.Putting(
                        ItemJson.Item(HeadKey(account), new ActivityHead(activity.Number, activity.Hash), ActivityJson.Default.ActivityHead),
                        head is null ? Condition.Absent : Condition.VersionIs(head.Version)),
                ], cancellation);
                return activity;
            }
            catch (ConditionFailedException) when (tries < AppendTriesMax)
            {
                // Another entry took this place; link to it.
            }
        }
    }

    /// <summary>Walks the whole chain. Returns the number of the first entry that is missing or does not fit, or null when all entries do.</summary>
    public async Task<ActivityCheck> VerifyAsync(AccountId account, CancellationToken cancellation)
    {
        var (expected, previous) = (1L, NoHash);
        var query = new ItemQuery { Table = Table.Activities, Partition = AccountKeys.Partition(account), SortPrefix = "A#", Limit = ItemQuery.LimitMax };
        await foreach (var item in items.AllAsync(query, cancellation))
        {
            var activity = ItemJson.Read(item, ActivityJson.Default.Activity).Value;
            if (activity.Number != expected || activity.PreviousHash != previous || activity.Hash != HashOf(activity)) return new(expected - 1, expected);
            (expected, previous) = (expected + 1, activity.Hash);
        }
        var head = await items.FindAsync(HeadKey(account), ActivityJson.Default.ActivityHead, cancellation);
        var whole = head is null ? expected == 1 : head.Value.Number == expected - 1 && head.Value.Hash == previous;
        return new(expected - 1, whole ? null : expected);
    }

    private Activity Next(ActivityHead? head, string actor, string action, string subject, (string Name, string Value)[] details)
    {
        var activity = new Activity
        {
            Number = (head?.Number ?? 0) + 1,
            At = clock.GetUtcNow(),
            Action = action,
            Subject = subject,
            Actor = actor,
            Details = details.ToDictionary(d => d.Name, d => d.Value, StringComparer.Ordinal),
            PreviousHash = head?.Hash ?? NoHash,
            Hash = "",
        };
        return activity with { Hash = HashOf(activity) };
    }

    /// <summary>SHA-256 over the fields in order, each as UTF-8 after its length in bytes and a colon, so that no two entries read the same.</summary>
    private static string HashOf(Activity activity)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(activity.PreviousHash);
        Add(activity.Number.ToString());
        Add(activity.At.UtcDateTime.ToString("O"));
        Add(activity.Action);
        Add(activity.Subject);
        Add(activity.Actor);
        foreach (var (name, value) in activity.Details.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            Add(name);
            Add(value);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string field)
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            hash.AppendData(Encoding.ASCII.GetBytes($"{bytes.Length}:"));
            hash.AppendData(bytes);
        }
    }
}

/// <summary><see cref="Count"/> entries fit; <see cref="BrokenAt"/> is the first that does not, or null.</summary>
public sealed record ActivityCheck(long Count, long? BrokenAt);
