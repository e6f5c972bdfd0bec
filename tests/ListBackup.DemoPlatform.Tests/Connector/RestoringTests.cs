using System.Text;
using System.Text.Json;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;

namespace ListBackup.Demo.Tests.Connector;

/// <summary>connectors/demo/restore.yaml through the real engine: a bad day, and the way back.</summary>
public sealed class RestoringTests
{
    private static readonly string[] Streams = ["companies", "lists", "contacts", "memberships", "notes"];

    [Fact]
    public async Task Streams_are_written_after_those_they_refer_to()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);

        var order = connector.Restore.Streams.Select(stream => stream.Name).ToList();

        order.ShouldBe(Streams, ignoreOrder: true);
        order.IndexOf("companies").ShouldBeLessThan(order.IndexOf("contacts"));
        order.IndexOf("contacts").ShouldBeLessThan(order.IndexOf("memberships"));
        order.IndexOf("lists").ShouldBeLessThan(order.IndexOf("memberships"));
        order.IndexOf("contacts").ShouldBeLessThan(order.IndexOf("notes"));
    }

    [Fact]
    public async Task What_nobody_touched_is_the_same_as_its_backup()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        client.Demo.Browse(1_000);

        foreach (var stream in Streams)
        {
            foreach (var record in backup[stream].Take(25))
            {
                var live = await connector.Target().FindAsync(stream, Record(record, SameIds.Instance), DemoClient.Cancellation);
                live.State.ShouldBe(LiveState.Same, $"{stream}: {string.Join(", ", live.Differences)}");
            }
        }
    }

    [Fact]
    public async Task A_bad_import_is_undone_in_place()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        client.Demo.ImportBadly(80);

        var outcomes = await RestoreAsync(connector, backup, new IdMap());

        outcomes.Count(outcome => outcome.Result == WriteResult.Updated).ShouldBe(80);
        await ShouldEqualAsync(connector, backup, new IdMap());
    }

    [Fact]
    public async Task Deleted_contacts_come_back_with_their_memberships_and_notes_under_new_ids()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        client.Demo.DeleteContacts(60);
        var ids = new IdMap();

        var outcomes = await RestoreAsync(connector, backup, ids);

        outcomes.Where(outcome => outcome.Result == WriteResult.Refused).ShouldBeEmpty();
        client.Demo.Count("memberships").ShouldBe(backup["memberships"].Count);
        client.Demo.Count("notes").ShouldBe(backup["notes"].Count);
        await ShouldEqualAsync(connector, backup, ids);
    }

    [Fact]
    public async Task A_wiped_list_is_filled_again()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        client.Demo.WipeList(1);

        await RestoreAsync(connector, backup, new IdMap());

        await ShouldEqualAsync(connector, backup, new IdMap());
    }

    [Fact]
    public async Task Who_unsubscribed_since_the_backup_stays_unsubscribed()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        var record = backup["contacts"].First(contact => Field(contact, "subscription_status") == "\"subscribed\"" && Field(contact, "archived") == "false");
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{Field(record, "id")}", """{"subscription_status":"unsubscribed","phone":"spoilt"}""");

        var live = await connector.Target().FindAsync("contacts", Record(record, SameIds.Instance), DemoClient.Cancellation);
        var outcome = await WriteAsync(connector, "contacts", record, live, SameIds.Instance);

        outcome.Result.ShouldBe(WriteResult.Updated);
        outcome.Kept.Select(field => field.ToString()).ShouldContain("subscription_status");
        var now = await client.GetAsync($"/api/v1/contacts/{Field(record, "id")}");
        now.GetProperty("subscription_status").GetString().ShouldBe("unsubscribed");
        now.GetProperty("phone").GetRawText().ShouldBe(Field(record, "phone"));
    }

    [Theory]
    [InlineData(false, WriteResult.Created)]
    [InlineData(true, WriteResult.Refused)] // The platform remembers the no, of which the backup knows nothing.
    public async Task Who_unsubscribed_and_was_deleted_since_is_not_subscribed_again(bool bringsConsentBack, WriteResult result)
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        var record = backup["contacts"].First(contact => Field(contact, "subscription_status") == "\"subscribed\"");
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{Field(record, "id")}", """{"subscription_status":"unsubscribed"}""");
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/contacts/{Field(record, "id")}");

        var restored = Record(record, SameIds.Instance) with { BringsConsentBack = bringsConsentBack };
        var live = await connector.Target().FindAsync("contacts", restored, DemoClient.Cancellation);
        var outcome = await connector.Target().WriteAsync(new() { Stream = "contacts", Kind = WriteKind.Create, Record = restored, IdempotencyKey = "1" }, DemoClient.Cancellation);

        var email = JsonDocument.Parse(record).RootElement.GetProperty("email").GetString()!;
        live.State.ShouldBe(LiveState.Missing);
        outcome.Result.ShouldBe(result);
        (outcome.Reason ?? "").ShouldNotContain(email);
        (await BackUpAsync(connector))["contacts"].Where(contact => Field(contact, "email") == $"\"{email}\"" && Field(contact, "archived") == "false")
            .ShouldAllBe(contact => Field(contact, "subscription_status") == "\"unsubscribed\"");
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_not_done_twice()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = ReadingTests.Connect(client);
        var backup = await BackUpAsync(connector);
        client.Demo.DeleteContacts(1);
        var live = client.Demo.Count("contacts");
        client.Demo.Faults.Add(new() { Kind = Faults.FaultKind.CutBody, Path = "/api/v1/contacts", Method = "POST" });

        var outcomes = await RestoreAsync(connector, backup, new IdMap());

        client.Demo.Faults.Left.ShouldBe(0);
        outcomes.Count(outcome => outcome.Result == WriteResult.Created).ShouldBeGreaterThan(0);
        client.Demo.Count("contacts").ShouldBe(live + 1);
    }

    private static async Task<Dictionary<string, IReadOnlyList<string>>> BackUpAsync(ConnectorUnderTest connector)
    {
        var backup = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var stream in Streams) backup[stream] = (await connector.ReadAsync(stream)).Records;
        return backup;
    }

    /// <summary>What a restore of everything does: find each record, write it where it is missing or differs, keep new ids.</summary>
    private static async Task<List<WriteOutcome>> RestoreAsync(ConnectorUnderTest connector, Dictionary<string, IReadOnlyList<string>> backup, IdMap ids)
    {
        var outcomes = new List<WriteOutcome>();
        foreach (var stream in connector.Restore.Streams)
        {
            foreach (var record in backup[stream.Name])
            {
                var live = await connector.Target().FindAsync(stream.Name, Record(record, ids), DemoClient.Cancellation);
                if (live.State == LiveState.Same) continue;
                var outcome = await WriteAsync(connector, stream.Name, record, live, ids);
                if (outcome.NewId is { } id && stream.CanCreate) ids.Add(stream.Name, Field(record, "id").Trim('"'), id);
                outcomes.Add(outcome);
            }
        }

        return outcomes;
    }

    private static Task<WriteOutcome> WriteAsync(ConnectorUnderTest connector, string stream, string record, LiveCounterpart live, IIdMap ids)
    {
        var rules = connector.Restore.Streams.Single(candidate => candidate.Name == stream);
        return connector.Target().WriteAsync(
            new WriteRequest
            {
                Stream = stream,
                Kind = !rules.CanCreate ? WriteKind.Upsert : live.State == LiveState.Missing ? WriteKind.Create : WriteKind.Update,
                Record = Record(record, ids),
                LiveId = live.LiveId,
                LiveJson = live.Json,
                IdempotencyKey = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(stream + record))),
            },
            DemoClient.Cancellation);
    }

    /// <summary>Every record of the backup is live and equal in all that can be written.</summary>
    private static async Task ShouldEqualAsync(ConnectorUnderTest connector, Dictionary<string, IReadOnlyList<string>> backup, IIdMap ids)
    {
        foreach (var stream in Streams)
        {
            var live = await connector.ReadAsync(stream);
            live.Records.Count.ShouldBe(backup[stream].Count, stream);
            foreach (var record in backup[stream])
            {
                var counterpart = await connector.Target().FindAsync(stream, Record(record, ids), DemoClient.Cancellation);
                counterpart.State.ShouldBe(LiveState.Same, $"{stream}: {string.Join(", ", counterpart.Differences)}");
            }
        }
    }

    private static RestoreRecord Record(string json, IIdMap ids) => new(Encoding.UTF8.GetBytes(json), ids);

    private static string Field(string record, string field) => JsonDocument.Parse(record).RootElement.GetProperty(field).GetRawText();

    private sealed class IdMap : IIdMap
    {
        private readonly Dictionary<(string, string), string> _ids = [];

        public void Add(string stream, string oldId, string newId) => _ids[(stream, oldId)] = newId;

        public string? Find(string stream, string oldId) => _ids.GetValueOrDefault((stream, oldId));
    }
}
