using System.Text;
using CsCheck;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Histories;

/// <summary>Random histories with compaction, retention, collection of garbage, search indexes, drills and publishing of the log in between.</summary>
public sealed class MaintenanceHistoryTests
{
    private static readonly RetentionPolicy s_policy = new() { KeepAllDays = 7, Weekly = 2 };

    private static readonly Gen<RandomAct[]> s_acts = Gen.Select(RandomRun.One, Gen.Int[0, 10].Select(kind => kind > 7 ? ActKind.Run : (ActKind)kind), Gen.Int[0, 120], (run, kind, hours) => new RandomAct(kind, run, hours)).Array[1, 14];

    private static readonly (string Text, Func<string, string, bool> IsFound)[] s_searches =
    [
        ("", (_, _) => true),
        ("value:2", (_, json) => json.Contains("\"value\":2", StringComparison.Ordinal)),
        ("id:k11", (key, _) => key == "k11"),
        ("k1", (key, _) => key.StartsWith("k1", StringComparison.Ordinal)),
    ];

    [Theory]
    [InlineData(1, 2 * 1024 * 1024)]
    [InlineData(5_000, 0)]
    public async Task Whatever_is_maintained_every_kept_snapshot_is_what_the_model_says(int expectedRecords, int packedBytes) =>
        await s_acts.SampleAsync(acts => CheckAsync(acts, expectedRecords, packedBytes), iter: 25, threads: 2);

