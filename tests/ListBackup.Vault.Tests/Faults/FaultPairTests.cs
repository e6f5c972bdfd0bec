using ListBackup.Testing;
using static ListBackup.Vault.Tests.VaultFixture;

namespace ListBackup.Vault.Tests.Faults;

/// <summary>
/// Any two requests go wrong: an outage before or after the effect, a killed process, an effect that comes when nobody waits for it any more. The work is
/// begun again after each failure, as a queue would, and the second fault may strike in the first life or in a later one.
/// </summary>
public sealed class FaultPairTests
{
    // One case takes a few milliseconds; this many of every scenario keep the fast stage fast.
    private const int QuickCasesMax = 40;
    private const int QuickFirstStep = 7;

    public static TheoryData<string> Scenarios => [.. FaultScenario.All.Keys];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public Task Some_pairs_of_faults_harm_nothing_and_the_work_comes_to_its_end(string scenario) => PlayAllAsync(scenario, QuickCasesMax);

    [Theory]
    [Trait("Stage", "faults")]
    [MemberData(nameof(Scenarios))]
    public Task No_pair_of_faults_harms_anything_and_the_work_comes_to_its_end(string scenario) => PlayAllAsync(scenario, int.MaxValue);

    private static async Task PlayAllAsync(string name, int casesMax)
    {
        var scenario = FaultScenario.All[name]();
        await scenario.PrepareAsync();
        var cases = await PairsAsync(scenario, firstStep: casesMax < int.MaxValue ? QuickFirstStep : 1);
        var step = Math.Max(1, cases.Count / casesMax);
        var chosen = cases.Where((_, i) => i % step == 0).ToList();

        await Parallel.ForEachAsync(chosen, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Cancellation }, async (faults, _) => await PlayAsync(scenario, faults));

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {chosen.Count} of {cases.Count} pairs");
        chosen.Count.ShouldBeGreaterThan(30);
    }

    /// <summary>Every first fault of every kind with every later one. How many requests come after the first fault is found out by playing it alone.</summary>
    private static async Task<List<PlannedFault[]>> PairsAsync(FaultScenario scenario, int firstStep)
    {
        var (pairs, undisturbed) = (new List<PlannedFault[]>(), await PlayAsync(scenario));
        for (var first = 1; first <= undisturbed.RequestCount; first += firstStep)
        {
            foreach (var fault in KindsOf(undisturbed, first))
            {
                var alone = await PlayAsync(scenario, fault);
                for (var second = first + 1; second <= alone.RequestCount; second++)
                    pairs.AddRange(KindsOf(alone, second).Where(other => other.IsCrash == fault.IsCrash).Select(other => new[] { fault, other }));
                if (IsWrite(undisturbed, first) && !fault.IsCrash && fault.Time == FaultTime.BeforeEffect)
                    pairs.AddRange(Enumerable.Range(first + 1, (int)alone.RequestCount - first + 1).Select(late => new[] { fault with { LateAt = late } }));
            }
        }

        return pairs;
    }

    /// <summary>A read has no effect, so before and after are the same.</summary>
    private static IEnumerable<PlannedFault> KindsOf(FaultPlan played, int number)
    {
        foreach (var isCrash in new[] { false, true })
        {
            yield return new PlannedFault(number, FaultTime.BeforeEffect, isCrash);
            if (IsWrite(played, number)) yield return new PlannedFault(number, FaultTime.AfterEffect, isCrash);
        }
    }

    private static bool IsWrite(FaultPlan played, int number) =>
        played.Requests[number - 1].StartsWith("put ", StringComparison.Ordinal) || played.Requests[number - 1].StartsWith("delete ", StringComparison.Ordinal);

    private static async Task<FaultPlan> PlayAsync(FaultScenario scenario, params PlannedFault[] faults)
    {
        var (plan, objects) = (new FaultPlan(faults), scenario.Before.Copy());
        var meanwhile = scenario.Meanwhile(objects);
        try
        {
            for (var failures = 0; !await TryLiveAsync(); failures++)
            {
                failures.ShouldBeLessThan(faults.Sum(fault => fault.LateAt is null ? 1 : 2), "each fault costs one life at most, an effect that comes late another");
                await CheckAsync(scenario.CheckAlwaysAsync);
            }

            await plan.SettleAsync();
            if (faults.Any(fault => fault.LateAt is not null)) await scenario.RecoverAsync(await BackupVault.OpenAsync(objects, TestKeys, scenario.Options, Cancellation));
            await CheckAsync(scenario.CheckAlwaysAsync);
            await CheckAsync(scenario.CheckDoneAsync);
            await CheckAsync(after => after.ShouldBeSoundAsync());
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{plan}:\n{string.Join('\n', plan.Requests.Select((request, i) => $"{i + 1} {request}"))}", exception);
        }

        return plan;

        async Task<bool> TryLiveAsync()
        {
            try
            {
                await scenario.WorkAsync(await BackupVault.OpenAsync(plan.NextLife(objects, meanwhile), TestKeys, scenario.Options, Cancellation));
                return true;
            }
            catch (Exception exception) when (exception is ObjectStoreUnavailableException or ProcessEndedException or DraftTakenException)
            {
                // A draft of the life before that arrives late is taken for another worker's.
                return false;
            }
        }

        async Task CheckAsync(Func<VaultFixture, Task> checkAsync) => await checkAsync(await CreateAsync(objects, scenario.Options));
    }
}
