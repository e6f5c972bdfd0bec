using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ListBackup.Connectors;
using ListBackup.Connectors.Requests;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;

namespace ListBackup.Demo.Tests.Connector;

/// <summary>docs/guide/write-a-connector.md: whoever follows it gets a connector that works, because its finished files are taken from the page and tried here.</summary>
public sealed partial class GuideTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Path.Combine(BuildOutput.Root, "docs", "guide", "write-a-connector.md"));
    private readonly ConnectorHttp _http = new(new HttpLimits { AllowPrivateNetworks = true });
    private readonly ListBackup.Connectors.Connector _connector = ListBackup.Connectors.Connector.Load(Finished("manifest.yaml"), new LoadOptions { Strict = true });

    public void Dispose() => _http.Dispose();

    [Fact]
    public void Every_piece_of_the_guide_stands_in_one_of_its_finished_files()
    {
        var finished = Lines(Finished("manifest.yaml") + Finished("restore.yaml")).ToHashSet();

        var pieces = Block().Matches(Page).Select(match => match.Groups[1].Value).ToList();

        pieces.Count.ShouldBeGreaterThan(7);
        pieces.SelectMany(Lines).ShouldAllBe(line => finished.Contains(line));
    }

    [Fact]
    public async Task Its_connector_is_checked_and_brings_every_record()
    {
        await using var client = await DemoClient.StartAsync();

        var check = await _connector.CheckAsync(Config(client), Ports, DemoClient.Cancellation);

        check.Succeeded.ShouldBeTrue(check.Reason);
        foreach (var stream in _connector.Streams.Where(stream => stream.Extensions.TellsTotal))
        {
            var read = await ReadAsync(client, stream.Name);
            read.Coverage.Complete.ShouldBeTrue(stream.Name);
            read.Records.Count.ShouldBe(stream.Name == "contacts" ? 300 : client.Demo.Count(stream.Name), stream.Name);
        }
    }

    [Fact]
    public async Task Its_second_read_brings_what_changed_and_its_log_what_was_deleted()
    {
        await using var client = await DemoClient.StartAsync();
        var first = await ReadAsync(client, "contacts");
        client.Time.Advance(TimeSpan.FromHours(1));
        var (changed, deleted) = (Field(first.Records[0], "id"), Field(first.Records[1], "id"));
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{changed}", """{"phone":"+49 30 1"}""");
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/contacts/{deleted}");

        var second = await ReadAsync(client, "contacts", first.State);
        var log = await ReadAsync(client, "deleted_contacts");

        second.Records.Select(record => Field(record, "id")).ShouldContain(changed);
        second.Records.Count.ShouldBeLessThan(20);
        log.Records.Select(record => Field(record, "id")).ShouldBe([deleted]);
    }

    [Fact]
    public async Task Its_restore_brings_deleted_contacts_back_with_their_memberships()
    {
        await using var client = await DemoClient.StartAsync();
        var restore = RestoreManifest.Load(Finished("restore.yaml"), _connector);
        var backup = await BackUpAsync(client, restore);
        client.Demo.DeleteContacts(20);

        var results = await RestoreAsync(client, restore, backup);

        results.Count(result => result == ("contacts", WriteResult.Created)).ShouldBe(20);
        results.ShouldNotContain(result => result.Result == WriteResult.Refused);
        client.Demo.Count("memberships").ShouldBe(backup["memberships"].Count);
    }

    [Fact]
    public async Task Its_restore_subscribes_nobody_who_left_since()
    {
        await using var client = await DemoClient.StartAsync();
        var restore = RestoreManifest.Load(Finished("restore.yaml"), _connector);
        var backup = await BackUpAsync(client, restore);
        var id = Field(backup["contacts"].First(contact => Field(contact, "subscription_status") == "\"subscribed\"" && Field(contact, "archived") == "false"), "id");
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{id}", """{"subscription_status":"unsubscribed","phone":"spoilt"}""");

        await RestoreAsync(client, restore, backup);

        var now = await client.GetAsync($"/api/v1/contacts/{id}");
        now.GetProperty("subscription_status").GetString().ShouldBe("unsubscribed");
        now.GetProperty("phone").GetString().ShouldNotBe("spoilt");
    }

    private ConnectorPorts Ports => new() { Http = _http };

    private static ConnectorConfig Config(DemoClient client) => ConnectorConfig.Parse(JsonSerializer.Serialize(new { url = client.Demo.BaseUrl, api_key = "demo-key" }));

    private async Task<StreamRead> ReadAsync(DemoClient client, string stream, StreamState? state = null)
    {
        var records = new List<string>();
        Coverage? coverage = null;
        await foreach (var batch in _connector.ReadAsync(new ReadRequest { Stream = stream, Config = Config(client), State = state }, Ports, DemoClient.Cancellation))
        {
            using (batch)
            {
                foreach (var record in batch.Records) records.Add(Encoding.UTF8.GetString(record.Span));
                (state, coverage) = (batch.StateAfter, batch.Coverage ?? coverage);
            }
        }

        return new StreamRead(records, state!, coverage!); // A read ends with a batch that holds both.
    }

    private async Task<Dictionary<string, IReadOnlyList<string>>> BackUpAsync(DemoClient client, RestoreManifest restore)
    {
        var backup = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var stream in restore.Streams) backup[stream.Name] = (await ReadAsync(client, stream.Name)).Records;
        return backup;
    }

    private async Task<IReadOnlyList<(string Stream, WriteResult Result)>> RestoreAsync(DemoClient client, RestoreManifest restore, Dictionary<string, IReadOnlyList<string>> backup)
    {
        var results = new List<(string, WriteResult)>();
        var target = restore.Target(Config(client), Ports);
        var ids = new NewIds();
        foreach (var stream in restore.Streams)
        {
            foreach (var json in backup[stream.Name])
            {
                var record = new RestoreRecord(Encoding.UTF8.GetBytes(json), ids);
                var live = await target.FindAsync(stream.Name, record, DemoClient.Cancellation);
                if (live.State == LiveState.Same) continue;
                var kind = !stream.CanCreate ? WriteKind.Upsert : live.State == LiveState.Missing ? WriteKind.Create : WriteKind.Update;
                var outcome = await target.WriteAsync(
                    new WriteRequest { Stream = stream.Name, Kind = kind, Record = record, LiveId = live.LiveId, LiveJson = live.Json, IdempotencyKey = $"{stream.Name}-{results.Count}" },
                    DemoClient.Cancellation);
                if (outcome.NewId is { } id && stream.CanCreate) ids.Add(stream.Name, Field(json, "id"), id);
                results.Add((stream.Name, outcome.Result));
            }
        }

        return results;
    }

    private static string Finished(string file) =>
        Regex.Match(Page, $"<!-- file: {Regex.Escape(file)} -->\n```yaml\n(.*?)```", RegexOptions.Singleline) is { Success: true } block
            ? block.Groups[1].Value
            : throw new InvalidOperationException($"The guide has no block marked as {file}.");

    private static string Field(string record, string field) => JsonDocument.Parse(record).RootElement.GetProperty(field).GetRawText();

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Where(line => line.Length > 0);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
