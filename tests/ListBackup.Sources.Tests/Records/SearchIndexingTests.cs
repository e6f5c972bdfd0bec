using System.Net;
using ListBackup.Domain;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

/// <summary>Searches that need not look at every record, because a snapshot is followed by its index.</summary>
public sealed class SearchIndexingTests
{
    [Fact]
    public async Task The_first_search_of_each_snapshot_finds_its_index_made()
    {
        await using var world = new SyncWorld();
        await using var api = await world.StartApiAsync();
        var viewer = await world.JoinAsync(Role.Viewer);
        var contacts = world.Platform.Add("contacts").Fill(40);
        world.Platform.Add("lists").Fill(3);
        var source = await world.AddSourceAsync();
        await world.SyncAsync(source);
        contacts.Put("r0007", "Ottilie");
        await world.SyncAsync(source);

        var found = (await SearchAsync(2, "contacts", "ottilie")).ShouldBe(HttpStatusCode.OK);

        (found.Text("access"), (string?)found.Json["items"]![0]!["key"], (long)found.Json["examined"]!).ShouldBe(("index", "r0007", 1));
        var before = await SearchAsync(1, "contacts", "ottilie");
        (before.Text("access"), before.Json["items"]!.AsArray().Count).ShouldBe(("index", 0));
        (await SearchAsync(2, "lists", "value")).Text("access").ShouldNotBe("scan");
        world.Failures.ShouldBeEmpty();

        Task<ApiAnswer> SearchAsync(long seq, string stream, string text) =>
            api.GetAsync($"/v1/accounts/{world.Account}/sources/{source.Id}/snapshots/{seq}/search?stream={stream}&q={text}", viewer);
    }

    [Fact]
    public async Task An_index_whose_message_was_lost_comes_with_the_next_snapshot()
    {
        await using var world = new SyncWorld();
        var contacts = world.Platform.Add("contacts").Fill(40);
        var source = await world.AddSourceAsync();
        world.Queues.Loses = queue => queue == QueueName.Maintenance;
        await world.SyncAsync(source);
        (await SearchAsync(world, source, "contacts", "value")).Access.ShouldBe(SearchAccess.Scan);

        world.Queues.Loses = _ => false;
        contacts.Put("r0007", "Ottilie");
        await world.SyncAsync(source);

        var page = await SearchAsync(world, source, "contacts", "ottilie");
        (page.Access, page.Hits.Single().Key).ShouldBe((SearchAccess.Index, "r0007"));
    }

    [Fact]
    public async Task A_turn_goes_on_behind_the_stream_where_it_ended()
    {
        await using var world = new SyncWorld();
        foreach (var name in new[] { "a", "b", "c" }) world.Platform.Add(name).Fill(10);
        var source = await world.AddSourceAsync();
        world.Queues.Loses = queue => queue == QueueName.Maintenance;
        await world.SyncAsync(source);

        await world.Get<SearchIndexing>().WorkAsync(new(world.Account, source.Id) { Index = "a" }, world.Clock.GetUtcNow() + TimeSpan.FromMinutes(10), SyncWorld.Cancellation);

        (await SearchAsync(world, source, "a", "value")).Access.ShouldBe(SearchAccess.Scan);
        foreach (var name in new[] { "b", "c" }) (await SearchAsync(world, source, name, "value")).Access.ShouldNotBe(SearchAccess.Scan);
    }

    [Fact]
    public async Task An_index_that_takes_too_long_does_not_keep_the_streams_behind_it_from_theirs()
    {
        await using var world = new SyncWorld();
        foreach (var name in new[] { "a", "b", "c" }) world.Platform.Add(name).Fill(10);
        var source = await world.AddSourceAsync();
        world.Queues.Loses = queue => queue == QueueName.Maintenance;
        await world.SyncAsync(source);
        world.Queues.Loses = _ => false;

        await world.Get<SearchIndexing>().WorkAsync(new(world.Account, source.Id) { Index = "" }, world.Clock.GetUtcNow(), SyncWorld.Cancellation);
        await world.WorkAsync();

        (await SearchAsync(world, source, "a", "value")).Access.ShouldBe(SearchAccess.Scan);
        foreach (var name in new[] { "b", "c" }) (await SearchAsync(world, source, name, "value")).Access.ShouldNotBe(SearchAccess.Scan);
    }

    [Fact]
    public async Task A_message_that_comes_twice_or_for_a_source_without_snapshots_does_no_harm()
    {
        await using var world = new SyncWorld();
        world.Platform.Add("contacts").Fill(40).Put("r0017", "Ottilie");
        var source = await world.AddSourceAsync();
        var indexing = world.Get<SearchIndexing>();
        var deadline = world.Clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        await indexing.WorkAsync(new(world.Account, source.Id) { Index = "" }, deadline, SyncWorld.Cancellation);
        await world.SyncAsync(source);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => indexing.WorkAsync(new(world.Account, source.Id) { Index = "" }, deadline, SyncWorld.Cancellation)));

        var page = await SearchAsync(world, source, "contacts", "ottilie");
        (page.Access, page.Hits.Single().Key).ShouldBe((SearchAccess.Index, "r0017"));
    }

    private static async Task<SearchPage> SearchAsync(SyncWorld world, Source source, string stream, string text) =>
        await (await world.VaultAsync()).SearchAsync(source.Id.ToString(), stream, new() { Text = text }, SyncWorld.Cancellation);
}
