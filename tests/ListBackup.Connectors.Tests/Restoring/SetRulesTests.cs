using System.Text;
using System.Text.Json.Nodes;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Restoring;

public sealed class SetRulesTests : IDisposable
{
    private readonly ConnectorHttp _http = new(Ports.Loopback);

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("""["a","b"]""", """["b","since"]""", false, """["b","since","a"]""", true)]
    [InlineData("""["a","b"]""", """["b","since"]""", true, """["b","a"]""", false)]
    [InlineData("""["a","b"]""", """["B ","a","since"]""", false, null, true)] // Nothing is missing, so nothing is sent.
    [InlineData("""["a","b"]""", """["b","a"]""", true, null, false)]
    [InlineData("[]", """["since"]""", false, null, true)]
    [InlineData("[]", """["since"]""", true, "[]", false)]
    [InlineData("null", """["since"]""", false, null, true)]
    [InlineData("""["a"]""", "null", false, """["a"]""", false)]
    [InlineData("\"a, b\"", "\"b, since\"", false, "\"b, since, a\"", true)]
    [InlineData("\"a, b\"", "\"since, b\"", true, "\"b, a\"", false)]
    [InlineData("\"\"", "\"since\"", false, null, true)]
    public async Task What_was_added_since_stays_unless_the_exact_old_state_is_asked_for(string backup, string live, bool isExact, string? written, bool stays)
    {
        var (planned, sent) = await RestoreAsync(backup, live, undone: null, isExact);

        planned.State.ShouldBe(written is null ? LiveState.Same : LiveState.Differs);
        planned.Stayed.Select(field => field.ToString()).ShouldBe(stays ? [FieldPath.Of("tags").ToString()] : []);
        ShouldBe(sent, written);
    }

    [Theory]
    [InlineData("""["before"]""", """["before","brought back","after"]""", """["before","brought back"]""", """["before","after"]""")]
    [InlineData("""["before"]""", """["brought back"]""", """["brought back"]""", """["before"]""")]
    [InlineData("\"before\"", "\"before, brought back, after\"", "\"brought back\"", "\"before, after\"")]
    public async Task Taking_a_version_back_takes_out_what_only_that_had(string before, string live, string undone, string written) =>
        ShouldBe((await RestoreAsync(before, live, undone, isExact: false)).Sent, written);

    private static void ShouldBe(string? sent, string? written) =>
        (sent is null ? null : JsonNode.Parse(sent)!["tags"]!.ToJsonString()).ShouldBe(written is null ? null : JsonNode.Parse(written)!.ToJsonString());

    private async Task<(LiveCounterpart Planned, string? Sent)> RestoreAsync(string backup, string live, string? undone, bool isExact)
    {
        string? sent = null;
        await using var platform = await FakePlatform.StartAsync(async context =>
        {
            if (context.Request.Method == "PATCH") sent = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Json($$"""{"id":1,"tags":{{live}}}""");
        });
        var restore = $$"""
            version: 1
            streams:
              items:
                find: [{ by: live_id, path: "/items/{{ "{{ record.id }}" }}" }]
                update: { path: "/items/{{ "{{ live_id }}" }}" }
                read_only: [id]
                sets: [{ field: tags{{(live.StartsWith('"') ? ", separator: ','" : "")}} }]
            """;
        var target = RestoreManifest.Load(restore, Connector.Load(Manifests.OneStream("/items"))).Target(platform.Config(), Ports.For(_http));
        var record = new RestoreRecord(Encoding.UTF8.GetBytes($$"""{"id":1,"tags":{{backup}}}"""), SameIds.Instance)
        {
            HasExactSets = isExact,
            Undone = undone is null ? default : Encoding.UTF8.GetBytes($$"""{"id":1,"tags":{{undone}}}"""),
        };

        var planned = await target.FindAsync("items", record, default);
        await target.WriteAsync(new() { Stream = "items", Kind = WriteKind.Update, Record = record, LiveId = "1", LiveJson = planned.Json, IdempotencyKey = "1" }, default);

        return (planned, sent);
    }
}
