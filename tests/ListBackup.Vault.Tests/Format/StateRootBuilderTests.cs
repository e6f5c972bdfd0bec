using ListBackup.Vault.Format;

namespace ListBackup.Vault.Tests.Format;

/// <summary>A root that is built pair by pair is the root of all pairs at once.</summary>
public sealed class StateRootBuilderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(1_025)]
    [InlineData(10_000)]
    public void Built_pair_by_pair_it_is_the_same_root(int count)
    {
        var (keys, records) = Pairs(count);
        var builder = new StateRoot.Builder(count);
        for (var i = 0; i < count; i++) builder.Add(keys[i], records[i]);

        builder.Count.ShouldBe(count);
        builder.Finish().ShouldBe(StateRoot.Of(keys, records));
    }

    [Fact]
    public void All_pairs_in_one_leaf_are_the_same_root()
    {
        // Hashes are uniform but for accidents; the buffer of a leaf has to grow all the same.
        var keys = Enumerable.Range(0, 5_000).Select(i => new Hash128(0, (ulong)i)).ToArray();
        var records = Pairs(5_000).Records;
        var builder = new StateRoot.Builder(5_000);
        for (var i = 0; i < keys.Length; i++) builder.Add(keys[i], records[i]);

        builder.Finish().ShouldBe(StateRoot.Of(keys, records));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Other_pairs_than_expected_have_no_root(int difference)
    {
        var (keys, records) = Pairs(2_000);
        var builder = new StateRoot.Builder(keys.Length + difference);
        for (var i = 0; i < keys.Length; i++) builder.Add(keys[i], records[i]);

        builder.Finish().ShouldBeNull();
    }

    private static (Hash128[] Keys, Hash128[] Records) Pairs(int count)
    {
        var random = new Random(count);
        var keys = Enumerable.Range(0, count).Select(_ => new Hash128((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64())).Order().ToArray();
        return (keys, [.. keys.Select(_ => new Hash128((ulong)random.NextInt64(), (ulong)random.NextInt64()))]);
    }
}
