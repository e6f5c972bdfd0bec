using System.Security.Cryptography;
using ListBackup.Testing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Tests.Searching;
using ZstdSharp;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Format;

/// <summary>Footers of large sections: pages that list the blocks, and a footer that lists the pages.</summary>
public sealed class FooterTests
{
    private const int Groups = 256;
    private const int PageBlocks = 8;
    private static readonly VaultOptions s_paged = new() { FooterPageBlocks = PageBlocks };

    [Fact]
    public async Task Large_sections_are_restored_followed_changed_merged_erased_from_and_verified_through_their_pages()
    {
        var vault = await CreateAsync(new MemoryObjects(), s_paged);
        string[] first = [.. Enumerable.Range(0, 300).Select(id => Record(id, 1))];
        await vault.BackUpAsync(Large(vault.NextRun()), first);
        string[] second = [.. Enumerable.Range(0, 300).Select(id => Record(id, id % 2 == 0 ? 1 : 2))];
        await vault.BackUpAsync(Large(vault.NextRun()), second);
        (await FootersAsync(vault)).ShouldAllBe(footer => footer.Pages != null);

        for (var turn = 0; turn < 2; turn++)
        {
            await vault.ReopenAsync(s_paged);
            (await vault.RestoreAsync(1)).Order(StringComparer.Ordinal).ShouldBe(first.Order(StringComparer.Ordinal));
            (await vault.RestoreAsync()).Order(StringComparer.Ordinal).ShouldBe(second.Order(StringComparer.Ordinal));
            await vault.ShouldBeSoundAsync();
            await vault.ReopenAsync(s_paged);
            var (history, reader) = (await vault.Vault.OpenHistoryAsync(Source, Contacts, Cancellation), await vault.Vault.OpenSnapshotAsync(Source, null, Cancellation));
            foreach (var id in Enumerable.Range(0, 300))
            {
                (await history.ReadAsync($"{id}", Cancellation)).Select(version => version.Seq).ShouldBe(id % 2 == 0 ? [1] : [1, 2]);
                (await reader.FindAsync(Contacts, $"{id}", Cancellation)).ShouldNotBeNull();
            }

            (await history.ReadAsync("nobody", Cancellation)).ShouldBeEmpty();
            await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        }

        await vault.Vault.EraseAsync(Erasing.ErasureTests.RequestFor("7", "8"), Cancellation);
        await vault.ReopenAsync(s_paged);
        (await vault.RestoreAsync()).Count.ShouldBe(298);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task One_record_costs_one_page_of_each_large_section()
    {
        var counting = new CountingObjects(new MemoryObjects());
        var vault = await CreateAsync(counting, s_paged);
        for (var day = 1; day <= 3; day++) await vault.BackUpAsync(Large(vault.NextRun()), [.. Enumerable.Range(0, 600).Select(id => Record(id, day))]);
        var footers = await FootersAsync(vault);
        var tables = footers.Sum(footer => footer.Offset + footer.Length - footer.Pages!.Value);

        await vault.ReopenAsync();
        var history = await vault.Vault.OpenHistoryAsync(Source, Contacts, Cancellation);
        // The stream's keys are read once.
        (await history.ReadAsync("somebody else", Cancellation)).ShouldBeEmpty();
        var before = counting.BytesRead;
        (await history.ReadAsync("7", Cancellation)).Count.ShouldBe(3);
        var pages = counting.BytesRead - before;

        // A page of 8 blocks of some 240, and the block.
        pages.ShouldBeLessThan(tables / 3);
        before = counting.BytesRead;
        (await history.ReadAsync("7", Cancellation)).Count.ShouldBe(3);
        counting.BytesRead.ShouldBe(before, "what was read is remembered");
    }

    [Fact]
    public async Task Every_flipped_byte_of_pages_and_footer_is_found_by_verification_and_misleads_no_reader()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, new VaultOptions { FooterPageBlocks = 2 });
        var request = Large(vault.NextRun());
        await vault.BackUpAsync(request with { Settings = request.Settings with { ExpectedRecords = 32 * 1_024 } }, [.. Enumerable.Range(0, 16).Select(id => Record(id, 1))]);
        var footer = (await FootersAsync(vault)).ShouldHaveSingleItem();
        var segment = objects.Contents.Single(item => item.Key.StartsWith("s/", StringComparison.Ordinal)).Value;

