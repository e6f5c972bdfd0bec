using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class SchemaDriftTests
{
    [Fact]
    public async Task Fields_that_come_and_types_that_change_are_on_the_run_told_and_shown()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var viewer = await world.JoinAsync(Role.Viewer);
        var contacts = world.Platform.Add("contacts").Fill(30);
        var source = await world.AddSourceAsync();
        (await world.SyncAsync(source)).Drift.ShouldBeEmpty();

        contacts.PutJson("r0001", """{"id":"r0001","value":7,"score":{"lead":1}}""");
        var run = await world.SyncAsync(source);

        run.Drift.Select(d => (d.Path, d.Change)).ShouldBe([("/score", FieldChange.Appeared), ("/score/lead", FieldChange.Appeared), ("/value", FieldChange.TypeChanged)]);
        run.Drift[^1].TypesAfter.ShouldBe(["integer"]);
        var told = world.Queues.Told.Single(n => n.Event == "schema.drift");
        told.Text.ShouldContain("contacts: /score is new (object).");
        told.Text.ShouldContain("contacts: /value was string and now is integer as well.");
        var url = $"/v1/accounts/{world.Account}/sources/{source.Id}";
        ((string?)(await api.GetAsync($"{url}/runs/{run.Id}", viewer)).Json["drift"]![0]!["path"]).ShouldBe("/score");
        var drift = (await api.GetAsync($"{url}/streams/contacts/drift?from=1&to=2&basis=records", viewer)).ShouldBe(HttpStatusCode.OK);
        drift.Json["fields"]!.AsArray().Select(f => (string?)f!["path"]).ShouldContain("/score/lead");
        (await api.GetAsync($"{url}/streams/contacts/drift?from=1&to=9", viewer)).ShouldBe(HttpStatusCode.NotFound);
        (await api.GetAsync($"{url}/streams/contacts/drift?from=2&to=1", viewer)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_field_that_no_record_has_any_more_vanished_and_a_rare_one_did_not()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts");
        for (var i = 0; i < 100; i++) contacts.PutJson($"r{i:d3}", i == 0 ? """{"id":"r000","value":"x","rare":1}""" : $$"""{"id":"r{{i:d3}}","value":"x"}""");
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);

        for (var i = 0; i < 100; i++) contacts.PutJson($"r{i:d3}", $$"""{"id":"r{{i:d3}}"}""");
        var run = await world.SyncAsync(source);

        var gone = run.Drift.ShouldHaveSingleItem();
        (gone.Path, gone.Change).ShouldBe(("/value", FieldChange.Vanished));
        run.Anomalies.Where(a => a.Code == Anomalies.FieldEmptied).ShouldHaveSingleItem().Field.ShouldBe("value");
    }

    [Fact]
    public async Task A_run_that_brings_nothing_unusual_tells_nobody_and_a_failed_one_tells_once()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(3);
        var source = await world.AddSourceAsync();

        await world.SyncAsync(source);
        world.Queues.Told.ShouldBeEmpty();
        world.Platform.Fails = (_, _) => Failure.Unauthorized;
        var run = await world.SyncAsync(source);
        await world.SweepAsync();

        var told = world.Queues.Told.ShouldHaveSingleItem();
        (told.Event, told.Subject, told.Details["link"]).ShouldBe(("run.failed", run.Id.ToString(), $"/sources/{source.Id}/runs/{run.Id}"));
        told.Text.ShouldContain("Reconnect");
    }
}
