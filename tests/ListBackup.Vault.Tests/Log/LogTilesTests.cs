using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Testing;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Log;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Log;

/// <summary>The log as c2sp.org/tlog-tiles has it: what clients without any of our code would read.</summary>
public sealed class LogTilesTests
{
    private const int RandomSizes = 25;
    private const int RandomSizeMax = 70_000;

    [Fact]
    public void A_log_of_70000_entries_has_the_tiles_that_the_specification_counts()
    {
        var (edge, full) = (new TileEdge(), new List<string>());
        for (var number = 0; number < 70_000; number++) full.AddRange(edge.Add(Entry(number)).Select(tile => tile.Name));

        full.Count(name => name.StartsWith("log/tile/0/", StringComparison.Ordinal)).ShouldBe(273);
        full.Count(name => name.StartsWith("log/tile/entries/", StringComparison.Ordinal)).ShouldBe(273);
        full.Count(name => name.StartsWith("log/tile/1/", StringComparison.Ordinal)).ShouldBe(1);
        full.Count.ShouldBe(273 + 273 + 1);
        edge.Partials().Select(tile => tile.Name).ShouldBe(["log/tile/entries/273.p/112", "log/tile/0/273.p/112", "log/tile/1/001.p/17", "log/tile/2/000.p/1"]);
    }

    [Fact]
    public void A_log_of_256_entries_has_a_full_tile_and_a_hash_above_it()
    {
        var (edge, full) = (new TileEdge(), new List<TileObject>());
        for (var number = 0; number < 256; number++) full.AddRange(edge.Add(Entry(number)));

        full.Select(tile => (tile.Name, tile.IsBundle)).ShouldBe([("log/tile/entries/000", true), ("log/tile/0/000", false)]);
        full[1].Write().Length.ShouldBe(8_192);
        edge.Partials().ShouldHaveSingleItem().Name.ShouldBe("log/tile/1/000.p/1");
        edge.Partials().Single().Write().ShouldBe(edge.Frontier().Root());
    }

