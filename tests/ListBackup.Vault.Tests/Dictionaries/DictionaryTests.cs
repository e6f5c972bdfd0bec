using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Dictionaries;

public sealed class DictionaryTests
{
    private static readonly VaultOptions s_eager = new() { DictionaryRowsMin = 60 };

    [Fact]
    public async Task Small_changes_are_compressed_with_one_dictionary_that_is_stored_once()
    {
        var (with, without) = (new MemoryObjects(), new MemoryObjects());
        var vault = await CreateAsync(with, s_eager);
        await BackUpDaysAsync(vault);
        await BackUpDaysAsync(await CreateAsync(without, s_eager with { DictionaryRowsMin = int.MaxValue }));

        DictionariesOf(with).Count.ShouldBe(1);
        SegmentBytes(with).ShouldBeLessThan(SegmentBytes(without) * 9 / 10);
        await ShouldHoldEverythingAsync(vault);
        (await vault.Vault.GetStatsAsync(Cancellation)).DictionaryBytes.ShouldBe(DictionariesOf(with).Single().Value.Length);
    }

    [Fact]
    public async Task Another_process_reads_it_and_goes_on_with_it()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, s_eager);
        await BackUpDaysAsync(vault);

        await vault.ReopenAsync(s_eager);
        await vault.BackUpAsync(ReadMode.Incremental, Records(9, "visit"));

        DictionariesOf(objects).Count.ShouldBe(1);
        (await vault.RestoreAsync()).ShouldBe(Records(9, "visit"), ignoreOrder: true);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task One_that_stopped_to_pay_is_replaced_and_still_read()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, s_eager);
        await BackUpDaysAsync(vault);

        await vault.BackUpAsync(ReadMode.Incremental, [.. Enumerable.Range(0, 200).Select(Redesigned)]);

        DictionariesOf(objects).Count.ShouldBe(2);
        (await vault.RestoreAsync()).ShouldBe([.. Enumerable.Range(0, 200).Select(Redesigned)], ignoreOrder: true);
        await ShouldHoldEverythingAsync(vault);
    }

    [Fact]
    public async Task A_compaction_of_small_layers_goes_on_with_it()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, s_eager);
        await BackUpDaysAsync(vault);

        var report = await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);

        report.Streams.ShouldHaveSingleItem().BytesAfter.ShouldBeLessThan(report.Streams[0].BytesBefore);
        await ShouldHoldEverythingAsync(vault);
    }

    [Fact]
    public async Task Large_blocks_need_none()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, s_eager);
        await vault.BackUpAsync(ReadMode.FullSweep, Records(0, "visit", 600, groups: 1));
        await vault.BackUpAsync(ReadMode.FullSweep, Records(1, "visit", 600, groups: 1));

        DictionariesOf(objects).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_damage_to_a_dictionary_is_found()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, s_eager);
        await BackUpDaysAsync(vault);
        var (name, content) = DictionariesOf(objects).Single();

        for (var offset = 0; offset < content.Length; offset++)
        {
            content[offset] ^= 1;
            (await vault.VerifyAsync(VerifyLevel.Blocks)).Problems.ShouldContain(problem => problem.Object == name, $"byte {offset}");
            content[offset] ^= 1;
        }

        await objects.PutAsync(name, content.AsMemory(0, content.Length - 1), PutCondition.Replace, Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Objects)).Problems.ShouldContain(problem => problem.Object == name, "cut");
        await objects.DeleteAsync(name, Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Objects)).Problems.ShouldContain(problem => problem.Object == name, "dropped");
        (await vault.VerifyAsync(VerifyLevel.Blocks)).Problems.ShouldContain(problem => problem.Object == name, "dropped");
    }

    private static async Task BackUpDaysAsync(VaultFixture vault)
    {
        for (var day = 0; day < 3; day++)
        {
            var request = Request(vault.NextRun());
            await vault.BackUpAsync(request with { Settings = request.Settings with { ExpectedRecords = 16_000 } }, Records(day, "visit"));
        }
    }

    private static async Task ShouldHoldEverythingAsync(VaultFixture vault)
    {
        for (var day = 0; day < 3; day++) (await vault.RestoreAsync(day + 1)).ShouldBe(Records(day, "visit"), ignoreOrder: true);
        await vault.ShouldBeSoundAsync();
    }

    private static string[] Records(int day, string what, int count = 200, int groups = 16) =>
        [.. Enumerable.Range(0, count).Select(id => $$"""{"id":{{id}},"{{what}}":{"day":{{day}},"weather_at_the_time":"{{(id % 2 == 0 ? "sunny with light wind" : "rain from the west")}}","number":{{id * 31}} },"padding":"{{new string('x', groups == 1 ? 200 : 0)}}"}""")];

    private static string Redesigned(int id) => $$"""{"id":{{id}},"entirely":["another","layout"],"of_the_record":{"since_the_new_version":true,"colour":"{{(id % 3 == 0 ? "crimson and gold" : "ultramarine")}}"} }""";

    private static List<KeyValuePair<string, byte[]>> DictionariesOf(MemoryObjects objects) => [.. objects.Contents.Where(item => item.Key.StartsWith("d/", StringComparison.Ordinal))];

    private static long SegmentBytes(MemoryObjects objects) => objects.Contents.Where(item => item.Key.StartsWith("s/", StringComparison.Ordinal)).Sum(item => (long)item.Value.Length);
}
