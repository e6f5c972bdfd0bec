using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>Exports through the API and its worker.</summary>
public sealed class ExportTests
{
    private const string Everything = """{"seq":1,"format":"FORMAT"}""";

    [Theory]
    [InlineData("ndjson", "001-companies.ndjson,002-contacts.ndjson")]
    [InlineData("csv", "001-companies.csv,002-contacts.csv")]
    [InlineData("parquet", "001-companies.parquet,002-contacts.parquet")]
    [InlineData("xlsx", "export.xlsx")]
    [InlineData("sqlite", "export.sqlite")]
    public async Task Each_format_has_its_files_with_their_sums(string format, string names)
    {
        await using var exports = await Exporting.StartAsync();

        var job = await exports.RunAsync(Everything.Replace("FORMAT", format));

        job.Text("state").ShouldBe("succeeded", job.Body);
        var files = exports.Files(job);
        string.Join(',', files.Select(f => f.Name)).ShouldBe(names);
        files.Sum(f => f.Records).ShouldBe(8);
        foreach (var file in files)
        {
            var content = await exports.ContentAsync(job, file.Name);
            content.LongLength.ShouldBe(file.Bytes);
            Convert.ToHexStringLower(SHA256.HashData(content)).ShouldBe(file.Sha256);
        }
    }

    [Fact]
    public async Task An_archive_has_all_files_and_tells_what_they_are()
    {
        await using var exports = await Exporting.StartAsync();

        var job = await exports.RunAsync("""{"seq":1,"format":"csv","archive":true}""");

        var file = exports.Files(job).ShouldHaveSingleItem();
        file.Name.ShouldBe("export.zip");
        file.Records.ShouldBe(8);
        await using var archive = new ZipArchive(new MemoryStream(await exports.ContentAsync(job, file.Name)));
        archive.Entries.Select(e => e.FullName).ShouldBe(["001-companies.csv", "002-contacts.csv", "manifest.json"]);
        var manifest = JsonNode.Parse(archive.GetEntry("manifest.json")!.Open())!;
        manifest["seq"]!.GetValue<long>().ShouldBe(1);
        manifest["streams"]!.AsArray().Select(s => $"{s!["stream"]} {s["live"]} {s["coverage"]}").ShouldBe(["companies 3 proven", "contacts 5 proven"]);
        foreach (var listed in manifest["files"]!.AsArray())
        {
            var content = new MemoryStream();
            await archive.GetEntry((string)listed!["name"]!)!.Open().CopyToAsync(content, SyncWorld.Cancellation);
            Convert.ToHexStringLower(SHA256.HashData(content.ToArray())).ShouldBe((string)listed["sha256"]!);
        }
        exports.Stored().ShouldBe(["export.zip"]);
    }

