using ListBackup.Domain;
using Microsoft.Data.Sqlite;

namespace ListBackup.Embedded;

/// <summary>What SQLite's result codes mean to the product (https://www.sqlite.org/rescode.html).</summary>
internal static class SqliteFailure
{
    public const int Constraint = 19;

    public static StorageException Of(SqliteException exception, string attempt) => exception.SqliteErrorCode switch
    {
        13 => new StorageFullException($"The database could not {attempt}: the disk is full. Free some space; nothing that was acknowledged is lost.", exception),
        5 or 6 => new StorageException($"The database could not {attempt}: another process holds it locked.", exception),
        8 or 14 => new StorageException($"The database could not {attempt}: the file cannot be opened for writing. Check its owner and permissions.", exception),
        11 or 26 => new StorageException($"The database could not {attempt}: the file is damaged or not a database. Restore it from a copy.", exception),
        10 => new StorageException($"The database could not {attempt}: the disk reported an I/O error ({exception.SqliteExtendedErrorCode}).", exception),
        _ => new StorageException($"The database could not {attempt}: SQLite answered {exception.SqliteExtendedErrorCode}.", exception),
    };
}
