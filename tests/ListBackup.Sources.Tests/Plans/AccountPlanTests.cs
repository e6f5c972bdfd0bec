using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

public sealed class AccountPlanTests
{
    [Fact]
    public async Task What_runs_use_is_counted_once_by_month()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        await using var api = await world.StartApiAsync();
        var viewer = await world.JoinAsync(Role.Admin);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        await world.SyncAsync(source);
        world.Clock.Advance(TimeSpan.FromDays(31));
        await world.SyncAsync(source);

        var usage = (await api.GetAsync($"/v1/accounts/{world.Account}/sources/{source.Id}/usage", viewer)).ShouldBe(HttpStatusCode.OK).Json;

        ((long)usage["records"]!).ShouldBe(5);
        var months = usage["months"]!.AsArray();
        months.Select(m => $"{m!["month"]} {m["runs"]}").ShouldBe(["2026-04 1", "2026-03 2"]);
        ((long)months[1]!["records"]!).ShouldBeGreaterThanOrEqualTo(5);
        ((long)months[1]!["requests"]!).ShouldBeGreaterThan(0);
        ((long)months[1]!["bytesStored"]!).ShouldBeGreaterThan(0);
        var measures = await world.Get<IAccountMeter>().MeasureAsync(world.Account, SyncWorld.Cancellation);
        measures.Single(m => m.Name == "records").Value.ShouldBe(5);
        measures.Single(m => m.Name == "runsThisMonth").Value.ShouldBe(1);
        measures.Single(m => m.Name == "sources").Value.ShouldBe(1);
    }

    [Fact]
    public async Task A_full_account_begins_no_run_and_says_why_and_its_snapshots_stay_readable()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(5);
        await using var api = await world.StartApiAsync();
        var source = await world.AddSourceAsync();
        await LimitAsync(world, new() { Records = 5 });
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded, "It is full, and not more than that.");
        world.Platform["contacts"].PutJson("c9", """{"id":"c9"}""");
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded, "What a run brings is known when it has brought it.");

        var refused = await world.SyncAsync(source);

        refused.State.ShouldBe(RunState.Failed);
        refused.Reason!.Code.ShouldBe("plan-limit");
        refused.Reason.Message.ShouldContain("6 records");
        (await world.SyncAsync(source, run => run with { Trigger = RunTrigger.Restore })).State.ShouldBe(RunState.Succeeded);
        await world.ShouldBeBackedUpAsync(source, "contacts");
    }

    [Fact]
    public async Task A_deleted_source_makes_room_for_another()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(1);
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var source = await world.AddSourceAsync();
        await LimitAsync(world, new() { Sources = 1 });
        var request = new { name = "Second", connectionId = source.ConnectionId.ToString() };

        (await api.PostAsync($"/v1/accounts/{world.Account}/sources", request, admin)).ShouldBe(HttpStatusCode.Conflict, "plan-limit");
        (await api.SendAsync(HttpMethod.Delete, $"/v1/accounts/{world.Account}/sources/{source.Id}", null, admin)).ShouldBe(HttpStatusCode.NoContent);
        (await api.PostAsync($"/v1/accounts/{world.Account}/sources", request, admin)).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_plan_is_for_an_account_with_all_below_it()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(4);
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var source = await world.AddSourceAsync();
        (await world.SyncAsync(source)).State.ShouldBe(RunState.Succeeded);
        var agency = new Account { Id = AccountId.New(world.Clock), Name = "Agency", Path = [], CreatedAt = world.Clock.GetUtcNow(), Limits = new() { Sources = 1, Records = 3 } };
        agency = agency with { Path = [agency.Id] };
        var own = (await world.Runs.Items.FindAsync(AccountKeys.Profile(world.Account), AccessJson.Default.Account, SyncWorld.Cancellation))!;
        await world.Runs.Items.TransactAsync(
            [AccountWrites.PutProfile(agency, Condition.Absent), AccountWrites.PutProfile(own.Value with { Path = [agency.Id, world.Account] }, Condition.VersionIs(own.Version))], SyncWorld.Cancellation);

        var refused = await api.PostAsync($"/v1/accounts/{world.Account}/sources", new { name = "Second", connectionId = source.ConnectionId.ToString() }, admin);

        refused.ShouldBe(HttpStatusCode.Conflict, "plan-limit").Body.ShouldNotContain("Agency");
        (await world.SyncAsync(source)).Reason!.Code.ShouldBe("plan-limit");
    }

    private static async Task LimitAsync(SyncWorld world, AccountLimits limits)
    {
        var account = (await world.Runs.Items.FindAsync(AccountKeys.Profile(world.Account), AccessJson.Default.Account, SyncWorld.Cancellation))!;
        await world.Runs.Items.PutAsync(ItemJson.Item(AccountKeys.Profile(world.Account), account.Value with { Limits = limits }, AccessJson.Default.Account), Condition.VersionIs(account.Version), SyncWorld.Cancellation);
    }
}
