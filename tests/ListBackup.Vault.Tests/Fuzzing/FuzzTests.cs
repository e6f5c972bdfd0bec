using ListBackup.Vault.Tests.Golden;

namespace ListBackup.Vault.Tests.Fuzzing;

/// <summary>Parsers get wrong inputs: only what they document is thrown, and memory stays bounded. scripts/fuzz runs the same for as long as one likes.</summary>
public sealed class FuzzTests
{
    private const int QuickInputs = 150;
    private const int ManyInputs = 20_000;

    // A frame of a few bytes may claim 64 MiB of footer or 256 MiB of block; whoever holds the keys could have written it.
    private const long AllocatedBytesMax = 600L * 1024 * 1024;

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_parser_survives_some_wrong_inputs(string target) => Run(target, QuickInputs, seed: 1);

    [Theory]
    [Trait("Stage", "faults")]
    [MemberData(nameof(Targets))]
    public void A_parser_survives_many_wrong_inputs(string target) => Run(target, ManyInputs, seed: 2);

    /// <summary>Inputs that once went wrong, and bombs that a mutation would take long to find: tests/vectors/vault/fuzz/TARGET.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void A_parser_survives_what_went_wrong_once(string name)
    {
        var folder = Path.Combine(GoldenVaultTests.Root, "..", "fuzz", name);
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.GetFiles(folder)) Try(FuzzTarget.All.Single(target => target.Name == name), File.ReadAllBytes(path), Path.GetFileName(path));
    }

    private static void Run(string name, int count, int seed)
    {
        var target = FuzzTarget.All.Single(target => target.Name == name);
        foreach (var right in target.Seeds) Try(target, right, "a seed");
        var mutator = new Mutator(target.Seeds, seed);
        for (var number = 0; number < count; number++) Try(target, mutator.Next(), $"input {number} of seed {seed}");
    }

    private static void Try(FuzzTarget target, byte[] input, string which)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{target.Name}, {which}: {Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 2_000)))}", exception);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(AllocatedBytesMax, $"{target.Name}, {which}");
    }
}
