using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Verifying;

public sealed class VerifierTests
{
    [Fact]
    [Trait("Stage", "faults")]
    public async Task Every_flipped_byte_is_found()
    {
        var objects = await SmallVaultAsync();

        await FlippedBytes.ShouldBeFoundAsync(Kept(objects), () => IsFoundSoundAsync(objects));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task Every_flipped_byte_of_a_segment_is_found_when_it_is_read_in_pieces(int pieceBytes)
    {
        var objects = await SmallVaultAsync();
        var options = new VaultOptions { ReadWindowBytesMax = pieceBytes };
        var unnoticed = new List<string>();
        (await IsFoundSoundAsync(objects, options)).ShouldBeTrue();

        foreach (var (name, content) in Kept(objects).Where(item => item.Key.StartsWith("s/", StringComparison.Ordinal)))
        {
            for (var offset = 0; offset < content.Length; offset++)
            {
                content[offset] ^= 0x01;
                if (await IsFoundSoundAsync(objects, options)) unnoticed.Add($"{name} at {offset}");
                content[offset] ^= 0x01;
            }

            foreach (var length in new[] { content.Length - 1, content.Length + 1, 30 })
            {
                await objects.PutAsync(name, content.Concat(new byte[1]).Take(length).ToArray(), PutCondition.Replace, Cancellation);
                if (await IsFoundSoundAsync(objects, options)) unnoticed.Add($"{name} of {length} bytes");
            }

            await objects.PutAsync(name, content, PutCondition.Replace, Cancellation);
        }

        unnoticed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_object_that_is_dropped_cut_or_lengthened_is_found()
    {
        var objects = await SmallVaultAsync();

        foreach (var (name, content) in Kept(objects))
        {
            await Check(name, "dropped", () => objects.DeleteAsync(name, Cancellation));
            await Check(name, "cut", () => objects.PutAsync(name, content.AsMemory(0, content.Length - 1), PutCondition.Replace, Cancellation));
            await Check(name, "lengthened", () => objects.PutAsync(name, (byte[])[.. content, 0], PutCondition.Replace, Cancellation));
            await Check(name, "emptied", () => objects.PutAsync(name, ReadOnlyMemory<byte>.Empty, PutCondition.Replace, Cancellation));

            async Task Check(string damaged, string how, Func<Task> damage)
            {
                await damage();
                (await IsFoundSoundAsync(objects)).ShouldBeFalse($"{damaged} {how}");
                await objects.PutAsync(damaged, content, PutCondition.Replace, Cancellation);
            }
        }
    }

    [Fact]
    public async Task Every_two_objects_that_are_swapped_are_found()
    {
        var objects = await SmallVaultAsync();
        var kept = Kept(objects).ToList();

        for (var i = 0; i < kept.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                await objects.PutAsync(kept[i].Key, kept[j].Value, PutCondition.Replace, Cancellation);
                await objects.PutAsync(kept[j].Key, kept[i].Value, PutCondition.Replace, Cancellation);
                (await IsFoundSoundAsync(objects)).ShouldBeFalse($"{kept[i].Key} and {kept[j].Key} swapped");
                await objects.PutAsync(kept[i].Key, kept[i].Value, PutCondition.Replace, Cancellation);
                await objects.PutAsync(kept[j].Key, kept[j].Value, PutCondition.Replace, Cancellation);
            }
        }
    }

    [Fact]
    public async Task A_rollback_is_found_by_who_remembers()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        var older = objects.Copy();
        var newest = await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        var request = new VerifyRequest { Level = VerifyLevel.Chain, Known = [new KnownSnapshot(Source, newest.Seq, newest.ManifestSha256)] };

        (await vault.Vault.VerifyAsync(request, Cancellation)).IsSound.ShouldBeTrue();
        (await (await CreateAsync(older)).Vault.VerifyAsync(request, Cancellation)).IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task A_report_names_the_object_and_the_place()
    {
        var objects = await SmallVaultAsync();
        var (name, content) = Kept(objects).Single(item => item.Key.StartsWith("s/", StringComparison.Ordinal) && item.Key.Contains("000000000001-"));
        content[20] ^= 0x80;

        var report = await (await CreateAsync(objects)).VerifyAsync(VerifyLevel.Blocks);

        report.Problems.ShouldContain(problem => problem.Object == name && problem.Offset > 0);
        report.Blocks.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_drill_opens_what_the_level_before_it_opens_and_no_block_twice()
    {
        var vault = await CreateAsync(await SmallVaultAsync());

        var (blocks, drill) = (await vault.VerifyAsync(VerifyLevel.Blocks), await vault.VerifyAsync(VerifyLevel.Restore));

        blocks.Versions.ShouldBeGreaterThan(0);
        (drill.Blocks, drill.Versions).ShouldBe((blocks.Blocks, blocks.Versions));
        drill.Roots.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_damaged_in_one_snapshot_does_not_hide_that_another_is_whole()
    {
        var objects = await SmallVaultAsync();
        var (name, content) = Kept(objects).Single(item => item.Key.StartsWith("s/", StringComparison.Ordinal) && item.Key.Contains("000000000002-"));
        content[20] ^= 0x80;

        var report = await (await CreateAsync(objects)).VerifyAsync(VerifyLevel.Restore);

        report.Roots.ShouldBe(1);
        report.Problems.ShouldNotBeEmpty();
        report.Problems.ShouldAllBe(problem => problem.Object == name);
    }

    [Fact]
    public async Task Caches_may_be_deleted_or_damaged_at_any_time()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        foreach (var (_, content) in objects.Contents.Where(item => item.Key.StartsWith("x/", StringComparison.Ordinal))) content[content.Length / 2] ^= 1;
        await vault.ReopenAsync();

        var damaged = await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":3}""");
        foreach (var name in objects.Contents.Keys.Where(name => name.StartsWith("x/", StringComparison.Ordinal))) await objects.DeleteAsync(name, Cancellation);
        await vault.ReopenAsync();
        var deleted = await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":3}""");

        (damaged.Streams[0].Added, damaged.Streams[0].Deleted).ShouldBe((1, 1));
        (deleted.Streams[0].Added, deleted.Streams[0].Changed, deleted.Streams[0].Deleted).ShouldBe((0, 0, 0));
        await vault.ShouldBeSoundAsync();
    }

    private static async Task<MemoryObjects> SmallVaultAsync()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1,"text":"one"}""", """{"id":2}""");
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1,"text":"two"}""", """{"id":3}""");
        return objects;
    }

    /// <summary>Everything but caches.</summary>
    private static IEnumerable<KeyValuePair<string, byte[]>> Kept(MemoryObjects objects) =>
        objects.Contents.Where(item => !item.Key.StartsWith("x/", StringComparison.Ordinal)).ToList();

    private static async Task<bool> IsFoundSoundAsync(MemoryObjects objects, VaultOptions? options = null)
    {
        try
        {
            var vault = await BackupVault.OpenAsync(objects, TestKeys, options ?? new VaultOptions(), Cancellation);
            return (await vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Restore }, Cancellation)).IsSound;
        }
        catch (VaultException)
        {
            return false;
        }
    }
}
