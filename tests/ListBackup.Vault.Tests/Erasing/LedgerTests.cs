using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ListBackup.Testing;
using ListBackup.Vault.Tests.Verifying;
using static ListBackup.Vault.Tests.Erasing.ErasureTests;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Erasing;

public sealed class LedgerTests
{
    [Fact]
    public async Task Every_flipped_byte_of_the_ledger_and_of_rewritten_keys_is_found()
    {
        var objects = await ErasedVaultAsync();

        await FlippedBytes.ShouldBeFoundAsync(Guarded(objects), () => IsFoundSoundAsync(objects));
    }

    [Fact]
    public async Task Every_entry_that_is_dropped_cut_or_swapped_is_found()
    {
        var objects = await ErasedVaultAsync();
        var entries = Guarded(objects).Where(item => item.Key.StartsWith("e/", StringComparison.Ordinal)).ToList();
        entries.Count.ShouldBe(3);

        foreach (var (name, content) in entries)
        {
            await objects.DeleteAsync(name, Cancellation);
            // The newest entry alone can vanish without a trace in the store: that is what the log is for.
            (await IsFoundSoundAsync(objects)).ShouldBe(name == entries[^1].Key, $"{name} dropped");
            await objects.PutAsync(name, content.AsMemory(0, content.Length - 1), PutCondition.Replace, Cancellation);
            (await IsFoundSoundAsync(objects)).ShouldBeFalse($"{name} cut");
            await objects.PutAsync(name, entries.First(other => other.Key != name).Value, PutCondition.Replace, Cancellation);
            (await IsFoundSoundAsync(objects)).ShouldBeFalse($"{name} replaced by another");
            await objects.PutAsync(name, content, PutCondition.Replace, Cancellation);
        }
    }

