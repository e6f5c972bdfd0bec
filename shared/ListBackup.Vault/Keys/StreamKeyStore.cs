using System.Collections.Concurrent;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Keys;

/// <summary>Reads and makes the key files of streams; remembers what it read.</summary>
internal sealed class StreamKeyStore(IObjectStore objects, VaultSecrets secrets)
{
    // New epochs are rare; more in a row come from a fault.
    private const int AttemptsMax = 20;

    // Who looks up more records of a stream than these is better off with all its keys.
    private const int SinglesMax = 16;

    private readonly ConcurrentDictionary<(string Source, string Stream), StreamKeys> _known = new();
    private readonly ConcurrentDictionary<(string Source, string Stream), ConcurrentDictionary<(int Epoch, int Group), SingleGroupKey>> _singles = new();

    /// <summary>Keys of a stream that hold at least this epoch.</summary>
    /// <exception cref="VaultDamagedException">There is no such key file.</exception>
    public async Task<StreamKeys> GetAsync(string source, string stream, int epoch, CancellationToken cancellation)
    {
        if (_known.TryGetValue((source, stream), out var known) && known.Number >= epoch) return known;
        return await TryReadAsync(source, stream, ObjectNames.StreamKeys(source, stream, epoch), cancellation)
            ?? await FindNewestAsync(source, stream, cancellation)
            ?? throw new VaultDamagedException(ObjectNames.StreamKeys(source, stream, epoch), 0, "The keys of the stream are gone.");
    }

    /// <summary>As <see cref="GetAsync"/>, for who opens the block of one group: of a large file perhaps only that key, unchecked (see <see cref="SingleGroupKey"/>).</summary>
    /// <param name="source">Id of the source.</param>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="epoch">Of the group.</param>
    /// <param name="groups">How many groups the epoch has.</param>
    /// <param name="group">The group.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<IBlockKeys> GetForBlockAsync(string source, string stream, int epoch, int groups, int group, CancellationToken cancellation)
    {
        if (groups < SingleGroupKey.GroupsMin || (_known.TryGetValue((source, stream), out var known) && known.Number >= epoch)) return await GetAsync(source, stream, epoch, cancellation);
        var singles = _singles.GetOrAdd((source, stream), _ => new());
        if (singles.TryGetValue((epoch, group), out var single)) return single;
        if (singles.Count >= SinglesMax || await SingleGroupKey.TryReadAsync(objects, ObjectNames.StreamKeys(source, stream, epoch), epoch, group, secrets, cancellation) is not { } read)
            return await GetAsync(source, stream, epoch, cancellation);
        return singles[(epoch, group)] = read;
    }

    /// <summary>
    /// The keys that a new section uses: those of the given epoch, or a next epoch when the stream has none or has outgrown its groups.
    /// Several writers may want the next epoch at once; the first one's is everybody's.
    /// </summary>
    public async Task<StreamKeys> GetForWritingAsync(string source, string stream, int epoch, long records, CancellationToken cancellation)
    {
        var keys = epoch == 0 ? null : await GetAsync(source, stream, epoch, cancellation);
        if (keys is not null && !Grouping.IsOutgrown(keys.Newest.Groups, records)) return keys;
        var next = (keys?.Number ?? 0) + 1;
        return await TryCreateAsync(source, stream, next, StreamKeys.WriteNext(keys, source, stream, Grouping.GroupsFor(records), secrets), cancellation)
            ?? await FindNewestAsync(source, stream, cancellation)
            ?? throw new VaultDamagedException(ObjectNames.StreamKeys(source, stream, next), 0, "The keys of the stream vanished while they were made.");
    }

    /// <summary>
    /// Makes an epoch that is newer than every other, in which the groups of these keys are fresh: what is written under it outlives the
    /// forgetting of all keys before it. Null when the stream never had keys, so that nothing of it can be stored.
    /// </summary>
    public async Task<StreamKeys?> AddFreshEpochAsync(string source, string stream, IEnumerable<Hash128> keyHashes, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            if (await FindNewestAsync(source, stream, cancellation) is not { } keys) return null;
            var groups = keyHashes.Select(hash => hash.Group(keys.Newest.Groups)).Distinct().Order().ToArray();
            if (await TryCreateAsync(source, stream, keys.Number + 1, keys.WriteFresh(groups, secrets), cancellation) is { } fresh) return fresh;
        }

