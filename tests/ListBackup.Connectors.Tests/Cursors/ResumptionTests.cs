using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connectors.Cursors;

/// <summary>A failing case is printed with its seed: CsCheck_Seed=… runs it again.</summary>
public sealed class ResumptionTests
{
    private const int Cases = 400;

    /// <summary>After how many batches each part of a read is stopped, over and over.</summary>
    private static readonly Gen<int[]> Stops = Gen.OneOf(Gen.Const(new[] { 1 }), Gen.Int[1, 6].Array[1, 6]);

    [Fact]
    public Task A_read_that_is_stopped_after_any_pages_and_resumed_ends_as_an_uninterrupted_one() =>
        Gen.Select(RandomStream.Gen, Stops).SampleAsync(async (stream, stops) =>
        {
            var clock = new FakeTimeProvider(RandomStream.FirstRead);

            var whole = await ReadAsync(stream, null, clock, withLater: false, [int.MaxValue], TimeSpan.Zero);
            var parts = await ReadAsync(stream, null, clock, withLater: false, stops, TimeSpan.Zero);

            whole.Ids.ShouldBe(stream.All(withLater: false).Select(row => row.Id), ignoreOrder: true);
            whole.Coverage!.Complete.ShouldBeTrue(whole.Coverage.Detail);
            parts.Ids.ShouldBe(whole.Ids, ignoreOrder: true);
            parts.State.ShouldBe(whole.State);
            parts.Coverage!.Complete.ShouldBeTrue(parts.Coverage.Detail);
        }, iter: Cases);

    [Fact]
    public Task A_read_that_goes_on_while_time_passes_ends_where_it_was_going_to_end_and_the_next_one_brings_the_rest() =>
        Gen.Select(RandomStream.Gen, Stops, Gen.Int[1, 2_000]).SampleAsync(async (stream, stops, minutes) =>
        {
            var first = await ReadAsync(stream, null, new FakeTimeProvider(RandomStream.FirstRead), withLater: false, stops, TimeSpan.Zero);
            var clock = new FakeTimeProvider(RandomStream.SecondRead);

            var whole = await ReadAsync(stream, first.State, clock, withLater: true, [int.MaxValue], TimeSpan.Zero);
            var parts = await ReadAsync(stream, first.State, clock, withLater: true, stops, TimeSpan.FromMinutes(minutes));

            first.Ids.Union(whole.Ids).ShouldBe(stream.All(withLater: true).Select(row => row.Id), ignoreOrder: true);
            parts.Ids.ShouldBe(whole.Ids, ignoreOrder: true);
            WithoutLookBack(parts.State).ShouldBe(WithoutLookBack(whole.State));
        }, iter: Cases);

    [Fact]
    public Task Cursors_never_move_back_and_full_reads_bring_everything_again() =>
        Gen.Select(RandomStream.Gen, Stops).SampleAsync(async (stream, stops) =>
        {
            var first = await ReadAsync(stream, null, new FakeTimeProvider(RandomStream.FirstRead), withLater: false, [int.MaxValue], TimeSpan.Zero);
            var clock = new FakeTimeProvider(RandomStream.SecondRead);

            var full = await ReadAsync(stream, first.State, clock, withLater: true, stops, TimeSpan.FromMinutes(1), full: true);
            var again = await ReadAsync(stream, full.State, clock, withLater: true, stops, TimeSpan.Zero);

            full.Ids.ShouldBe(stream.All(withLater: true).Select(row => row.Id), ignoreOrder: true);
            WithoutLookBack(again.State).ShouldBe(WithoutLookBack(full.State));
        }, iter: Cases / 2);

    [Fact]
    public Task Partitions_that_come_and_go_between_the_parts_of_a_read_lose_nothing() =>
        Gen.Select(RandomStream.Gen.Where(stream => stream.Partitions > 1), Stops, Gen.Int[0, 4].Array[1, 5]).SampleAsync(async (stream, stops, changes) =>
        {
            var round = 0;
            var names = stream.Names.ToList();
            var gone = new HashSet<string>(StringComparer.Ordinal);

            var parts = await ReadAsync(stream, null, new FakeTimeProvider(RandomStream.FirstRead), withLater: false, stops, TimeSpan.Zero, names: () =>
            {
                // One goes, one comes in front of all others, and the rest stand in another order.
                var change = changes[round++ % changes.Length];
                if (change > 0 && names.Count > 1 && round < 12)
                {
                    gone.Add(names[change % names.Count]);
                    names.RemoveAt(change % names.Count);
                    names.Insert(0, $"new{round}");
                    names.Reverse();
                }

                return names;
            });

            parts.Ids.ToHashSet().IsSupersetOf(stream.All(withLater: false).Where(row => !gone.Contains(row.Partition)).Select(row => row.Id)).ShouldBeTrue();
        }, iter: Cases);

    private static async Task<(HashSet<int> Ids, string? State, Coverage? Coverage)> ReadAsync(
        RandomStream stream, string? state, FakeTimeProvider clock, bool withLater, int[] stops, TimeSpan pause, bool full = false, Func<IReadOnlyList<string>>? names = null)
    {
        var platform = new MemoryPlatform((path, query) => stream.Answer(path, query, withLater));
        using var http = platform.Http();
        var ids = new HashSet<int>();
        var fixedManifest = names is null ? Connector.Load(stream.Manifest(stream.Names)) : null;
        for (var part = 0; part < 1_000; part++)
        {
            var connector = fixedManifest ?? Connector.Load(stream.Manifest(names!()));
            var request = new ReadRequest
            {
                Stream = "items", Config = MemoryPlatform.Config, State = state is null ? null : StreamState.Parse(state), FullRefresh = full, StateBytesMax = stream.StateBytesMax,
            };
            var read = await ReadResult.Of(connector.ReadAsync(request, Ports.For(http) with { Clock = clock }, default), stops[part % stops.Length]);
            ids.UnionWith(read.Records.Select(record => JsonDocument.Parse(record).RootElement.GetProperty("id").GetInt32()));
            state = read.State;
            if (read.Coverage is not null)
                return (ids, state, read.Coverage);
            clock.Advance(pause);
        }

        throw new InvalidOperationException($"The read does not end: {state}");
    }

    /// <summary>How far a global cursor goes back depends on how long the read took, and that on the pauses.</summary>
    private static string WithoutLookBack(string? state)
    {
        var json = JsonNode.Parse(state!)!.AsObject();
        json.Remove("lookback_window");

        return json.ToJsonString();
    }
}
