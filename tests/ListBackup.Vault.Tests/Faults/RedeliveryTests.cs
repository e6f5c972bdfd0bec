using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>A queue delivers at least once, and sometimes late.</summary>
public sealed class RedeliveryTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(12)]
    public async Task A_message_that_comes_again_behind_other_backups_counts_once(int others)
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(Request("first"), """{"id":1}""");
        var committed = await vault.BackUpAsync(Request("repeated"), """{"id":1}""", """{"id":2}""");
        for (var other = 1; other <= others; other++)
        {
            await vault.BackUpAsync(Request($"other {other}", ReadMode.Incremental), $$"""{"id":{{10 + other}}}""");
            if (other % 3 == 0) await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
        }

        await vault.ReopenAsync();
        var newest = (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq;

        // Its drafts are gone, so it is read anew, from a platform that has moved on; a sweep would even take what it does not see for gone.
        var again = await vault.BackUpAsync(Request("repeated"), """{"id":1}""");

        (again.Seq, again.ManifestSha256).ShouldBe((committed.Seq, committed.ManifestSha256));
        (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq.ShouldBe(newest);
        (await vault.RestoreAsync()).Count.ShouldBe(2 + others);
        await vault.ShouldBeSoundAsync();
    }
}
