using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>Writers on one source, in every order of their requests with at most two changes of turn, and in random orders.</summary>
public sealed class InterleavingTests
{
    private const int BackupsBefore = 4;
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string> Pairs => new(
        from one in Work.All
        from other in Work.All
        where string.CompareOrdinal(one, other) <= 0
        select (one, other));

    [Theory]
    [MemberData(nameof(Pairs))]
    public Task Two_writers_make_one_chain_in_some_orders(string one, string other) => ExploreAsync(one, other, step: 5);

    [Theory]
    [Trait("Stage", "faults")]
    [MemberData(nameof(Pairs))]
    public Task Two_writers_make_one_chain_in_every_order_with_two_changes_of_turn(string one, string other) => ExploreAsync(one, other, step: 1);

    [Theory]
    [InlineData(3, 12)]
    [InlineData(5, 6)]
    public Task Many_writers_make_one_chain_in_random_orders(int writers, int seeds) => PlayRandomlyAsync(writers, seeds);

    [Theory]
    [Trait("Stage", "faults")]
    [InlineData(3, 300)]
    [InlineData(6, 100)]
    public Task Many_writers_make_one_chain_in_many_random_orders(int writers, int seeds) => PlayRandomlyAsync(writers, seeds);

    /// <summary>One goes until a step, the other until another step, then the first to its end and the other to its own.</summary>
    private static async Task ExploreAsync(string one, string other, int step)
    {
        var before = await PrepareAsync();
        var alone = await PlayAsync(before, [one, other], (_, waiting) => waiting[0]);
        var (firstSteps, secondSteps) = (alone.Count(item => item.Writer == 0), alone.Count(item => item.Writer == 1));
        for (var first = 0; first <= firstSteps; first += step)
        {
            for (var second = 1; second <= secondSteps; second += step)
                await PlayAsync(before, [one, other], (number, waiting) => Prefer(number < first || number >= first + second ? 0 : 1, waiting));
        }

        static int Prefer(int writer, IReadOnlyList<int> waiting) => waiting.Contains(writer) ? writer : waiting[0];
    }

    private static async Task PlayRandomlyAsync(int writers, int seeds)
    {
        var before = await PrepareAsync();
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var works = Enumerable.Range(0, writers).Select(_ => Work.All[random.Next(Work.All.Count)]).ToList();
            await PlayAsync(before, works, (_, waiting) => waiting[random.Next(waiting.Count)]);
        }
    }

    /// <summary>Four backups, of which a policy lets the first go.</summary>
    private static async Task<MemoryObjects> PrepareAsync()
    {
        var clock = new FakeTimeProvider(s_start);
        var objects = new MemoryObjects(clock);
        var vault = await CreateAsync(objects, new VaultOptions { Clock = clock });
        for (var number = 1; number <= BackupsBefore; number++)
        {
            await vault.BackUpAsync(Request($"run {number}", ReadMode.Incremental), $$"""{"id":"b{{number}}"}""", $$"""{"id":"shared","by":{{number}}}""");
            clock.Advance(TimeSpan.FromDays(number == 2 ? 30 : 1));
        }

        await vault.Vault.SetRetentionAsync(Source, new RetentionPolicy { KeepAllDays = 7 }, Cancellation);
        return objects;
    }

    private static async Task<IReadOnlyList<(int Writer, string Request)>> PlayAsync(MemoryObjects before, IReadOnlyList<string> works, Func<int, IReadOnlyList<int>, int> choose)
    {
        var (objects, interleaving) = (before.Copy(), new Interleaving());
        var options = new VaultOptions { Clock = new FakeTimeProvider(s_start.AddDays(40)) };
        var done = new List<Work>();
        var writers = works.Select((kind, number) => (Func<Task>)(async () =>
        {
            var vault = await BackupVault.OpenAsync(interleaving.StoreOf(number, objects), TestKeys, options, Cancellation);
            try
            {
                done.Add(await Work.DoAsync(kind, number, vault));
            }
            catch (DraftTakenException)
            {
                // Its twin is ahead: this one acknowledges nothing.
                kind.ShouldBe(Work.Twin);
            }
        })).ToList();
        try
        {
            interleaving.Run(writers, choose);
            await CheckAsync(await CreateAsync(objects, options), done);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException(
                $"{string.Join(", ", works)}:\n{string.Join('\n', interleaving.Steps.Select((item, i) => $"{i} writer {item.Writer} {item.Request}"))}", exception);
        }

        return interleaving.Steps;
    }

    private static async Task CheckAsync(VaultFixture after, IReadOnlyList<Work> done)
    {
        var snapshots = await BackupVaultTests.ToListAsync(after.Vault.ListSnapshotsAsync(Source, Cancellation));
        snapshots.Select(snapshot => snapshot.Run).ShouldBeUnique();
        var backups = done.Where(work => work.Snapshot is not null).ToList();
        foreach (var work in backups) snapshots.Single(snapshot => snapshot.Seq == work.Snapshot!.Seq).Run.ShouldBe(work.Snapshot!.Run, "what was acknowledged stands where it was said to be");

        // The state at a snapshot is what the backups up to it brought, in their order.
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var seq in Enumerable.Range(1, BackupsBefore)) (state[$"b{seq}"], state["shared"]) = ($$"""{"id":"b{{seq}}"}""", $$"""{"id":"shared","by":{{seq}}}""");
        foreach (var work in backups.DistinctBy(work => work.Snapshot!.Seq).OrderBy(work => work.Snapshot!.Seq))
        {
            foreach (var (key, json) in work.Records) state[key] = json;
            (await after.RestoreAsync(work.Snapshot!.Seq)).ShouldBe(state.Values);
        }

        (await after.RestoreAsync()).ShouldBe(state.Values);
        await after.ShouldBeSoundAsync();
    }

    /// <summary>What one writer did.</summary>
    private sealed record Work(Snapshot? Snapshot, IReadOnlyList<(string Key, string Json)> Records)
    {
        public const string Backup = "backup";

        /// <summary>The same run in two processes: a queue may deliver a message twice.</summary>
        public const string Twin = "backup of the same run";
        public const string Compaction = "compaction";
        public const string Retention = "retention";

        public static IReadOnlyList<string> All => [Backup, Twin, Compaction, Retention];

        public static async Task<Work> DoAsync(string kind, int number, BackupVault vault)
        {
            if (kind == Compaction) await vault.CompactAsync(Source, isFull: true, Cancellation);
            else if (kind == Retention) await vault.ApplyRetentionAsync(Source, Cancellation);
            else return await BackUpAsync(kind == Twin ? "twin" : $"w{number}", vault);
            return new Work(null, []);
        }

        private static async Task<Work> BackUpAsync(string name, BackupVault vault)
        {
            (string Key, string Json)[] records = [(name, $$"""{"id":"{{name}}"}"""), ("shared", $$"""{"id":"shared","by":"{{name}}"}""")];
            await using var backup = await vault.BackUpStreamAsync(Request(name, ReadMode.Incremental), Cancellation);
            if (backup.Outcome is null)
            {
                foreach (var record in records) await backup.WriteAsync(Utf8(record.Json), Cancellation);
            }

            var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
            return new Work(await vault.CommitAsync(new CommitRequest { Source = Source, Run = name, Outcomes = [outcome] }, Cancellation), records);
        }
    }
}
