using System.Diagnostics;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>
/// A Host that is killed fifty times while it backs five platforms up, again and again, and restores what each of them lost. What it has said stays true, nothing is written
/// twice, and nothing stands still.
/// </summary>
[Trait("Stage", "faults")]
public sealed class KilledOftenTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int Customers = 5;

    /// <summary>How often the platforms are asked between two kills at most; a sync of one customer asks some thirty times.</summary>
    private const int RequestsMax = 100;

    /// <summary>After the last of them the process may be killed this much later still: in a commit, or while nothing is asked.</summary>
    private const int MillisecondsMax = 30;

    /// <summary>On a calm machine it takes about a minute, most of it fifty starts.</summary>
    private static readonly TimeSpan AllMax = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task A_host_that_is_killed_fifty_times_amid_syncs_and_restores_loses_nothing_doubles_nothing_and_stands_still_nowhere()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var limit = new CancellationTokenSource(AllMax);
        using var folder = new TempFolder();
        var customers = new List<KilledCustomer>();
        var (watch, starting) = (Stopwatch.StartNew(), TimeSpan.Zero);
        var host = await HostProcess.StartAsync(folder.Path);
        var person = await HostClient.SignUpAsync(host.Address, folder.Path, "Ada");
        try
        {
            for (var i = 0; i < Customers; i++) customers.Add(await KilledCustomer.JoinAsync(person, random.Next()));

            for (var kill = 0; kill < Kills; kill++)
            {
                // Only what is under way is killed: whoever has nothing to do asks for the next thing first.
                foreach (var customer in customers)
                {
                    customer.SlowDown();
                    await customer.GoOnAsync(person, mayEnd: false);
                }
                await RequestsAsync(customers, random.Next(RequestsMax), limit.Token);
                await Task.Delay(random.Next(MillisecondsMax), limit.Token);
                await host.KillAsync();
                await host.DisposeAsync();
                host = await HostProcess.StartAsync(folder.Path);
                starting += host.ReadyAfter;
                var killed = person;
                person = killed.At(host.Address);
                killed.Dispose();
            }
            output.WriteLine($"{Kills} kills after {watch.Elapsed.TotalSeconds:0} s, {starting.TotalSeconds:0} s of it starts, {customers.Sum(customer => customer.Asked)} requests");
            foreach (var customer in customers) customer.Hurry();
            while (!await AllEndAsync()) await Task.Delay(20, limit.Token);

            output.WriteLine($"{customers.Sum(customer => customer.Syncs)} syncs, {customers.Sum(customer => customer.Acknowledged.Count)} snapshots, {customers.Sum(customer => customer.Restores)} restores");
            customers.Sum(customer => customer.Syncs).ShouldBeGreaterThanOrEqualTo(20);
            customers.Sum(customer => customer.Restores).ShouldBe(Customers);
            foreach (var customer in customers) await customer.ShouldBeWholeAsync(person);
            foreach (var queue in new[] { "plan", "sync", "commit", "restore", "maintenance" }) (await person.ListAsync($"{person.AccountPath}/dead-letters/{queue}")).ShouldBeEmpty(queue);
        }
        catch (Exception failure) when (failure is not ShouldAssertException)
        {
            throw new InvalidOperationException($"Seed {seed}. {string.Join(' ', customers)} The Host wrote: {host.Output}", failure);
        }
        finally
        {
            person.Dispose();
            await host.DisposeAsync();
            foreach (var customer in customers) await customer.DisposeAsync();
        }

        async Task<bool> AllEndAsync()
        {
            var ended = true;
            foreach (var customer in customers) ended &= await customer.GoOnAsync(person, mayEnd: true);
            return ended;
        }
    }

    /// <summary>Waits until the platforms together were asked this many more times, or there is nothing left that would ask them.</summary>
    private static async Task RequestsAsync(List<KilledCustomer> customers, int count, CancellationToken cancellation)
    {
        var until = customers.Sum(customer => customer.Asked) + count;
        for (var (last, since) = (-1L, 0); customers.Sum(customer => customer.Asked) is var now && now < until && since < 100; last = now)
        {
            since = now == last ? since + 1 : 0;
            await Task.Delay(2, cancellation);
        }
    }
}
