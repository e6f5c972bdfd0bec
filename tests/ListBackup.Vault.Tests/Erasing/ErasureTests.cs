using System.Text;
using ListBackup.Testing;
using ListBackup.Vault.Format;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Erasing;

public sealed class ErasureTests
{
    private const string Ada = "ada@example.org";

    [Fact]
    public async Task An_erased_person_is_nowhere_in_the_store_and_everybody_else_is_as_before()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"), Person("3", "Hamilton"));
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Byron"), Person("2", "Hopper"), Person("4", "Johnson"));
        var receipt = await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);

        var plain = await PlainText.ReadAsync(objects);
        foreach (var text in new[] { Ada, "Lovelace", "Byron" }) plain.Find(text).ShouldBeEmpty();
        foreach (var text in new[] { "Hopper", "Hamilton", "Johnson" }) plain.Find(text).ShouldNotBeEmpty();
        (await vault.RestoreAsync(1)).ShouldBe([Person("2", "Hopper"), Person("3", "Hamilton")]);
        (await vault.RestoreAsync(2)).ShouldBe([Person("2", "Hopper"), Person("4", "Johnson")]);
        (await vault.RestoreAsync(3)).ShouldBe([Person("2", "Hopper"), Person("4", "Johnson")]);
        receipt.Commits.ShouldHaveSingleItem().Seq.ShouldBe(3);
        receipt.Streams.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            stream => stream.Records.ShouldBe(1), stream => stream.Live.ShouldBe(1), stream => stream.Versions.ShouldBe(2), stream => stream.RewrittenVersions.ShouldBe(4));
        (await vault.Vault.IsErasedAsync(Source, Contacts, Ada, Cancellation)).ShouldBeTrue();
        (await vault.Vault.IsErasedAsync(Source, Contacts, "2", Cancellation)).ShouldBeFalse();
        await vault.ShouldBeSoundAsync();
        await vault.ReopenAsync();
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task The_history_says_that_there_was_a_record_and_not_what_it_was()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        await vault.BackUpAsync(ReadMode.FullSweep, Person("2", "Hopper"));
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Byron"), Person("2", "Hopper"));
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);

        var history = await vault.Vault.GetHistoryAsync(Source, Contacts, Ada, Cancellation);

        history.Select(version => (version.Seq, version.Operation)).ShouldBe(
            [(1, RecordOperation.Redacted), (2, RecordOperation.Gone), (3, RecordOperation.Redacted), (4, RecordOperation.Erased)]);
        history.ShouldAllBe(version => version.Json == null);
        var reader = await vault.Vault.OpenSnapshotAsync(Source, 2, Cancellation);
        (await BackupVaultTests.ToListAsync(reader.ReadDeletedAsync(Contacts, Cancellation))).ShouldBeEmpty();
        (await reader.FindAsync(Contacts, Ada, Cancellation)).ShouldBeNull();
        (await BackupVaultTests.ToListAsync(vault.Vault.DiffAsync(Source, Contacts, 1, 4, Cancellation))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ReadMode.FullSweep)]
    [InlineData(ReadMode.Incremental)]
    public async Task An_erased_record_that_arrives_again_is_counted_and_left_out_and_no_doubt(ReadMode mode)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);
        await vault.ReopenAsync();

        await using var backup = await vault.Vault.BackUpStreamAsync(Request("again", mode), Cancellation);
        (await backup.WriteAsync(Utf8(Person(Ada, "Lovelace")), Cancellation)).Effect.ShouldBe(RecordEffect.Erased);
        (await backup.WriteAsync(Utf8(Person("2", "Hopper")), Cancellation)).Effect.ShouldBe(RecordEffect.Unchanged);
        (await backup.WriteAsync(Utf8(Person(Ada, "King")), Cancellation)).Effect.ShouldBe(RecordEffect.Repeated);
        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true, Evidence = new CoverageEvidence { ReportedTotal = 2 } }, Cancellation);
        var snapshot = await vault.CommitAsync(outcome);

        outcome.Counts.Erased.ShouldBe(1);
        snapshot.Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Proven, snapshot.Streams[0].Coverage.Reason);
        snapshot.Streams[0].Live.ShouldBe(1);
        (await PlainText.ReadAsync(objects)).Find("Lovelace").ShouldBeEmpty();
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task An_incremental_run_that_does_not_meet_the_erased_record_is_consistent()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);

        await using var backup = await vault.Vault.BackUpStreamAsync(Request("again", ReadMode.Incremental), Cancellation);
        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true, Evidence = new CoverageEvidence { ReportedTotal = 2 } }, Cancellation);

        (await vault.CommitAsync(outcome)).Streams[0].Coverage.Level.ShouldBe(CoverageLevel.Consistent);
    }

    [Fact]
    public async Task Roots_of_every_volatile_field_list_still_verify()
    {
        var vault = await CreateAsync();
        await vault.BackUpAsync(Request("r1"), """{"id":1,"a":1,"b":1}""", """{"id":2}""");
        await vault.BackUpAsync(Request("r2", volatileFields: "/a"), """{"id":1,"a":2,"b":1}""", """{"id":2}""");
        await vault.BackUpAsync(Request("r3", volatileFields: ["/a", "/b"]), """{"id":1,"a":2,"b":2}""", """{"id":2,"c":1}""");
        await vault.ShouldBeSoundAsync();

        await vault.Vault.EraseAsync(RequestFor("1"), Cancellation);

        await vault.ShouldBeSoundAsync();
        (await vault.Vault.OpenSnapshotAsync(Source, 1, Cancellation)).Snapshot.Streams[0].Live.ShouldBe(2);
    }

    [Theory]
    [InlineData(1, 2 * 1024 * 1024)]
    [InlineData(60_000, 2 * 1024 * 1024)]
    [InlineData(60_000, 0)]
    public async Task Only_the_groups_of_the_erased_are_rewritten_whatever_the_divisions_were(int expected, int packedBytes)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, new VaultOptions { PackedSectionBytesMax = packedBytes });
        string[] people = [.. Enumerable.Range(0, 300).Select(id => Person($"k{id}", $"name-{id}-of-a-person"))];
        await vault.BackUpAsync(Request("r1"), people[..100]);
        var request = Request("r2");
        await vault.BackUpAsync(request with { Settings = request.Settings with { ExpectedRecords = expected } }, people);
        await vault.BackUpAsync(Request("r3", ReadMode.Incremental), [.. people[150..200].Select(person => person.Replace("name", "other"))]);

        var receipt = await vault.Vault.EraseAsync(RequestFor("k7", "k160", "k299", "unknown"), Cancellation);

        var plain = await PlainText.ReadAsync(objects);
        foreach (var text in new[] { "-7-of", "-160-of", "-299-of" }) plain.Find(text).ShouldBeEmpty();
        foreach (var id in new[] { 8, 161, 298 }) plain.Find($"-{id}-of").ShouldNotBeEmpty();
        string[] left = [.. people.Where((_, id) => id is not (7 or 160 or 299)).Order(StringComparer.Ordinal)];
        (await vault.RestoreAsync(2)).Order(StringComparer.Ordinal).ShouldBe(left);
        receipt.Streams[0].Records.ShouldBe(3);
        if (expected > 1) receipt.Streams[0].RewrittenVersions.ShouldBeLessThan(150);
        await vault.ReopenAsync();
        await vault.ShouldBeSoundAsync();
        await vault.BackUpAsync(Request("r4", ReadMode.Incremental), [.. people.Select(person => person.Replace("name", "third"))]);
        (await vault.RestoreAsync()).Count.ShouldBe(297);
        await vault.Vault.EraseAsync(RequestFor("k8") with { Id = "second" }, Cancellation);
        (await PlainText.ReadAsync(objects)).Find("-8-of").ShouldBeEmpty();
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_request_is_done_once()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        var first = await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);
        var count = objects.Contents.Count;
        await vault.ReopenAsync();

        (await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation)).Sha256.ShouldBe(first.Sha256);
        objects.Contents.Count.ShouldBe(count);
        (await vault.Vault.ListErasuresAsync(Cancellation)).ShouldHaveSingleItem().Sha256.ShouldBe(first.Sha256);
        (await vault.Vault.ListUnfinishedErasuresAsync(Cancellation)).ShouldBeEmpty();
        await Should.ThrowAsync<VaultException>(() => vault.Vault.EraseAsync(RequestFor("2"), Cancellation));
        (await vault.Vault.EraseAsync(RequestFor(Ada) with { Id = "again" }, Cancellation)).Streams[0].Live.ShouldBe(0);
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_plan_writes_nothing_and_says_what_would_be_done()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Byron"), Person("2", "Hopper"));
        var before = objects.Contents;

        var plan = await vault.Vault.PlanErasureAsync(RequestFor(Ada), Cancellation);

        objects.Contents.Keys.ShouldBe(before.Keys);
        var done = (await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation)).Streams[0];
        plan.Streams.ShouldHaveSingleItem().ShouldBe(done);
    }

    [Fact]
    public async Task Who_was_erased_by_an_address_is_known_by_it()
    {
        var vault = await CreateAsync();
        await vault.Vault.EraseAsync(new ErasureRequest { Id = "1", Identifiers = ["Ada@Example.org "] }, Cancellation);

        (await vault.Vault.IsErasedIdentifierAsync(" ada@example.ORG", Cancellation)).ShouldBeTrue();
        (await vault.Vault.IsErasedIdentifierAsync("eva@example.org", Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_person_whom_nobody_stored_yet_is_left_out_from_the_beginning()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(Request("r1", stream: "orders"));
        await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);

        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));

        (await vault.RestoreAsync()).ShouldBe([Person("2", "Hopper")]);
        (await PlainText.ReadAsync(objects)).Find(Ada).ShouldBeEmpty();
        await vault.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task A_source_that_nobody_knows_is_refused_and_nothing_is_done()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        var before = objects.Contents.Keys;

        await Should.ThrowAsync<VaultNotFoundException>(() => vault.Vault.EraseAsync(RequestFor(Ada), Cancellation));

        objects.Contents.Keys.ShouldBe(before);
    }

    [Theory]
    [InlineData("example.org", false)]
    [InlineData("to ADA@example.org,", true)]
    [InlineData("Countess", true)]
    public async Task A_dictionary_that_holds_the_person_is_found_before_anything_is_begun(string content, bool isFound)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"), Person("2", "Hopper"));
        var secrets = await ListBackup.Vault.Keys.VaultKeyFiles.OpenAsync(objects, TestKeys, Cancellation);
        await objects.PutAsync("d/src_1/contacts/0.dict", Sealed.Write(secrets.DictionaryKey, "dictionary", Utf8(content)), PutCondition.CreateOnly, Cancellation);
        var request = RequestFor(Ada) with { Identifiers = ["countess"] };

        if (isFound) (await Should.ThrowAsync<VaultException>(() => vault.Vault.EraseAsync(request, Cancellation))).Message.ShouldContain("d/src_1/contacts/0.dict");
        else (await vault.Vault.EraseAsync(request, Cancellation)).Streams[0].Dictionaries.ShouldBe(1);

        objects.Contents.Keys.Any(name => name.StartsWith("e/", StringComparison.Ordinal)).ShouldBe(!isFound);
    }

    [Fact]
    public async Task The_signature_of_a_receipt_is_over_its_first_line()
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects);
        await vault.BackUpAsync(ReadMode.FullSweep, Person(Ada, "Lovelace"));
        var receipt = await vault.Vault.EraseAsync(RequestFor(Ada), Cancellation);

        var document = objects.Contents[receipt.Object];
        var body = document.AsSpan(0, document.AsSpan().IndexOf((byte)'\n'));

        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)).ShouldBe(receipt.Sha256);
        Encoding.UTF8.GetString(document).ShouldNotContain(Ada);
        Encoding.UTF8.GetString(body).ShouldContain("\"request\":\"request-1\"");
    }

    internal static string Person(string id, string name) => $$"""{"id":"{{id}}","name":"{{name}}"}""";

    internal static ErasureRequest RequestFor(params string[] keys) => new()
    {
        Id = "request-1",
        Records = [.. keys.Select(key => new RecordAddress(Source, Contacts, key))],
        By = "the data protection officer",
        Reason = "article 17",
    };
}
