using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>The tables, as the steps that made them. A released step never changes; a new one is added at the end. docs/data.md describes the result.</summary>
internal static class SqliteSchema
{
    // "LBKP": tells file(1) and us whose database this is.
    private const int ApplicationId = 0x4C424B50;

    // The five item tables have one shape; times are Unix milliseconds.
    private static readonly string[] Steps =
    [
        string.Concat(Enum.GetValues<Table>().Select(ItemTable)),
        """
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            queue INTEGER NOT NULL,
            body TEXT NOT NULL,
            trace TEXT,
            sent_at INTEGER NOT NULL,
            visible_at INTEGER NOT NULL,
            receives INTEGER NOT NULL DEFAULT 0,
            claimed INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE INDEX messages_by_visible ON messages (queue, visible_at, id);
        CREATE TABLE dead_letters (
            id INTEGER PRIMARY KEY,
            queue INTEGER NOT NULL,
            body TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            died_at INTEGER NOT NULL,
            receives INTEGER NOT NULL,
            reason TEXT NOT NULL) STRICT;
        CREATE INDEX dead_letters_by_queue ON dead_letters (queue, id);
        """,
        """
        CREATE TABLE secrets (
            name TEXT PRIMARY KEY,
            sealed BLOB NOT NULL,
            updated_at INTEGER NOT NULL) STRICT;
        """,
        // Whose work a message is: accounts take turns. What waits already has no owner, and is one of those who do.
        """
        ALTER TABLE messages ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
        ALTER TABLE dead_letters ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
        CREATE INDEX messages_by_tenant ON messages (queue, tenant, visible_at, id);
        """,
        // Deliveries that ended with their process: a power cut says nothing about the message.
        "ALTER TABLE messages ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;",
    ];

    /// <summary>The version that this program's steps lead to.</summary>
    public static int Newest => Steps.Length;

    public static string NameOf(Table table) => table.ToString().ToLowerInvariant();

    /// <summary>Applies the missing steps, each with its version in one transaction.</summary>
    public static void Migrate(SqliteSession session, DateTimeOffset now)
    {
        var owner = session.First("PRAGMA application_id", row => row.GetInt32(0));
        var empty = session.First("SELECT count(*) FROM sqlite_schema", row => row.GetInt64(0)) == 0;
        if (owner != ApplicationId && !empty) throw new StorageException("This database was not made by ListBackup.");
        if (owner != ApplicationId) session.Execute($"PRAGMA application_id = {ApplicationId}");

        session.Execute("CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT");
        var version = session.First("SELECT coalesce(max(version), 0) FROM schema_versions", row => row.GetInt32(0));
        if (version > Steps.Length)
            throw new StorageException(
                $"This database has schema {version}; this ListBackup knows schemas up to {Steps.Length}. Start the newer version that wrote it, or restore a copy.");

        for (; version < Steps.Length; version++)
            session.Script($"""
                BEGIN IMMEDIATE;
                {Steps[version]}
                INSERT INTO schema_versions VALUES ({version + 1}, {now.ToUnixTimeMilliseconds()});
                COMMIT;
                """);
    }

    private static string ItemTable(Table table)
    {
        var name = NameOf(table);
        return $"""
            CREATE TABLE {name} (
                id INTEGER PRIMARY KEY,
                partition TEXT NOT NULL,
                sort TEXT NOT NULL,
                body TEXT NOT NULL,
                version INTEGER NOT NULL,
                index_partition TEXT,
                index_sort TEXT,
                expires_at INTEGER) STRICT;
            CREATE UNIQUE INDEX {name}_by_key ON {name} (partition, sort);
            CREATE INDEX {name}_by_index ON {name} (index_partition, index_sort, partition, sort) WHERE index_partition IS NOT NULL;
            CREATE INDEX {name}_by_expiry ON {name} (expires_at) WHERE expires_at IS NOT NULL;

            """;
    }
}
