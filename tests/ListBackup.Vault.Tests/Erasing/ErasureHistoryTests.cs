using CsCheck;
using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Erasing;

/// <summary>Random histories of backups, erasures and compactions, held against plain dictionaries.</summary>
public sealed class ErasureHistoryTests
{
    private const int People = 9;

    private static readonly Gen<RandomAct[]> s_history = Gen.Frequency(
        (6, Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, People - 1], Gen.Int[0, 3]).Array[0, 12], (isSweep, puts) => new RandomAct(isSweep ? ActKind.Sweep : ActKind.Changes, puts))),
        (3, Gen.Int[0, People - 1].Array[1, 2].Select(people => new RandomAct(ActKind.Erasure, [.. people.Select(person => (person, 0))]))),
        (1, Gen.Const(new RandomAct(ActKind.Compaction, []))),
        (1, Gen.Int[0, 3].Select(number => new RandomAct(ActKind.ErasureDuringRun, [(number, 1), (number + 1, 2)])))).Array[1, 9];

    [Theory]
    [InlineData(1, 2 * 1024 * 1024)]
    [InlineData(6_000, 2 * 1024 * 1024)]
    [InlineData(6_000, 0)]
    public async Task Whatever_happens_the_erased_are_gone_and_all_others_are_as_the_model_says(int expectedRecords, int packedBytes)
    {
        var options = new VaultOptions { PackedSectionBytesMax = packedBytes, ReadWindowBytesMax = 300 };
        await s_history.SampleAsync(acts => CheckAsync(acts, expectedRecords, options), iter: 25, threads: 2);
    }

    private static async Task CheckAsync(RandomAct[] acts, int expectedRecords, VaultOptions options)
    {
        var objects = new MemoryObjects();
        var vault = await CreateAsync(objects, options);
        var (states, erased) = (new Dictionary<long, Dictionary<string, string>>(), new HashSet<string>());
        var state = new Dictionary<string, string>();
        await BackUpAsync(vault, new RandomAct(ActKind.Sweep, []), state, "first", expectedRecords);
        states[1] = [];
        for (var i = 0; i < acts.Length; i++)
        {
            await DoAsync(vault, acts[i], state, erased, $"{i}", expectedRecords, NoteAsync);
            await vault.ReopenAsync(options);
            await NoteAsync();
            (await vault.RestoreAsync()).ShouldBe(Expected(state, erased));
        }

        foreach (var (seq, then) in states) (await vault.RestoreAsync(seq)).ShouldBe(Expected(then, erased), $"snapshot {seq}");
        await vault.ShouldBeSoundAsync();
        var plain = await PlainText.ReadAsync(objects);
        foreach (var key in erased) plain.Find(key).ShouldBeEmpty(key);
        foreach (var key in state.Keys) plain.Find(key).ShouldNotBeEmpty(key);

        async Task NoteAsync()
        {
            var newest = (await vault.Vault.FindNewestSnapshotAsync(Source, Cancellation))!.Seq;
            for (var seq = states.Keys.Max() + 1; seq <= newest; seq++) states[seq] = new Dictionary<string, string>(state);
        }
    }

    private static async Task DoAsync(
        VaultFixture vault, RandomAct act, Dictionary<string, string> state, HashSet<string> erased, string name, int expectedRecords, Func<Task> noteAsync)
    {
        switch (act.Kind)
        {
            case ActKind.Erasure:
                await EraseAsync(vault, [.. act.Items.Select(item => KeyOf(item.Person))], state, erased, name);
                break;
            case ActKind.Compaction:
                await vault.Vault.CompactAsync(Source, isFull: true, Cancellation);
                break;
            case ActKind.ErasureDuringRun:
                await EraseDuringRunAsync(vault, act, state, erased, name, noteAsync);
                break;
            default:
                await BackUpAsync(vault, act, state, name, expectedRecords);
                foreach (var key in erased) state.Remove(key);
                break;
        }
    }

    private static async Task EraseAsync(VaultFixture vault, string[] keys, Dictionary<string, string> state, HashSet<string> erased, string name)
    {
        await vault.Vault.EraseAsync(ErasureTests.RequestFor(keys) with { Id = name }, Cancellation);
        erased.UnionWith(keys);
        foreach (var key in keys) state.Remove(key);
    }

    private static async Task BackUpAsync(VaultFixture vault, RandomAct act, Dictionary<string, string> state, string name, int expectedRecords)
    {
        var request = Request(name, act.Kind == ActKind.Sweep ? ReadMode.FullSweep : ReadMode.Incremental);
        await vault.BackUpAsync(request with { Settings = request.Settings with { ExpectedRecords = expectedRecords } }, [.. act.Items.Select(RecordOf)]);
        if (act.Kind == ActKind.Sweep) state.Clear();
        foreach (var item in act.Items) state[KeyOf(item.Person)] = RecordOf(item);
    }

    /// <summary>A run saves a draft, somebody is erased, the run commits: what of it was kept is read off, but the state before it stands at least.</summary>
    private static async Task EraseDuringRunAsync(VaultFixture vault, RandomAct act, Dictionary<string, string> state, HashSet<string> erased, string name, Func<Task> noteAsync)
    {
        var before = new Dictionary<string, string>(state);
        await using var running = await vault.Vault.BackUpStreamAsync(Request(name, ReadMode.Incremental), Cancellation);
        foreach (var item in act.Items) await running.WriteAsync(Utf8(RecordOf(item)), Cancellation);
        await running.SaveDraftAsync("1", Cancellation);
        await EraseAsync(vault, [KeyOf(act.Items[0].Person)], state, erased, $"{name} erased");
        await noteAsync();
        await vault.CommitAsync(await running.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation));

        var kept = await vault.RestoreAsync();
        var other = act.Items[1];
        if (kept.Contains(RecordOf(other))) state[KeyOf(other.Person)] = RecordOf(other);
        else if (!erased.Contains(KeyOf(other.Person)) && before.TryGetValue(KeyOf(other.Person), out var record)) kept.ShouldContain(record);
    }

    private static IEnumerable<string> Expected(Dictionary<string, string> state, HashSet<string> erased) =>
        state.Where(item => !erased.Contains(item.Key)).OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value);

    private static string KeyOf(int person) => $"key-of-{person}@x";

    private static string RecordOf((int Person, int Value) item) => $$"""{"id":"{{KeyOf(item.Person)}}","value":{{item.Value}}}""";

    private enum ActKind
    {
        Sweep,
        Changes,
        Erasure,
        Compaction,
        ErasureDuringRun,
    }

    private sealed record RandomAct(ActKind Kind, (int Person, int Value)[] Items);
}