        for (var place = (int)footer.Pages!.Value; place < segment.Length; place++)
        {
            segment[place] ^= 1;
            await vault.ReopenAsync();
            (await vault.VerifyAsync(VerifyLevel.Blocks)).Problems.ShouldNotBeEmpty($"at {place}");
            for (var id = 0; id < 16; id += 5)
            {
                try
                {
                    (await vault.Vault.GetHistoryAsync(Source, Contacts, $"{id}", Cancellation)).ShouldHaveSingleItem().Json!.Value.ToArray().ShouldBe(Utf8(Record(id, 1)));
                }
                catch (VaultDamagedException)
                {
                    // Told, and nothing wrong was given out; a page that this record does not need it does not meet.
                }
            }

            segment[place] ^= 1;
        }

        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public void Pages_that_are_not_what_the_footer_says_are_damage()
    {
        var (segment, blocks) = (new BlockBuffer(), new List<BlockEntry>());
        for (var group = 0; group < 8; group++) blocks.Add(new BlockEntry(group, 8 + (group * 20), 20, 1, Convert.ToHexStringLower(SHA256.HashData([(byte)group]))));
        using var compressor = new Compressor(3);
        var pages = FooterColumns.WritePages(blocks, 4, compressor, segment);
        var (first, second) = (segment.Written[..pages.Lengths[0]].ToArray(), segment.Written[pages.Lengths[0]..].ToArray());
        pages.ReadPage(0, first, 8, "test").Select(block => block.Group).ShouldBe([0, 1, 2, 3]);
        pages.ReadPage(1, second, 8, "test")[3].ShouldBe(blocks[7] with { Sha256 = blocks[7].Sha256[..32] });

        Refused(pages, 0, second);
        Refused(pages, 0, []);
        Refused(pages with { Groups = [1, 4] }, 0, first);
        Refused(pages with { Groups = [0, 3] }, 0, first);
        Refused(pages, 1, second, groups: 4);
        foreach (var wrong in new[]
        {
            FooterColumns.Of(blocks[..4]) with { Rows = null },
            FooterColumns.Of(blocks[..4]) with { Rows = [1] },
            FooterColumns.Of(blocks[..4]) with { Groups = [0, 2, 1, 3] },
            FooterColumns.Of(blocks[..4]) with { Lengths = [1, 1, 1, 0] },
            FooterColumns.Of(blocks[..4]) with { Offset = long.MaxValue },
            FooterColumns.Of(blocks[..4]) with { Hashes = "" },
        })
        {
            var frame = compressor.Wrap(CanonicalJson.Write(wrong, FormatJson.Default.FooterColumns)).ToArray();
            Refused(new FooterColumns([0], Convert.ToHexStringLower(SHA256.HashData(frame))[..32], [frame.Length], 8), 0, frame);
        }

        static void Refused(FooterColumns pages, int page, byte[] bytes, int groups = 8) =>
            Should.Throw<VaultDamagedException>(() => pages.ReadPage(page, bytes, groups, "test")).ObjectName.ShouldBe("test");
    }

    [Theory]
    [InlineData(0, 1, 0, 1)]
    [InlineData(3, 4, 0, 1)]
    [InlineData(4, 5, 1, 1)]
    [InlineData(7, 10, 1, 2)]
    [InlineData(8, 16, 1, 2)]
    [InlineData(0, 16, 0, 3)]
    [InlineData(15, 16, 2, 1)]
    public void The_pages_of_some_groups_are_those_that_may_list_them(int firstGroup, int endGroup, int firstPage, int count) =>
        new FooterColumns([0, 4, 9], new string('0', 96), [1, 1, 1], 8).PagesOf(firstGroup, endGroup).ShouldBe((firstPage, count));

    [Fact]
    public void No_page_lists_groups_before_the_first_pages() => new FooterColumns([4], new string('0', 32), [1], 8).PagesOf(0, 4).Count.ShouldBe(0);

    private static StreamBackupRequest Large(string run)
    {
        var request = Request(run);
        return request with { Settings = request.Settings with { ExpectedRecords = Groups * 1_024 } };
    }

    private static string Record(int id, int day) => $$"""{"id":{{id}},"day":{{day}}}""";

    private static async Task<List<FooterReference>> FootersAsync(VaultFixture vault)
    {
        var manifests = new ManifestStore(vault.Objects, await VaultKeyFiles.OpenAsync(vault.Objects, TestKeys, Cancellation));
        var newest = await manifests.FindNewestAsync(Source, Cancellation);
        return [.. newest!.Manifest.Streams[Contacts].Sections.Select(section => section.Footer)];
    }
}
