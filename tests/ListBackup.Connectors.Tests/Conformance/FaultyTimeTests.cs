using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

/// <summary>Clocks that differ, times that are equal, rows that show late, filters that are not minded.</summary>
public class FaultyTimeTests
{
    public static TheoryData<string> Sources => ["cursors-by-time/whole", "cursors-by-time/by_weeks", "cursors-by-time/seconds", "cursors-by-time/milliseconds", "cursors-by-time/microseconds_of_text", "cursors-by-time/in_an_expression", "cursors-by-time/in_a_json_body", "cursors-of-other-kinds/filtered_here"];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Rows_of_one_time_on_both_sides_of_a_page_are_all_read_though_the_read_is_stopped_between(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var isDown = true;
        run.Server.Faults = new PlannedFaults(count => isDown && count >= 2 ? new FakeFault(FakeReply.Json("oops", 503)) : null);

        var first = await run.ReadAsync();
        isDown = false;
        var rest = await run.ReadAsync(first.State);

        first.Failure.ShouldNotBeNull();
        run.Sorted([.. first.Records, .. rest.Records]).ShouldBe(run.Held);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Rows_of_the_very_time_that_the_last_read_came_to_are_not_lost(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var first = await run.ReadAsync();
        var partition = run.World.Table.Partitions[0];
        run.World.Change(partition, partition.Records.Max(record => record.Time)!.Value);

        run.Trial.Clock.Advance(TimeSpan.FromDays(1));
        var next = await run.ReadAsync(first.State);

        run.Held.Except(run.Sorted([.. first.Records, .. next.Records])).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("cursors-by-time/milliseconds", 50)]
    [InlineData("cursors-by-time/microseconds_of_text", 23 * 60)]
    public async Task A_row_that_shows_late_is_found_by_the_look_back(string source, int minutesLate)
    {
        await using var run = await FaultRun.StartAsync(source);
        var partition = run.World.Table.Partitions[0];
        var late = run.World.Add(partition, partition.Records.Max(record => record.Time)!.Value.AddMinutes(-minutesLate));
        FakeWorld.Show(partition, late, isVisible: false);
        var first = await run.ReadAsync();

        FakeWorld.Show(partition, late, isVisible: true);
        run.Trial.Clock.Advance(TimeSpan.FromDays(1));
        var next = await run.ReadAsync(first.State);

        run.Sorted(first.Records).ShouldNotContain(Comparison.Print(run.World.Table, late.Json));
        run.Sorted(next.Records).ShouldContain(Comparison.Print(run.World.Table, late.Json));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_platform_whose_clock_is_ahead_does_not_move_the_cursor_over_what_is_yet_to_come(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var partition = run.World.Table.Partitions[0];
        run.World.Add(partition, ManifestTrial.Now.AddHours(3));
        var first = await run.ReadAsync();

        run.World.Add(partition, ManifestTrial.Now.AddHours(1));
        run.Trial.Clock.Advance(TimeSpan.FromDays(1));
        var next = await run.ReadAsync(first.State);

        run.Held.Except(run.Sorted([.. first.Records, .. next.Records])).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_platform_whose_clock_is_behind_loses_nothing_that_it_writes_after_the_read(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var partition = run.World.Table.Partitions[0];
        var last = run.World.Add(partition, ManifestTrial.Now.AddHours(-2));
        var first = await run.ReadAsync();

        run.World.Add(partition, last.Time!.Value.AddMinutes(1));
        run.Trial.Clock.Advance(TimeSpan.FromDays(1));
        var next = await run.ReadAsync(first.State);

        run.Held.Except(run.Sorted([.. first.Records, .. next.Records])).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("cursors-by-time/whole")]
    [InlineData("cursors-by-time/by_weeks")]
    [InlineData("cursors-by-time/in_a_json_body")]
    public async Task A_platform_that_does_not_mind_the_filter_is_noticed(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var first = await run.ReadAsync();
        run.Server.Faults = new Unfiltered();

        run.Trial.Clock.Advance(TimeSpan.FromDays(1));
        var next = await run.ReadAsync(first.State);

        next.Coverage!.Warnings.ShouldContain(warning => warning.Note == CoverageNote.IntervalIgnored);
    }

    private sealed class Unfiltered : FakeFaults
    {
        public override bool IgnoresFilter => true;
    }
}
