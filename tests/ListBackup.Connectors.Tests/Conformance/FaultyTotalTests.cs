using ListBackup.Testing.Manifests;

namespace ListBackup.Connectors.Conformance;

/// <summary>Totals that change while pages are read, because rows come and go or because the platform only guesses.</summary>
public class FaultyTotalTests
{
    public static TheoryData<string> Counted => ["pages-totals/numbered", "pages-totals/by_offset"];

    public static TheoryData<string> ByAnswer => ["pages-totals/by_cursor", "pages-totals/of_the_rest"];

    public static TheoryData<string> All => [.. Counted.Concat(ByAnswer).Select(row => row.Data)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_total_that_grows_with_a_row_that_is_made_meanwhile_is_told_and_the_row_comes(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        Once(run, records => records.Add(records[0] with { Number = 99_999, Json = """{"id": 99999, "name": "made meanwhile"}""" }));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Warnings.ShouldContain(warning => warning.Note == CoverageNote.TotalChanged && !warning.IsDoubt);
    }

    [Theory]
    [MemberData(nameof(Counted))]
    public async Task A_total_that_falls_while_pages_are_counted_forbids_a_proof(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        Once(run, records => records.RemoveAt(0));

        var read = await run.ReadAsync();

        // The row behind the border moved up, past the reader; no other may be missing.
        read.Failure.ShouldBeNull();
        run.Held.Except(run.Sorted(read.Records)).Count().ShouldBeLessThanOrEqualTo(1);
        read.Coverage!.Doubt.ShouldNotBeNull();
        read.Coverage.Warnings.ShouldContain(warning => warning.Note == CoverageNote.TotalFell && warning.IsDoubt);
    }

    [Theory]
    [MemberData(nameof(ByAnswer))]
    public async Task A_total_that_falls_while_pages_follow_a_mark_costs_no_row(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        Once(run, records => records.RemoveAt(0));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Held.Except(run.Sorted(read.Records)).ShouldBeEmpty();
        read.Coverage!.Complete.ShouldBeTrue();
        read.Coverage.Doubt.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_total_that_goes_up_and_down_by_guessing_ends_no_read_early(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Guessing((rows, page) => page % 2 == 0 ? rows + 2 : Math.Max(0, rows - 2));

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_total_that_stays_above_what_comes_is_no_complete_read(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Guessing((rows, _) => rows + 5);

        var read = await run.ReadAsync();

        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeFalse();
        read.Coverage.Reasons.ShouldContain(CutReason.TotalNotReached);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_total_that_only_some_pages_tell_hinders_nothing(string source)
    {
        await using var run = await FaultRun.StartAsync(source);
        run.Server.Faults = new Guessing((rows, page) => page == 1 ? rows : null);

        var read = await run.ReadAsync();

        read.Failure.ShouldBeNull();
        run.Sorted(read.Records).ShouldBe(run.Held);
        read.Coverage!.Complete.ShouldBeTrue();
    }

    /// <summary>Changes what the platform holds before its second page.</summary>
    private static void Once(FaultRun run, Action<List<HeldRecord>> change)
    {
        var isDone = false;
        run.Server.PageServed = page =>
        {
            if (page.Mark.Offset == 0 || isDone)
                return;
            isDone = true;
            change(run.World.Table.Partitions[0].Records);
        };
    }

    private sealed class Guessing(Func<int, int, long?> guess) : FakeFaults
    {
        private int _page;

        public override long? Total(int rows) => guess(rows, ++_page);
    }
}
