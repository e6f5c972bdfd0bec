using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Golden;

/// <summary>Vaults that earlier builds wrote (scripts/golden-vault) are read, proven, restored, recovered and gone on with by this one.</summary>
public sealed class GoldenVaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("listbackup-golden-").FullName;

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_in_a_golden_vault_has_changed(string name)
    {
        var folder = Path.Combine(Root, name);

        var listed = File.ReadAllLines(Path.Combine(folder, "SHA256SUMS")).Select(line => (Sha256: line[..64], File: line[66..])).OrderBy(item => item.File, StringComparer.Ordinal);
        var found = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Where(file => file != "SHA256SUMS")
            .Select(file => (Sha256: Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file)))), File: file)).OrderBy(item => item.File, StringComparer.Ordinal);

        found.ShouldBe(listed, "golden vaults are never made again: a build that cannot read them is wrong");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_golden_vault_is_sound_and_every_snapshot_restores_byte_for_byte(string name)
    {
        var vault = await BackupVault.OpenAsync(await LoadAsync(name), KeysOf(name), new VaultOptions(), Cancellation);

        (await vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Restore }, Cancellation)).Problems.ShouldBeEmpty();
        foreach (var expected in ExpectedOf(name))
            (await RestoreAsync(vault, expected)).ShouldBe(await File.ReadAllTextAsync(expected.Path, Cancellation), $"{expected.Source} {expected.Stream} at {expected.Seq}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Backups_and_maintenance_go_on_in_a_golden_vault(string name)
    {
        var vault = await BackupVault.OpenAsync(await LoadAsync(name), KeysOf(name), new VaultOptions(), Cancellation);
        foreach (var stream in ExpectedOf(name).DistinctBy(expected => (expected.Source, expected.Stream)))
        {
            var request = Request("the next run", ReadMode.Incremental, stream.Stream) with { Source = stream.Source };
            await using var backup = await vault.BackUpStreamAsync(request, Cancellation);
            await backup.WriteAsync(Utf8("""{"id":"of this build"}"""), Cancellation);
            var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
            await vault.CommitAsync(new CommitRequest { Source = stream.Source, Run = request.Run, Outcomes = [outcome] }, Cancellation);
            await vault.CompactAsync(stream.Source, isFull: true, Cancellation);
        }

        (await vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Restore }, Cancellation)).Problems.ShouldBeEmpty();
        foreach (var expected in ExpectedOf(name)) (await RestoreAsync(vault, expected)).ShouldBe(await File.ReadAllTextAsync(expected.Path, Cancellation));
    }

    [Theory]
    [Trait("Stage", "e2e")]
    [MemberData(nameof(Names))]
    public async Task Standard_tools_recover_a_golden_vault_with_either_key(string name)
    {
        SkipWithoutTools();
        await CopyVaultAsync(name);
        var newest = ExpectedOf(name).GroupBy(expected => (expected.Source, expected.Stream)).Select(group => group.MaxBy(expected => expected.Seq)!).ToList();
        var oldest = ExpectedOf(name).OrderBy(expected => expected.Seq).First();

        foreach (var expected in newest) await ShouldRecoverAsync(name, expected, "--account-key", "TEST-ONLY.key");
        await ShouldRecoverAsync(name, oldest, "--recovery-key", "TEST-ONLY.recovery.pem");
    }

    [Fact]
    [Trait("Stage", "e2e")]
    public async Task A_wrong_key_and_a_damaged_object_are_told_and_recover_nothing_that_is_not_right()
    {
        SkipWithoutTools();
        const string name = "v1-first";
        var expected = ExpectedOf(name).Where(item => item.Stream == "contacts").MaxBy(item => item.Seq)!;
        await CopyVaultAsync(name);
        var wrong = Path.Combine(_folder, "wrong");
        using (var key = RSA.Create(3072)) await File.WriteAllTextAsync(wrong, key.ExportPkcs8PrivateKeyPem(), Cancellation);

        foreach (var (how, file) in new[] { ("--recovery-key", wrong), ("--account-key", Path.Combine(Root, "v1-maintained", "TEST-ONLY.key")) })
        {
            var refused = await RecoverAsync(expected, how, file);
            (refused.Exit, refused.Output).ShouldBe((1, ""));
            refused.Errors.ShouldContain("does not open the vault");
        }

        var segment = Directory.GetFiles(Path.Combine(_folder, "s", "crm")).Order(StringComparer.Ordinal).Last();
        var content = await File.ReadAllBytesAsync(segment, Cancellation);
        content[60] ^= 1;
        foreach (var damaged in new[] { content, content[..100], null })
        {
            if (damaged is null) File.Delete(segment);
            else await File.WriteAllBytesAsync(segment, damaged, Cancellation);
            var told = await RecoverAsync(expected, "--account-key", Path.Combine(Root, name, "TEST-ONLY.key"));
            told.Exit.ShouldBe(1);
            told.Errors.ShouldContain($"object s/crm/{Path.GetFileName(segment)} is missing or damaged");
        }
    }

    private static void SkipWithoutTools()
    {
        foreach (var tool in new[] { "openssl", "zstd", "jq", "awk", "sh" })
            Assert.SkipUnless(Array.Exists(Environment.GetEnvironmentVariable("PATH")!.Split(':'), folder => File.Exists(Path.Combine(folder, tool))), $"{tool} is not installed: the recovery script is NOT tested.");
    }

    private async Task ShouldRecoverAsync(string name, Expected expected, string how, string keyFile)
    {
        var (exit, output, errors) = await RecoverAsync(expected, how, Path.Combine(Root, name, keyFile));

        exit.ShouldBe(0, errors);
        output.Split('\n').Order(StringComparer.Ordinal).ShouldBe((await File.ReadAllTextAsync(expected.Path, Cancellation)).Split('\n').Order(StringComparer.Ordinal));
    }

    private async Task<(int Exit, string Output, string Errors)> RecoverAsync(Expected expected, string how, string keyFile)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8, UseShellExecute = false };
        foreach (var argument in new[] { Script(), _folder, expected.Source, expected.Stream, how, keyFile, $"{expected.Seq}" }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output, await errors);
    }

    private static async Task<string> RestoreAsync(BackupVault vault, Expected expected)
    {
        var (text, reader) = (new StringBuilder(), await vault.OpenSnapshotAsync(expected.Source, expected.Seq, Cancellation));
        await foreach (var record in reader.ReadSortedAsync(expected.Stream, Cancellation)) text.Append(Encoding.UTF8.GetString(record.Json.Span)).Append('\n');
        return text.ToString();
    }

    internal static async Task<MemoryObjects> LoadAsync(string name)
    {
        var objects = new MemoryObjects();
        foreach (var (file, object_) in FilesOf(name)) await objects.PutAsync(object_, await File.ReadAllBytesAsync(file, Cancellation), PutCondition.Replace, Cancellation);
        return objects;
    }

    private async Task CopyVaultAsync(string name)
    {
        foreach (var (file, object_) in FilesOf(name))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, object_))!);
            await File.WriteAllBytesAsync(Path.Combine(_folder, object_), await File.ReadAllBytesAsync(file, Cancellation), Cancellation);
        }
    }

    private static IEnumerable<(string File, string Object)> FilesOf(string name)
    {
        var vault = Path.Combine(Root, name, "vault");
        return Directory.EnumerateFiles(vault, "*", SearchOption.AllDirectories).Select(file => (file, Path.GetRelativePath(vault, file).Replace('\\', '/')));
    }

    internal static FixedVaultKeys KeysOf(string name)
    {
        var words = File.ReadAllText(Path.Combine(Root, name, "TEST-ONLY.key")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return new FixedVaultKeys(new AccountKey(words[1], Convert.FromHexString(words[2])));
    }

    /// <summary>By their places: expected/SOURCE/STREAM/SEQ.ndjson, where a stream's name may have slashes.</summary>
    private static List<Expected> ExpectedOf(string name)
    {
        var folder = Path.Combine(Root, name, "expected");
        return [.. Directory.EnumerateFiles(folder, "*.ndjson", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            var parts = Path.GetRelativePath(folder, path).Replace('\\', '/').Split('/');
            return new Expected(parts[0], string.Join('/', parts[1..^1]), long.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture), path);
        })];
    }

    internal static string Root => Above(Path.Combine("tests", "vectors", "vault", "golden"), Directory.Exists);

    private static string Script() => Above(Path.Combine("scripts", "recover-without-us.sh"), File.Exists);

    private static string Above(string place, Predicate<string> exists)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (exists(Path.Combine(folder.FullName, place))) return Path.Combine(folder.FullName, place);
        }

        throw new FileNotFoundException($"{place} is not above the test's folder.");
    }

    private sealed record Expected(string Source, string Stream, long Seq, string Path);
}
