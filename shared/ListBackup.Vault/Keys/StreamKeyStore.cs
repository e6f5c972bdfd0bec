using System.Collections.Concurrent;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>Reads and makes the key files of streams; remembers what it read.</summary>
internal sealed class StreamKeyStore(IObjectStore objects, VaultSecrets secrets)
{
    private readonly ConcurrentDictionary<(string Source, string Stream), StreamKeys> _known = new();

    /// <summary>Keys of a stream that hold at least this epoch.</summary>
    /// <exception cref="VaultDamagedException">There is no such key file.</exception>
    public async Task<StreamKeys> GetAsync(string source, string stream, int epoch, CancellationToken cancellation)
    {
        if (_known.TryGetValue((source, stream), out var known) && known.Newest.Epoch >= epoch) return known;
        return await TryReadAsync(source, stream, epoch, cancellation)
            ?? await FindNewestAsync(source, stream, cancellation)
            ?? throw new VaultDamagedException(ObjectNames.StreamKeys(source, stream, epoch), 0, "The keys of the stream are gone.");
    }

    /// <summary>
    /// The keys that a new section uses: those of the given epoch, or a next epoch when the stream has none or has outgrown its groups.
    /// Several writers may want the next epoch at once; the first one's is everybody's.
    /// </summary>
    public async Task<StreamKeys> GetForWritingAsync(string source, string stream, int epoch, long records, CancellationToken cancellation)
    {
        var keys = epoch == 0 ? null : await GetAsync(source, stream, epoch, cancellation);
        if (keys is not null && !Grouping.IsOutgrown(keys.Newest.Groups, records)) return keys;
        var next = (keys?.Newest.Epoch ?? 0) + 1;
        var document = StreamKeys.WriteNext(keys?.File, source, stream, Grouping.GroupsFor(records), secrets);
        try
        {
            await objects.PutAsync(ObjectNames.StreamKeys(source, stream, next), document, PutCondition.CreateOnly, cancellation);
        }
        catch (ObjectExistsException)
        {
        }

        return await TryReadAsync(source, stream, next, cancellation)
            ?? throw new VaultDamagedException(ObjectNames.StreamKeys(source, stream, next), 0, "The keys of the stream vanished while they were made.");
    }

    private async Task<StreamKeys?> TryReadAsync(string source, string stream, int epoch, CancellationToken cancellation)
    {
        var name = ObjectNames.StreamKeys(source, stream, epoch);
        try
        {
            var keys = StreamKeys.Read(await objects.ReadAsync(name, cancellation), name, source, stream, secrets);
            _known[(source, stream)] = keys;
            return keys;
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    private async Task<StreamKeys?> FindNewestAsync(string source, string stream, CancellationToken cancellation)
    {
        string? newest = null;
        await foreach (var head in objects.ListAsync(ObjectNames.StreamKeysOf(source, stream), after: null, cancellation)) newest = head.Name;
        return newest is null ? null : StreamKeys.Read(await objects.ReadAsync(newest, cancellation), newest, source, stream, secrets);
    }
}

/// <summary>How many groups a stream is divided into.</summary>
internal static class Grouping
{
    /// <summary>Few enough that a point read is small, many enough that a block compresses well.</summary>
    public const int RecordsPerGroup = 1_024;

    /// <summary>Keys of so many groups take 2 MiB; a group of a stream of 100 million records then has 1,500.</summary>
    public const int GroupsMax = 65_536;

    private const int OutgrownFactor = 8;

    public static int GroupsFor(long records)
    {
        var groups = 1;
        while (groups < GroupsMax && groups * (long)RecordsPerGroup < records) groups *= 2;
        return groups;
    }

    public static bool IsOutgrown(int groups, long records) => groups < GroupsMax && records > groups * (long)RecordsPerGroup * OutgrownFactor;
}
