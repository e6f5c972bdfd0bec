using System.Security.Cryptography;
using System.Text.Json;
using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Keys;

public sealed class RewrapTests
{
    private const string KeyFiles = "k/=vault/";
    private static readonly AccountKey Old = new("k1", RandomNumberGenerator.GetBytes(32));
    private static readonly AccountKey New = new("k2", RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task After_a_rotation_the_new_key_alone_opens_the_vault_and_the_old_alone_does_not()
    {
        var objects = new MemoryObjects();
        await BackupVault.CreateAsync(objects, new FixedVaultKeys(Old), new VaultOptions(), Cancellation);

        (await (await OpenRotatingAsync(objects, Old)).RewrapAsync(null, Cancellation)).ShouldBeTrue();

        await BackupVault.OpenAsync(objects, new FixedVaultKeys(New), new VaultOptions(), Cancellation);
        await Should.ThrowAsync<VaultKeyException>(() => BackupVault.OpenAsync(objects, new FixedVaultKeys(Old), new VaultOptions(), Cancellation));
        objects.Contents.Keys.Count(name => name.StartsWith(KeyFiles, StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task What_was_backed_up_before_a_rotation_is_read_after_it()
    {
        var objects = new MemoryObjects();
        var fixture = await CreateAsync(objects);
        var before = await fixture.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");

        (await (await OpenRotatingAsync(objects, await TestKeys.GetCurrentAsync(Cancellation))).RewrapAsync(null, Cancellation)).ShouldBeTrue();

        var after = await BackupVault.OpenAsync(objects, new FixedVaultKeys(New), new VaultOptions(), Cancellation);
        (await after.FindNewestSnapshotAsync(Source, Cancellation))!.ManifestSha256.ShouldBe(before.ManifestSha256);
        (await after.VerifyAsync(new() { Level = VerifyLevel.Restore }, Cancellation)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task Making_a_vault_again_after_a_rotation_opens_it_and_makes_no_first_key_file()
    {
        var objects = new MemoryObjects();
        await BackupVault.CreateAsync(objects, new FixedVaultKeys(Old), new VaultOptions(), Cancellation);
        await (await OpenRotatingAsync(objects, Old)).RewrapAsync(null, Cancellation);
        var before = objects.Contents.Keys;

        await BackupVault.CreateAsync(objects, new FixedVaultKeys(New), new VaultOptions(), Cancellation);

        objects.Contents.Keys.ShouldBe(before);
        await BackupVault.OpenAsync(objects, new FixedVaultKeys(New), new VaultOptions(), Cancellation);
    }

    [Fact]
    public async Task A_first_key_file_of_another_vault_does_not_lock_a_rotated_one()
    {
        var (objects, other) = (new MemoryObjects(), new MemoryObjects());
        await BackupVault.CreateAsync(objects, new FixedVaultKeys(Old), new VaultOptions(), Cancellation);
        await (await OpenRotatingAsync(objects, Old)).RewrapAsync(null, Cancellation);
        await BackupVault.CreateAsync(other, new FixedVaultKeys(New), new VaultOptions(), Cancellation);
        await objects.PutAsync("k/=vault/000001.keys", other.Contents["k/=vault/000001.keys"], PutCondition.CreateOnly, Cancellation);

        await BackupVault.OpenAsync(objects, new FixedVaultKeys(New), new VaultOptions(), Cancellation);
    }

    [Fact]
    public async Task A_recovery_key_that_comes_later_opens_the_secret_and_one_that_goes_no_longer_does()
    {
        var objects = new MemoryObjects();
        var vault = await BackupVault.CreateAsync(objects, new FixedVaultKeys(Old), new VaultOptions(), Cancellation);
        using var recovery = RSA.Create(3072);

        (await vault.RewrapAsync(recovery.ExportSubjectPublicKeyInfoPem(), Cancellation)).ShouldBeTrue();
        (await vault.RewrapAsync(recovery.ExportSubjectPublicKeyInfoPem(), Cancellation)).ShouldBeFalse();

        var wrapped = KeyFile(objects).GetProperty("recovery").GetProperty("wrapped").GetBytesFromBase64();
        recovery.Decrypt(wrapped, RSAEncryptionPadding.OaepSHA256).Length.ShouldBe(32);
        (await vault.RewrapAsync(null, Cancellation)).ShouldBeTrue();
        KeyFile(objects).TryGetProperty("recovery", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Rotations_at_the_same_time_end_in_one_file_that_opens()
    {
        var objects = new MemoryObjects();
        await BackupVault.CreateAsync(objects, new FixedVaultKeys(Old), new VaultOptions(), Cancellation);
        using var recovery = RSA.Create(3072);
        var pem = recovery.ExportSubjectPublicKeyInfoPem();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await (await OpenRotatingAsync(objects, Old)).RewrapAsync(pem, Cancellation), Cancellation)));

        await BackupVault.OpenAsync(objects, new FixedVaultKeys(New), new VaultOptions(), Cancellation);
        objects.Contents.Keys.Count(name => name.StartsWith(KeyFiles, StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>The same vault in a process whose keyring has both keys, the new one current.</summary>
    private static Task<BackupVault> OpenRotatingAsync(MemoryObjects objects, AccountKey old) =>
        BackupVault.OpenAsync(objects, new TwoKeys(old, New), new VaultOptions(), Cancellation);

    private static JsonElement KeyFile(MemoryObjects objects)
    {
        var document = objects.Contents.Single(o => o.Key.StartsWith(KeyFiles, StringComparison.Ordinal)).Value;
        return JsonDocument.Parse(document.AsMemory(0, document.AsSpan().IndexOf((byte)'\n'))).RootElement;
    }

    private sealed class TwoKeys(AccountKey old, AccountKey current) : IVaultKeys
    {
        public ValueTask<AccountKey> GetCurrentAsync(CancellationToken cancellation) => ValueTask.FromResult(current);

        public ValueTask<AccountKey?> FindAsync(string id, CancellationToken cancellation) =>
            ValueTask.FromResult(id == old.Id ? old : id == current.Id ? current : null);
    }
}
