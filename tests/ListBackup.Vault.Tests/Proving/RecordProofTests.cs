using System.Diagnostics;
using System.Security.Cryptography;
using ListBackup.Testing;
using ListBackup.Vault.Format;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Proving;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Proving;

/// <summary>Proof bundles, checked by scripts/verify-proof.sh, which shares no code with the vault.</summary>
public sealed class RecordProofTests : IDisposable
{
    private const string Pretty = "{\"id\": 7,\n \"name\": \"ü \\\"quoted\\\" 5\", \"big\": 9007199254740993.10, \"seen\": \"today\", \"items\": [{\"t\": 1, \"x\": 2.50}]}";

    private readonly string _folder = Directory.CreateTempSubdirectory("listbackup-proof-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [Trait("Stage", "e2e")]
    [InlineData(1, 1)]
    [InlineData(5_000, 6)]
    public async Task Standard_tools_check_a_proof_and_find_every_file_that_was_changed(int records, int snapshots)
    {
        foreach (var tool in new[] { "openssl", "jq", "xxd", "sh" })
            Assert.SkipUnless(Array.Exists(Environment.GetEnvironmentVariable("PATH")!.Split(':'), folder => File.Exists(Path.Combine(folder, tool))), $"{tool} is not installed: the script is NOT tested.");
        var vault = await ProvableAsync(records, snapshots);

        var proof = await vault.Vault.ProveAsync(Source, Contacts, "7", at: 1, Cancellation);
        foreach (var (name, content) in proof.Files) await File.WriteAllBytesAsync(Path.Combine(_folder, name), content, Cancellation);

        (await CheckAsync()).ShouldBe(0);
        (await CheckAsync(Path.Combine(_folder, "public-key.pem"))).ShouldBe(0);
        foreach (var (name, content) in proof.Files)
        {
            var changed = content.ToArray();
            changed[changed.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(Path.Combine(_folder, name), changed, Cancellation);
            (await CheckAsync()).ShouldNotBe(0, name);
            await File.WriteAllBytesAsync(Path.Combine(_folder, name), content, Cancellation);
        }
    }

    // A script is run two dozen times.
    [Fact]
    [Trait("Stage", "faults")]
    public async Task Not_even_the_holder_of_the_key_makes_a_proof_of_something_else()
    {
        foreach (var tool in new[] { "openssl", "jq", "xxd", "sh" })
            Assert.SkipUnless(Array.Exists(Environment.GetEnvironmentVariable("PATH")!.Split(':'), folder => File.Exists(Path.Combine(folder, tool))), $"{tool} is not installed: the script is NOT tested.");
        var vault = await ProvableAsync(5_000, 6);
        var key = (await VaultKeyFiles.OpenAsync(vault.Objects, TestKeys, Cancellation)).SigningKey;
        var proof = await vault.Vault.ProveAsync(Source, Contacts, "7", at: 1, Cancellation);
        var other = await vault.Vault.ProveAsync(Source, Contacts, "7", at: 2, Cancellation);
        var document = CanonicalJson.Read(SignedDocument.Read(proof.Files["proof.json"], key, "proof.json"), FormatJson.Default.ProofDocument, "proof.json");

        (await ForgeAsync(document)).ShouldBe(0, "only signed again");
        (await ForgeAsync(document, ("README.txt", Utf8("Another text.")))).ShouldBe(0, "what is signed by the vault is the vault's word");
        (await ForgeAsync(document, ("record.json", Utf8(Pretty.Replace("today", "tomorrow"))))).ShouldBe(0, "volatile fields are not proven, and the README says so");
        (await ForgeAsync(document, ("record.json", Utf8(Pretty.Replace("quoted", "unquoted"))))).ShouldBe(1);
        (await ForgeAsync(document, ("record.json", Utf8(Pretty.Replace("40993.10", "40992.10"))))).ShouldBe(1, "digits that a binary number does not hold");
        (await ForgeAsync(document, ("record.json", Utf8(Pretty.Replace("2.50", "2.5"))))).ShouldBe(1, "digits as written");
        (await ForgeAsync(document, ("record.json", Utf8("""{"id":8}""")), ("record.canonical.json", Utf8("""{"id":8}""")))).ShouldBe(1);
        foreach (var name in new[] { "leaf.bin", "manifest.json", "log-entry.json" }) (await ForgeAsync(document, (name, other.Files[name]))).ShouldBe(1, name);
        (await ForgeAsync(document with { RecordHash = new string('0', 32) })).ShouldBe(1);
        (await ForgeAsync(document with { Leaf = document.Leaf ^ 1 })).ShouldBe(1);
        (await ForgeAsync(document with { Path = [.. document.Path.Skip(1)] })).ShouldBe(1);
        (await ForgeAsync(document with { Seq = 2 })).ShouldBe(1);
        (await ForgeAsync(document with { Source = "src_2" })).ShouldBe(1);
        (await ForgeAsync(document with { Time = document.Time.AddDays(-1) })).ShouldBe(1);
        (await ForgeAsync(document with { LogIndex = 1 })).ShouldBe(1);
        (await ForgeAsync(document with { LogSize = document.LogSize - 1 })).ShouldBe(1);
        (await ForgeAsync(document with { LogPath = [.. document.LogPath.Skip(1)] })).ShouldBe(1);

        async Task<int> ForgeAsync(ProofDocument forged, params (string Name, byte[] Content)[] changes)
        {
            var files = proof.Files.ToDictionary(StringComparer.Ordinal);
            foreach (var (name, content) in changes) files[name] = content;
            files.Remove("proof.json");
            forged = forged with { Files = new SortedDictionary<string, string>(files.ToDictionary(file => file.Key, file => Convert.ToHexStringLower(SHA256.HashData(file.Value))), StringComparer.Ordinal) };
            files["proof.json"] = SignedDocument.Write(CanonicalJson.Write(forged, FormatJson.Default.ProofDocument), key);
            foreach (var (name, content) in files) await File.WriteAllBytesAsync(Path.Combine(_folder, name), content, Cancellation);
            return await CheckAsync();
        }
    }

    [Fact]
    public async Task A_record_that_is_not_in_the_snapshot_has_no_proof()
    {
        var vault = await ProvableAsync(1, 2);

        await Should.ThrowAsync<VaultNotFoundException>(() => vault.Vault.ProveAsync(Source, Contacts, "999", at: 1, Cancellation));
    }

    private static async Task<VaultFixture> ProvableAsync(int records, int snapshots)
    {
        var vault = await CreateAsync(new MemoryObjects());
        await vault.BackUpAsync(Request("first", ReadMode.FullSweep, Contacts, "/seen", "/items/*/t"), [Pretty, .. Enumerable.Range(1_000, records - 1).Select(id => $$"""{"id":{{id}}}""")]);
        for (var run = 2; run <= snapshots; run++)
            await vault.BackUpAsync(Request($"run {run}", ReadMode.Incremental, Contacts, "/seen", "/items/*/t"), $$"""{"id":7,"run":{{run}}}""");
        return vault;
    }

    private async Task<int> CheckAsync(string? publicKey = null)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(ScriptPath());
        start.ArgumentList.Add(_folder);
        if (publicKey is not null) start.ArgumentList.Add(publicKey);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        TestContext.Current.TestOutputHelper?.WriteLine(output + await error);
        return process.ExitCode;
    }

    private static string ScriptPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "scripts", "verify-proof.sh");
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException("scripts/verify-proof.sh is not above the test's folder.");
    }
}
