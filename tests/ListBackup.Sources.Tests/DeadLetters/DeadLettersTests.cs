using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

public sealed class DeadLettersTests
{
    [Fact]
    public async Task An_account_sees_its_own_dead_letters_without_what_they_hold()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        var source = await world.AddSourceAsync();
        var other = AccountId.New(TimeProvider.System);
        for (var i = 0; i < 150; i++) world.Queues.Bury(QueueName.Sync, $$"""{"accountId":"{{other}}","sourceId":"{{source.Id}}","runId":"x","stream":"s"}""");
        var run = RunId.New(TimeProvider.System);
        for (var i = 0; i < 3; i++) world.Queues.Bury(QueueName.Sync, $$"""{"accountId":"{{world.Account}}","sourceId":"{{source.Id}}","runId":"{{run}}","stream":"private name"}""");
        world.Queues.Bury(QueueName.Sync, "no json");
        var url = $"/v1/accounts/{world.Account}/dead-letters";

        var first = (await api.GetAsync($"{url}/sync?limit=2", operate)).ShouldBe(HttpStatusCode.OK);
        var second = await api.GetAsync($"{url}/sync?limit=2&cursor={first.Text("nextCursor")}", operate);

        first.Json["items"]!.AsArray().Count.ShouldBe(2);
        var letter = second.Json["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)letter["queue"], (string?)letter["sourceId"], (string?)letter["runId"], (int)letter["receives"]!, (string?)letter["reason"])
            .ShouldBe(("sync", source.Id.ToString(), run.ToString(), 5, "TimeoutException"));
        second.Body.ShouldNotContain("private name");
        second.Json["nextCursor"].ShouldBeNull();
        (await api.GetAsync($"{url}/plan", operate)).Json["items"]!.AsArray().ShouldBeEmpty();
        (await api.GetAsync($"{url}/nonsense", operate)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_replayed_letter_does_its_work_and_a_discarded_one_is_forgotten()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var (admin, operate) = (await world.JoinAsync(Role.Admin), await world.JoinAsync(Role.Operator));
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();
        world.Queues.Loses = queue => queue == QueueName.Plan;
        var run = await world.StartAsync(source);
        world.Queues.Loses = _ => false;
        var body = $$"""{"accountId":"{{world.Account}}","sourceId":"{{source.Id}}","runId":"{{run.Id}}"}""";
        var (replayed, discarded) = (world.Queues.Bury(QueueName.Plan, body), world.Queues.Bury(QueueName.Plan, body));
        var url = $"/v1/accounts/{world.Account}/dead-letters/plan";

        (await api.PostAsync($"{url}/{replayed}/replay", null, operate)).ShouldBe(HttpStatusCode.Forbidden);
        (await api.PostAsync($"{url}/{replayed}/replay", null, admin)).ShouldBe(HttpStatusCode.NoContent);
        (await api.PostAsync($"{url}/{replayed}/replay", null, admin)).ShouldBe(HttpStatusCode.NotFound);
        (await api.SendAsync(HttpMethod.Delete, $"{url}/{discarded}", null, admin)).ShouldBe(HttpStatusCode.NoContent);
        (await api.SendAsync(HttpMethod.Delete, $"{url}/{discarded}", null, admin)).ShouldBe(HttpStatusCode.NotFound);
        await world.WorkAsync();

        (await world.RunAsync(run)).State.ShouldBe(RunState.Succeeded);
        (await world.Get<ActivityLog>().VerifyAsync(world.Account, SyncWorld.Cancellation)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Another_accounts_letter_is_not_there()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var id = world.Queues.Bury(QueueName.Plan, $$"""{"accountId":"{{AccountId.New(TimeProvider.System)}}"}""");

        (await api.PostAsync($"/v1/accounts/{world.Account}/dead-letters/plan/{id}/replay", null, admin)).ShouldBe(HttpStatusCode.NotFound);
        (await api.SendAsync(HttpMethod.Delete, $"/v1/accounts/{world.Account}/dead-letters/plan/{id}", null, admin)).ShouldBe(HttpStatusCode.NotFound);
        (await api.SendAsync(HttpMethod.Delete, $"/v1/accounts/{world.Account}/dead-letters/plan/x", null, admin)).ShouldBe(HttpStatusCode.NotFound);
    }
}
