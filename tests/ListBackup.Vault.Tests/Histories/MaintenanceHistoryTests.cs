using System.Text;
using CsCheck;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Histories;

/// <summary>Random histories with compaction, retention and collection of garbage in between.</summary>
public sealed class MaintenanceHistoryTests
{
    private static readonly RetentionPolicy s_policy = new() { KeepAllDays = 7, Weekly = 2 };

    private static readonly Gen<RandomAct[]> s_acts = Gen.Select(RandomRun.One, Gen.Int[0, 6].Select(kind => kind > 4 ? ActKind.Run : (ActKind)kind), Gen.Int[0, 120], (run, kind, hours) => new RandomAct(kind, run, hours)).Array[1, 14];

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
        var (expired, maintenance) = (new HashSet<long>(), new HashSet<long> { 2 });
        for (var i = 0; i < acts.Length; i++)
        {
            clock.Advance(TimeSpan.FromHours(acts[i].Hours));
            if (acts[i].Kind == ActKind.Run) await PlayRunAsync(vault, model, acts[i].Run, $"run {i}", expectedRecords);
            else if (await MaintainAsync(vault, acts[i].Kind, expired) is { } commit) Add(commit);
            await vault.ReopenAsync(options);
            for (var seq = 1; seq <= model.Newest; seq++) await CompareAsync(vault, model, seq, expired, maintenance);
            await vault.ShouldBeSoundAsync();
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
        var kept = Enumerable.Range(1, model.Newest).Where(seq => !expired.Contains(seq) && !maintenance.Contains(seq)).ToList();
        foreach (var from in kept.Prepend(0))
        {
            foreach (var to in kept.Where(to => to >= from)) await HistoryTests.CompareDifferencesAsync(vault, model, from, to);
        }
    }

    private sealed record RandomAct(ActKind Kind, RandomRun Run, int Hours);

    private enum ActKind
    {
        Run,
        Compact,
        CompactFully,
        Retain,
        Collect,
    }
}