        throw Contended(source, stream);
    }

    /// <summary>
    /// Takes keys out of the newest file, by writing the next, and deletes all files before it. Whoever adds an epoch at the same time is
    /// one of the two that create that number: the other sees it and goes on from there. Repeating it is harmless.
    /// </summary>
    public async Task ForgetAsync(string source, string stream, IReadOnlyList<ForgottenGroups> forgotten, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            if (await FindNewestAsync(source, stream, cancellation) is not { } keys) return;
            var number = keys.Number;
            if (keys.WriteForgetting(forgotten, secrets) is { } document && await TryCreateAsync(source, stream, ++number, document, cancellation) is null) continue;
            var newest = ObjectNames.StreamKeys(source, stream, number);
            var older = new List<string>();
            await foreach (var head in objects.ListAsync(ObjectNames.StreamKeysOf(source, stream), after: null, cancellation))
            {
                if (string.CompareOrdinal(head.Name, newest) < 0) older.Add(head.Name);
            }

            foreach (var name in older) await objects.DeleteAsync(name, cancellation);
            // Somebody may have added an epoch to a file that still had the keys.
            if ((await FindNewestAsync(source, stream, cancellation))?.Number == number) return;
        }

        throw Contended(source, stream);
    }

    /// <summary>Names of the stream's key files that still have any of these keys though there is a newer file. The newest is the erasure's business: it may be at work.</summary>
    public async Task<IReadOnlyList<string>> FindForgottenAsync(string source, string stream, IReadOnlyList<ForgottenGroups> forgotten, CancellationToken cancellation)
    {
        var names = new List<string>();
        await foreach (var head in objects.ListAsync(ObjectNames.StreamKeysOf(source, stream), after: null, cancellation)) names.Add(head.Name);
        var found = new List<string>();
        foreach (var name in names.SkipLast(1))
        {
            try
            {
                // Not remembered: what is read here must not be taken for the newest.
                var keys = StreamKeys.Read(await objects.ReadAsync(name, cancellation), name, source, stream, secrets);
                if (keys.WriteForgetting(forgotten, secrets) is not null) found.Add(name);
            }
            catch (ObjectNotFoundException)
            {
                // An erasure has deleted it meanwhile.
            }
        }

        return found;
    }

    /// <summary>The keys as the store has them now; null when the stream has none.</summary>
    public async Task<StreamKeys?> FindNewestAsync(string source, string stream, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            string? newest = null;
            await foreach (var head in objects.ListAsync(ObjectNames.StreamKeysOf(source, stream), after: null, cancellation)) newest = head.Name;
            if (newest is null) return null;
            // Between the list and the read an erasure may have put a newer file in its place.
            if (await TryReadAsync(source, stream, newest, cancellation) is { } keys) return keys;
        }

        throw Contended(source, stream);
    }

    /// <summary>
    /// Null when others are ahead: there is a file of this number, or there was one and an erasure has deleted it behind a newer. Then this
    /// one, which may hold keys that are forgotten by now, must not stay.
    /// </summary>
    private async Task<StreamKeys?> TryCreateAsync(string source, string stream, int number, byte[] document, CancellationToken cancellation)
    {
        var name = ObjectNames.StreamKeys(source, stream, number);
        try
        {
            await objects.PutAsync(name, document, PutCondition.CreateOnly, cancellation);
        }
        catch (ObjectExistsException)
        {
            return null;
        }

        await foreach (var head in objects.ListAsync(ObjectNames.StreamKeysOf(source, stream), name, cancellation))
        {
            if (string.CompareOrdinal(head.Name, name) <= 0) continue;
            await objects.DeleteAsync(name, cancellation);
            return null;
        }

        return _known[(source, stream)] = StreamKeys.Read(document, name, source, stream, secrets);
    }

    private async Task<StreamKeys?> TryReadAsync(string source, string stream, string name, CancellationToken cancellation)
    {
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

    private static CommitContendedException Contended(string source, string stream) =>
        new($"Others changed the keys of stream {stream} of source {source} {AttemptsMax} times meanwhile. Try again later.");
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
