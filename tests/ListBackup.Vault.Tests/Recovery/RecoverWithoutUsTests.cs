using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ListBackup.Testing;
using ListBackup.Vault.Tests.Erasing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Recovery;

/// <summary>The emergency exit: scripts/recover-without-us.sh, which shares no code with the vault.</summary>
[Trait("Stage", "e2e")]
public sealed class RecoverWithoutUsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("listbackup-recover-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Standard_tools_restore_every_record_byte_for_byte(bool withRecoveryKey)
    {
        SkipWithoutTools();
        using var recovery = RSA.Create(3072);
        var objects = new MemoryObjects();
        await BackupVault.CreateAsync(objects, TestKeys, recovery.ExportSubjectPublicKeyInfoPem(), new VaultOptions(), Cancellation);
        // Footers with pages and without: a page lists two blocks, and a section of more than eight has pages.
        var vault = await CreateAsync(objects, new VaultOptions { FooterPageBlocks = withRecoveryKey ? 2 : 1_000 });
        var request = Request("r1", stream: ".odd ~ stream/ü") with { Source = ".source with / and ~" };
        request = request with { Settings = request.Settings with { ExpectedRecords = withRecoveryKey ? 32_000 : 4_000 } };
        string[] first = [.. Enumerable.Range(0, 50).Select(id => $$"""{"id":{{id}},"big":9007199254740993.10,"name":"ü \ud83d\ude00 \"v\":"}""")];
        string[] second = [.. first.Skip(5), "{\"id\":\"k\\\"\\\\ ,\\\"v\\\":\",\n \"pretty\":true}"];
        second[3] = """{"id":8,"changed":1}""";
        await vault.BackUpAsync(request, first);
        await vault.BackUpAsync(request with { Run = "r2" }, second);
        // Half of the time the sections are those of a compaction, whose lines carry the numbers of both snapshots.
        if (withRecoveryKey) (await vault.Vault.CompactAsync(request.Source, isFull: true, Cancellation)).Snapshot.ShouldNotBeNull();
        await WriteFolderAsync(objects);

        var newest = await RecoverAsync(request, withRecoveryKey, recovery, "");
        var older = await RecoverAsync(request, withRecoveryKey, recovery, "1");

        Sorted(newest).ShouldBe(Sorted(string.Concat(second.Select(record => record + "\n"))));
        Sorted(older).ShouldBe(Sorted(string.Concat(first.Select(record => record + "\n"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_was_erased_stays_out_of_a_recovery_and_all_others_are_in_it_after_rotations_too(bool withRecoveryKey)
    {
        SkipWithoutTools();
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        var request = Request("r1");
        request = request with { Settings = request.Settings with { ExpectedRecords = 4_000 } };
        string[] people = [.. Enumerable.Range(0, 40).Select(id => $$"""{"id":"{{id}}","name":"person {{id}}"}""")];
        await vault.BackUpAsync(request, people);
        await vault.Vault.EraseAsync(ErasureTests.RequestFor("7", "8"), Cancellation);
        await vault.BackUpAsync(Request("r2", ReadMode.Incremental), [.. people.Select(person => person.Replace("person", "changed"))]);
        using var recovery = RSA.Create(3072);
        var newKey = new AccountKey("key-2", RandomNumberGenerator.GetBytes(AccountKey.ByteCount));
        var rotated = await BackupVault.OpenAsync(objects, new RotatingKeys(newKey), new VaultOptions(), Cancellation);
        (await rotated.RewrapAsync(recovery.ExportSubjectPublicKeyInfoPem(), Cancellation)).ShouldBeTrue();
        rotated = await BackupVault.OpenAsync(objects, new FixedVaultKeys(newKey), new VaultOptions(), Cancellation);
        await rotated.EraseAsync(ErasureTests.RequestFor("9") with { Id = "2" }, Cancellation);
        (await rotated.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Restore }, Cancellation)).Problems.ShouldBeEmpty();
        await WriteFolderAsync(objects);

        var newest = await RecoverAsync(request, withRecoveryKey, recovery, "", newKey);
        var older = await RecoverAsync(request, withRecoveryKey, recovery, "1", newKey);

        string[] left = [.. people.Where((_, id) => id is < 7 or > 9)];
        Sorted(older).ShouldBe(Sorted(string.Concat(left.Select(record => record + "\n"))));
        Sorted(newest).ShouldBe(Sorted(string.Concat(left.Select(record => record.Replace("person", "changed") + "\n"))));
    }

    [Fact]
    public async Task A_records_files_are_listed_and_come_back_byte_for_byte()
    {
        SkipWithoutTools();
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        var request = Request("r1");
        using var recovery = RSA.Create(3072);
        byte[][] contents = [[], RandomNumberGenerator.GetBytes(1024 * 1024), RandomNumberGenerator.GetBytes((2 * 1024 * 1024) + 3)];
        // The first one's first name is given up: it has the next.
        await using (var lost = await vault.Vault.BackUpStreamAsync(Request("lost"), Cancellation)) await lost.WriteAttachmentAsync("/lost", new MemoryStream(contents[0]), Cancellation);
        for (var i = 0; i < 2; i++) await vault.Vault.CollectAttachmentsAsync(TimeSpan.Zero, isDryRun: false, Cancellation);
        objects.Contents.Keys.ShouldNotContain(name => name.StartsWith("f/", StringComparison.Ordinal));
        await using var backup = await vault.Vault.BackUpStreamAsync(request, Cancellation);
        var attachments = new List<Attachment>();
        foreach (var content in contents) attachments.Add(await backup.WriteAttachmentAsync($"/files/\"{attachments.Count}]", new MemoryStream(content), Cancellation));
        await backup.WriteAsync(null, Utf8("""{"id":1,"v":2}"""), attachments, Cancellation);
        await backup.WriteAsync(Utf8("""{"id":2}"""), Cancellation);
        await vault.CommitAsync(await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));
        await WriteFolderAsync(objects);

        Sorted(await RecoverAsync(request, withRecoveryKey: false, recovery, "")).ShouldBe(["", """{"id":1,"v":2}""", """{"id":2}"""]);
        var listed = await RecoverAsync(request, withRecoveryKey: false, recovery, "", what: "attachments");

        using var list = JsonDocument.Parse(listed);
        list.RootElement.EnumerateArray().Select(item => item.GetProperty("sha256").GetString()).ShouldBe(attachments.Select(attachment => attachment.Sha256));
        for (var i = 0; i < contents.Length; i++)
        {
            var output = Path.Combine(_folder, "content");
            var key = Path.Combine(_folder, "key");
            await RunAsync("sh", "-c", $"'{ScriptPath()}' '{Path.Combine(_folder, "bucket")}' --attachment {attachments[i].Sha256} --account-key '{key}' > '{output}'");
            (await File.ReadAllBytesAsync(output, Cancellation)).ShouldBe(contents[i]);
        }
    }

    private static void SkipWithoutTools()
    {
        foreach (var tool in new[] { "openssl", "zstd", "jq", "awk", "sh" })
            Assert.SkipUnless(Array.Exists(Environment.GetEnvironmentVariable("PATH")!.Split(':'), folder => File.Exists(Path.Combine(folder, tool))), $"{tool} is not installed: the recovery script is NOT tested.");
    }

    [Fact]
    public async Task Blocks_under_a_dictionary_open_with_standard_tools_too()
    {
        SkipWithoutTools();
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, new VaultOptions { DictionaryRowsMin = 60 });
        var request = Request("r1", stream: "a stream");
        request = request with { Settings = request.Settings with { ExpectedRecords = 16_000 } };
        await vault.BackUpAsync(request, "{\"id\":1}");
        string[] records = [.. Enumerable.Range(0, 150).Select(id => $$"""{"id":{{id}},"text":"the same in every one of the records, but for {{id % 9}}"}""")];
        await vault.BackUpAsync(request with { Run = "r2" }, records);
        objects.Contents.ShouldContain(item => item.Key.StartsWith("d/", StringComparison.Ordinal));
        await WriteFolderAsync(objects);
        using var unused = RSA.Create();

        Sorted(await RecoverAsync(request, withRecoveryKey: false, unused, "")).ShouldBe(Sorted(string.Concat(records.Select(record => record + "\n"))));
    }

    private async Task WriteFolderAsync(MemoryObjects objects)
    {
        foreach (var (name, content) in objects.Contents)
        {
            var path = Path.Combine(_folder, "bucket", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content, Cancellation);
        }
    }

    private async Task<string> RecoverAsync(StreamBackupRequest request, bool withRecoveryKey, RSA recovery, string seq, AccountKey? key = null, string what = "records")
    {
        var keyFile = Path.Combine(_folder, "key");
        await File.WriteAllTextAsync(
            keyFile, withRecoveryKey ? recovery.ExportPkcs8PrivateKeyPem() : Convert.ToHexStringLower((key ?? await TestKeys.GetCurrentAsync(Cancellation)).Bytes), Cancellation);
        return await RunAsync("sh", ScriptPath(), Path.Combine(_folder, "bucket"), request.Source, request.Stream, withRecoveryKey ? "--recovery-key" : "--account-key", keyFile, seq, what);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        process.ExitCode.ShouldBe(0, await error);
        return output;
    }

    private static List<string> Sorted(string text) => [.. text.Split('\n').Order(StringComparer.Ordinal)];

    private static string ScriptPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "scripts", "recover-without-us.sh");
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException("scripts/recover-without-us.sh is not above the test's folder.");
    }

    private sealed class RotatingKeys(AccountKey current) : IVaultKeys
    {
        public ValueTask<AccountKey> GetCurrentAsync(CancellationToken cancellation) => ValueTask.FromResult(current);

        public async ValueTask<AccountKey?> FindAsync(string id, CancellationToken cancellation) => id == current.Id ? current : await TestKeys.FindAsync(id, cancellation);
    }
}
