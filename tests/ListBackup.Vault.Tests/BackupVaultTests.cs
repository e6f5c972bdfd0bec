using System.Text;
using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests;

public sealed class BackupVaultTests
{
    [Fact]
    public async Task What_was_backed_up_is_restored_byte_for_byte()
    {
        var vault = await CreateAsync();
        string[] records =
        [
            """{"id":1,"name":"Zoë","big":12345678901234567890,"price":1.10}""",
            """{ "name" : "spaces" ,  "id":"2","e":1E5}""",
            "{\"id\":3,\n  \"pretty\": [1,\r\n2],\t\"text\":\"a\\nb \\ud83d\\ude00 \\u00e9\"}",
            """{"id":4,"lone":"\ud800","slash":"\/"}""",
        ];

        await vault.BackUpAsync(ReadMode.FullSweep, records);

        (await vault.RestoreAsync()).ShouldBe(records);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Only_changed_records_become_versions()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1,"a":1}""", """{"id":2,"a":1}""");

        var snapshot = await vault.BackUpAsync(ReadMode.FullSweep, """{"a":1,"id":1}""", """{"id":2,"a":2}""", """{"id":3}""");

        var stream = snapshot.Streams.ShouldHaveSingleItem();
        (stream.Added, stream.Changed, stream.Deleted, stream.Live).ShouldBe((1, 1, 0, 3));
        (await vault.Vault.GetHistoryAsync(Source, Contacts, "1", Cancellation)).Count.ShouldBe(1);
        (await vault.Vault.GetHistoryAsync(Source, Contacts, "2", Cancellation)).Select(version => version.Seq).ShouldBe([1, 2]);
        (await vault.RestoreAsync(1)).ShouldBe(["""{"id":1,"a":1}""", """{"id":2,"a":1}"""]);
        (await vault.RestoreAsync(2)).ShouldBe(["""{"id":1,"a":1}""", """{"id":2,"a":2}""", """{"id":3}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_complete_sweep_turns_absent_records_into_gone_ones()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");

        var snapshot = await vault.BackUpAsync(ReadMode.FullSweep, """{"id":2}""");