    [Fact]
    public async Task Every_proof_from_tiles_leads_to_the_root_and_no_flipped_bit_of_it_does()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int[] sizes = [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, .. Enumerable.Range(0, RandomSizes).Select(_ => random.Next(1, RandomSizeMax))];
        foreach (var size in sizes.Order())
        {
            var (objects, root) = await StoreAsync(size, random.Next(size));
            var tiles = new LogTiles(objects, size);
            (await LogTree.RootAsync(tiles, size, Cancellation)).ShouldBe(root, $"{size}");

            var index = random.Next(size);
            var leaf = LogTree.Leaf(Entry(index));
            var path = await LogTree.InclusionAsync(tiles, index, size, Cancellation);
            LogTree.IsIncluded(leaf, index, size, path, root).ShouldBeTrue($"{index} of {size}");
            foreach (var flipped in Flips([leaf, root, .. path]))
                LogTree.IsIncluded(flipped[0], index, size, [.. flipped.Skip(2)], flipped[1]).ShouldBeFalse($"{index} of {size}, a bit flipped");

            var older = random.Next(1, size + 1);
            var olderRoot = (await StoreAsync(older, 0)).Root;
            var growth = await LogTree.ConsistencyAsync(tiles, older, size, Cancellation);
            LogTree.IsConsistent(older, olderRoot, size, root, growth).ShouldBeTrue($"{older} to {size}");
            foreach (var flipped in Flips([olderRoot, root, .. growth]))
                LogTree.IsConsistent(older, flipped[0], size, flipped[1], [.. flipped.Skip(2)]).ShouldBeFalse($"{older} to {size}, a bit flipped");

            (await tiles.FindAsync(Entry(index), Cancellation)).ShouldBe(index);
            (await tiles.FindAsync(Entry(size), Cancellation)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task What_is_published_at_a_checkpoint_is_read_by_who_knows_only_the_specification()
    {
        var vault = await CreateAsync();
        for (var id = 1; id <= 3; id++) await vault.BackUpAsync(ReadMode.FullSweep, $$"""{"id":{{id}}}""");

        await vault.Vault.PublishLogAsync(Cancellation);

        var contents = ((MemoryObjects)vault.Objects).Contents;
        var (bundle, leaves) = (contents["log/tile/entries/000.p/3"], new List<byte[]>());
        for (var rest = bundle.AsSpan(); rest.Length > 0;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            leaves.Add(SHA256.HashData([0, .. rest.Slice(2, length)]));
            rest = rest[(2 + length)..];
        }

        contents["log/tile/0/000.p/3"].ShouldBe(leaves.SelectMany(leaf => leaf));
        var root = SHA256.HashData([1, .. SHA256.HashData([1, .. leaves[0], .. leaves[1]]), .. leaves[2]]);
        Encoding.UTF8.GetString(contents["log/checkpoint"]).Split('\n')[1..3].ShouldBe(["3", Convert.ToBase64String(root)]);
        contents.Keys.Count(name => name.StartsWith("log/tile/", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Tiles_that_grow_from_checkpoint_to_checkpoint_are_those_of_one_publication()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var objects = new MemoryObjects();
        var core = await OpenCoreAsync(objects);
        for (var size = 0; size < 1_200;)
        {
            var count = random.Next(1, 400);
            for (var done = 0; done < count; done += LogBatch.EntriesMax)
                await AppendAsync(core, size + done, Math.Min(LogBatch.EntriesMax, count - done));
            size += count;
            (await LogPublisher.PublishAsync(core, Cancellation)).Size.ShouldBe(size);

            var atOnce = objects.Copy();
            foreach (var name in Tiles(atOnce)) await atOnce.DeleteAsync(name, Cancellation);
            await LogPublisher.RepublishAsync(await OpenCoreAsync(atOnce), Cancellation);
            foreach (var name in Tiles(atOnce)) objects.Contents[name].ShouldBe(atOnce.Contents[name], name);
            // Partial tiles of earlier checkpoints stay until they are full, and no longer.
            foreach (var name in Tiles(objects).Where(name => name.Contains(".p/", StringComparison.Ordinal))) objects.Contents.Keys.ShouldNotContain(name[..name.IndexOf(".p/", StringComparison.Ordinal)]);
        }
    }

    [Fact]
    public async Task A_publication_reads_the_tiles_right_edge_and_what_is_new()
    {
        var objects = new FaultyObjects(new MemoryObjects());
        var core = await OpenCoreAsync(objects);
        for (var first = 0; first < 5_120; first += LogBatch.EntriesMax) await AppendAsync(core, first, LogBatch.EntriesMax);
        await AppendAsync(core, 5_120, 7);
        await LogPublisher.PublishAsync(core, Cancellation);
        await AppendAsync(core, 5_127, 1);
        var before = objects.Requests.Count;

        await LogPublisher.PublishAsync(core, Cancellation);

        objects.Requests.Skip(before).Count(request => request.Contains("log/a/0", StringComparison.Ordinal)).ShouldBeLessThan(8, string.Join(", ", objects.Requests.Skip(before)));
        objects.Requests.Skip(before).Count().ShouldBeLessThan(24);
    }

    [Fact]
    public async Task Damaged_tiles_are_found_and_made_again_by_who_proves()
    {
        var vault = await CreateAsync();
        for (var id = 1; id <= 3; id++) await vault.BackUpAsync(ReadMode.FullSweep, $$"""{"id":{{id}}}""");
        await vault.Vault.PublishLogAsync(Cancellation);
        var objects = (MemoryObjects)vault.Objects;
        foreach (var name in Tiles(objects))
        {
            objects.Contents[name][^1] ^= 1;
            (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldHaveSingleItem().Object.ShouldBe(name);

            (await vault.Vault.ProveAsync(Source, Contacts, "3", at: 3, Cancellation)).Files.Keys.ShouldContain("checkpoint");

            await vault.ShouldBeSoundAsync();
            await objects.DeleteAsync(name, Cancellation);
            await vault.ShouldBeSoundAsync();
            (await vault.Vault.ProveAsync(Source, Contacts, "3", at: 3, Cancellation)).Files.Keys.ShouldContain("checkpoint");
        }

        await objects.PutAsync("log/tile/0/007", new byte[32], PutCondition.CreateOnly, Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldHaveSingleItem().Object.ShouldBe("log/tile/0/007");
    }

    [Fact]
    public async Task The_growth_since_a_checkpoint_is_proven_in_the_words_of_witnesses()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        var older = (await vault.Vault.PublishLogAsync(Cancellation)).Note;
        for (var id = 2; id <= 5; id++) await vault.BackUpAsync(ReadMode.FullSweep, $$"""{"id":{{id}}}""");

        var lines = Encoding.UTF8.GetString(await vault.Vault.ProveGrowthAsync(older, Cancellation)).Split('\n');

        lines[0].ShouldBe("old 1");
        var path = lines.Skip(1).TakeWhile(line => line.Length > 0).Select(Convert.FromBase64String).ToList();
        var checkpoint = lines.Skip(path.Count + 2).ToList();
        checkpoint[1].ShouldBe("5");
        var olderRoot = Convert.FromBase64String(Encoding.UTF8.GetString(older).Split('\n')[2]);
        LogTree.IsConsistent(1, olderRoot, 5, Convert.FromBase64String(checkpoint[2]), path).ShouldBeTrue();
        Encoding.UTF8.GetString(await vault.Vault.ProveGrowthAsync(older: null, Cancellation)).ShouldStartWith("old 0\n\nlistbackup/vault/");
    }

    [Fact]
    public async Task A_log_that_was_rolled_back_or_rewritten_has_no_proof_of_growth()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        var before = objects.Copy();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":2}""");
        var known = (await vault.Vault.PublishLogAsync(Cancellation)).Note;
        var other = await CreateAsync(before);

        await Should.ThrowAsync<VaultDamagedException>(() => other.Vault.ProveGrowthAsync(known, Cancellation));
        await other.BackUpAsync(Request("another"), """{"id":"another"}""");
        await other.BackUpAsync(Request("one more"), """{"id":"one more"}""");
        await Should.ThrowAsync<VaultDamagedException>(() => other.Vault.ProveGrowthAsync(known, Cancellation));
    }

    [Fact]
    public async Task A_lost_log_beside_the_kept_note_of_its_end_is_noticed()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        for (var id = 1; id <= 3; id++) await vault.BackUpAsync(ReadMode.FullSweep, $$"""{"id":{{id}}}""");
        await vault.Vault.PublishLogAsync(Cancellation);
        foreach (var name in objects.Contents.Keys.Where(name => name.StartsWith("log/", StringComparison.Ordinal)).ToList()) await objects.DeleteAsync(name, Cancellation);
        await vault.ReopenAsync();

        (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldHaveSingleItem().Message.ShouldContain("newest batches are lost");
        await Should.ThrowAsync<VaultDamagedException>(() => vault.Vault.PublishLogAsync(Cancellation));

        // A backup goes on, and what it appends does not hide the loss.
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":4}""");
        (await vault.VerifyAsync(VerifyLevel.Chain)).IsSound.ShouldBeFalse();
        await Should.ThrowAsync<VaultDamagedException>(() => vault.Vault.PublishLogAsync(Cancellation));
    }

    [Fact]
    public async Task A_log_that_is_given_up_is_begun_anew()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        for (var id = 1; id <= 3; id++) await vault.BackUpAsync(ReadMode.FullSweep, $$"""{"id":{{id}}}""");
        foreach (var name in objects.Contents.Keys.Where(name => name.StartsWith("log/", StringComparison.Ordinal) || name == "x/log").ToList()) await objects.DeleteAsync(name, Cancellation);
        await vault.ReopenAsync();

        (await vault.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(3);

        await vault.ShouldBeSoundAsync();
    }

    private static byte[] Entry(int number) => Encoding.UTF8.GetBytes($"entry {number}");

    /// <summary>The tiles of a log that was published at an earlier size and then at this one.</summary>
    private static async Task<(MemoryObjects Objects, byte[] Root)> StoreAsync(int size, int published)
    {
        var (objects, edge) = (new MemoryObjects(), new TileEdge());
        for (var number = 0; number < size; number++)
        {
            foreach (var full in edge.Add(Entry(number))) await objects.PutAsync(full.Name, full.Write(), PutCondition.Replace, Cancellation);
            if (edge.Size != published) continue;
            foreach (var partial in edge.Partials()) await objects.PutAsync(partial.Name, partial.Write(), PutCondition.Replace, Cancellation);
            edge = await new LogTiles(objects, published).ReadEdgeAsync(Cancellation);
        }

        foreach (var partial in edge.Partials()) await objects.PutAsync(partial.Name, partial.Write(), PutCondition.Replace, Cancellation);
        return (objects, edge.Frontier().Root());
    }

    /// <summary>The hashes with one bit turned, each bit of each hash in turn.</summary>
    private static IEnumerable<List<byte[]>> Flips(IReadOnlyList<byte[]> hashes)
    {
        for (var hash = 0; hash < hashes.Count; hash++)
        {
            for (var bit = 0; bit < 8 * LogTree.HashByteCount; bit++)
            {
                var flipped = hashes.Select(bytes => bytes.ToArray()).ToList();
                flipped[hash][bit / 8] ^= (byte)(1 << (bit % 8));
                yield return flipped;
            }
        }
    }

    private static List<string> Tiles(MemoryObjects objects) => [.. objects.Contents.Keys.Where(name => name.StartsWith("log/tile/", StringComparison.Ordinal))];

    private static async Task<VaultCore> OpenCoreAsync(IObjectStore objects) =>
        new(objects, TestKeys, await VaultKeyFiles.CreateAsync(objects, TestKeys, recoveryPublicKeyPem: null, Cancellation), new VaultOptions());

    private static Task AppendAsync(VaultCore core, int first, int count) =>
        core.Log.AppendAsync(head => Task.FromResult<IReadOnlyList<LogEntry>>(head.Size > first ? [] : [.. Enumerable.Range(first, count).Select(number => LogEntry.Report($"v/{number}.json", new string('0', 64)))]), Cancellation);
}