    [Fact]
    public async Task Only_records_that_match_are_exported()
    {
        await using var exports = await Exporting.StartAsync();

        var filtered = await exports.LinesAsync(await exports.RunAsync("""{"seq":1,"format":"ndjson","streams":["contacts"],"filter":["/value:equals:value 3"]}"""));
        var searched = await exports.LinesAsync(await exports.RunAsync("""{"seq":1,"format":"ndjson","streams":["contacts"],"q":"VALUE 4"}"""));
        var refused = await exports.Api.PostAsync($"{exports.Url}/exports", """{"seq":1,"format":"ndjson","filter":["nonsense"]}""", exports.Operator);

        filtered.ShouldBe(["""{"id":"r0003","value":"value 3"}"""]);
        searched.ShouldBe(["""{"id":"r0004","value":"value 4"}"""]);
        refused.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task What_changed_between_two_snapshots_is_exported_with_both_contents()
    {
        await using var exports = await Exporting.StartAsync();
        exports.World.Platform["contacts"].Put("r0002", "new").Put("r9999", "added").Delete("r0005");
        await exports.World.SyncAsync(exports.Source);

        var lines = await exports.LinesAsync(await exports.RunAsync("""{"seq":2,"fromSeq":1,"format":"ndjson","streams":["contacts"]}"""));
        var nothing = await exports.LinesAsync(await exports.RunAsync("""{"seq":2,"fromSeq":1,"format":"csv","streams":["companies"]}"""));
        var backwards = await exports.Api.PostAsync($"{exports.Url}/exports", """{"seq":1,"fromSeq":2,"format":"csv"}""", exports.Operator);

        lines.Select(line => JsonNode.Parse(line)).OrderBy(l => (string)l!["key"]!).Select(l => l!.ToJsonString()).ShouldBe(
        [
            """{"key":"r0002","change":"changed","changedFields":["/value"],"before":{"id":"r0002","value":"value 2"},"after":{"id":"r0002","value":"new"}}""",
            """{"key":"r0005","change":"deleted","changedFields":[],"before":{"id":"r0005","value":"value 5"},"after":null}""",
            """{"key":"r9999","change":"added","changedFields":[],"before":null,"after":{"id":"r9999","value":"added"}}""",
        ]);
        nothing.ShouldBe(["after,before,change,changedFields,key,_more\r"]);
        backwards.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("ndjson")]
    [InlineData("csv")]
    public async Task A_stream_that_takes_longer_than_a_delivery_goes_on_in_a_further_file(string format)
    {
        await using var exports = await Exporting.StartAsync(recordTime: TimeSpan.FromMinutes(4));

        var job = await exports.RunAsync(Everything.Replace("FORMAT", format));

        job.Text("state").ShouldBe("succeeded", job.Body);
        exports.Files(job).Select(f => $"{f.Name} {f.Records}").ShouldBe([$"001-companies.{format} 3", $"002-contacts.{format} 3", $"002-contacts.2.{format} 2"]);
        var lines = (await exports.LinesAsync(job, 1)).Concat(await exports.LinesAsync(job, 2)).Where(line => line.Contains("value ", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(5);
        for (var i = 0; i < 5; i++) lines[i].ShouldContain($"value {i + 1}");
    }

    [Theory]
    [InlineData("xlsx")]
    [InlineData("sqlite")]
    [InlineData("parquet")]
    public async Task A_format_that_cannot_go_on_refuses_what_takes_longer_than_a_delivery(string format)
    {
        await using var exports = await Exporting.StartAsync(recordTime: TimeSpan.FromMinutes(4));

        var job = await exports.RunAsync(Everything.Replace("FORMAT", format));

        job.Text("state").ShouldBe("failed", job.Body);
        job.Json["reason"]!["code"]!.ToString().ShouldBe("export-too-large");
    }

    [Fact]
    public async Task Files_are_deleted_when_their_time_is_over()
    {
        await using var exports = await Exporting.StartAsync();
        var job = await exports.RunAsync(Everything.Replace("FORMAT", "csv"));
        await exports.World.SweepAsync();
        exports.Stored().Count.ShouldBe(2);

        exports.World.Clock.Advance(ExportWorker.KeptFor);
        await exports.World.SweepAsync();

        exports.Stored().ShouldBeEmpty();
        (await exports.Api.PostAsync($"{exports.Url}/exports/{job.Text("id")}/files/001-companies.csv/link", null, exports.Operator)).ShouldBe(HttpStatusCode.NotFound);
        (await exports.Api.GetAsync($"{exports.Url}/jobs/{job.Text("id")}", exports.Operator)).Text("state").ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_part_ends_behind_a_record_and_the_next_begins_there()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var records = Enumerable.Range(1, 5).Select(i => new ListBackup.Vault.Record($"k{i}", 1, Encoding.UTF8.GetBytes($$"""{"id":{{i}}}"""))).ToList();
        var part = new ExportPart(null, clock.GetUtcNow() + TimeSpan.FromMinutes(1));

        var read = new List<string>();
        await foreach (var record in part.UntilAsync(records.ToAsyncEnumerable(), clock, SyncWorld.Cancellation))
        {
            read.Add(record.Key);
            clock.Advance(TimeSpan.FromSeconds(25));
        }

        read.ShouldBe(["k1", "k2", "k3"]);
        part.WasCut.ShouldBeTrue();
        part.LastKey.ShouldBe("k3");
    }

    [Theory]
    [InlineData("xlsx")]
    [InlineData("sqlite")]
    [InlineData("ndjson")]
    public async Task An_export_without_time_for_any_record_is_refused_clearly(string format)
    {
        await using var exports = await Exporting.StartAsync();
        exports.World.DeliveryTime = TimeSpan.FromSeconds(5);

        var job = await exports.RunAsync(Everything.Replace("FORMAT", format));

        job.Text("state").ShouldBe("failed", job.Body);
        job.Json["reason"]!["code"]!.ToString().ShouldBe("export-too-large");
    }

    [Fact]
    public async Task A_masked_export_has_pseudonyms_that_join()
    {
        await using var exports = await Exporting.StartAsync();
        exports.World.Platform["contacts"].PutJson("a", """{"id":"a","email":"Ada@Example.com","name":"Ada","age":36,"optIn":true,"vip":true,"health":"x","tags":["b@example.com"],"n":12345678901234567890}""");
        exports.World.Platform["companies"].PutJson("c", """{"id":"c","owner":{"note":"ada@example.com ","phone":4930123},"by":{"x@example.org":1}}""");
        await exports.World.SyncAsync(exports.Source);

        var job = await exports.RunAsync("""{"seq":2,"format":"ndjson","mask":"pii"}""");
        var contact = (await exports.LinesAsync(job, 1)).Select(line => JsonNode.Parse(line)).Single(r => (string)r!["id"]! == "a")!;
        var company = (await exports.LinesAsync(job, 0)).Select(line => JsonNode.Parse(line)).Single(r => (string)r!["id"]! == "c")!;

        var email = (string)contact["email"]!;
        email.ShouldMatch("^[0-9a-f]{16}@[0-9a-f]{8}[.]invalid$");
        ((string)company["owner"]!["note"]!).ShouldBe(email);
        ((string)contact["tags"]![0]!)[16..].ShouldBe(email[16..]);
        ((string)contact["name"]!).ShouldMatch("^p-[0-9a-f]{16}$");
        contact["age"]!.GetValue<long>().ShouldNotBe(36);
        contact["vip"].ShouldBeNull();
        contact["health"].ShouldBeNull();
        contact["optIn"]!.GetValue<bool>().ShouldBeTrue();
        contact["n"]!.ToJsonString().ShouldBe("12345678901234567890");
        company["owner"]!["phone"]!.GetValue<long>().ShouldNotBe(4930123);
        company["by"]!.AsObject().Single().Key.ShouldMatch("^[0-9a-f]{16}@[0-9a-f]{8}[.]invalid$");
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    [InlineData("parquet")]
    [InlineData("sqlite")]
    public async Task No_format_lets_a_masked_value_through(string format)
    {
        await using var exports = await Exporting.StartAsync();
        exports.World.Platform["contacts"].PutJson("ada@example.com", """{"id":"ada@example.com","email":"ada@example.com","name":"Lovelace","deep":[{"email":"ada@example.com"}]}""");
        await exports.World.SyncAsync(exports.Source);

        var job = await exports.RunAsync($$"""{"seq":2,"format":"{{format}}","mask":"pii","streams":["contacts"]}""");
        var content = await exports.ContentAsync(job, exports.Files(job)[0].Name);

        var text = format switch
        {
            "xlsx" => string.Concat((await ReadBack.XlsxAsync(content)).SelectMany(s => s.Rows).SelectMany(r => r.Values).Select(c => c.Text)),
            "parquet" => string.Concat((await ReadBack.ParquetAsync(content)).Rows.SelectMany(r => r.Values)),
            "sqlite" => string.Concat((await ReadBack.SqliteAsync(content, "SELECT * FROM contacts")).SelectMany(r => r.Values)) + Encoding.Latin1.GetString(content),
            _ => Encoding.UTF8.GetString(content),
        };
        text.ShouldContain(".invalid");
        text.ShouldNotContain("ada@");
        text.ShouldNotContain("Lovelace");
    }

    [Fact]
    public async Task Pseudonyms_outlive_a_rotation_of_keys_and_differ_between_accounts()
    {
        await using var exports = await Exporting.StartAsync();
        await using var others = await Exporting.StartAsync();
        const string masked = """{"seq":1,"format":"ndjson","mask":"pii","streams":["contacts"]}""";

        var before = await exports.LinesAsync(await exports.RunAsync(masked));
        await exports.World.Get<AccountKeyrings>().RotateAsync(exports.World.Account, SyncWorld.Cancellation);
        var after = await exports.LinesAsync(await exports.RunAsync(masked));
        var elsewhere = await others.LinesAsync(await others.RunAsync(masked));

        after.ShouldBe(before);
        before.Intersect(elsewhere).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_masked_export_is_refused_when_nobody_can_tell_what_is_personal()
    {
        await using var exports = await Exporting.StartAsync();
        exports.World.Connections.Fails = Problem.NotFound("The connection");

        var job = await exports.RunAsync("""{"seq":1,"format":"csv","mask":"pii"}""");

        job.Text("state").ShouldBe("failed");
        job.Json["reason"]!["code"]!.ToString().ShouldBe("classes-unknown");
    }

    [Fact]
    public async Task Viewers_export_masked_records_only()
    {
        await using var exports = await Exporting.StartAsync();
        var viewer = await exports.World.JoinAsync(Role.Viewer);
        var auditor = await exports.World.JoinAsync(Role.Auditor);
        var full = await exports.RunAsync(Everything.Replace("FORMAT", "csv"));
        var masked = await exports.RunAsync("""{"seq":1,"format":"csv","mask":"pii"}""", viewer);

        (await PostAsync("exports", """{"seq":1,"format":"csv"}""", viewer)).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync($"exports/{full.Text("id")}/files/001-companies.csv/link", null, viewer)).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync($"exports/{masked.Text("id")}/files/001-companies.csv/link", null, viewer)).ShouldBe(HttpStatusCode.OK);
        (await PostAsync("exports", """{"seq":1,"format":"csv","mask":"pii"}""", auditor)).ShouldBe(HttpStatusCode.Forbidden);

        Task<ApiAnswer> PostAsync(string path, string? body, string who) => exports.Api.PostAsync($"{exports.Url}/{path}", body, who);
    }
}