        snapshot.Streams[0].Deleted.ShouldBe(1);
        (await vault.RestoreAsync()).ShouldBe(["""{"id":2}"""]);
        (await vault.Vault.GetHistoryAsync(Source, Contacts, "1", Cancellation)).Select(version => version.Operation).ShouldBe([RecordOperation.Put, RecordOperation.Gone]);
        var deleted = await ToListAsync((await vault.Vault.OpenSnapshotAsync(Source, null, Cancellation)).ReadDeletedAsync(Contacts, Cancellation));
        deleted.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            record => record.Key.ShouldBe("1"),
            record => record.DeletedSeq.ShouldBe(2),
            record => record.LastSeq.ShouldBe(1),
            record => Encoding.UTF8.GetString(record.LastJson!.Value.Span).ShouldBe("""{"id":1}"""));
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_sweep_that_did_not_reach_its_end_loses_nothing()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");

        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await backup.WriteAsync(Utf8("""{"id":2,"new":true}"""), Cancellation);
        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = false, IncompleteReason = "The platform went away." }, Cancellation);
        var snapshot = await vault.CommitAsync(outcome);

        snapshot.Streams[0].Coverage.ShouldSatisfyAllConditions(
            coverage => coverage.Level.ShouldBe(CoverageLevel.Partial),
            coverage => coverage.Reason.ShouldBe("The platform went away."));
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":2,"new":true}"""]);
    }

    [Fact]
    public async Task An_incremental_read_says_nothing_about_absent_records_and_deletes_what_the_platform_deleted()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""", """{"id":3}""");

        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r", ReadMode.Incremental), Cancellation);
        await backup.WriteAsync(Utf8("""{"id":4}"""), Cancellation);
        (await backup.DeleteAsync("2", Cancellation)).Effect.ShouldBe(RecordEffect.Changed);
        (await backup.DeleteAsync("never", Cancellation)).Effect.ShouldBe(RecordEffect.Unchanged);
        await vault.CommitAsync(await backup.FinishAsync(new StreamFinish { IsComplete = true, CursorOut = "\"2026\"" }, Cancellation));

        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":3}""", """{"id":4}"""]);
        await using var next = await vault.Vault.BackUpStreamAsync(Request("r2", ReadMode.Incremental), Cancellation);
        next.CommittedCursor.ShouldBe("\"2026\"");
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task An_id_sweep_keeps_what_is_listed_and_loses_the_rest()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""", """{"id":3}""");

        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r", ReadMode.IdSweep), Cancellation);
        await backup.WriteAsync(Utf8("""{"id":3,"changed":true}"""), Cancellation);
        backup.MarkLive("1");
        backup.MarkLive("3");
        await vault.CommitAsync(await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));

        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":3,"changed":true}"""]);
    }

    [Fact]
    public async Task A_bad_record_is_counted_and_hurts_nobody()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, """{"id":1}""", """{"id":2}""");
        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);

        await Expect("""{"id":1""", RecordProblem.InvalidJson);
        await Expect("""[1]""", RecordProblem.NotAnObject);
        await Expect("""{"id":2,"a":1,"a":2}""", RecordProblem.DuplicateMember);
        await Expect("""{"name":"nobody"}""", RecordProblem.MissingKey);
        await Expect("""{"id":null}""", RecordProblem.MissingKey);
        await Expect("""{"id":{"x":1}}""", RecordProblem.MissingKey);
        await Expect("""{"id":9} {"id":10}""", RecordProblem.InvalidJson);
        await Expect($$"""{"id":9,"deep":{{new string('[', 200)}}{{new string(']', 200)}}}""", RecordProblem.TooDeep);
        await Expect($$"""{"id":"{{new string('x', 5000)}}"}""", RecordProblem.KeyTooLong);
        (await backup.WriteAsync(new byte[] { (byte)'{', 0xFF, (byte)'}' }, Cancellation)).Problem.ShouldBe(RecordProblem.InvalidJson);
        (await backup.WriteAsync(Utf8("""{"id":1}"""), Cancellation)).Effect.ShouldBe(RecordEffect.Unchanged);
        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
        var snapshot = await vault.CommitAsync(outcome);

        outcome.Counts.Refused.ShouldBe(10);
        outcome.RefusedSamples.Count.ShouldBe(10);
        snapshot.Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Partial);
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1}""", """{"id":2}"""]);

        async Task Expect(string record, RecordProblem problem) => (await backup.WriteAsync(Utf8(record), Cancellation)).Problem.ShouldBe(problem, record);
    }

    [Fact]
    public async Task Volatile_fields_make_no_versions()
    {
        var vault = await CreateAsync();
        string[] volatileFields = ["/seen", "/files/*/url"];
        await vault.BackUpAsync(Request("r1", volatileFields: volatileFields), """{"id":1,"seen":1,"files":[{"n":"a","url":"x"}]}""");

        var same = await vault.BackUpAsync(Request("r2", volatileFields: volatileFields), """{"id":1,"seen":2,"files":[{"n":"a","url":"y"}]}""");
        var changed = await vault.BackUpAsync(Request("r3", volatileFields: volatileFields), """{"id":1,"seen":3,"files":[{"n":"b","url":"z"}]}""");

        same.Streams[0].Changed.ShouldBe(0);
        changed.Streams[0].Changed.ShouldBe(1);
        (await vault.RestoreAsync()).ShouldBe(["""{"id":1,"seen":3,"files":[{"n":"b","url":"z"}]}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task New_volatile_fields_make_no_versions_either()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(Request("r1"), """{"id":1,"seen":1}""", """{"id":2,"seen":1}""");

        var snapshot = await vault.BackUpAsync(Request("r2", volatileFields: "/seen"), """{"id":1,"seen":2}""", """{"id":2,"seen":2}""");

        snapshot.Streams[0].Changed.ShouldBe(0);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Committing_a_run_again_returns_the_same_snapshot()
    {
        var vault = await CreateAsync();
        var outcome = await vault.ReadAsync(Request("r"), """{"id":1}""");

        var first = await vault.CommitAsync(outcome);
        var second = await vault.CommitAsync(outcome);

        second.ManifestSha256.ShouldBe(first.ManifestSha256);
        (await ToListAsync(vault.Vault.ListSnapshotsAsync(Source, Cancellation))).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Streams_that_were_not_read_keep_their_state()
    {
        var vault = await CreateAsync();
        await vault.CommitAsync(
            await vault.ReadAsync(Request("r1", stream: "a"), """{"id":1}"""),
            await vault.ReadAsync(Request("r1", stream: "b"), """{"id":1}"""));

        var snapshot = await vault.BackUpAsync(Request("r2", stream: "b"), """{"id":1}""", """{"id":2}""");

        snapshot.Streams.Select(stream => (stream.Stream, stream.ReadSeq, stream.Live)).ShouldBe([("a", 1, 1), ("b", 2, 2)]);
        (await vault.RestoreAsync(stream: "a")).ShouldBe(["""{"id":1}"""]);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Streams_of_one_run_share_a_segment()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        var outcomes = new List<StreamOutcome>();
        for (var i = 0; i < 5; i++) outcomes.Add(await vault.ReadAsync(Request("r", stream: $"stream {i}"), """{"id":1}"""));

        await vault.CommitAsync([.. outcomes]);

        objects.Contents.Keys.Count(name => name.StartsWith("s/", StringComparison.Ordinal)).ShouldBe(1);
        objects.Contents.Keys.ShouldNotContain(name => name.StartsWith("x/drafts/", StringComparison.Ordinal));
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_snapshot_knows_its_chain_counts_and_coverage()
    {
        var vault = await CreateAsync();
        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await backup.WriteAsync(Utf8("""{"id":1}"""), Cancellation);
        var finish = new StreamFinish { IsComplete = true, Evidence = new CoverageEvidence { ReportedTotal = 1, Pages = 1, Requests = 2 } };

        var snapshot = await vault.CommitAsync(await backup.FinishAsync(finish, Cancellation));

        snapshot.Seq.ShouldBe(1);
        snapshot.Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Proven);
        snapshot.Streams[0].Coverage.Evidence.Requests.ShouldBe(2);
        snapshot.BytesAdded.ShouldBeGreaterThan(100);
        (await ToListAsync(vault.Vault.ListSourcesAsync(Cancellation))).ShouldBe([Source]);
    }

    [Fact]
    public async Task The_wrong_key_opens_nothing()
    {
        var vault = await CreateAsync();
        var wrong = new FixedVaultKeys(new AccountKey("key-1", new byte[32]));
        var unknown = new FixedVaultKeys(new AccountKey("key-2", new byte[32]));

        await Should.ThrowAsync<VaultKeyException>(() => BackupVault.OpenAsync(vault.Objects, wrong, new VaultOptions(), Cancellation));
        await Should.ThrowAsync<VaultKeyException>(() => BackupVault.OpenAsync(vault.Objects, unknown, new VaultOptions(), Cancellation));
        await Should.ThrowAsync<VaultNotFoundException>(() => BackupVault.OpenAsync(new MemoryObjects(), TestKeys, new VaultOptions(), Cancellation));
    }

    [Fact]
    public async Task What_exceeds_memory_waits_on_disk_sealed_and_leaves_nothing_behind()
    {
        var spill = Directory.CreateTempSubdirectory("listbackup-spill-").FullName;
        var vault = await CreateAsync(options: new VaultOptions { BufferBytesMax = 10_000, SpillFolder = spill });
        string[] records = [.. Enumerable.Range(0, 500).Select(id => $$"""{"id":"k{{id:000}}","text":"{{new string((char)('a' + (id % 26)), 200)}}"}""")];

        await using (var backup = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation))
        {
            foreach (var record in records) await backup.WriteAsync(Utf8(record), Cancellation);
            await vault.CommitAsync(await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));
        }

        (await vault.RestoreAsync()).ShouldBe(records);
        Directory.EnumerateFiles(spill).ShouldBeEmpty();
        await vault.ShouldBeSoundAsync();
        Directory.Delete(spill, recursive: true);
    }

    [Fact]
    public async Task No_record_content_or_key_is_stored_in_plain()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await using var backup = await vault.Vault.BackUpStreamAsync(Request("r"), Cancellation);
        await backup.WriteAsync(Utf8("""{"id":"secret-key-1","email":"someone@example.org"}"""), Cancellation);
        await backup.SaveDraftAsync("1", Cancellation);
        await vault.CommitAsync(await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));

        foreach (var (name, content) in objects.Contents)
        {
            var text = Encoding.Latin1.GetString(content);
            text.Contains("secret-key-1").ShouldBeFalse(name);
            text.Contains("someone@").ShouldBeFalse(name);
        }
    }

    internal static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }

    [Fact]
    public async Task Pages_go_on_where_they_were_when_the_stream_gets_other_groups_in_between()
    {
        string[] records = [.. Enumerable.Range(0, 60).Select(id => $$"""{"id":{{id}}}""")];
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, records);
        var keys = new List<string>();

        var first = await PageAsync(null);
        var larger = Request(vault.NextRun());
        await vault.BackUpAsync(larger with { Settings = larger.Settings with { ExpectedRecords = 500_000 } }, [.. records.Select(record => record.Replace("}", ",\"new\":1}", StringComparison.Ordinal))]);
        await vault.Vault.CompactAsync(VaultFixture.Source, isFull: true, Cancellation);
        for (var cursor = first; cursor is not null;) cursor = await PageAsync(cursor);

        keys.ShouldBe(records.Select((_, id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture)), ignoreOrder: true);

        async Task<string?> PageAsync(string? cursor)
        {
            var page = await (await vault.Vault.OpenSnapshotAsync(VaultFixture.Source, 1, Cancellation)).QueryAsync(Contacts, new RecordQuery { Limit = 20, Cursor = cursor }, Cancellation);
            keys.AddRange(page.Records.Select(record => record.Key));
            return page.NextCursor;
        }
    }
}