    private static async Task CheckAsync(RandomAct[] acts, int expectedRecords, int packedBytes)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new VaultOptions { Clock = clock, PackedSectionBytesMax = packedBytes, ReadWindowBytesMax = 300 };
        var objects = new MemoryObjects(clock);
        var (vault, model) = (await CreateAsync(objects, options), new VaultModel());
        await PlayRunAsync(vault, model, acts[0].Run with { IsComplete = true }, "first", expectedRecords);
        await vault.Vault.SetRetentionAsync(Source, s_policy, Cancellation);
        model.Repeat();
        var (expired, maintenance, proofs) = (new HashSet<long>(), new HashSet<long> { 2 }, new Proofs());
        for (var i = 0; i < acts.Length; i++)
        {
            clock.Advance(TimeSpan.FromHours(acts[i].Hours));
            if (acts[i].Kind == ActKind.Run) await PlayRunAsync(vault, model, acts[i].Run, $"run {i}", expectedRecords);
            else if (acts[i].Kind == ActKind.Index) await vault.Vault.UpdateSearchIndexAsync(Source, Contacts, isFresh: acts[i].Hours > 100, Cancellation);
            else if (acts[i].Kind is ActKind.Drill or ActKind.Publish) await ProveAsync(vault, model, acts[i], expired, proofs);
            else if (await MaintainAsync(vault, acts[i].Kind, expired) is { } commit) Add(commit);
            await vault.ReopenAsync(options);
            for (var seq = 1; seq <= model.Newest; seq++) await CompareAsync(vault, model, seq, expired, maintenance);
            await CompareSearchesAsync(vault, model, expired, maintenance);
            (await vault.Vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Restore, KnownCheckpoint = proofs.Checkpoint }, Cancellation)).Problems.ShouldBeEmpty();
        }

        await CompareDifferencesAsync(vault, model, expired, maintenance);

        void Add(Snapshot commit)
        {
            for (var seq = model.Newest + 1; seq <= commit.Seq; seq++)
            {
                model.Repeat();
                maintenance.Add(seq);
            }
        }
    }

    private static async Task PlayRunAsync(VaultFixture vault, VaultModel model, RandomRun run, string name, int expectedRecords) =>
        model.Apply(run, await HistoryTests.RunAsync(vault, run, name, expectedRecords));

    private static async Task<Snapshot?> MaintainAsync(VaultFixture vault, ActKind kind, HashSet<long> expired)
    {
        switch (kind)
        {
            case ActKind.Compact: return (await vault.Vault.CompactAsync(Source, isFull: false, Cancellation)).Snapshot;
            case ActKind.CompactFully: return (await vault.Vault.CompactAsync(Source, isFull: true, Cancellation)).Snapshot;
            case ActKind.Retain:
                var report = await vault.Vault.ApplyRetentionAsync(Source, Cancellation);
                expired.UnionWith(report.Expired);
                return report.Snapshot;
            default: return (await vault.Vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, Cancellation)).Snapshot;
        }
    }

    /// <summary>A drill that comes back whole and is reported, or the log published: as long as the commits and the reports are many.</summary>
    private static async Task ProveAsync(VaultFixture vault, VaultModel model, RandomAct act, HashSet<long> expired, Proofs proofs)
    {
        if (act.Kind == ActKind.Publish)
        {
            var checkpoint = await vault.Vault.PublishLogAsync(Cancellation);
            checkpoint.Size.ShouldBe(model.Newest + proofs.Reports);
            proofs.Checkpoint = checkpoint.Note;
            return;
        }

        var report = await vault.Vault.DrillAsync(new DrillRequest { Seed = act.Hours }, Cancellation);
        report.IsRestored.ShouldBeTrue(report.Problem);
        expired.ShouldNotContain(report.Seq);
        var restored = model.At((int)report.Seq);
        (report.Records, report.Bytes).ShouldBe((restored.Count, restored.Values.Sum(Encoding.UTF8.GetByteCount)));
        await vault.Vault.SignReportAsync(report, Cancellation);
        proofs.Reports++;
    }

    /// <summary>Whatever the index knows: live records are the model's, and all that is found is what a vault without caches finds by looking at every record.</summary>
    private static async Task CompareSearchesAsync(VaultFixture vault, VaultModel model, HashSet<long> expired, HashSet<long> maintenance)
    {
        var copy = ((MemoryObjects)vault.Objects).Copy();
        foreach (var name in copy.Contents.Keys.Where(name => name.StartsWith("x/", StringComparison.Ordinal)).ToList()) await copy.DeleteAsync(name, Cancellation);
        var scanning = await BackupVault.OpenAsync(copy, TestKeys, new VaultOptions(), Cancellation);
        foreach (var seq in KeptBackups(model, expired, maintenance).Append(model.Newest).Distinct())
        {
            foreach (var (text, isFound) in s_searches)
            {
                var query = new SearchQuery { Text = text, Seq = seq, Scope = SearchScope.All, Limit = 1_000 };
                var found = await vault.Vault.SearchAsync(Source, Contacts, query, Cancellation);
                var scanned = await scanning.SearchAsync(Source, Contacts, query, Cancellation);

                found.Hits.Select(Words).ShouldBe(scanned.Hits.Select(Words), $"{text} at {seq}");
                found.Hits.Where(hit => hit.Deletion is null).Select(hit => hit.Key).ShouldBe(model.At(seq).Where(item => isFound(item.Key, item.Value)).Select(item => item.Key), ignoreOrder: true);
                foreach (var hit in found.Hits.Where(hit => hit.Deletion is not null))
                {
                    model.At(seq).ContainsKey(hit.Key).ShouldBeFalse(hit.Key);
                    isFound(hit.Key, Encoding.UTF8.GetString(hit.Json.Span)).ShouldBeTrue(Words(hit));
                }
            }
        }

        static string Words(SearchHit hit) => $"{hit.Key} {hit.Seq} {hit.Deletion?.Seq} {hit.Deletion?.Operation} {Encoding.UTF8.GetString(hit.Json.Span)}";
    }

    private static IEnumerable<int> KeptBackups(VaultModel model, HashSet<long> expired, HashSet<long> maintenance) =>
        Enumerable.Range(1, model.Newest).Where(seq => !expired.Contains(seq) && !maintenance.Contains(seq));

    private static async Task CompareAsync(VaultFixture vault, VaultModel model, int seq, HashSet<long> expired, HashSet<long> maintenance)
    {
        if (expired.Contains(seq))
        {
            await Should.ThrowAsync<SnapshotExpiredException>(() => vault.RestoreAsync(seq));
            return;
        }

        SnapshotReader reader;
        try
        {
            reader = await vault.Vault.OpenSnapshotAsync(Source, seq, Cancellation);
        }
        catch (SnapshotExpiredException) when (maintenance.Contains(seq) && seq < model.Newest)
        {
            return;
        }

        (await vault.RestoreAsync(seq)).ShouldBe(model.At(seq).OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value), $"snapshot {seq}");
        reader.Snapshot.Streams[0].Live.ShouldBe(model.At(seq).Count);
        foreach (var id in Enumerable.Range(0, 13))
        {
            var found = await reader.FindAsync(Contacts, $"k{id}", Cancellation);
            (found is null ? null : Encoding.UTF8.GetString(found.Json.Span)).ShouldBe(model.At(seq).GetValueOrDefault($"k{id}"));
        }
    }

    private static async Task CompareDifferencesAsync(VaultFixture vault, VaultModel model, HashSet<long> expired, HashSet<long> maintenance)
    {
        var kept = KeptBackups(model, expired, maintenance).ToList();
        foreach (var from in kept.Prepend(0))
        {
            foreach (var to in kept.Where(to => to >= from)) await HistoryTests.CompareDifferencesAsync(vault, model, from, to);
        }
    }

    private sealed record RandomAct(ActKind Kind, RandomRun Run, int Hours);

    /// <summary>What the account's log must hold besides the commits, and what was last published of it.</summary>
    private sealed class Proofs
    {
        public int Reports { get; set; }

        public byte[]? Checkpoint { get; set; }
    }

    private enum ActKind
    {
        Run,
        Compact,
        CompactFully,
        Retain,
        Collect,
        Index,
        Drill,
        Publish,
    }
}
