using System.Security.Cryptography;
using System.Text;
using ListBackup.Testing;
using ListBackup.Vault.Attachments;
using ListBackup.Vault.Format;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Attachments;

public sealed class AttachmentTests
{
    private const int Chunk = 1024 * 1024;

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(Chunk - 1, false)]
    [InlineData(Chunk, true)]
    [InlineData(Chunk, false)]
    [InlineData(Chunk + 1, false)]
    [InlineData((2 * Chunk) + 5, true)]
    [InlineData(2 * Chunk, false)]
    public async Task A_file_comes_back_byte_for_byte(int size, bool canSeek)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        var content = RandomNumberGenerator.GetBytes(size);

        await BackUpAsync(vault, "r1", content, canSeek);

        await vault.ReopenAsync();
        var attachment = (await FindAsync(vault)).ShouldHaveSingleItem();
        (attachment.Path, attachment.Size, attachment.Sha256).ShouldBe(("/file", size, Convert.ToHexStringLower(SHA256.HashData(content))));
        (await ReadAsync(vault, attachment)).ShouldBe(content);
        objects.Contents[$"f/{attachment.Name[..2]}/{attachment.Name}"].Length.ShouldBe((int)AttachmentFile.StoredSize(size));
        if (size > 16) objects.Contents.Values.Count(stored => stored.AsSpan().IndexOf(content.AsSpan(0, 16)) >= 0).ShouldBe(0);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Equal_contents_are_stored_once_in_a_vault_and_under_other_names_in_another()
    {
        var (objects, content) = (new MemoryObjects(), RandomNumberGenerator.GetBytes(100));
        var vault = await CreateAsync(objects);
        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r1"), Cancellation);
        var first = await backup.WriteAttachmentAsync("/a", new MemoryStream(content), Cancellation);
        var second = await backup.WriteAttachmentAsync("/b", new MemoryStream(content), Cancellation);

        second.Name.ShouldBe(first.Name);
        objects.Contents.Keys.Count(name => name.StartsWith("f/", StringComparison.Ordinal)).ShouldBe(1);
        await using var other = await (await CreateAsync()).Vault.BackUpStreamAsync(Request("r1"), Cancellation);
        (await other.WriteAttachmentAsync("/a", new MemoryStream(content), Cancellation)).Name.ShouldNotBe(first.Name);
    }

    [Fact]
    public async Task A_record_whose_file_changed_has_changed_and_each_snapshot_has_its_own()
    {
        var vault = await CreateAsync();
        await BackUpAsync(vault, "r1", [1]);
        (await BackUpAsync(vault, "r2", [1])).Streams[0].Changed.ShouldBe(0);
        (await BackUpAsync(vault, "r3", [2])).Streams[0].Changed.ShouldBe(1);

        (await ReadAsync(vault, (await FindAsync(vault, 1))[0])).ShouldBe([1]);
        (await ReadAsync(vault, (await FindAsync(vault, 3))[0])).ShouldBe([2]);
        await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        await vault.ReopenAsync();
        (await ReadAsync(vault, (await FindAsync(vault, 1))[0])).ShouldBe([1]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Every_flipped_byte_and_every_cut_of_a_file_is_found()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await BackUpAsync(vault, "r1", RandomNumberGenerator.GetBytes(40));
        var attachment = (await FindAsync(vault))[0];
        var (name, content) = objects.Contents.Single(item => item.Key.StartsWith("f/", StringComparison.Ordinal));

        for (var offset = 0; offset < content.Length; offset++)
        {
            content[offset] ^= 1;
            (await vault.VerifyAsync(VerifyLevel.Blocks)).Problems.ShouldHaveSingleItem().Object.ShouldBe(name, $"at {offset}");
            content[offset] ^= 1;
        }

        foreach (var damaged in new[] { content[..^1], content[..^16], content[..8], [], [.. content, 0] })
        {
            await objects.PutAsync(name, damaged, PutCondition.Replace, Cancellation);
            (await vault.VerifyAsync(VerifyLevel.Blocks)).Problems.ShouldHaveSingleItem().Object.ShouldBe(name);
            await Should.ThrowAsync<VaultDamagedException>(() => ReadAsync(vault, attachment));
        }

        await objects.DeleteAsync(name, Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Blocks)).Problems.ShouldHaveSingleItem().Object.ShouldBe(name);
        await Should.ThrowAsync<VaultDamagedException>(() => ReadAsync(vault, attachment));
    }

    [Fact]
    public async Task A_file_that_is_cut_between_two_chunks_is_found()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await BackUpAsync(vault, "r1", RandomNumberGenerator.GetBytes(3 * Chunk));
        var attachment = (await FindAsync(vault))[0];
        var (name, content) = objects.Contents.Single(item => item.Key.StartsWith("f/", StringComparison.Ordinal));
        await objects.PutAsync(name, content.AsMemory(0, 8 + (2 * (Chunk + 16))), PutCondition.Replace, Cancellation);

        await Should.ThrowAsync<VaultDamagedException>(() => ReadAsync(vault, attachment));
        await Should.ThrowAsync<VaultDamagedException>(() => ReadAsync(vault, attachment with { Size = 2 * Chunk }));
    }

    [Fact]
    public async Task Who_erases_a_record_has_nothing_left_that_opens_its_file()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await BackUpAsync(vault, "r1", [1, 2, 3]);
        var attachment = (await FindAsync(vault))[0];

        await vault.Vault.EraseAsync(new ErasureRequest { Id = "1", Records = [new RecordAddress(Source, Contacts, "1")] }, Cancellation);

        // The key follows from the content's hash and the vault's secret; the hash was in the record's lines only.
        var plain = await Erasing.PlainText.ReadAsync(objects);
        plain.Find(attachment.Sha256).ShouldBeEmpty();
        await vault.ReopenAsync();
        await vault.ShouldBeSoundAsync();
        (await ReferredAsync(objects)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_any_version_refers_to_is_known_and_nothing_else()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await BackUpAsync(vault, "r1", [1]);
        await BackUpAsync(vault, "r2", [2]);
        await using (var lost = await vault.Vault.BackUpStreamAsync(Request("lost"), Cancellation)) await lost.WriteAttachmentAsync("/file", new MemoryStream([3]), Cancellation);
        await vault.BackUpAsync(Request("r3", stream: "plain"), """{"id":1}""");

        var referred = await ReferredAsync(objects);

        referred.Count.ShouldBe(2);
        objects.Contents.Keys.Count(name => name.StartsWith("f/", StringComparison.Ordinal)).ShouldBe(3);
        (await vault.Vault.GetStatsAsync(Cancellation)).AttachmentBytes.ShouldBe(3 * (8 + 1 + 16));
    }

    [Fact]
    public async Task Two_files_of_one_path_and_paths_that_are_too_long_are_refused()
    {
        await using var backup = await (await CreateAsync()).Vault.BackUpStreamAsync(Request("r1"), Cancellation);
        var attachment = await backup.WriteAttachmentAsync("/a", new MemoryStream([1]), Cancellation);

        await Should.ThrowAsync<ArgumentException>(async () => await backup.WriteAsync(null, Utf8("""{"id":1}"""), [attachment, attachment], Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => backup.WriteAttachmentAsync(new string('x', 1_025), new MemoryStream([1]), Cancellation));
    }

    private static async Task<Snapshot> BackUpAsync(VaultFixture vault, string run, byte[] content, bool canSeek = true)
    {
        await using var backup = await vault.Vault.BackUpStreamAsync(Request(run), Cancellation);
        await using Stream stream = canSeek ? new MemoryStream(content) : new System.IO.Compression.BrotliStream(Compressed(content), System.IO.Compression.CompressionMode.Decompress);
        var attachment = await backup.WriteAttachmentAsync("/file", stream, Cancellation);
        (await backup.WriteAsync(null, Utf8("""{"id":1,"file":"a.bin"}"""), [attachment], Cancellation)).IsAccepted.ShouldBeTrue();
        return await vault.CommitAsync(await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));
    }

    /// <summary>A stream that cannot go back.</summary>
    private static MemoryStream Compressed(byte[] content)
    {
        var compressed = new MemoryStream();
        using (var brotli = new System.IO.Compression.BrotliStream(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)) brotli.Write(content);
        compressed.Position = 0;
        return compressed;
    }

    private static async Task<IReadOnlyList<Attachment>> FindAsync(VaultFixture vault, long? seq = null) =>
        (await (await vault.Vault.OpenSnapshotAsync(Source, seq, Cancellation)).FindAsync(Contacts, "1", Cancellation))!.Attachments;

    private static async Task<byte[]> ReadAsync(VaultFixture vault, Attachment attachment)
    {
        await using var stream = await vault.Vault.OpenAttachmentAsync(attachment, Cancellation);
        var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }

    private static async Task<IReadOnlySet<string>> ReferredAsync(MemoryObjects objects)
    {
        var core = new VaultCore(objects, TestKeys, await ListBackup.Vault.Keys.VaultKeyFiles.OpenAsync(objects, TestKeys, Cancellation), new VaultOptions());
        return await new AttachmentStore(core).ReferredAsync((await core.Manifests.FindNewestAsync(Source, Cancellation))!.Manifest, Cancellation);
    }
}
