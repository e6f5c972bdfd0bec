using ListBackup.Vault.Log;

namespace ListBackup.Vault.Tests.Log;

public sealed class LogTreeTests
{
    private const int SizeMax = 40;

    // The eight entries and roots that the tests of RFC 6962's reference implementation use.
    private static readonly string[] s_entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    private static readonly string[] s_roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public async Task Roots_are_those_of_RFC_6962()
    {
        Convert.ToHexStringLower(LogTree.EmptyRoot).ShouldBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        var (leaves, frontier) = (new Leaves(s_entries.Select(Convert.FromHexString)), Frontier.Empty);
        for (var size = 1; size <= s_entries.Length; size++)
        {
            frontier = frontier.With(LogTree.Leaf(Convert.FromHexString(s_entries[size - 1])));
            Convert.ToHexStringLower(frontier.Root()).ShouldBe(s_roots[size - 1]);
            Convert.ToHexStringLower(await LogTree.RootAsync(leaves, size, VaultFixture.Cancellation)).ShouldBe(s_roots[size - 1]);
        }
    }

    // Proofs of the same reference tests over the entries above; the first number of an inclusion counts from 0 here.
    [Theory]
    [InlineData(0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public async Task Inclusion_proofs_are_those_of_the_reference(int index, int size, params string[] path) =>
        (await LogTree.InclusionAsync(new Leaves(s_entries.Select(Convert.FromHexString)), index, size, VaultFixture.Cancellation)).Select(Convert.ToHexStringLower).ShouldBe(path);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public async Task Consistency_proofs_are_those_of_the_reference(int older, int newer, params string[] path) =>
        (await LogTree.ConsistencyAsync(new Leaves(s_entries.Select(Convert.FromHexString)), older, newer, VaultFixture.Cancellation)).Select(Convert.ToHexStringLower).ShouldBe(path);

    [Fact]
    public async Task Every_inclusion_is_proven_and_no_other()
    {
        var leaves = new Leaves(Entries());
        for (var size = 1; size <= SizeMax; size++)
        {
            var root = await LogTree.RootAsync(leaves, size, VaultFixture.Cancellation);
            for (var index = 0; index < size; index++)
            {
                var path = await LogTree.InclusionAsync(leaves, index, size, VaultFixture.Cancellation);

                LogTree.IsIncluded(leaves.At(index), index, size, path, root).ShouldBeTrue($"{index} of {size}");
                LogTree.IsIncluded(leaves.At((index + 1) % SizeMax), index, size, path, root).ShouldBeFalse($"{index} of {size}, another entry");
                LogTree.IsIncluded(leaves.At(index), index, size, [.. path, root], root).ShouldBeFalse($"{index} of {size}, longer");
                if (path.Count > 0) LogTree.IsIncluded(leaves.At(index), index, size, [.. path.Skip(1)], root).ShouldBeFalse($"{index} of {size}, shorter");
                if (size > 1) LogTree.IsIncluded(leaves.At(index), (index + 1) % size, size, path, root).ShouldBeFalse($"{index} of {size}, elsewhere");
            }
        }
    }

    [Fact]
    public async Task Every_growth_is_proven_and_no_rewriting()
    {
        var leaves = new Leaves(Entries());
        var other = new Leaves(Entries().Select((entry, index) => index == 0 ? [9, 9] : entry));
        for (var newer = 1; newer <= SizeMax; newer++)
        {
            var newerRoot = await LogTree.RootAsync(leaves, newer, VaultFixture.Cancellation);
            for (var older = 1; older <= newer; older++)
            {
                var olderRoot = await LogTree.RootAsync(leaves, older, VaultFixture.Cancellation);
                var path = await LogTree.ConsistencyAsync(leaves, older, newer, VaultFixture.Cancellation);

                LogTree.IsConsistent(older, olderRoot, newer, newerRoot, path).ShouldBeTrue($"{older} to {newer}");
                LogTree.IsConsistent(older, await LogTree.RootAsync(other, older, VaultFixture.Cancellation), newer, newerRoot, path).ShouldBeFalse($"{older} to {newer}, rewritten");
                LogTree.IsConsistent(older, olderRoot, newer, newerRoot, [.. path, newerRoot]).ShouldBeFalse($"{older} to {newer}, longer");
            }
        }
    }

    [Theory]
    [InlineData(0, 0, 256, "log/tile/0/000")]
    [InlineData(1, 1_234_067, 256, "log/tile/1/x001/x234/067")]
    [InlineData(0, 273, 112, "log/tile/0/273.p/112")]
    public void Tiles_have_the_paths_of_the_specification(int level, long index, int width, string path) => LogNames.Tile(level, index, width).ShouldBe(path);

    private static IEnumerable<byte[]> Entries() => Enumerable.Range(0, SizeMax).Select(number => new[] { (byte)number });

    private sealed class Leaves(IEnumerable<byte[]> entries) : ISubtrees
    {
        private readonly List<byte[]> _hashes = [.. entries.Select(entry => LogTree.Leaf(entry))];

        public byte[] At(int index) => _hashes[index];

        public ValueTask<byte[]> GetAsync(int height, long index, CancellationToken cancellation) => ValueTask.FromResult(Hash(height, index));

        private byte[] Hash(int height, long index) =>
            height == 0 ? _hashes[(int)index] : LogTree.Node(Hash(height - 1, index * 2), Hash(height - 1, (index * 2) + 1));
    }
}
