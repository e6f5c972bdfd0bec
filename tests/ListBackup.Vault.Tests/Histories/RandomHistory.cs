using CsCheck;

namespace ListBackup.Vault.Tests.Histories;

/// <summary>What one run of a random history does.</summary>
internal sealed record RandomRun(ReadMode Mode, bool IsComplete, IReadOnlyList<RandomStep> Steps)
{
    private static readonly Gen<RandomStep> s_step = Gen.Frequency(
        (12, Gen.Select(Gen.Int[0, 12], Gen.Int[0, 3], (id, value) => new RandomStep(StepKind.Put, id, value))),
        (2, Gen.Int[0, 12].Select(id => new RandomStep(StepKind.Delete, id, 0))),
        (2, Gen.Int[0, 12].Select(id => new RandomStep(StepKind.List, id, 0))),
        (1, Gen.Const(new RandomStep(StepKind.Draft, 0, 0))),
        (1, Gen.Const(new RandomStep(StepKind.Crash, 0, 0))),
        (1, Gen.Const(new RandomStep(StepKind.Bad, 0, 0))));

    public static Gen<RandomRun> One { get; } = Gen.Select(
            Gen.OneOf(Gen.Const(ReadMode.FullSweep), Gen.Const(ReadMode.Incremental), Gen.Const(ReadMode.IdSweep)), Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), s_step.Array[0, 25],
            (mode, isComplete, steps) => new RandomRun(mode, isComplete, steps));

    public static Gen<RandomRun[]> History { get; } = One.Array[1, 7];
}

internal sealed record RandomStep(StepKind Kind, int Id, int Value)
{
    public string Key => $"k{Id}";

    /// <summary>Some with a line feed, some in another spelling of the same value.</summary>
    public string Json => (Id % 3) switch
    {
        0 => $$"""{"id":"k{{Id}}","value":{{Value}}}""",
        1 => $$"""{"value":{{Value}},   "id":"\u006b{{Id}}"}""",
        _ => $"{{\n\"id\":\"k{Id}\",\"value\":{Value}}}",
    };
}

internal enum StepKind
{
    Put,
    Delete,
    List,
    Draft,

    /// <summary>The worker dies; another one resumes from the last draft and reads on from there.</summary>
    Crash,
    Bad,
}

/// <summary>What a vault should hold: the same history on plain dictionaries, in the simplest words.</summary>
internal sealed class VaultModel
{
    private readonly List<Dictionary<string, string>> _states = [[]];
    private readonly Dictionary<string, List<(long Seq, RecordOperation Operation, string? Json)>> _history = [];

    public IReadOnlyDictionary<string, string> At(int seq) => _states[seq];

    public int Newest => _states.Count - 1;

    public IReadOnlyDictionary<string, List<(long Seq, RecordOperation Operation, string? Json)>> History => _history;

    /// <summary>A commit that changes no record.</summary>
    public void Repeat() => _states.Add(new(_states[^1]));

    public void Apply(RandomRun run, IReadOnlyList<RandomStep> read)
    {
        var before = _states[^1];
        var after = new Dictionary<string, string>(before);
        var (shown, last) = (new HashSet<string>(), new Dictionary<string, RandomStep>());
        foreach (var step in read)
        {
            if (step.Kind == StepKind.Put)
            {
                after[step.Key] = step.Json;
                (shown, last[step.Key]) = ([.. shown, step.Key], step);
            }
            else if (step.Kind == StepKind.Delete && after.Remove(step.Key))
            {
                (shown, last[step.Key]) = ([.. shown, step.Key], step);
            }
            else if (step.Kind == StepKind.List)
            {
                shown.Add(step.Key);
            }
        }

        var sweeps = run.IsComplete && run.Mode != ReadMode.Incremental && read.All(step => step.Kind != StepKind.Bad);
        var gone = sweeps ? before.Keys.Where(key => !shown.Contains(key) && after.ContainsKey(key)).ToList() : [];
        foreach (var key in gone) after.Remove(key);
        _states.Add(after);
        foreach (var key in before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)))
        {
            var operation = after.ContainsKey(key) ? RecordOperation.Put : gone.Contains(key) ? RecordOperation.Gone : RecordOperation.Delete;
            if (!_history.TryGetValue(key, out var versions)) _history[key] = versions = [];
            versions.Add((_states.Count - 1, operation, after.GetValueOrDefault(key)));
        }
    }
}
