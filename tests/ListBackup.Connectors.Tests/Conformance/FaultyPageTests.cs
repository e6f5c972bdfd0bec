using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

/// <summary>Pages that repeat, shrink, move or never end.</summary>
public class FaultyPageTests
{
    public static TheoryData<string> Counted => ["pages-counted/from_one_at_once", "pages-counted/from_nought", "pages-counted/in_a_json_body", "pages-offset/with_a_size", "pages-offset/in_a_form"];

    public static TheoryData<string> ByAnswer => ["pages-cursor/in_the_body", "pages-cursor/without_a_stop", "pages-cursor/out_of_a_link_by_a_pattern", "pages-links/in_the_body", "pages-links/in_the_link_header", "bodies/query"];

    public static TheoryData<string> All => [.. Counted.Concat(ByAnswer).Select(row => row.Data), "pages-cursor/by_a_flag"];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_page_that_comes_again_ends_the_read_and_coverage_tells(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Repeating();

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        read.Coverage!.Complete.ShouldBeFalse();
        read.Coverage.Cut.ShouldBe(CutReason.RepeatedPageToken);
        run.Server.Requests.ShouldBeLessThan(10);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_platform_that_gives_fewer_rows_than_asked_is_read_whole(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Capped(3);

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Counted))]
    public async Task That_a_platform_gives_fewer_rows_than_asked_is_noted(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Capped(3);

        var read = await run.ReadAsync();

        read.Coverage!.Warnings.ShouldContain(warning => warning.Note == CoverageNote.PageSizeCapped);
    }

    [Theory]
    [MemberData(nameof(ByAnswer))]
    public async Task An_empty_page_in_the_middle_is_not_the_end(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new EmptyAt(2);

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(ByAnswer))]
    public async Task Pages_without_end_and_without_rows_are_left_and_coverage_tells(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Endless();

        var read = await run.ReadAsync();

        read.Coverage!.Complete.ShouldBeFalse();
        run.Sorted(read.Records).ShouldBe(run.Held);
        run.Server.Requests.ShouldBeLessThan(2000);
    }

    [Theory]
    [MemberData(nameof(ByAnswer))]
    public async Task Rows_that_come_and_go_while_pages_follow_a_mark_cost_no_other_row(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var before = run.Held;
        var records = run.World.Table.Partitions[0].Records;
        HeldRecord? gone = null;
        run.Server.PageServed = page =>
        {
            if (page.Mark.Offset == 0 || gone is not null)
                return;
            gone = records[0];
            records.RemoveAt(0);
            run.World.Change(run.World.Table.Partitions[0], ManifestTrial.Now);
        };

        var read = await run.ReadAsync();

        // The changed row may be seen as it was or as it is; every other one that was there all the time is there.
        var changed = Comparison.Print(run.World.Table, gone!.Json);
        run.Sorted(read.Records).ShouldContain(changed);
        before.Except(run.Sorted(read.Records)).Count().ShouldBeLessThanOrEqualTo(1);
        read.Records.Count.ShouldBe(read.Records.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Counted))]
    public async Task A_row_that_is_put_before_the_others_while_pages_are_counted_loses_none(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        var before = run.Held;
        var partition = run.World.Table.Partitions[0];
        var isMoved = false;
        run.Server.PageServed = page =>
        {
            if (page.Mark.Offset == 0 || isMoved)
                return;
            isMoved = true;
            run.World.Change(partition, ManifestTrial.Now);
            partition.Records.Insert(0, partition.Records[^1]);
            partition.Records.RemoveAt(partition.Records.Count - 1);
        };

        var read = await run.ReadAsync();

        before.Except(run.Sorted(read.Records)).Count().ShouldBeLessThanOrEqualTo(1, "only the changed row may be another");
        read.Coverage!.Warnings.ShouldContain(warning => warning.Note == CoverageNote.PagesMoved);
    }

    /// <summary>From the second page on the same answer comes again.</summary>
    private sealed class Repeating : FakeFaults
    {
        private FakeReply? _second;
        private int _count;

        public override FakeReply After(IncomingRequest request, FakeReply reply)
        {
            if (++_count == 2)
                _second = reply;

            return _second ?? reply;
        }
    }

    private sealed class Capped(int rows) : FakeFaults
    {
        public override int PageSize(int asked) => Math.Min(rows, asked);
    }

    private sealed class EmptyAt(int number) : FakeFaults
    {
        private int _count;

        public override int PageSize(int asked) => ++_count == number ? 0 : asked;
    }

    private sealed class Endless : FakeFaults
    {
        public override bool IsEndless => true;
    }
}
