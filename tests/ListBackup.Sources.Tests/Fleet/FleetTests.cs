using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>An agency looks at everything below it.</summary>
public sealed class FleetTests
{
    [Fact]
    public async Task Every_source_below_an_account_is_listed_with_its_protection_page_by_page()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var viewer = await world.JoinAsync(Role.Auditor);
        await MakeTreeAsync(world);

        var all = await ListAsync(api, world, viewer, "limit=2");

        all.Select(row => $"{row["accountName"]}: {row["name"]} {row["protection"]} {row["health"]}").ShouldBe(
            ["Test: Fresh proven good", "Test: Incomplete partial attention", "Client: Never none new", "Client: Old stale good", "Client: Resting proven paused"], ignoreOrder: true);
        all.Select(row => (string)row["sourceId"]!).Distinct().Count().ShouldBe(5);
        (await ListAsync(api, world, viewer, "limit=1&unproven=true")).Select(row => (string?)row["name"]).ShouldBe(["Incomplete", "Never", "Old"], ignoreOrder: true);
        (await ListAsync(api, world, viewer, "withinHours=100&unproven=true")).Select(row => (string?)row["name"]).ShouldBe(["Incomplete", "Never"], ignoreOrder: true);
        all.Single(row => (string?)row["name"] == "Incomplete")["reason"]!["message"].ShouldNotBeNull();
        all.Single(row => (string?)row["name"] == "Old")["provenAt"].ShouldNotBeNull();
        (await api.GetAsync(Url(world, "sources?withinHours=0"), viewer)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.GetAsync(Url(world, "sources?cursor=nonsense"), viewer)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_fleet_is_counted_and_its_evidence_is_one_page_without_scripts()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var viewer = await world.JoinAsync(Role.Auditor);
        await MakeTreeAsync(world);

        var summary = (await api.GetAsync(Url(world, "summary"), viewer)).ShouldBe(HttpStatusCode.OK).Json;
        var report = (await api.GetAsync(Url(world, "report"), viewer)).ShouldBe(HttpStatusCode.OK).Body;

        ((int?)summary["accounts"], (int?)summary["sources"], (long?)summary["records"], (bool?)summary["isComplete"]).ShouldBe((2, 5, 4 * 3, true));
        summary["protection"]!.AsObject().Select(p => $"{p.Key} {p.Value}").ShouldBe(["proven 2", "consistent 0", "partial 1", "stale 1", "none 1"]);
        report.ShouldContain("2 of 5 sources are proven");
        report.ShouldContain("Client &amp; Sons");
        report.ShouldNotContain("<script");
        (await api.GetAsync(Url(world, "report?format=pdf"), viewer)).ShouldBe(HttpStatusCode.OK).Body.ShouldStartWith("%PDF-");
        (await api.GetAsync(Url(world, "report?format=docx"), viewer)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    /// <summary>Two accounts; five sources of three records.</summary>
    private static async Task MakeTreeAsync(SyncWorld world)
    {
        world.Platform.Add("contacts").Fill(3);
        await PutAsync(world, new Account { Id = world.Account, Name = "Test", Path = [world.Account], CreatedAt = world.Clock.GetUtcNow() });
        var client = new Account { Id = AccountId.New(world.Clock), Name = "Client", Path = [world.Account], CreatedAt = world.Clock.GetUtcNow() };
        client = client with { Path = [world.Account, client.Id] };
        await PutAsync(world, client);
        var gone = client with { Id = AccountId.New(world.Clock), Name = "Gone", DeletedAt = world.Clock.GetUtcNow() };
        await PutAsync(world, gone with { Path = [world.Account, gone.Id] });

        await world.SyncAsync(await world.AddSourceAsync(s => s with { AccountId = client.Id, Name = "Old" }));
        world.Clock.Advance(TimeSpan.FromDays(3));
        await world.AddSourceAsync(s => s with { AccountId = client.Id, Name = "Never" });
        await world.AddSourceAsync(s => s with { AccountId = gone.Id, Name = "Gone" });
        var resting = await world.AddSourceAsync(s => s with { AccountId = client.Id, Name = "Resting", Platform = "Client & Sons" });
        await world.SyncAsync(resting);
        await world.Runs.UpdateSourceAsync(client.Id, resting.Id, s => s with { IsPaused = true }, SyncWorld.Cancellation);
        await world.SyncAsync(await world.AddSourceAsync(s => s with { Name = "Fresh" }));
        world.Platform.HiddenRecords = 1;
        await world.SyncAsync(await world.AddSourceAsync(s => s with { Name = "Incomplete" }));
    }

    private static Task PutAsync(SyncWorld world, Account account) => world.Runs.Items.PutAsync(
        ItemJson.Item(AccountKeys.Profile(account.Id), account, AccessJson.Default.Account, AccountKeys.PathIndex(account.Path)), Condition.None, SyncWorld.Cancellation);

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(ApiUnderTest api, SyncWorld world, string token, string query)
    {
        var (rows, cursor) = (new List<JsonNode>(), (string?)null);
        do
        {
            var page = (await api.GetAsync(Url(world, $"sources?{query}{(cursor is null ? "" : $"&cursor={cursor}")}"), token)).ShouldBe(HttpStatusCode.OK);
            rows.AddRange(page.Json["items"]!.AsArray().Select(row => row!));
            cursor = (string?)page.Json["nextCursor"];
        }
        while (cursor is not null);
        return rows;
    }

    private static string Url(SyncWorld world, string path) => $"/v1/accounts/{world.Account}/fleet/{path}";
}
