using ListBackup.Testing;
using ListBackup.Vault.Tests.Golden;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Verifying;

/// <summary>Damage anywhere in a vault that has everything: verification finds each byte and each object.</summary>
public sealed class MutationTests
{
    // A prime, so that different places of every object come by.
    private const int QuickStep = 211;
    // Older golden vaults, whose kinds of objects are all in the newer ones too, are gone through in part.
    private const int OlderStep = 7;
    private const int FlipsPerCache = 5;

    [Fact]
    public async Task Some_flipped_bytes_of_every_object_are_found() => await FlipAsync(await CreateAsync(), TestKeys, QuickStep);

    [Fact]
    [Trait("Stage", "faults")]
    public async Task Every_flipped_byte_of_every_object_is_found() => await FlipAsync(await CreateAsync(), TestKeys, step: 1);

    [Theory]
    [MemberData(nameof(GoldenVaultTests.Names), MemberType = typeof(GoldenVaultTests))]
    public async Task Some_flipped_bytes_of_every_golden_vault_are_found(string name) => await FlipAsync(await GoldenVaultTests.LoadAsync(name), GoldenVaultTests.KeysOf(name), QuickStep);

    [Theory]
    [Trait("Stage", "faults")]
    [MemberData(nameof(GoldenVaultTests.Names), MemberType = typeof(GoldenVaultTests))]
    public async Task Every_flipped_byte_of_the_golden_vaults_that_have_everything_is_found(string name) =>
        await FlipAsync(await GoldenVaultTests.LoadAsync(name), GoldenVaultTests.KeysOf(name), name is "v1-everything" or "v1-paged" ? 1 : OlderStep);

    /// <summary>Key indexes, search indexes and what is remembered of the log and of verification: at worst they cost time.</summary>
    [Theory]
    [MemberData(nameof(GoldenVaultTests.Names), MemberType = typeof(GoldenVaultTests))]
    public async Task A_flipped_byte_of_a_cache_is_no_damage_and_changes_nothing_that_is_backed_up(string name)
    {
        var (objects, keys) = (await GoldenVaultTests.LoadAsync(name), GoldenVaultTests.KeysOf(name));
        var expected = await NextStatesAsync(objects.Copy(), keys);
        var caches = objects.Contents.Where(item => item.Key.StartsWith("x/", StringComparison.Ordinal)).ToList();
        caches.ShouldNotBeEmpty();
        foreach (var (cache, content) in caches)
        {
            for (var offset = 0; offset < content.Length; offset += Math.Max(1, content.Length / FlipsPerCache))
            {
                var copy = objects.Copy();
                copy.Contents[cache][offset] ^= 1;

                (await NextStatesAsync(copy, keys)).ShouldBe(expected, $"{cache} at {offset}");

                (await FindsDamageAsync(copy, keys)).ShouldBeFalse($"{cache} at {offset}");
            }
        }
    }

    [Fact]
    public async Task Every_object_that_is_dropped_cut_lengthened_or_emptied_is_found()
    {
        var objects = await CreateAsync();
        foreach (var (name, content) in Kept(objects))
        {
            // The newest of a chain alone can vanish without a trace in the store: only who remembers it can tell.
            if (!IsNewestOfChain(objects, name) && !IsDerived(name)) await CheckAsync("dropped", name, content, () => objects.DeleteAsync(name, Cancellation));
            await CheckAsync("cut", name, content, () => PutAsync(objects, name, content[..^1]));
            await CheckAsync("lengthened", name, content, () => PutAsync(objects, name, [.. content, 0]));
            await CheckAsync("emptied", name, content, () => PutAsync(objects, name, []));
        }

        (await FindsDamageAsync(objects)).ShouldBeFalse("undamaged again, it must be sound");

        async Task CheckAsync(string how, string name, byte[] content, Func<Task> damage)
        {
            await damage();
            (await FindsDamageAsync(objects)).ShouldBeTrue($"{name} {how}");
            await PutAsync(objects, name, content);
        }
    }

    [Fact]
    public Task Some_objects_that_are_swapped_or_in_anothers_place_are_found() => SwapAsync(step: 41);

    [Fact]
    [Trait("Stage", "faults")]
    public Task Every_two_objects_that_are_swapped_and_every_object_in_anothers_place_are_found() => SwapAsync(step: 1);

    private static async Task SwapAsync(int step)
    {
        var objects = await CreateAsync();
        var (kept, pair) = (Kept(objects), 0);
        foreach (var (name, content) in kept)
        {
            foreach (var (otherName, otherContent) in kept.Where(other => string.CompareOrdinal(other.Name, name) < 0))
            {
                if (pair++ % step != 0) continue;
                await PutAsync(objects, name, otherContent);
                (await FindsDamageAsync(objects)).ShouldBeTrue($"{otherName} is in the place of {name} too");
                await PutAsync(objects, otherName, content);
                (await FindsDamageAsync(objects)).ShouldBeTrue($"{name} and {otherName} are swapped");
                await PutAsync(objects, name, content);
                (await FindsDamageAsync(objects)).ShouldBeTrue($"{name} is in the place of {otherName} too");
                await PutAsync(objects, otherName, otherContent);
            }
        }
    }

