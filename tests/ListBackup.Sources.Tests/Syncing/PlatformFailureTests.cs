using ListBackup.Connectors;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class PlatformFailureTests
{
    [Fact]
    public async Task Refused_credentials_fail_the_run_say_what_to_do_and_mark_the_connection()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Fails = (_, _) => Failure.Unauthorized;
        var source = await world.AddSourceAsync();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Failed);
        run.Reason!.Code.ShouldBe("platform-unauthorized");
        run.Reason.Action!.ShouldContain("Reconnect");
        world.Connections.Unhealthy.ShouldHaveSingleItem();
        (await world.SnapshotsAsync(source)).ShouldBeEmpty();
        var after = await world.SourceAsync(source);
        (after.FailuresInARow, after.CurrentRunId, SourceView.Of(after).Health).ShouldBe((1, null, SourceHealth.Failing));
    }

    [Fact]
    public async Task A_rate_limit_is_waited_for_without_a_worker_and_nothing_is_read_twice()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(20);
        var source = await world.AddSourceAsync();
        var limits = 2;
        world.Platform.Fails = (_, page) => page == 3 && limits-- > 0 ? Failure.RateLimited(TimeSpan.FromHours(2)) : null;
        var began = world.Clock.GetUtcNow();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        (world.Clock.GetUtcNow() - began).ShouldBe(TimeSpan.FromHours(4), TimeSpan.FromMinutes(5));
        world.Platform.PagesServed.ShouldBe(7);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task Streams_that_the_platform_lets_be_read_only_one_at_a_time_are_read_one_after_the_other()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("alone").Fill(5);
        world.Platform.Add("first").Fill(10).Groups = ["session"];
        world.Platform.Add("second").Fill(10).Groups = ["session"];
        var source = await world.AddSourceAsync();
        var limits = 2;
        world.Platform.Fails = (stream, page) => stream == "first" && page == 2 && limits-- > 0 ? Failure.RateLimited(TimeSpan.FromHours(1)) : null;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        world.Platform.Reads.Select(read => read.Stream).Where(name => name != "alone").ShouldBe(["first", "first", "first", "second"]);
        await world.ShouldBeBackedUpAsync(source, "first");
        await world.ShouldBeBackedUpAsync(source, "second");
    }

    [Fact]
    public async Task A_doubt_of_the_engine_forbids_a_proof_and_says_why()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        var source = await world.AddSourceAsync();
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);
        (await world.SnapshotsAsync(source))[0].Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Proven);

        world.Platform.Judges = evidence => new(true, null, "Pages moved.", evidence) { Warnings = [new(CoverageNote.PagesMoved, IsDoubt: true, "Pages moved.")] };
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);

        var coverage = (await world.SnapshotsAsync(source)).MaxBy(snapshot => snapshot.Seq)!.Streams[0].Coverage;
        (coverage.Level, coverage.Reason).ShouldBe((CoverageLevel.Consistent, "Pages moved."));
        coverage.Evidence.Doubts.ShouldBe(["Pages moved."]);
    }

    [Theory]
    [InlineData(CutReason.PartitionsRefused, 2)]
    [InlineData(CutReason.PagesMax, 2)]
    public async Task What_is_missing_of_some_partitions_does_not_hold_the_cursors_of_others(CutReason reason, int expected)
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts", isIncremental: true).Fill(5);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Put("new", "1");

        world.Platform.Judges = evidence => new(false, reason, "One list may not be read.", evidence with { PartitionsRefused = 1 });
        await world.SyncAsync(source);
        world.Platform.Reads.Clear();
        world.Platform.Judges = evidence => new(true, null, null, evidence);
        contacts.Put("newer", "1");
        await world.SyncAsync(source);

        (await world.SnapshotsAsync(source)).OrderBy(snapshot => snapshot.Seq).Select(snapshot => snapshot.Streams[0].Coverage.Level).ElementAt(1).ShouldBe(CoverageLevel.Partial);
        world.Platform.Reads.Count.ShouldBe(1);
        world.Platform.PagesServed.ShouldBe(2 + expected, "each change is read once, because the cursor moved on");
    }

    [Fact]
    public async Task An_outage_that_passes_costs_time_and_nothing_else()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(20);
        var source = await world.AddSourceAsync();
        var failures = new Queue<Exception>([Failure.Server, Failure.Garbage, Failure.Never, Failure.Server]);
        world.Platform.Fails = (_, page) => page == 2 && failures.TryDequeue(out var failure) ? failure : null;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded, run.Reason?.Message);
        await world.ShouldBeBackedUpAsync(source, "contacts");
        (await world.PartsAsync(run))["contacts"].Log.Count(line => line.Message.Contains("Tried again")).ShouldBe(4);
    }

    [Fact]
    public async Task A_stream_that_fails_on_its_way_keeps_what_arrived_and_marks_nothing_as_gone()
    {
        await using var world = new SyncWorld(new() { FailuresMax = 2 });
        var contacts = world.Platform.Add("contacts").Fill(12);
        world.Platform.Add("lists").Fill(3);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Put("r0001", "changed"); // Now the last in the platform's order: not reached.
        contacts.Put("new", "added");
        var pages = 0;
        world.Platform.Fails = (stream, _) => stream == "contacts" && ++pages > 1 ? Failure.Server : null;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        run.Reason!.Code.ShouldBe("platform-failed");
        var parts = await world.PartsAsync(run);
        (parts["contacts"].State, parts["lists"].State).ShouldBe((PartState.Incomplete, PartState.Complete));
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(12);
        var snapshot = (await world.SnapshotsAsync(source))[1];
        snapshot.Streams.Single(s => s.Stream == "contacts").Coverage.Level.ShouldBe(CoverageLevel.Partial);
        snapshot.Streams.Single(s => s.Stream == "lists").Coverage.Level.ShouldNotBe(CoverageLevel.Partial);
        SourceView.Of(await world.SourceAsync(source)).Health.ShouldBe(SourceHealth.Attention);
    }

    [Fact]
    public async Task A_stream_that_never_answers_does_not_hold_up_the_others()
    {
        await using var world = new SyncWorld(new() { FailuresMax = 3 });
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Add("broken").Fill(5);
        world.Platform.Fails = (stream, _) => stream == "broken" ? Failure.Never : null;
        var source = await world.AddSourceAsync();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        (await world.PartsAsync(run))["broken"].State.ShouldBe(PartState.Failed);
        run.Reason!.Message.ShouldContain("did not answer");
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task A_forbidden_stream_is_named_and_a_retry_reads_only_that_one()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Add("secret").Fill(5);
        world.Platform.Fails = (stream, _) => stream == "secret" ? Failure.Forbidden : null;
        var source = await world.AddSourceAsync();
        var partial = await world.SyncAsync(source);
        partial.Reason!.Code.ShouldBe("platform-forbidden");
        world.Platform.Fails = (_, _) => null;
        world.Platform.Reads.Clear();

        var retry = await world.SyncAsync(source, run => run with { Trigger = RunTrigger.Retry, RetryOf = partial.Id, OnlyStreams = ["secret"] });

        retry.State.ShouldBe(RunState.Succeeded);
        world.Platform.Reads.ShouldAllBe(read => read.Stream == "secret");
        await world.ShouldBeBackedUpAsync(source, "contacts", "secret");
    }

    [Fact]
    public async Task Fewer_records_than_the_platform_says_it_has_are_no_success_and_nothing_is_taken_for_gone()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts").Fill(6);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        foreach (var id in contacts.Records.Keys.Take(3).ToList()) contacts.Delete(id);
        world.Platform.HiddenRecords = 3;

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        run.Reason!.Message.ShouldContain("6 records; 3 arrived");
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(6);
    }

    [Fact]
    public async Task Streams_that_the_platform_names_unreadably_make_the_run_partial_and_hinder_no_other()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Doubt = "The list has entries that nobody understands.";
        var source = await world.AddSourceAsync();

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        (run.Reason!.Code, run.Reason.Message).ShouldBe(("streams-unlisted", world.Platform.Doubt));
        (await world.BackedUpAsync(source, "contacts")).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Whoever_chose_streams_that_are_all_named_is_not_troubled_by_others()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Doubt = "The list has entries that nobody understands.";
        var source = await world.AddSourceAsync(s => s with { Streams = [new("contacts", null)] });

        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);

        world.Platform.Remove("contacts");
        var run = await world.SyncAsync(source);
        var reason = (await world.PartsAsync(run))["contacts"].Reason!;
        (reason.Code, reason.Message.Contains(world.Platform.Doubt, StringComparison.Ordinal)).ShouldBe(("stream-unlisted", true));
    }

    [Fact]
    public async Task A_stream_that_the_platform_no_longer_has_keeps_its_history()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        world.Platform.Add("old").Fill(5);
        var source = await world.AddSourceAsync(s => s with { Streams = [new("contacts"), new("old")] });
        await world.SyncAsync(source);
        world.Platform.Remove("old");

        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Partial);
        (await world.PartsAsync(run))["old"].Reason!.Code.ShouldBe("stream-missing");
        (await world.BackedUpAsync(source, "old")).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Records_that_say_they_were_deleted_are_deleted_with_the_platforms_word()
    {
        await using var world = new SyncWorld();
        var deletes = new DeleteDetection { Kind = DeleteDetectionKind.Field, Field = FieldPath.Of("archived"), Values = ["true"] };
        var contacts = world.Platform.Add("contacts", isIncremental: true, new() { Deletes = deletes }).Fill(5);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.PutJson("r0002", """{"id":"r0002","archived":true}""");

        await world.SyncAsync(source);

        (await world.BackedUpAsync(source, "contacts")).Keys.ShouldNotContain("r0002");
        var history = await (await world.VaultAsync()).GetHistoryAsync(source.Id.ToString(), "contacts", "r0002", SyncWorld.Cancellation);
        history[^1].Operation.ShouldBe(RecordOperation.Delete);
    }
}
