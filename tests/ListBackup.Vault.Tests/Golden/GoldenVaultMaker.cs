using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Testing;

namespace ListBackup.Vault.Tests.Golden;

/// <summary>Makes a golden vault of this build, once for a version of the format; scripts/golden-vault tells how. Never part of a run of tests.</summary>
public sealed class GoldenVaultMaker
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Make_the_golden_vault_that_is_named_by_GOLDEN_VAULT()
    {
        var name = Environment.GetEnvironmentVariable("GOLDEN_VAULT") ?? throw new InvalidOperationException("GOLDEN_VAULT names the folder to make.");
        var folder = Path.Combine(GoldenVaultTests.Root, name);
        Directory.Exists(folder).ShouldBeFalse("golden vaults are not made again");
        using var recovery = RSA.Create(3072);
        var (key, clock) = (RandomNumberGenerator.GetBytes(AccountKey.ByteCount), EverythingVault.NewClock());
        var objects = new MemoryObjects(clock);

        var vault = await EverythingVault.CreateAsync(objects, new FixedVaultKeys(new AccountKey("golden", key)), recovery.ExportSubjectPublicKeyInfoPem(), clock, Cancellation);

        await WriteAsync(folder, "TEST-ONLY.key", Encoding.ASCII.GetBytes($"listbackup-account-key golden {Convert.ToHexStringLower(key)}\n"));
        await WriteAsync(folder, "TEST-ONLY.recovery.pem", Encoding.ASCII.GetBytes(recovery.ExportPkcs8PrivateKeyPem() + "\n"));
        await WriteAsync(folder, "README.md", Encoding.UTF8.GetBytes($"""
            # Golden vault {name}

            Made by `GoldenVaultMaker` (scripts/golden-vault says how) of what `EverythingVault` describes. The keys in this folder are for tests only and open nothing else.
            `expected/SOURCE/STREAM/SEQ.ndjson` is what a restore of that snapshot must print. `SHA256SUMS` names every other file; nothing here ever changes.

            """));
        foreach (var (object_, content) in objects.Contents) await WriteAsync(folder, $"vault/{object_}", content);
        await foreach (var source in vault.ListSourcesAsync(Cancellation))
        {
            await foreach (var snapshot in vault.ListSnapshotsAsync(source, Cancellation))
            {
                var reader = await vault.OpenSnapshotAsync(source, snapshot.Seq, Cancellation);
                foreach (var stream in snapshot.Streams)
                {
                    var text = new StringBuilder();
                    await foreach (var record in reader.ReadSortedAsync(stream.Stream, Cancellation)) text.Append(Encoding.UTF8.GetString(record.Json.Span)).Append('\n');
                    await WriteAsync(folder, string.Create(CultureInfo.InvariantCulture, $"expected/{source}/{stream.Stream}/{snapshot.Seq}.ndjson"), Encoding.UTF8.GetBytes(text.ToString()));
                }
            }
        }

        var sums = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => (Path: path, File: Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .OrderBy(item => item.File, StringComparer.Ordinal)
            .Select(item => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(item.Path)))}  {item.File}\n");
        await WriteAsync(folder, "SHA256SUMS", Encoding.UTF8.GetBytes(string.Concat(sums)));
    }

    private static async Task WriteAsync(string folder, string file, byte[] content)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, Cancellation);
    }
}
