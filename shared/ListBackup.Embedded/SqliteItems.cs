using System.Text;
using ListBackup.Domain;
using Microsoft.Data.Sqlite;

namespace ListBackup.Embedded;

/// <summary>Items in SQLite. All writes pass through the database's one writer, so a condition and its write are one step.</summary>
public sealed class SqliteItems(SqliteDatabase database, TimeProvider time) : IItemStore
{
    // Small enough that other writes of the same batch wait a few milliseconds at most.
    private const int SweepRowsMax = 500;

    private static readonly TableSql[] Tables = [.. Enum.GetValues<Table>().Select(table => new TableSql(SqliteSchema.NameOf(table)))];

    public async Task<Item?> GetAsync(ItemKey key, CancellationToken cancellation)
    {
        ItemRules.Check(key);
        var item = await database.ReadAsync(
            session => session.First(Of(key.Table).Get, row => ReadItem(row, key.Table), ("$partition", key.Partition), ("$sort", key.Sort)), cancellation);
        return item is not null && IsLive(item.ExpiresAt) ? item : null;
    }

    public async Task<Item> PutAsync(Item item, Condition condition, CancellationToken cancellation)
    {
        ItemRules.Check(item);
        return await database.WriteAsync(session => Put(session, item, condition), cancellation);
    }

    public async Task DeleteAsync(ItemKey key, Condition condition, CancellationToken cancellation)
    {
        ItemRules.Check(key);
        await database.WriteAsync(session => Delete(session, key, condition), cancellation);
    }

    public async Task<ItemPage> QueryAsync(ItemQuery query, CancellationToken cancellation)
    {
        ItemRules.Check(query);
        var position = ItemCursor.Read(query);
        return await database.ReadAsync(session => Query(session, query, position), cancellation);
    }

    public async Task TransactAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellation)
    {
        ItemRules.Check(writes);
        await database.WriteAsync(session => Transact(session, writes), cancellation);
    }

    /// <summary>Removes what has expired, in small steps. Returns how many items that were.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellation)
    {
        var total = 0;
        foreach (var table in Tables)
        {
            int swept;
            do
            {
                swept = await database.WriteAsync(session => session.Execute(table.Sweep, ("$now", Now()), ("$limit", SweepRowsMax)), cancellation);
                total += swept;
            }
            while (swept == SweepRowsMax);
        }
        return total;
    }

    private Item Put(SqliteSession session, Item item, Condition condition)
    {
        var version = Demand(session, item.Key, condition) + 1;
        session.Execute(
            Of(item.Key.Table).Put,
            ("$partition", item.Key.Partition), ("$sort", item.Key.Sort), ("$body", item.Body), ("$version", version),
            ("$indexPartition", item.Index?.Partition), ("$indexSort", item.Index?.Sort), ("$expiresAt", item.ExpiresAt?.ToUnixTimeMilliseconds()));
        return item with { Version = version };
    }

    private bool Delete(SqliteSession session, ItemKey key, Condition condition)
    {
        if (condition.Kind != ConditionKind.None) Demand(session, key, condition);
        return session.Execute(Of(key.Table).Delete, ("$partition", key.Partition), ("$sort", key.Sort)) > 0;
    }

    private bool Transact(SqliteSession session, IReadOnlyList<ItemWrite> writes)
    {
        foreach (var write in writes)
        {
            switch (write)
            {
                case ItemWrite.Put put: Put(session, put.Item, put.Condition); break;
                case ItemWrite.Delete delete: Delete(session, delete.Key, delete.Condition); break;
                default: Demand(session, write.Key, write.Condition); break;
            }
        }
        return true;
    }

    /// <summary>Returns the live item's version, 0 when there is none.</summary>
    private long Demand(SqliteSession session, ItemKey key, Condition condition)
    {
        var version = session.First(Of(key.Table).Version, row => row.GetInt64(0), ("$partition", key.Partition), ("$sort", key.Sort), ("$now", Now()));
        var holds = condition.Kind switch
        {
            ConditionKind.None => true,
            ConditionKind.Absent => version == 0,
            ConditionKind.Present => version > 0,
            _ => version > 0 && version == condition.Version,
        };
        return holds ? version : throw new ConditionFailedException(key);
    }

    private ItemPage Query(SqliteSession session, ItemQuery query, ItemPosition? position)
    {
        var items = new List<Item>();
        string? next = null;
        var bytes = 0;
        var (sql, arguments) = new SqliteItemQuery(query, position, Now()).Build();
        session.Each(sql, row =>
        {
            if (items.Count == query.Limit || bytes >= ItemRules.PageBytesMax)
            {
                next = ItemCursor.Write(query, ItemPosition.Of(items[^1], query.ByIndex));
                return false;
            }
            items.Add(ReadItem(row, query.Table));
            bytes += Encoding.UTF8.GetByteCount(items[^1].Body);
            return true;
        }, arguments);
        return new ItemPage(items, next);
    }

    private static Item ReadItem(SqliteDataReader row, Table table) => new()
    {
        Key = new ItemKey(table, row.GetString(0), row.GetString(1)),
        Body = row.GetString(2),
        Version = row.GetInt64(3),
        Index = row.IsDBNull(4) ? null : new IndexKey(row.GetString(4), row.GetString(5)),
        ExpiresAt = row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
    };

    private bool IsLive(DateTimeOffset? expiresAt) => expiresAt is not { } moment || moment.ToUnixTimeMilliseconds() > Now();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static TableSql Of(Table table) => Tables[(int)table];

    private sealed class TableSql(string table)
    {
        public string Get { get; } = $"SELECT {SqliteItemQuery.Columns} FROM {table} WHERE partition = $partition AND sort = $sort";

        public string Version { get; } =
            $"SELECT version FROM {table} WHERE partition = $partition AND sort = $sort AND (expires_at IS NULL OR expires_at > $now)";

        public string Put { get; } = $"""
            INSERT INTO {table} (partition, sort, body, version, index_partition, index_sort, expires_at)
            VALUES ($partition, $sort, $body, $version, $indexPartition, $indexSort, $expiresAt)
            ON CONFLICT (partition, sort) DO UPDATE SET body = excluded.body, version = excluded.version,
                index_partition = excluded.index_partition, index_sort = excluded.index_sort, expires_at = excluded.expires_at
            """;

        public string Delete { get; } = $"DELETE FROM {table} WHERE partition = $partition AND sort = $sort";

        public string Sweep { get; } = $"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE expires_at <= $now LIMIT $limit)";
    }
}
