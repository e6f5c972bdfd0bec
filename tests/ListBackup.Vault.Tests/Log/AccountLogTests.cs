using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Log;

public sealed class AccountLogTests
{
    [Fact]
    public async Task Every_commit_is_logged()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":2}""");
        await vault.ReopenAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":3}""");

        (await vault.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(3);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Who_races_for_a_place_comes_next()
    {
        var objects = new MemoryObjects();
        await CreateAsync(objects);

        await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Run(async () =>
        {
            var vault = await CreateAsync(objects);
            await vault.BackUpAsync(Request("run") with { Source = $"source {number}" }, """{"id":1}""");
        }, Cancellation)));

        var after = await CreateAsync(objects);
        (await after.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(8);
        await after.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_costs_a_commit_two_requests_and_is_caught_up_later()
    {
        var objects = new MemoryObjects();
        await (await CreateAsync(objects)).BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        var broken = new FaultyObjects(objects) { OnRequest = (_, text) => text.Contains("log", StringComparison.Ordinal) ? throw new ObjectStoreUnavailableException("The log is out of reach.") : Task.CompletedTask };
        var vault = await CreateAsync(broken);

        for (var id = 2; id < 8; id++)
        {
            var before = broken.Requests.Count;
            await vault.BackUpAsync(Request($"broken {id}", ReadMode.Incremental), $$"""{"id":{{id}}}""");
            broken.Requests.Skip(before).Count(text => text.Contains("log", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(2);
        }

        var after = await CreateAsync(objects);
        await after.ShouldBeSoundAsync();
        (await after.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(7);
        await after.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_vault_rolled_back_is_found_by_who_remembers_a_checkpoint()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""");
        await vault.Vault.PublishLogAsync(Cancellation);
        var older = objects.Copy();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":2}""");
        var known = (await vault.Vault.PublishLogAsync(Cancellation)).Note;
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":3}""");
        var request = new VerifyRequest { Level = VerifyLevel.Chain, KnownCheckpoint = known };
        var rolledBack = await CreateAsync(older);

        (await vault.Vault.VerifyAsync(request, Cancellation)).Problems.ShouldBeEmpty();
        (await rolledBack.Vault.VerifyAsync(request, Cancellation)).IsSound.ShouldBeFalse();
        await rolledBack.ShouldBeSoundAsync();

        // Another history of the same length does not help.
        await rolledBack.BackUpAsync(Request("other"), """{"id":"other"}""");
        await rolledBack.BackUpAsync(Request("another"), """{"id":"another"}""");
        (await rolledBack.Vault.VerifyAsync(request, Cancellation)).IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lagging_log_is_caught_up_in_the_order_of_snapshots_whatever_its_length()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        for (var id = 0; id < 300; id++) await vault.BackUpAsync(Request($"run {id}", ReadMode.Incremental), $$"""{"id":{{id % 3}},"n":{{id}}}""");
        foreach (var name in objects.Contents.Keys.Where(name => name.StartsWith("log/", StringComparison.Ordinal) || name == "x/log").ToList()) await objects.DeleteAsync(name, Cancellation);
        await vault.ReopenAsync();

        (await vault.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(300);

        objects.Contents.Keys.Count(name => name.StartsWith("log/a/", StringComparison.Ordinal)).ShouldBe(2);
        (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldBeEmpty();
    }
}
