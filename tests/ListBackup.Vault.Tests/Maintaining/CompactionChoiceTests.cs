using ListBackup.Vault.Format;
using ListBackup.Vault.Maintaining;

namespace ListBackup.Vault.Tests.Maintaining;

public sealed class CompactionChoiceTests
{
    private static readonly KeptSnapshots s_all = new([]);

    [Fact]
    public void A_base_with_a_few_small_changes_is_left_alone() => Choose([1_000, 10, 10, 10]).ShouldBeNull();

    [Fact]
    public void Four_of_like_size_are_merged_without_the_base() => Choose([1_000, 10, 10, 10, 10]).ShouldBe(1..);

    [Fact]
    public void Days_that_differ_a_little_are_of_like_size() => Choose([125_630, 2_750, 2_680, 2_760, 2_680, 2_760, 2_690]).ShouldBe(1..);

    [Fact]
    public void Older_layers_go_along_while_they_are_of_like_size_as_the_newer_together() => Choose([1_000, 40, 10, 10, 10, 10]).ShouldBe(1..);

    [Fact]
    public void A_larger_one_ends_the_run() => Choose([1_000, 90, 10, 10, 10, 10]).ShouldBe(2..);

    [Fact]
    public void Changes_as_large_as_the_base_are_merged_into_it() => Choose([30, 10, 10, 10]).ShouldBe(0..);

    [Fact]
    public void However_they_differ_no_more_than_twenty_layers_are_left()
    {
        var sizes = Enumerable.Range(0, 25).Select(i => 1L << (2 * (27 - i))).ToArray();

        var range = Choose(sizes)!.Value;

        (range.Start.GetOffset(25) + 1).ShouldBe(CompactionChoice.LayersMax);
        range.End.ShouldBe(Index.End);
    }

    [Fact]
    public void Whatever_the_history_a_stream_that_is_compacted_each_time_has_few_layers_and_each_byte_is_written_seldom()
    {
        List<long> layers = [120_000];
        var (written, arrived) = (0L, 0L);
        for (var day = 0; day < 1_000; day++)
        {
            var size = 1_000 + (day * 7_919 % 1_400);
            layers.Add(size);
            arrived += size;
            if (Choose([.. layers]) is not { } range) continue;
            var merged = layers.ToArray()[range].Sum();
            layers = [.. layers.ToArray()[..range.Start], merged];
            written += merged;
            layers.Count.ShouldBeLessThanOrEqualTo(CompactionChoice.LayersMax);
        }

        ((double)written / arrived).ShouldBeLessThan(10);
    }

    [Fact]
    public void Everything_is_written_again_when_a_quarter_is_needed_by_nobody()
    {
        IReadOnlyList<Layer> layers = [LayerOf(0, 1_000, rows: 100, to: 1), LayerOf(1, 10, rows: 60, to: 20)];

        CompactionChoice.Choose(layers, live: 100, newestSeq: 21, s_all, isFull: false).ShouldBeNull();
        CompactionChoice.Choose(layers, live: 100, newestSeq: 21, new KeptSnapshots([new SeqRange(1, 19)]), isFull: false).ShouldBe(Range.All);
        CompactionChoice.Choose(layers, live: 160, newestSeq: 21, new KeptSnapshots([new SeqRange(1, 19)]), isFull: false).ShouldBeNull("every version is alive");
    }

    [Fact]
    public void What_is_left_out_already_is_not_looked_for_again()
    {
        IReadOnlyList<Layer> layers = [LayerOf(0, 1_000, rows: 160, to: 20) with { Expired = 19 }];

        CompactionChoice.Choose(layers, live: 100, newestSeq: 21, new KeptSnapshots([new SeqRange(1, 19)]), isFull: false).ShouldBeNull();
        CompactionChoice.Choose(layers, live: 100, newestSeq: 21, new KeptSnapshots([new SeqRange(1, 19)]), isFull: true).ShouldBeNull();
        CompactionChoice.Choose(layers, live: 100, newestSeq: 21, new KeptSnapshots([new SeqRange(1, 20)]), isFull: true).ShouldBe(Range.All);
    }

    [Fact]
    public void Sections_of_one_commit_are_one_layer()
    {
        var layers = CompactionChoice.LayersOf([Section(1, 1), Section(1, 1), Section(2, 2), Section(3, 9)]);

        layers.Select(layer => (layer.First, layer.Count, layer.To)).ShouldBe([(0, 2, 1), (2, 1, 2), (3, 1, 9)]);
    }

    private static Range? Choose(long[] bytes) =>
        CompactionChoice.Choose([.. bytes.Select((size, i) => LayerOf(i, size, size, i + 1))], bytes.Sum(), bytes.Length, s_all, isFull: false);

    private static Layer LayerOf(int first, long bytes, long rows, long to) => new(first, 1, bytes, rows, to, 0);

    private static SectionReference Section(long from, long to) => new()
    {
        Object = "s/x", Size = 1, Sha256 = "", Footer = new FooterReference(0, 0, ""), Section = "", Bytes = 1, Rows = 1, From = from, To = to,
    };
}
