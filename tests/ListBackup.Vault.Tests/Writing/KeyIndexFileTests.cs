using System.Security.Cryptography;
using System.Text;
using ListBackup.Vault.Format;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault.Tests.Writing;

public sealed class KeyIndexFileTests
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(8_191)]
    [InlineData(8_192)]
    [InlineData(8_193)]
    [InlineData(20_000)]
    public async Task An_index_comes_back_as_it_was_written(int count)
    {
        var written = new NextIndex(KeyIndex.Empty, Changes(count));
        var bytes = await WriteAsync(written);
        var read = (await KeyIndexFile.ReadAsync(new MemoryStream(bytes), s_key, Cancellation)).ShouldNotBeNull();

        bytes.Length.ShouldBe((int)KeyIndexFile.SizeOf(written));
        (read.Count, read.Root).ShouldBe((count, written.Root));
        foreach (var id in new[] { 0, count / 2, count - 1 })
        {
            var position = read.Find(HashOf(id));
            (Encoding.UTF8.GetString(read.KeyAt(position)), read.RecordHashAt(position)).ShouldBe(($"key {id}", HashOf(-id - 1)));
        }
    }

    [Fact]
    public async Task Changes_on_an_index_are_what_an_index_of_the_result_is()
    {
        var earlier = new NextIndex(KeyIndex.Empty, Changes(1_000)).Build();
        var (changes, expected) = (new ChangeTable(), Changes(1_100));
        for (var id = 0; id < 1_000; id += 7) changes.Set(HashOf(id), null, []);
        for (var id = 3; id < 1_000; id += 7) changes.Set(HashOf(id), HashOf(id * 10), Encoding.UTF8.GetBytes($"key {id}"));
        for (var id = 1_000; id < 1_100; id++) changes.Set(HashOf(id), HashOf(-id - 1), Encoding.UTF8.GetBytes($"key {id}"));
        // Of what was never there nothing goes.
        changes.Set(HashOf(5_000), null, []);
        for (var id = 0; id < 1_000; id += 7) expected.Set(HashOf(id), null, []);
        for (var id = 3; id < 1_000; id += 7) expected.Set(HashOf(id), HashOf(id * 10), []);

        var next = new NextIndex(earlier, changes);

        var (direct, built) = (new NextIndex(KeyIndex.Empty, expected), next.Build());
        (next.Root, next.Count, next.KeyByteCount).ShouldBe((direct.Root, direct.Count, direct.KeyByteCount));
        (built.Root, built.Count).ShouldBe((next.Root, 1_100 - 143));
        (await KeyIndexFile.ReadAsync(new MemoryStream(await WriteAsync(next)), s_key, Cancellation)).ShouldNotBeNull().Root.ShouldBe(next.Root);
    }

    [Fact]
    public async Task Flipped_cut_and_swapped_bytes_are_found()
    {
        var changes = new ChangeTable();
        // Keys of one length: two boxes then are of one length, too.
        for (var id = 0; id < 16_384; id++) changes.Set(HashOf(id), HashOf(-id - 1), Encoding.UTF8.GetBytes($"{id:00000}"));
        var bytes = await WriteAsync(new NextIndex(KeyIndex.Empty, changes));
        const int Head = 8 + 16 + 8;
        var box = (bytes.Length - Head) / 2;

        for (var offset = 0; offset < bytes.Length; offset += offset < 80 ? 1 : 4_099) await ShouldNotOpenAsync(bytes, copy => copy[offset] ^= 1, $"flipped at {offset}");
        await ShouldNotOpenAsync(bytes, copy => bytes.AsSpan(Head, box).CopyTo(copy.AsSpan(Head + box)), "a box twice");
        foreach (var length in new[] { 0, 20, Head, Head + 2, Head + box, bytes.Length - 1 })
            await ShouldNotOpenAsync(bytes[..length], _ => { }, $"cut at {length}");
        (await KeyIndexFile.ReadAsync(new MemoryStream(bytes), s_key, Cancellation)).ShouldNotBeNull();
    }

    private static async Task ShouldNotOpenAsync(byte[] bytes, Action<byte[]> damage, string what)
    {
        var copy = bytes.ToArray();
        damage(copy);
        KeyIndex? read = null;
        var refusal = await Xunit.Record.ExceptionAsync(async () => read = await KeyIndexFile.ReadAsync(new MemoryStream(copy), s_key, Cancellation));

        read.ShouldBeNull(what);
        if (refusal is not null and not EndOfStreamException) refusal.ShouldBeAssignableTo<CryptographicException>(what);
    }

    private static ChangeTable Changes(int count)
    {
        var changes = new ChangeTable();
        for (var id = 0; id < count; id++) changes.Set(HashOf(id), HashOf(-id - 1), Encoding.UTF8.GetBytes($"key {id}"));
        return changes;
    }

    private static Hash128 HashOf(int id) => Hash128.Read(SHA256.HashData(BitConverter.GetBytes(id)));

    private static async Task<byte[]> WriteAsync(NextIndex index)
    {
        var file = new MemoryStream();
        await foreach (var part in KeyIndexFile.WriteAsync(index, s_key, Cancellation)) file.Write(part.Span);
        return file.ToArray();
    }
}
