using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Catalogue.Tests;

/// <summary>
/// What every connector of the catalogue promises, on a fake that does what the vendor's documentation says. A vendor's class inherits this and says how
/// its account is changed, emptied and damaged.
/// </summary>
public abstract class ConnectorContract<TFake>
    where TFake : VendorFake, new()
{
    /// <summary>A stream that takes several pages, and a part of the path of its requests.</summary>
    protected abstract (string Stream, string Path) Main { get; }

    /// <summary>Most rows that an incremental read may bring besides what changed: those that share the cursor's last moments.</summary>
    protected virtual int LookBackRowsMax => 5;

    /// <summary>False where the vendor's refusal does not tell how long to wait.</summary>
    protected virtual bool TellsWait => true;

    /// <summary>Changes records of every incremental stream at the fake's present time, where the vendor has bulk changes more than a page of them.</summary>
    /// <returns>Keys of what changed or was added, by stream, as <see cref="Key(IReadOnlyList{string})"/> writes them.</returns>
    protected abstract IReadOnlyDictionary<string, IReadOnlyList<string>> Change(TFake fake);

    /// <summary>Deletes or archives a record of some streams.</summary>
    /// <returns>What is gone, by stream and key.</returns>
    protected abstract IReadOnlyList<(string Stream, string Key)> Delete(TFake fake);

    /// <summary>A bad day, after the backup. Null where the vendor's API cannot write.</summary>
    protected virtual Disaster? Damage(TFake fake) => null;

    /// <summary>Somebody who agreed to be written to. Null where the vendor's API cannot write, or holds nobody's consent.</summary>
    protected virtual PersonWithConsent<TFake>? Person => null;

    /// <summary>An account for the restore, which asks for every record several times: a few dozen of each are enough.</summary>
    protected virtual TFake Small() => new();

    [Fact]
    public async Task The_manifest_says_who_the_vendor_is_and_where_it_is_documented()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();

        var info = connector.Connector.Info;

        info.Title.ShouldNotBeNullOrEmpty();
        info.Category.ShouldNotBeNullOrEmpty();
        Uri.TryCreate(info.DocsUrl, UriKind.Absolute, out var docs).ShouldBeTrue();
        docs!.Scheme.ShouldBe(Uri.UriSchemeHttps);
        (await connector.StreamsAsync()).ShouldAllBe(stream => stream.PrimaryKey.Count > 0);
        (await connector.StreamsAsync()).ShouldAllBe(stream => !string.IsNullOrEmpty(stream.Extensions.Title));
    }

    [Fact]
    public async Task What_a_restore_never_weakens_is_classed_as_consent()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        Assert.SkipUnless(CanRestore(connector), "The vendor's API cannot write.");

        foreach (var stream in await RestorableAsync(connector))
        {
            var consent = (await connector.StreamsAsync()).Single(candidate => candidate.Name == stream.Name).Extensions.Classes
                .Where(field => field.Class == PrivacyClass.Consent).Select(field => field.Field.ToString()).ToList();

            stream.NeverWeaken.ShouldAllBe(field => consent.Contains(field.Field.ToString()), stream.Name);
        }
    }

    [Fact]
    public async Task The_check_tells_good_credentials_from_bad_ones()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var good = server.Connect();
        using var bad = server.Connect(server.Fake.BadConfig);

        var accepted = await good.CheckAsync();
        var refused = await bad.CheckAsync();

        accepted.Reason.ShouldBeNull();
        accepted.Succeeded.ShouldBeTrue();
        refused.Succeeded.ShouldBeFalse();
        refused.Reason.ShouldNotBeNullOrEmpty();
        Texts(JsonSerializer.SerializeToNode(server.Fake.BadConfig)).Where(text => text.Contains("secret", StringComparison.Ordinal)).ShouldAllBe(secret => !refused.Reason!.Contains(secret));
    }

    [Fact]
    public async Task Every_stream_brings_what_the_vendor_holds_value_for_value()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();

        foreach (var stream in await connector.StreamsAsync())
        {
            var read = await connector.ReadAsync(stream.Name, fullRefresh: true);

            read.Coverage.Complete.ShouldBeTrue($"{stream.Name}: {read.Coverage.Detail}");
            ShouldBeTheTruth(server.Fake, stream, read);
            if (stream.Extensions.TellsTotal) await ShouldBeProvenAsync(connector, stream, read);
        }

        (await connector.ReadAsync(Main.Stream, fullRefresh: true)).Coverage.Evidence.ShouldSatisfyAllConditions(
            evidence => evidence.Pages.ShouldBeGreaterThan(evidence.Partitions, "The main stream takes several pages."));
    }

    [Fact]
    public async Task Every_stream_of_the_fake_has_records_so_that_reading_none_would_be_noticed()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();

        (await connector.StreamsAsync()).ShouldAllBe(stream => server.Fake.Truth(stream.Name).Any());
    }

    [Fact]
    public async Task Two_backups_of_an_untouched_account_are_equal()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        string[] streams = [.. (await connector.StreamsAsync()).Select(stream => stream.Name)];

        var first = await vault.BackUpAsync(connector, streams);
        server.Fake.Browse();
        server.Fake.Time.Advance(TimeSpan.FromHours(1));
        var second = await vault.BackUpAsync(connector, streams);

        second.Streams.Select(stream => (stream.Stream, stream.StateRoot)).ShouldBe(first.Streams.Select(stream => (stream.Stream, stream.StateRoot)));
    }

    [Fact]
    public async Task The_next_read_brings_what_changed_and_hardly_more()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        var states = new Dictionary<string, StreamState>();
        foreach (var stream in Incremental(connector)) states[stream.Name] = (await connector.ReadAsync(stream.Name)).State;
        server.Fake.Time.Advance(TimeSpan.FromDays(2));

        var changes = Change(server.Fake);

        changes.Keys.ShouldBe(states.Keys, ignoreOrder: true, "Every incremental stream changes in this test, and no other.");
        foreach (var stream in Incremental(connector))
        {
            var read = await connector.ReadAsync(stream.Name, states[stream.Name]);
            var keys = read.Json.Select(record => Key(stream, record)).ToHashSet();

            changes[stream.Name].Where(key => !keys.Contains(key)).ShouldBeEmpty(stream.Name);
            keys.Except(changes[stream.Name]).Count().ShouldBeLessThanOrEqualTo(LookBackRowsMax, stream.Name);
        }
    }

    [Fact]
    public async Task A_change_in_the_moment_of_the_last_read_is_not_lost()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        Change(server.Fake);
        var states = new Dictionary<string, StreamState>();
        foreach (var stream in Incremental(connector)) states[stream.Name] = (await connector.ReadAsync(stream.Name)).State;

        var changes = Change(server.Fake);

        foreach (var stream in Incremental(connector))
        {
            var read = await connector.ReadAsync(stream.Name, states[stream.Name]);
            changes[stream.Name].Except(read.Json.Select(record => Key(stream, record))).ShouldBeEmpty(stream.Name);
        }
    }

    [Fact]
    public async Task Too_many_requests_cost_a_wait_and_no_record()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        server.Fake.AnswerNext(Main.Path, server.Fake.TooManyRequests(TimeSpan.FromSeconds(7)), skip: 1);

        var read = await connector.ReadAsync(Main.Stream, fullRefresh: true);

        ShouldBeTheTruth(server.Fake, await StreamAsync(connector, Main.Stream), read);
        read.Coverage.Evidence.Retries.ShouldBe(1);
        connector.Waits.ShouldContain(wait => wait >= TimeSpan.FromSeconds(TellsWait ? 7 : 1));
    }

    [Fact]
    public async Task A_server_error_passes_and_garbage_never_makes_a_shorter_stream()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        server.Fake.AnswerNext(Main.Path, new VendorAnswer(503, "busy") { ContentType = "text/plain" }, count: 2, skip: 1);

        var read = await connector.ReadAsync(Main.Stream, fullRefresh: true);
        server.Fake.AnswerNext(Main.Path, new VendorAnswer(200, "<html>") { ContentType = "text/html" }, count: 100, skip: 1);

        ShouldBeTheTruth(server.Fake, await StreamAsync(connector, Main.Stream), read);
        await Should.ThrowAsync<PlatformException>(() => connector.ReadAsync(Main.Stream, fullRefresh: true));
    }

    [Fact]
    public async Task A_token_that_ends_while_reading_is_renewed()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        Assert.SkipWhen(server.Fake.OAuthConfig is null, "The vendor has no sign-in whose tokens end.");
        using var connector = server.Connect(server.Fake.OAuthConfig);
        using var tokens = new MemoryTokens(server.Fake.Time);
        connector.Ports = connector.Ports with { Tokens = tokens };
        var asked = 0;
        server.Fake.Before = request =>
        {
            if (request.Path.Contains(Main.Path, StringComparison.Ordinal) && ++asked == 2) server.Fake.Tokens!.Expire();
        };

        var read = await connector.ReadAsync(Main.Stream, fullRefresh: true);

        ShouldBeTheTruth(server.Fake, await StreamAsync(connector, Main.Stream), read);
        server.Fake.Tokens!.Refreshes.ShouldBe(2);
        connector.Connector.OAuth.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_gone_is_noticed_in_the_way_that_the_manifest_declares()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        server.Fake.Time.Advance(TimeSpan.FromDays(1));

        var gone = Delete(server.Fake);

        gone.ShouldNotBeEmpty();
        foreach (var (stream, key) in gone) await ShouldBeNoticedAsync(connector, await StreamAsync(connector, stream), key);
    }

    [Fact]
    public async Task What_was_lost_comes_back_and_who_said_no_is_left_alone()
    {
        await using var server = await VendorServer<TFake>.StartAsync(Small());
        using var connector = server.Connect();
        Assert.SkipUnless(CanRestore(connector), "The vendor's API cannot write.");
        var vault = await VaultUnderTest.CreateAsync();
        string[] streams = [.. (await RestorableAsync(connector)).Select(stream => stream.Name)];
        var before = await vault.BackUpAsync(connector, streams);
        server.Fake.Time.Advance(TimeSpan.FromDays(1));

        var disaster = Damage(server.Fake).ShouldNotBeNull();
        var damaged = await vault.BackUpAsync(connector, streams);
        var ids = new NewIds();
        var restored = await connector.RestoreAsync(vault, before, ids);
        var after = await vault.BackUpAsync(connector, streams);
        var again = await connector.RestoreAsync(vault, before, ids);
        var afterAgain = await vault.BackUpAsync(connector, streams);

        await ShouldBeSeenAsync(vault, before, damaged, disaster);
        foreach (var (stream, key, outcome) in restored.Where(record => record.Outcome.Result == WriteResult.Refused))
            disaster.CannotComeBack.ShouldContain((stream, key), $"{stream} {key}: {outcome.Reason}");
        foreach (var (stream, key, field, value) in disaster.Stricter)
            ShouldHold(server.Fake, await StreamAsync(connector, stream), key, field, value);

        // The second time every record is found live and equal in all that can be written, its references under the ids of now, and nothing is written.
        again.ShouldAllBe(record => record.Outcome.Result == WriteResult.Refused && disaster.CannotComeBack.Contains(new(record.Stream, record.Key)));
        afterAgain.Streams.Select(stream => (stream.Stream, stream.StateRoot)).ShouldBe(after.Streams.Select(stream => (stream.Stream, stream.StateRoot)));
    }

    [Fact]
    public async Task Looked_for_together_each_record_is_what_it_is_alone_and_in_fewer_requests()
    {
        await using var server = await VendorServer<TFake>.StartAsync(Small());
        using var connector = server.Connect();
        Assert.SkipUnless(CanRestore(connector), "The vendor's API cannot write.");
        var together = (await RestorableAsync(connector)).Where(stream => stream.FindSize > 1).ToList();
        Assert.SkipWhen(together.Count == 0, "The vendor's API answers one record at a time.");
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, [.. together.Select(stream => stream.Name)]);
        Damage(server.Fake).ShouldNotBeNull();
        var target = connector.Target();

        foreach (var stream in together)
        {
            // Most are there, some are gone.
            var records = (await vault.RecordsAsync(before, stream.Name)).Take(60).Select(record => new RestoreRecord(record.Json, SameIds.Instance)).ToList();
            var (found, alone) = await LookForAsync(target, stream.Name, records);
            if (records.Count > 10) found.ShouldBeLessThan(alone / 3, stream.Name);
        }
    }

    /// <summary>Looks for records together and one by one, which has to come to the same.</summary>
    /// <returns>What each of the two took in requests.</returns>
    protected static async Task<(long Together, long Alone)> LookForAsync(RestoreTarget target, string stream, IReadOnlyList<RestoreRecord> records)
    {
        var found = await target.FindManyAsync(stream, records, TestContext.Current.CancellationToken);
        var alone = new List<(LiveState, string?)>();
        var requests = 0L;
        foreach (var record in records)
        {
            var one = await target.FindManyAsync(stream, [record], TestContext.Current.CancellationToken);
            alone.Add((one.Records[0].State, one.Records[0].LiveId));
            requests += one.Requests;
        }

        found.Records.Select(live => (live.State, live.LiveId)).ShouldBe(alone, stream);
        return (found.Requests, requests);
    }

    [Fact]
    public async Task Every_consent_field_says_what_somebody_is_made_anew_with()
    {
        await using var server = await VendorServer<TFake>.StartAsync(new TFake());
        using var connector = server.Connect();
        Assert.SkipUnless(CanRestore(connector), "The vendor's API cannot write.");

        foreach (var stream in connector.Restore.Streams.Where(stream => stream.CanCreate || stream.CanUpsert))
            stream.NeverWeaken.Where(rule => rule.ItemsBy is null && rule.Written != ConsentWrites.Never).ShouldAllBe(rule => rule.CreatedAs != null, stream.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_was_deleted_comes_back_without_a_yes_and_with_it_when_that_is_asked(bool isAsked)
    {
        var (person, restored, consent) = await DeletedAndRestoredAsync(saysNo: false, isAsked);

        if (isAsked && person.ComesBackWithYes) consent.ShouldBe(Consent.Yes);
        else consent.ShouldNotBe(Consent.Yes);
        if (!person.IsForgotten) consent.ShouldNotBe(Consent.Gone, string.Join(", ", restored.Select(record => record.Outcome.Reason)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_said_no_after_the_snapshot_and_was_deleted_then_is_not_subscribed_again_in_either_setting(bool isAsked)
    {
        var (_, _, consent) = await DeletedAndRestoredAsync(saysNo: true, isAsked);

        consent.ShouldNotBe(Consent.Yes);
    }

    [Fact]
    public async Task A_no_of_which_the_live_record_does_not_tell_is_not_overwritten_by_a_yes()
    {
        Assert.SkipWhen(Person is null, "The vendor holds nobody's consent that could be written.");
        var person = Person!;
        await using var server = await VendorServer<TFake>.StartAsync(Small());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, person.Streams);
        var address = person.Address(server.Fake);
        var stream = connector.Restore.Streams.Single(stream => stream.Name == person.Stream);
        var target = connector.Target();
        var records = await vault.RecordsAsync(before, person.Stream);
        var told = person.IsHeldBy(server.Fake, address);
        var record = new RestoreRecord(records.Single(record => told(Parse(System.Text.Encoding.UTF8.GetString(record.Json.Span)))).Json, SameIds.Instance);
        person.SayNo(server.Fake, address);

        var live = await target.FindAsync(person.Stream, record, TestContext.Current.CancellationToken);
        var silent = JsonNode.Parse(live.Json.Span)!.AsObject();
        foreach (var rule in stream.NeverWeaken.Where(rule => rule.AbsentMeans is null && rule.Written == ConsentWrites.Always)) Remove(silent, rule.Field.Keys);
        await target.WriteAsync(
            new()
            {
                Stream = person.Stream, Kind = stream.CanUpdate ? WriteKind.Update : WriteKind.Upsert, Record = record, LiveId = live.LiveId,
                LiveJson = JsonSerializer.SerializeToUtf8Bytes(silent), IdempotencyKey = "1",
            },
            TestContext.Current.CancellationToken);

        person.Consent(server.Fake, address).ShouldBe(Consent.No);

        static void Remove(JsonObject from, IReadOnlyList<string> path)
        {
            foreach (var key in path.SkipLast(1))
            {
                if (from[key] is not JsonObject inner) return;
                from = inner;
            }

            from.Remove(path[^1]);
        }
    }

    /// <summary>Snapshot; perhaps a no, which the next one sees; deletion; restore of the first.</summary>
    private async Task<(PersonWithConsent<TFake> Person, IReadOnlyList<RestoredRecord> Restored, Consent Consent)> DeletedAndRestoredAsync(bool saysNo, bool isAsked)
    {
        Assert.SkipWhen(Person is null, "The vendor holds nobody's consent that could be written.");
        var person = Person!;
        await using var server = await VendorServer<TFake>.StartAsync(Small());
        using var connector = server.Connect();
        var vault = await VaultUnderTest.CreateAsync();
        var before = await vault.BackUpAsync(connector, person.Streams);
        var address = person.Address(server.Fake);
        person.Consent(server.Fake, address).ShouldBe(Consent.Yes);
        if (saysNo)
        {
            server.Fake.Time.Advance(TimeSpan.FromHours(1));
            person.SayNo(server.Fake, address);
            person.Consent(server.Fake, address).ShouldBe(Consent.No);
            await vault.BackUpAsync(connector, person.Streams);
        }

        server.Fake.Time.Advance(TimeSpan.FromHours(1));
        person.Delete(server.Fake, address);
        person.Consent(server.Fake, address).ShouldNotBe(Consent.Yes);
        await vault.BackUpAsync(connector, person.Streams);

        var restored = await connector.RestoreAsync(vault, before, new NewIds(), isAsked);

        return (person, restored, person.Consent(server.Fake, address));
    }

    /// <summary>A record's key as the vault writes it: the text of a single value, a JSON list of several.</summary>
    protected static string Key(params IReadOnlyList<string> values) => values.Count == 1 ? values[0] : JsonSerializer.Serialize(values, VendorAnswer.Plain);

    private static string Key(StreamInfo stream, JsonElement record) => Key([.. stream.PrimaryKey.Select(field => Text(At(record, field)))]);

    private static void ShouldBeTheTruth(TFake fake, StreamInfo stream, StreamRead read)
    {
        var wanted = fake.Truth(stream.Name).Select(row => Parse(VendorAnswer.Text(row))).ToDictionary(row => Key(stream, row), Members);
        var records = read.Json.ToDictionary(record => Key(stream, record), Members);

        wanted.Keys.Except(records.Keys).ShouldBeEmpty($"{stream.Name}: missing");
        records.Keys.Except(wanted.Keys).ShouldBeEmpty($"{stream.Name}: invented");
        foreach (var (key, members) in wanted) records[key].ShouldBe(members, $"{stream.Name} {key}");
    }

    private static async Task ShouldBeProvenAsync(ConnectorUnderTest connector, StreamInfo stream, StreamRead read)
    {
        var total = read.Coverage.Evidence.ReportedTotal
            ?? await connector.Connector.ProbeTotalAsync(stream.Name, connector.Config, connector.Ports, TestContext.Current.CancellationToken);

        total.ShouldBe(read.Records.Count, $"{stream.Name}: the vendor's total");
    }

    private static async Task ShouldBeNoticedAsync(ConnectorUnderTest connector, StreamInfo stream, string key)
    {
        var deletes = stream.Extensions.Deletes;
        var read = await connector.ReadAsync(deletes.Stream ?? stream.Name, fullRefresh: true);
        switch (deletes.Kind)
        {
            case DeleteDetectionKind.FullRead:
                read.Coverage.Complete.ShouldBeTrue();
                read.Json.Select(record => Key(stream, record)).ShouldNotContain(key, stream.Name);
                break;
            case DeleteDetectionKind.Field:
                var record = read.Json.Single(record => Key(stream, record) == key);
                var value = Text(At(record, deletes.Field!));
                if (deletes.Values.Count > 0) deletes.Values.ShouldContain(value, stream.Name);
                else value.ShouldNotBeOneOf("", "false", "null");
                break;
            case DeleteDetectionKind.Stream:
                read.Json.Select(record => Text(At(record, deletes.IdField!))).ShouldContain(key, stream.Name);
                break;
            case DeleteDetectionKind.IdSweep:
                read.Json.Select(record => Text(At(record, deletes.IdField!))).ShouldNotContain(key, stream.Name);
                break;
            default:
                Assert.Fail($"{stream.Name} declares that deletions are not noticed by reading.");
                break;
        }
    }

    private async Task ShouldBeSeenAsync(VaultUnderTest vault, Snapshot before, Snapshot damaged, Disaster disaster)
    {
        foreach (var stream in disaster.Deleted.Select(record => record.Stream).Distinct())
        {
            (await vault.DiffAsync(before, damaged, stream)).Where(difference => difference.Kind == DifferenceKind.Deleted).Select(difference => difference.Key)
                .ShouldBe(disaster.Deleted.Where(record => record.Stream == stream).Select(record => record.Key), ignoreOrder: true, stream);
        }

        var changed = disaster.Changed.Concat(disaster.Stricter.Select(record => (record.Stream, record.Key))).Distinct().ToList();
        foreach (var stream in changed.Select(record => record.Stream).Distinct())
        {
            (await vault.DiffAsync(before, damaged, stream)).Where(difference => difference.Kind == DifferenceKind.Changed).Select(difference => difference.Key)
                .ShouldBe(changed.Where(record => record.Stream == stream).Select(record => record.Key), ignoreOrder: true, stream);
        }
    }

    private static void ShouldHold(TFake fake, StreamInfo stream, string key, string field, string value)
    {
        var row = fake.Truth(stream.Name).Select(row => Parse(VendorAnswer.Text(row))).Single(row => Key(stream, row) == key);
        Text(At(row, new FieldPath(field.Split('/')))).ShouldBe(value, $"{stream.Name} {key} {field}");
    }

    private static IEnumerable<StreamInfo> Incremental(ConnectorUnderTest connector) =>
        connector.Connector.Streams.Where(stream => stream.SyncModes.HasFlag(SyncModes.Incremental));

    private static async Task<StreamInfo> StreamAsync(ConnectorUnderTest connector, string name) => (await connector.StreamsAsync()).Single(stream => stream.Name == name);

    private static async Task<IReadOnlyList<RestoreStreamInfo>> RestorableAsync(ConnectorUnderTest connector) =>
        (await connector.Restore.ForAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken)).Streams;

    private static bool CanRestore(ConnectorUnderTest connector) => File.Exists(Path.Combine(BuildOutput.Root, "connectors", connector.Platform, "restore.yaml"));

    private static JsonElement At(JsonElement record, FieldPath field)
    {
        foreach (var key in field.Keys)
        {
            if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty(key, out record)) return default;
        }

        return record;
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    /// <summary>Name and raw text of each member, the value as it was spelled, in the order of names.</summary>
    private static string Members(JsonElement record) =>
        string.Join('\n', record.EnumerateObject().Select(member => $"{member.Name}: {member.Value.GetRawText()}").Order(StringComparer.Ordinal));

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(member => Texts(member.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}

/// <summary>What somebody said to being written to.</summary>
public enum Consent
{
    Yes,
    No,

    /// <summary>They are not there, or kept as deleted.</summary>
    Gone,
}

/// <summary>Somebody who agreed to be written to, and what they do in a test. They are known by their address, which outlives their id.</summary>
public sealed record PersonWithConsent<TFake>
{
    /// <summary>Where their consent stands.</summary>
    public required string Stream { get; init; }

    /// <summary>All streams that have to come back with them.</summary>
    public required IReadOnlyList<string> Streams { get; init; }

    public required Func<TFake, string> Address { get; init; }

    /// <summary>Tells a record of <see cref="Stream"/> from those of others.</summary>
    public required Func<TFake, string, Func<JsonElement, bool>> IsHeldBy { get; init; }

    public required Action<TFake, string> SayNo { get; init; }

    public required Action<TFake, string> Delete { get; init; }

    public required Func<TFake, string, Consent> Consent { get; init; }

    /// <summary>False where no yes can be written, whoever asks for it.</summary>
    public bool ComesBackWithYes { get; init; } = true;

    /// <summary>True where they are left as deleted unless it is asked.</summary>
    public bool IsForgotten { get; init; }
}

/// <summary>What went wrong after the backup.</summary>
/// <param name="Deleted">Records that are gone, by stream and key.</param>
/// <param name="Changed">Records that were changed.</param>
/// <param name="Stricter">Consent that people withdrew since: stream, key, field (with slashes into maps), and the value that has to stay.</param>
/// <param name="CannotComeBack">Records of the backup that the vendor does not let in again, as docs/platforms says.</param>
public sealed record Disaster(
    IReadOnlyList<(string Stream, string Key)> Deleted,
    IReadOnlyList<(string Stream, string Key)> Changed,
    IReadOnlyList<(string Stream, string Key, string Field, string Value)> Stricter,
    IReadOnlyList<(string Stream, string Key)> CannotComeBack);
