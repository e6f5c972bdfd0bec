using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;

namespace ListBackup.Embedded;

/// <summary>Secrets in SQLite, each sealed under the master key for just its name: a value moved to another name does not open.</summary>
public sealed class SqliteSecrets(SqliteDatabase database, MasterKeys masterKeys, TimeProvider time) : ISecrets
{
    private const string Purpose = "secrets";

    public async Task<string?> FindAsync(string name, CancellationToken cancellation)
    {
        SecretRules.CheckName(name);
        return await SealedAsync(name, cancellation) is { } bytes ? Encoding.UTF8.GetString(Open(name, bytes)) : null;
    }

    public async Task PutAsync(string name, string value, CancellationToken cancellation)
    {
        SecretRules.Check(name, value);
        var bytes = masterKeys.Seal(Purpose, Encoding.UTF8.GetBytes(value), name);
        await database.WriteAsync(session => session.Execute(
            """
            INSERT INTO secrets (name, sealed, updated_at) VALUES ($name, $sealed, $now)
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at
            """,
            ("$name", name), ("$sealed", bytes), ("$now", time.GetUtcNow().ToUnixTimeMilliseconds())), cancellation);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        SecretRules.CheckName(name);
        await database.WriteAsync(session => session.Execute("DELETE FROM secrets WHERE name = $name", ("$name", name)), cancellation);
    }

    /// <summary>Seals again, under the newest master key, what an older one sealed. Returns how many secrets that were. Safe to interrupt and repeat.</summary>
    public async Task<int> ResealAsync(CancellationToken cancellation)
    {
        var names = await database.ReadAsync(session => session.All("SELECT name FROM secrets", row => row.GetString(0)), cancellation);
        var resealed = 0;
        foreach (var name in names)
        {
            if (await SealedAsync(name, cancellation) is not { } old || masterKeys.IsSealedByNewest(old)) continue;
            var renewed = masterKeys.Seal(Purpose, Open(name, old), name);
            // Unless somebody has written a new value meanwhile, which is sealed by the newest key anyway.
            resealed += await database.WriteAsync(session => session.Execute(
                "UPDATE secrets SET sealed = $new WHERE name = $name AND sealed = $old", ("$new", renewed), ("$name", name), ("$old", old)), cancellation);
        }
        return resealed;
    }

    private async Task<byte[]?> SealedAsync(string name, CancellationToken cancellation) => await database.ReadAsync(
        session => session.First("SELECT sealed FROM secrets WHERE name = $name", row => row.GetFieldValue<byte[]>(0), ("$name", name)), cancellation);

    private byte[] Open(string name, byte[] bytes)
    {
        try
        {
            return masterKeys.Open(Purpose, bytes, name);
        }
        catch (CryptographicException exception)
        {
            throw new StorageException($"The secret {name} cannot be opened by the master key of this installation.", exception);
        }
    }
}
