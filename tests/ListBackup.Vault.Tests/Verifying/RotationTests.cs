using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Verifying;

public sealed class RotationTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(s_start);
    private readonly MemoryObjects _objects = new();

    [Fact]
    public async Task Small_runs_read_everything_in_turn_and_say_since_when()
    {
        await FiveSegmentsAsync();
        for (var run = 1; run <= 5; run++)
        {
            var report = await RunAsync();

            report.Problems.ShouldBeEmpty();
            report.Blocks.ShouldBe(1);
            report.Rotation.ShouldNotBeNull().VerifiedSegments.ShouldBe(run);
            report.Rotation.Since.ShouldBe(run == 5 ? s_start : null);
        }

        (await RunAsync()).Rotation!.Since.ShouldBe(s_start.AddDays(1));
    }

    [Fact]
    public async Task A_damaged_segment_is_found_in_its_turn_and_does_not_stop_the_others()
    {
        await FiveSegmentsAsync();
        var (damaged, content) = _objects.Contents.Single(item => item.Key.StartsWith("s/src_1/000000000002-", StringComparison.Ordinal));
        content[20] ^= 1;

        var found = new List<VerifyProblem>();
        for (var run = 1; run <= 5; run++) found.AddRange((await RunAsync()).Problems);
        var last = await RunAsync();

        found.ShouldAllBe(problem => problem.Object == damaged);
        found.ShouldContain(problem => problem.Affects.Contains("src_1/contacts from snapshot 2"));
        (last.Rotation!.VerifiedSegments, last.Rotation.Since).ShouldBe((4, null));
    }

    [Fact]
    public async Task Who_loses_the_state_begins_again()
    {
        await FiveSegmentsAsync();
        await RunAsync();
        await _objects.DeleteAsync("x/verify", Cancellation);

        (await RunAsync()).Rotation!.VerifiedSegments.ShouldBe(1);
        _objects.Contents["x/verify"][20] ^= 1;
        (await RunAsync()).Rotation!.VerifiedSegments.ShouldBe(1);
    }

    [Fact]
    public async Task A_report_is_signed_and_logged_and_found_when_it_is_damaged_or_gone()
    {
        await FiveSegmentsAsync();
        var vault = await CreateAsync(_objects);
        var size = (await vault.Vault.PublishLogAsync(Cancellation)).Size;
        var stored = await vault.Vault.SignReportAsync(await RunAsync(), Cancellation);

        (await vault.Vault.PublishLogAsync(Cancellation)).Size.ShouldBe(size + 1);
        await vault.ShouldBeSoundAsync();
        for (var offset = 0; offset < stored.Document.Length; offset++)
        {
            _objects.Contents[stored.Object][offset] ^= 1;
            (await vault.VerifyAsync(VerifyLevel.Chain)).Problems.ShouldHaveSingleItem().Object.ShouldBe(stored.Object);
            _objects.Contents[stored.Object][offset] ^= 1;
        }

        var other = await vault.Vault.SignReportAsync(await RunAsync(), Cancellation);
        await _objects.PutAsync(stored.Object, other.Document, PutCondition.Replace, Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Chain)).IsSound.ShouldBeFalse("another report in its place");
        await _objects.DeleteAsync(stored.Object, Cancellation);
        (await vault.VerifyAsync(VerifyLevel.Chain)).IsSound.ShouldBeFalse("gone");
    }

    private async Task FiveSegmentsAsync()
    {
        var vault = await CreateAsync(_objects);
        for (var run = 1; run <= 5; run++) await vault.BackUpAsync(ReadMode.Incremental, $$"""{"id":{{run}}}""");
    }

    /// <summary>A run a day, by a process of its own, with a budget for one segment.</summary>
    private async Task<VerifyReport> RunAsync()
    {
        var vault = await CreateAsync(_objects, new VaultOptions { Clock = _clock });
        var report = await vault.Vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Blocks, BudgetBytes = 1 }, Cancellation);
        _clock.Advance(TimeSpan.FromDays(1));
        return report;
    }
}
