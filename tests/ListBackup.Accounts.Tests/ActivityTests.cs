using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Accounts.Tests;

public class ActivityTests
{
    [Fact]
    public async Task A_setting_that_is_obeyed_takes_only_what_it_means()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");

        (await ada.PutAsync($"/accounts/{ada.Home}/settings", new { settings = new Dictionary<string, string> { ["restore.four-eyes"] = "yes" } })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.PutAsync($"/accounts/{ada.Home}/settings", new { settings = new Dictionary<string, string> { ["restore.four-eyes"] = "true", ["theme"] = "yes" } })).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_change_is_logged_and_found_by_filter()
    {
        await using var api = await AccountsApi.StartAsync();
        var (ada, bob) = (await api.JoinAsync("ada"), await api.JoinAsync("bob"));
        await ada.TakeInAsync(ada.Home, bob, "viewer");
        await ada.PatchAsync($"/accounts/{ada.Home}", new { name = "New" });
        await ada.ChildAsync(ada.Home);
        await ada.PutAsync($"/accounts/{ada.Home}/settings", new { settings = new { theme = "dark" } });

        (await ActionsAsync(ada, "")).ShouldBe(
            ["account.settings-changed", "account.child-added", "account.renamed", "invitation.accepted", "invitation.created", "user.signed-in", "account.created"]);
        (await ActionsAsync(ada, "?action=invitation.*")).ShouldBe(["invitation.accepted", "invitation.created"]);
        (await ActionsAsync(ada, $"?actor={bob.Id}")).ShouldBe(["invitation.accepted"]);
        (await ActionsAsync(ada, $"?subject={ada.Home}&action=account.renamed")).ShouldBe(["account.renamed"]);
        (await ActionsAsync(ada, "?from=2030-01-01T00:00:00Z")).ShouldBeEmpty();
        (await ada.GetAsync($"/accounts/{ada.Home}/activities?cursor=x")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ada.GetAsync($"/accounts/{ada.Home}/activities?from=yesterday")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Pages_go_on_where_the_one_before_ended()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        for (var i = 0; i < 9; i++) await ada.PatchAsync($"/accounts/{ada.Home}", new { name = $"Name {i}" });

        var numbers = new List<long>();
        string? cursor = null;
        do
        {
            var page = (await ada.GetAsync($"/accounts/{ada.Home}/activities?limit=4{(cursor is null ? "" : $"&cursor={cursor}")}")).ShouldBe(HttpStatusCode.OK);
            numbers.AddRange(page.Json["items"]!.AsArray().Select(a => (long)a!["number"]!));
            cursor = (string?)page.Json["nextCursor"];
        }
        while (cursor is not null);

        numbers.ShouldBe(Enumerable.Range(1, 11).Select(n => (long)n).Reverse());
    }

    [Fact]
    public async Task The_export_carries_the_chain_and_a_changed_entry_shows()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        for (var i = 0; i < 3; i++) await ada.PatchAsync($"/accounts/{ada.Home}", new { name = $"Name {i}" });

        var export = (await ada.GetAsync($"/accounts/{ada.Home}/activities/export")).ShouldBe(HttpStatusCode.OK);
        export.Headers["Content-Type"].ShouldBe(["application/x-ndjson"]);
        var lines = export.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        lines.Count.ShouldBe(5);
        for (var i = 1; i < lines.Count; i++) ((string)lines[i]["previousHash"]!).ShouldBe((string)lines[i - 1]["hash"]!);
        (await ada.GetAsync($"/accounts/{ada.Home}/activities/verify")).Json["intact"]!.GetValue<bool>().ShouldBeTrue();

        var key = ActivityLog.EntryKey(AccountId.Parse(ada.Home), 3);
        var entry = (await api.Items.GetAsync(key, CancellationToken.None))!;
        await api.Items.PutAsync(entry with { Body = entry.Body.Replace("Name 0", "Name X", StringComparison.Ordinal) }, Condition.None, CancellationToken.None);
        var check = await ada.GetAsync($"/accounts/{ada.Home}/activities/verify");
        check.Json["intact"]!.GetValue<bool>().ShouldBeFalse();
        check.Json["brokenAt"]!.GetValue<long>().ShouldBe(3);
    }

    [Fact]
    public async Task Usage_is_what_was_counted()
    {
        await using var api = await AccountsApi.StartAsync();
        var ada = await api.JoinAsync("ada");
        await ada.ChildAsync(ada.Home);

        var usage = (await ada.GetAsync($"/accounts/{ada.Home}/usage")).ShouldBe(HttpStatusCode.OK);

        usage.Json["measures"]!.AsArray().ToDictionary(m => (string)m!["name"]!, m => (int)m!["value"]!).ShouldBe(
            new Dictionary<string, int> { ["members"] = 1, ["children"] = 1, ["activities"] = 3 });
    }

    private static async Task<List<string>> ActionsAsync(Person person, string filter) =>
        [.. (await person.GetAsync($"/accounts/{person.Home}/activities{filter}")).ShouldBe(HttpStatusCode.OK).Json["items"]!.AsArray().Select(a => (string)a!["action"]!)];
}