    [Fact]
    public async Task Keys_that_come_back_from_a_copy_are_found()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person("1", "Lovelace"), Person("2", "Hopper"));
        var (name, keys) = objects.Contents.Single(item => item.Key.StartsWith("k/src_1", StringComparison.Ordinal));
        await vault.Vault.EraseAsync(RequestFor("1"), Cancellation);
        objects.Contents.Keys.ShouldNotContain(name);

        await objects.PutAsync(name, keys, PutCondition.CreateOnly, Cancellation);

        (await vault.VerifyAsync()).Problems.ShouldContain(problem => problem.Object == name);
    }

    [Fact]
    public async Task An_erasure_that_was_never_completed_is_found_after_a_day()
    {
        var objects = new MemoryObjects();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var options = new VaultOptions { Clock = clock };
        var vault = await CreateAsync(objects, options);
        await vault.BackUpAsync(ReadMode.FullSweep, Person("1", "Lovelace"));
        var broken = new FaultyObjects(objects) { IsLasting = true };
        broken.OnRequest = (number, text) =>
        {
            if (text.StartsWith("put k/", StringComparison.Ordinal)) broken.FailAt(number, FaultTime.BeforeEffect);
            return Task.CompletedTask;
        };
        await Should.ThrowAsync<ObjectStoreUnavailableException>(async () =>
            await (await BackupVault.OpenAsync(broken, TestKeys, options, Cancellation)).EraseAsync(RequestFor("1"), Cancellation));

        await vault.ShouldBeSoundAsync();
        clock.Advance(TimeSpan.FromDays(2));

        (await vault.VerifyAsync()).Problems.ShouldHaveSingleItem().Object.ShouldBe("e/000000000001.json");
        await vault.Vault.EraseAsync(RequestFor("1"), Cancellation);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_long_ledger_is_read_in_few_requests_and_never_trusted_from_its_cache()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person("1", "Lovelace"));
        for (var i = 0; i < 20; i++) await vault.Vault.PlaceLegalHoldAsync(new LegalHold { Name = $"case {i}", By = "court", Why = "evidence" }, Cancellation);
        await ReadHoldsAsync(objects);
        objects.Contents.Keys.ShouldContain("x/ledger");

        (await ReadHoldsAsync(objects)).Requests.ShouldBeLessThanOrEqualTo(3);
        await vault.Vault.PlaceLegalHoldAsync(new LegalHold { Name = "one more", By = "court", Why = "evidence" }, Cancellation);
        (await ReadHoldsAsync(objects)).ShouldSatisfyAllConditions(read => read.Holds.ShouldBe(21), read => read.Requests.ShouldBeLessThanOrEqualTo(4));

        var cached = objects.Contents["x/ledger"];
        cached[cached.Length / 2] ^= 1;
        (await ReadHoldsAsync(objects)).Holds.ShouldBe(21);
        objects.Contents["e/000000000005.json"][10] ^= 1;
        await objects.DeleteAsync("x/ledger", Cancellation);
        await Should.ThrowAsync<VaultDamagedException>(() => ReadHoldsAsync(objects));
    }

    private static async Task<(int Holds, long Requests)> ReadHoldsAsync(MemoryObjects objects)
    {
        var counting = new FaultyObjects(objects);
        var vault = await BackupVault.OpenAsync(counting, TestKeys, new VaultOptions(), Cancellation);
        var before = counting.RequestCount;
        var holds = (await vault.ListLegalHoldsAsync(Cancellation)).Count;
        return (holds, counting.RequestCount - before);
    }

    /// <summary>The command is the one in docs/vault-format.md.</summary>
    [Fact]
    public async Task Openssl_verifies_a_receipt()
    {
        Assert.SkipUnless(Array.Exists(Environment.GetEnvironmentVariable("PATH")!.Split(':'), folder => File.Exists(Path.Combine(folder, "openssl"))), "openssl is not installed: the command is NOT tested.");
        var objects = await ErasedVaultAsync();
        var folder = Directory.CreateTempSubdirectory("listbackup-receipt-").FullName;
        try
        {
            var lines = Encoding.UTF8.GetString(objects.Contents["e/000000000003.json"]).Split('\n');
            using var format = JsonDocument.Parse(objects.Contents["format.json"]);
            await File.WriteAllTextAsync(Path.Combine(folder, "body"), lines[0], Cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder, "signature"), JsonDocument.Parse(lines[1]).RootElement.GetProperty("signature").GetBytesFromBase64(), Cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder, "key.der"), format.RootElement.GetProperty("signingKey").GetBytesFromBase64(), Cancellation);

            (await RunAsync(folder)).ShouldBe(0);
            await File.AppendAllTextAsync(Path.Combine(folder, "body"), " ", Cancellation);
            (await RunAsync(folder)).ShouldNotBe(0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> RunAsync(string folder)
    {
        var start = new ProcessStartInfo("openssl") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])["dgst", "-sha256", "-verify", "key.der", "-keyform", "DER", "-signature", "signature", "body"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode;
    }

    private static async Task<MemoryObjects> ErasedVaultAsync()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person("1", "Lovelace"), Person("2", "Hopper"));
        await vault.Vault.PlaceLegalHoldAsync(new LegalHold { Name = "case", By = "court", Why = "evidence", Source = "other" }, Cancellation);
        await vault.Vault.EraseAsync(RequestFor("1"), Cancellation);
        return objects;
    }

    private static List<KeyValuePair<string, byte[]>> Guarded(MemoryObjects objects) =>
        [.. objects.Contents.Where(item => item.Key.StartsWith("e/", StringComparison.Ordinal) || item.Key.StartsWith("k/src", StringComparison.Ordinal))];

    private static async Task<bool> IsFoundSoundAsync(MemoryObjects objects)
    {
        try
        {
            var vault = await BackupVault.OpenAsync(objects, TestKeys, new VaultOptions(), Cancellation);
            return (await vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Objects }, Cancellation)).IsSound;
        }
        catch (VaultException)
        {
            return false;
        }
    }
}
