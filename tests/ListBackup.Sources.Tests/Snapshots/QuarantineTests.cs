using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class QuarantineTests
{
    [Fact]
    public async Task A_severe_anomaly_freezes_retention_and_tells_people_with_numbers_and_a_link()
    {
        await using var world = new SyncWorld();
        var (source, run) = await LoseHalfAsync(world);

        var after = await world.SourceAsync(source);
        after.Quarantine.ShouldNotBeNull();
        (after.Quarantine.LastGoodSeq, after.Quarantine.Seqs.ShouldHaveSingleItem()).ShouldBe((1, run.SnapshotSeq!.Value));
        SourceView.Of(after).Health.ShouldBe(SourceHealth.Attention);
        var hold = (await (await world.VaultAsync()).ListHoldsAsync(source.Id.ToString(), SyncWorld.Cancellation)).ShouldHaveSingleItem();
        (hold.Name, hold.Seq, hold.Until).ShouldBe(("quarantine", null, null));
        var told = world.Queues.Told.Single(n => n.Event == "snapshot.quarantined");
        told.Text.ShouldContain("20 of 40 records of contacts");
        (told.Details["snapshot"], told.Details["anomaly1"], told.Details["link"]).ShouldBe(("2", "count-drop contacts: 40 → 20", $"/sources/{source.Id}/snapshots/2"));
        (await ActionsAsync(world)).ShouldContain("snapshot.quarantined");
    }

    [Fact]
    public async Task While_nobody_has_decided_no_snapshot_is_let_go()
    {
        await using var world = new SyncWorld();
        var (source, _) = await LoseHalfAsync(world);
        var vault = await world.VaultAsync();
        await vault.SetRetentionAsync(source.Id.ToString(), new Vault.RetentionPolicy { KeepAllDays = 7 }, SyncWorld.Cancellation);

        world.Clock.Advance(TimeSpan.FromDays(100));
        await world.SyncAsync(source);
        var frozen = await vault.ApplyRetentionAsync(source.Id.ToString(), SyncWorld.Cancellation);

        frozen.Expired.ShouldBeEmpty();
        (await world.BackedUpAsync(source, "contacts", 1)).Count.ShouldBe(40);
    }

    [Fact]
    public async Task Accepted_it_is_released_and_retention_goes_on()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var (source, _) = await LoseHalfAsync(world);
        var url = Url(world, source);

        var open = (await api.GetAsync($"{url}/quarantine", admin)).ShouldBe(HttpStatusCode.OK);
        ((long)open.Json["newest"]!, open.Text("difference")).ShouldBe((2, $"{url}/diff?from=1&to=2"));
        ((string?)open.Json["snapshots"]![0]!["anomalies"]![0]!["severity"]).ShouldBe("severe");
        (await api.PostAsync($"{url}/quarantine/accept", new { newest = 9 }, admin)).ShouldBe(HttpStatusCode.Conflict, "quarantine-changed");
        var accepted = (await api.PostAsync($"{url}/quarantine/accept", new { newest = 2, note = "We left the old list." }, admin)).ShouldBe(HttpStatusCode.OK);

        accepted.Json["quarantine"].ShouldBeNull();
        accepted.Text("health").ShouldBe("good");
        (await (await world.VaultAsync()).ListHoldsAsync(source.Id.ToString(), SyncWorld.Cancellation)).ShouldBeEmpty();
        var snapshot = (await api.GetAsync($"{url}/snapshots/2", admin)).Json["quarantine"]!;
        ((string?)snapshot["state"], (string?)snapshot["note"]).ShouldBe(("accepted", "We left the old list."));
        (await api.GetAsync($"{url}/quarantine", admin)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync($"{url}/quarantine/accept", new { newest = 2 }, admin)).ShouldBe(HttpStatusCode.Conflict, "no-quarantine");
        (await ActionsAsync(world)).ShouldContain("quarantine.accepted");
    }

    [Fact]
    public async Task Kept_the_last_good_snapshot_is_pinned_for_good()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var (source, _) = await LoseHalfAsync(world);

        (await api.PostAsync($"{Url(world, source)}/quarantine/keep", new { newest = 2 }, admin)).ShouldBe(HttpStatusCode.OK);
        var vault = await world.VaultAsync();
        await vault.SetRetentionAsync(source.Id.ToString(), new Vault.RetentionPolicy { KeepAllDays = 7 }, SyncWorld.Cancellation);
        world.Clock.Advance(TimeSpan.FromDays(100));
        await world.SyncAsync(source);
        await vault.ApplyRetentionAsync(source.Id.ToString(), SyncWorld.Cancellation);

        (await vault.ListHoldsAsync(source.Id.ToString(), SyncWorld.Cancellation)).ShouldHaveSingleItem().Name.ShouldBe("pin-1");
        (await world.BackedUpAsync(source, "contacts", 1)).Count.ShouldBe(40);
        await Should.ThrowAsync<SnapshotExpiredException>(() => world.BackedUpAsync(source, "contacts", 2));
    }

    [Fact]
    public async Task A_stream_that_really_is_empty_is_taken_so_once_somebody_has_said_it()
    {
        await using var world = new SyncWorld { Platform = { TellsTotals = false } };
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var contacts = world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Records.Clear();
        await world.SyncAsync(source);

        (await api.PostAsync($"{Url(world, source)}/quarantine/accept", new { newest = 2 }, admin)).ShouldBe(HttpStatusCode.OK);
        var run = await world.SyncAsync(source);

        run.State.ShouldBe(RunState.Succeeded);
        (await world.BackedUpAsync(source, "contacts")).ShouldBeEmpty();
        (await world.SourceAsync(source)).MayBeEmpty.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_decision_whose_process_dies_before_the_vault_hears_of_it_is_made_good()
    {
        await using var world = new SyncWorld();
        var (source, _) = await LoseHalfAsync(world);
        await world.Runs.UpdateSourceAsync(world.Account, source.Id, s => s with { Quarantine = null }, SyncWorld.Cancellation);

        await world.Get<QuarantineHold>().ReconcileAsync(world.Account, source.Id, SyncWorld.Cancellation);

        (await (await world.VaultAsync()).ListHoldsAsync(source.Id.ToString(), SyncWorld.Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Holds_and_pins_are_put_listed_and_released_and_the_products_own_are_out_of_reach()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var admin = await world.JoinAsync(Role.Admin);
        var viewer = await world.JoinAsync(Role.Viewer);
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var url = Url(world, source);

        (await api.SendAsync(HttpMethod.Put, $"{url}/holds/lawsuit", new { seq = 1, until = world.Clock.GetUtcNow().AddDays(30) }, admin)).ShouldBe(HttpStatusCode.OK);
        (await api.SendAsync(HttpMethod.Put, $"{url}/snapshots/1/pin", null, admin)).ShouldBe(HttpStatusCode.OK);
        (await api.SendAsync(HttpMethod.Put, $"{url}/snapshots/1/pin", null, admin)).ShouldBe(HttpStatusCode.OK);
        (await api.SendAsync(HttpMethod.Put, $"{url}/snapshots/9/pin", null, admin)).ShouldBe(HttpStatusCode.NotFound);
        (await api.SendAsync(HttpMethod.Put, $"{url}/holds/quarantine", new { }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Put, $"{url}/holds/pin-1", new { }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Put, $"{url}/holds/lawsuit", new { until = world.Clock.GetUtcNow() }, admin)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync(HttpMethod.Put, $"{url}/holds/lawsuit", new { }, viewer)).ShouldBe(HttpStatusCode.Forbidden);
        Holds(await api.GetAsync($"{url}/holds", viewer)).ShouldBe([("lawsuit", "hold"), ("pin-1", "pin")]);
        (await api.GetAsync($"{url}/snapshots/1", viewer)).Json["guaranteedUntil"].ShouldBeNull();

        (await api.SendAsync(HttpMethod.Delete, $"{url}/holds/lawsuit", null, admin)).ShouldBe(HttpStatusCode.NoContent);
        (await api.SendAsync(HttpMethod.Delete, $"{url}/holds/lawsuit", null, admin)).ShouldBe(HttpStatusCode.NoContent);
        (await api.SendAsync(HttpMethod.Delete, $"{url}/snapshots/1/pin", null, admin)).ShouldBe(HttpStatusCode.NoContent);

        Holds(await api.GetAsync($"{url}/holds", admin)).ShouldBeEmpty();
        (await ActionsAsync(world)).ShouldBe(["run.finished", "hold.put", "snapshot.pinned", "hold.released", "snapshot.unpinned"]);

        static IEnumerable<(string, string)> Holds(ApiAnswer answer) => answer.Json["items"]!.AsArray().Select(h => ((string)h!["name"]!, (string)h["kind"]!));
    }

    [Fact]
    public async Task A_proof_of_a_record_is_a_zip_and_it_is_noted_who_made_it()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var (viewer, auditor) = (await world.JoinAsync(Role.Viewer), await world.JoinAsync(Role.Auditor));
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        var url = Url(world, source);

        var proof = (await api.PostAsync($"{url}/snapshots/1/proof", new { stream = "contacts", key = "r0002" }, viewer)).ShouldBe(HttpStatusCode.OK);

        proof.Body.ShouldStartWith("PK");
        proof.Body.ShouldContain("proof.json");
        (await api.PostAsync($"{url}/snapshots/1/proof", new { stream = "contacts", key = "nobody" }, viewer)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync($"{url}/snapshots/9/proof", new { stream = "contacts", key = "r0002" }, viewer)).ShouldBe(HttpStatusCode.NotFound);
        (await api.PostAsync($"{url}/snapshots/1/proof", new { stream = "contacts", key = "r0002" }, auditor)).ShouldBe(HttpStatusCode.Forbidden);
        (await ActionsAsync(world)).ShouldContain("record.proven");
    }

    [Fact]
    public async Task A_drill_restores_the_newest_snapshot_into_nothing()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var operate = await world.JoinAsync(Role.Operator);
        world.Platform.Add("contacts").Fill(30);
        var source = await world.AddSourceAsync();
        var url = Url(world, source);
        (await api.PostAsync($"{url}/drill", new { }, operate)).ShouldBe(HttpStatusCode.Conflict, "no-snapshot");
        await world.SyncAsync(source);

        var job = (await api.PostAsync($"{url}/drill", new { }, operate)).ShouldBe(HttpStatusCode.Accepted).Text("id");
        (await api.PostAsync($"{url}/drill", new { seq = 9 }, operate)).ShouldBe(HttpStatusCode.NotFound);
        await world.WorkAsync();

        var done = (await api.GetAsync($"{url}/jobs/{job}", operate)).Json;
        ((string?)done["state"], (string?)done["verify"]!["level"], (long)done["verify"]!["roots"]!).ShouldBe(("succeeded", "restore", 1));
    }

    private static async Task<(Source Source, Run Run)> LoseHalfAsync(SyncWorld world)
    {
        var contacts = world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        foreach (var id in contacts.Records.Keys.Take(20).ToList()) contacts.Delete(id);
        return (source, await world.SyncAsync(source));
    }

    private static string Url(SyncWorld world, Source source) => $"/v1/accounts/{world.Account}/sources/{source.Id}";

    private static async Task<IReadOnlyList<string>> ActionsAsync(SyncWorld world)
    {
        var actions = new List<string>();
        var query = new ItemQuery { Table = Table.Activities, Partition = AccountKeys.Partition(world.Account), SortPrefix = "A#", Limit = ItemQuery.LimitMax };
        await foreach (var item in world.Runs.Items.AllAsync(query, SyncWorld.Cancellation)) actions.Add(JsonNode.Parse(item.Body)!["action"]!.ToString());
        return actions;
    }
}
