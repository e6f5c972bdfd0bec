using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.CommandLine.Tests;

/// <summary>What the vault's reading commands print, as a program sees it.</summary>
[Trait("Stage", "e2e")]
public sealed class VaultSearchTests
{
    private const string Ada = """{"id":1,"name":"Ada Lovelace","email":"ada@example.org","city":"London"}""";
    private const string Zoe = """{"id":2,"name":"Zoë","email":"zoe@example.org","city":"Paris"}""";
    private const string Old = """{"id":3,"name":"Ada Old","email":"old@example.org"}""";

    [Fact]
    public async Task Search_browse_and_deleted_print_records_to_the_output_and_remarks_beside_it()
    {
        using var line = await VaultLine.CreateAsync(Ada, Zoe, Old);
        (await line.BackUpAsync(Utf8(Ada, Zoe))).Exit.ShouldBe(0);

        var found = await line.RunAsync(line.Arguments("search", "ada@exa"));
        var phrase = await line.RunAsync(line.Arguments("search", "ada lovelace", "city:london"));
        var everything = await line.RunAsync(line.Arguments("search", "--include-deleted", "--json", "ADA"));
        var past = await line.RunAsync(line.Arguments("search", "--at", "1", "--no-index", "old"));
        var deleted = await line.RunAsync(line.Arguments("deleted", "old"));
        var none = await line.RunAsync(line.Arguments("deleted", "--before", "2020-01-01"));
        var browsed = await line.RunAsync(line.Arguments("browse", "--where", "city^=Pa", "--where", "email"));

        (found.Exit, found.Output).ShouldBe((0, $"{Ada}\n"), found.Errors);
        found.Errors.ShouldBe("listbackup: 1 record.\n");
        phrase.Output.ShouldBe($"{Ada}\n", phrase.Errors);
        var rows = everything.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => JsonNode.Parse(row)!).ToDictionary(row => (string)row["key"]!);
        rows.Keys.Order().ShouldBe(["1", "3"]);
        rows["1"]["record"]!.ToJsonString().ShouldBe(Ada);
        rows["1"]["deletion"].ShouldBeNull();
        rows["3"]["deletion"]!["operation"]!.ToString().ShouldBe("gone");
        past.Output.ShouldBe($"{Old}\n", past.Errors);
        deleted.Output.ShouldMatch($@"^2 \d\d\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ gone 3 {System.Text.RegularExpressions.Regex.Escape(Old)}\n$");
        (none.Output, none.Errors).ShouldBe(("", "listbackup: 0 records.\n"));
        browsed.Output.ShouldBe($"{Zoe}\n", browsed.Errors);
    }

    [Fact]
    public async Task Pages_are_gone_through_with_the_cursor_that_the_page_before_told()
    {
        using var line = await VaultLine.CreateAsync([.. Enumerable.Range(0, 25).Select(id => $$"""{"id":{{id}},"kind":"same"}""")]);
        foreach (var (verb, condition) in new[] { ("search", "same"), ("browse", "--where=kind=same") })
        {
            var (found, cursor) = (new List<string>(), Array.Empty<string>());
            do
            {
                var page = await line.RunAsync(line.Arguments(verb, ["--limit", "10", .. cursor, condition]));
                page.Exit.ShouldBe(0, page.Errors);
                found.AddRange(page.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
                cursor = page.Errors.IndexOf("--cursor ", StringComparison.Ordinal) is >= 0 and var at ? page.Errors[at..].TrimEnd().Split(' ') : [];
            }
            while (cursor.Length > 0);

            found.Distinct().Count().ShouldBe(25);
            found.Count.ShouldBe(25);
            (await line.RunAsync(line.Arguments(verb, "--all", condition))).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(found);
        }
    }

    [Fact]
    public async Task A_snapshot_is_named_by_a_time_too()
    {
        using var line = await VaultLine.CreateAsync(Ada);
        await line.BackUpAsync(Utf8(Ada, Zoe));
        var snapshots = JsonNode.Parse((await line.RunAsync("snapshots", line.Vault, "--key-file", line.KeyFile, "--source", "s", "--json")).Output)!.AsArray();

        var atFirst = await line.RunAsync(line.Arguments("restore", "--at", snapshots[1]!["time"]!.ToString()));
        var today = await line.RunAsync(line.Arguments("restore", "--at", "2999-12-31", "--sort-by-key"));
        var before = await line.RunAsync(line.Arguments("restore", "--at", "2001-01-01"));
        var nonsense = await line.RunAsync(line.Arguments("restore", "--at", "yesterday"));

        atFirst.Output.ShouldBe($"{Ada}\n", atFirst.Errors);
        today.Output.ShouldBe($"{Ada}\n{Zoe}\n", today.Errors);
        (before.Exit, before.Errors).ShouldBe((1, "listbackup: Source s has no snapshot of 2001-01-01 or before.\n"));
        nonsense.Errors.ShouldContain("--at yesterday is no time");
    }

    [Fact]
    public async Task A_folder_of_files_becomes_one_snapshot_of_their_streams()
    {
        using var line = await VaultLine.CreateAsync(Ada);
        var folder = Directory.CreateDirectory(line.File("crm")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "contacts.ndjson"), $"{Ada}\n{Zoe}\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "lists.jsonl"), """{"id":"l1"}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "readme.txt"), "no stream", TestContext.Current.CancellationToken);
        string[] start = ["backup", line.Vault, "--key-file", line.KeyFile, "--source", "crm", "--primary-key", "id"];

        var ended = await line.RunAsync([.. start, "--from", folder, "--json"]);
        var incomplete = await line.RunAsync([.. start, "--stream", "contacts"]);
        var both = await line.RunAsync([.. start, "--from", folder, "--stream", "contacts"]);

        ended.Exit.ShouldBe(0, ended.Errors);
        JsonNode.Parse(ended.Output)!["streams"]!.AsArray().Select(stream => $"{stream!["stream"]} {stream["live"]}").ShouldBe(["contacts 2", "lists 1"]);
        (await line.RunAsync("snapshots", line.Vault, "--key-file", line.KeyFile, "--source", "crm", "--json")).Output.ShouldContain("\"seq\":1");
        (incomplete.Exit, both.Exit).ShouldBe((2, 2));
    }

    [Fact]
    public async Task Drift_and_index_say_what_they_found()
    {
        using var line = await VaultLine.CreateAsync(Ada, Zoe);
        await line.BackUpAsync(Utf8("""{"id":1,"name":5}""", """{"id":2,"name":6,"new":true}"""));

        var drift = JsonNode.Parse((await line.RunAsync(line.Arguments("drift", "--from", "1", "--exact", "--json"))).Output)!;
        var index = JsonNode.Parse((await line.RunAsync(line.Arguments("index", "--json"))).Output)!;

        drift["fields"]!.AsArray().Select(field => $"{field!["path"]} {field["change"]}").ShouldBe(["/city vanished", "/email vanished", "/name typeChanged", "/new appeared"]);
        (index["upTo"]!.GetValue<long>(), index["isRebuilt"]!.GetValue<bool>()).ShouldBe((2, true));
    }

    private static byte[] Utf8(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(text => text + "\n")));
}
