namespace ListBackup.Domain;

/// <summary>The tables of the product. Their names are the same in both shapes, with a prefix per stage on AWS.</summary>
public enum Table { Users, Accounts, Sources, Activities, Tokens }

/// <summary>Where an item lies. Partition and sort key are non-empty, at most 1,024 bytes of UTF-8 each; sort keys order by ordinal (byte-wise) comparison.</summary>
public readonly record struct ItemKey(Table Table, string Partition, string Sort)
{
    public override string ToString() => $"{Table}/{Partition}/{Sort}";
}

/// <summary>The item's place in its table's one secondary index; absent from the index when null (a sparse index).</summary>
public sealed record IndexKey(string Partition, string Sort);

/// <summary>An item as stored. <see cref="Body"/> is JSON text of at most 350 KB.</summary>
public sealed record Item
{
    public required ItemKey Key { get; init; }

    public required string Body { get; init; }

    /// <summary>Set by the store: 1 when the item is created, one more on every write.</summary>
    public long Version { get; init; }

    public IndexKey? Index { get; init; }

    /// <summary>From this moment on the item is no longer returned; the store removes it some time after.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What must hold for a write to happen.</summary>
public readonly record struct Condition
{
    private Condition(ConditionKind kind, long version) => (Kind, Version) = (kind, version);

    public ConditionKind Kind { get; }

    public long Version { get; }

    /// <summary>No condition: the write replaces whatever is there.</summary>
    public static Condition None => default;

    /// <summary>No live item has that key (an expired one counts as absent).</summary>
    public static Condition Absent => new(ConditionKind.Absent, 0);

    /// <summary>An item with that key exists.</summary>
    public static Condition Present => new(ConditionKind.Present, 0);

    /// <summary>The item exists with just that version.</summary>
    public static Condition VersionIs(long version) => new(ConditionKind.VersionIs, version);
}

public enum ConditionKind { None, Absent, Present, VersionIs }

/// <summary>One write of a transaction.</summary>
public abstract record ItemWrite
{
    private ItemWrite() { }

    public required ItemKey Key { get; init; }

    public Condition Condition { get; init; }

    public sealed record Put : ItemWrite
    {
        public required Item Item { get; init; }
    }

    public sealed record Delete : ItemWrite;

    /// <summary>Writes nothing; only demands the condition.</summary>
    public sealed record Check : ItemWrite;

    public static ItemWrite Putting(Item item, Condition condition = default) => new Put { Key = item.Key, Item = item, Condition = condition };

    public static ItemWrite Deleting(ItemKey key, Condition condition = default) => new Delete { Key = key, Condition = condition };

    public static ItemWrite Checking(ItemKey key, Condition condition) => new Check { Key = key, Condition = condition };
}

/// <summary>A page of items below one partition (of the table or of its index), in sort order.</summary>
public sealed record ItemQuery
{
    public const int LimitMax = 1000;

    public required Table Table { get; init; }

    public required string Partition { get; init; }

    /// <summary>True: <see cref="Partition"/> and the sort bounds are those of the secondary index.</summary>
    public bool ByIndex { get; init; }

    /// <summary>Only sort keys that start so.</summary>
    public string? SortPrefix { get; init; }

    /// <summary>Only sort keys at or after this one.</summary>
    public string? SortFrom { get; init; }

    /// <summary>Only sort keys at or before this one.</summary>
    public string? SortTo { get; init; }

    public bool Descending { get; init; }

    /// <summary>1 to <see cref="LimitMax"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The <see cref="ItemPage.Next"/> of the page before, from a query that is otherwise the same.</summary>
    public string? Cursor { get; init; }
}

/// <summary><see cref="Next"/> is null on the last page. A page may be shorter than its limit, even empty, and still have a next.</summary>
public sealed record ItemPage(IReadOnlyList<Item> Items, string? Next);

/// <summary>A write's condition did not hold; nothing of the write (or of its whole transaction) happened.</summary>
public sealed class ConditionFailedException(ItemKey key) : Exception($"The condition on {key} did not hold.")
{
    /// <summary>The first write whose condition failed.</summary>
    public ItemKey Key { get; } = key;
}
