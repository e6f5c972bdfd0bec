using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Domain.Tests;

public sealed class ActivityLogTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryItems _items;
    private readonly ActivityLog _log;
    private readonly AccountId _account;

    public ActivityLogTests()
    {
        _items = new MemoryItems(_clock);
        _log = new ActivityLog(_items, _clock);
        _account = AccountId.New(_clock);
    }

    [Fact]
    public async Task An_empty_chain_verifies() => (await _log.VerifyAsync(_account, default)).ShouldBe(new ActivityCheck(0, null));

    [Fact]
    public async Task Entries_that_meet_are_all_kept_in_one_chain()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => AppendAsync(1))));

        (await _log.VerifyAsync(_account, default)).ShouldBe(new ActivityCheck(20, null));
    }

    [Fact]
    public async Task A_changed_entry_shows()
    {
        await AppendAsync(3);
        await TamperAsync(2, activity => activity with { Actor = "somebody else" });

        (await _log.VerifyAsync(_account, default)).BrokenAt.ShouldBe(2);
    }

    [Fact]
    public async Task A_changed_detail_shows()
    {
        await AppendAsync(3);
        await TamperAsync(3, activity => activity with { Details = new Dictionary<string, string> { ["records"] = "0" } });

        (await _log.VerifyAsync(_account, default)).BrokenAt.ShouldBe(3);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    public async Task A_dropped_entry_shows_even_the_newest(long dropped, long brokenAt)
    {
        await AppendAsync(3);
        await _items.DeleteAsync(ActivityLog.EntryKey(_account, dropped), Condition.Present, default);

        (await _log.VerifyAsync(_account, default)).BrokenAt.ShouldBe(brokenAt);
    }

    [Fact]
    public async Task Fields_cannot_be_moved_into_each_other()
    {
        await _log.AppendAsync(_account, "ab", "c", "d", default);
        await TamperAsync(1, activity => activity with { Action = "bc", Actor = "a" });

        (await _log.VerifyAsync(_account, default)).BrokenAt.ShouldBe(1);
    }

    private async Task AppendAsync(int count)
    {
        for (var i = 0; i < count; i++) await _log.AppendAsync(_account, "system", "run.finished", "run_1", default, ("records", $"{i}"));
    }

    private async Task TamperAsync(long number, Func<Activity, Activity> change)
    {
        var stored = await _items.FindAsync(ActivityLog.EntryKey(_account, number), ActivityJson.Default.Activity, default);
        await _items.PutAsync(ItemJson.Item(stored!.Key, change(stored.Value), ActivityJson.Default.Activity), Condition.Present, default);
    }
}