    /// <summary>An older state of the whole store is found by who remembers a newer snapshot; an older object in a newer store, by everybody.</summary>
    [Fact]
    public async Task An_older_state_is_found()
    {
        var clock = EverythingVault.NewClock();
        var objects = new MemoryObjects(clock);
        var vault = await EverythingVault.CreateAsync(objects, TestKeys, recoveryPublicKeyPem: null, clock, Cancellation);
        var older = objects.Copy();
        await vault.SetRetentionAsync(EverythingVault.Source, new RetentionPolicy { KeepAllDays = 8 }, Cancellation);
        var newest = (await vault.FindNewestSnapshotAsync(EverythingVault.Source, Cancellation))!;
        var request = new VerifyRequest { Level = VerifyLevel.Chain, Known = [new KnownSnapshot(EverythingVault.Source, newest.Seq, newest.ManifestSha256)] };

        (await vault.VerifyAsync(request, Cancellation)).Problems.ShouldBeEmpty();
        (await (await BackupVault.OpenAsync(older, TestKeys, new VaultOptions(), Cancellation)).VerifyAsync(request, Cancellation)).IsSound.ShouldBeFalse();
    }

    /// <summary>The states after one more backup of every stream, which compares with the key indexes.</summary>
    private static async Task<List<string>> NextStatesAsync(MemoryObjects objects, IVaultKeys keys)
    {
        var vault = await BackupVault.OpenAsync(objects, keys, new VaultOptions(), Cancellation);
        var states = new List<string>();
        foreach (var source in await BackupVaultTests.ToListAsync(vault.ListSourcesAsync(Cancellation)))
        {
            var outcomes = new List<StreamOutcome>();
            foreach (var stream in (await vault.FindNewestSnapshotAsync(source, Cancellation))!.Streams)
            {
                await using var backup = await vault.BackUpStreamAsync(Request("next", ReadMode.Incremental, stream.Stream) with { Source = source }, Cancellation);
                await backup.WriteAsync(Utf8("""{"id":"next"}"""), Cancellation);
                outcomes.Add(await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));
            }

            var snapshot = await vault.CommitAsync(new CommitRequest { Source = source, Run = "next", Outcomes = outcomes }, Cancellation);
            states.AddRange(snapshot.Streams.Select(stream => $"{source} {stream}"));
        }

        return states;
    }

    private static async Task FlipAsync(MemoryObjects objects, IVaultKeys keys, int step)
    {
        var unnoticed = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var places = Kept(objects).SelectMany(item => Enumerable.Range(0, item.Content.Length).Select(offset => (item.Name, Offset: offset))).Where((_, i) => i % step == 0).ToList();

        // Each worker damages a copy of its own.
        await Parallel.ForEachAsync(places.Chunk((places.Count / 2) + 1), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Cancellation }, async (chunk, _) =>
        {
            var copy = objects.Copy();
            var contents = copy.Contents;
            foreach (var (name, offset) in chunk)
            {
                contents[name][offset] ^= 1;
                // Most is found without reading everything, which the whole enumeration would take long for.
                var isSegment = name.StartsWith("s/", StringComparison.Ordinal) || name.StartsWith("f/", StringComparison.Ordinal);
                if (!await FindsDamageAsync(copy, keys, isSegment ? VerifyLevel.Blocks : VerifyLevel.Chain) && !await FindsDamageAsync(copy, keys)) unnoticed.Enqueue($"{name} at {offset}");
                contents[name][offset] ^= 1;
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{places.Count} bytes");
        unnoticed.ShouldBeEmpty();
    }

    private static async Task<MemoryObjects> CreateAsync()
    {
        var clock = EverythingVault.NewClock();
        var objects = new MemoryObjects(clock);
        await EverythingVault.CreateAsync(objects, TestKeys, recoveryPublicKeyPem: null, clock, Cancellation);
        (await FindsDamageAsync(objects)).ShouldBeFalse("undamaged, it is sound");
        return objects;
    }

    /// <summary>Everything but caches, and but what nothing refers to.</summary>
    private static List<(string Name, byte[] Content)> Kept(MemoryObjects objects) =>
        [.. objects.Contents.Where(item => !item.Key.StartsWith("x/", StringComparison.Ordinal)).Select(item => (item.Key, item.Value.ToArray()))];

    /// <summary>What the log's batches tell may be left out: whoever publishes the log makes it again.</summary>
    // A source's registration is of no more use once its manifests say that it has attachments.
    private static bool IsDerived(string name) => name == "log/checkpoint" || name.StartsWith("log/tile/", StringComparison.Ordinal) || name.StartsWith("g/s/", StringComparison.Ordinal);

    private static bool IsNewestOfChain(MemoryObjects objects, string name)
    {
        var folder = name[..(name.LastIndexOf('/') + 1)];
        return folder.Length > 0 && (name[0] is 'm' or 'e' || folder == "log/a/")
            && objects.Contents.Keys.Where(other => other.StartsWith(folder, StringComparison.Ordinal)).Max(StringComparer.Ordinal) == name;
    }

    private static Task PutAsync(MemoryObjects objects, string name, byte[] content) => objects.PutAsync(name, content, PutCondition.Replace, Cancellation);

    private static Task<bool> FindsDamageAsync(MemoryObjects objects) => FindsDamageAsync(objects, TestKeys);

    private static async Task<bool> FindsDamageAsync(MemoryObjects objects, IVaultKeys keys, VerifyLevel level = VerifyLevel.Restore)
    {
        try
        {
            var vault = await BackupVault.OpenAsync(objects, keys, new VaultOptions(), Cancellation);
            return !(await vault.VerifyAsync(new VerifyRequest { Level = level }, Cancellation)).IsSound;
        }
        catch (VaultException)
        {
            return true;
        }
    }
}
