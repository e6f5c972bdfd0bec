using System.Diagnostics;
using ListBackup.Domain;
using ListBackup.Embedded.Identity;

namespace ListBackup.Auth.Tests;

public class PasswordHasherTests
{
    [Fact]
    public async Task A_hash_names_its_cost_and_proves_only_its_password()
    {
        using var hasher = new PasswordHasher(new(256, 3, 2));

        var hash = await hasher.HashAsync("correct horse", CancellationToken.None);

        hash.ShouldStartWith("$argon2id$v=19$m=256,t=3,p=1$");
        (await hasher.VerifyAsync("correct horse", hash, CancellationToken.None)).ShouldBeTrue();
        (await hasher.VerifyAsync("correct horsf", hash, CancellationToken.None)).ShouldBeFalse();
        (await hasher.VerifyAsync("correct horse", null, CancellationToken.None)).ShouldBeFalse();
        hasher.IsOutdated(hash).ShouldBeFalse();
        using var dearer = new PasswordHasher(new(512, 3, 2));
        dearer.IsOutdated(hash).ShouldBeTrue();
        (await dearer.VerifyAsync("correct horse", hash, CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task It_computes_what_the_reference_implementation_computes()
    {
        // From the command line of the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
        const string Known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        using var hasher = new PasswordHasher(new(64, 1, 1));

        (await hasher.VerifyAsync("password", Known, CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_login_storm_is_refused_before_it_takes_all_memory()
    {
        using var hasher = new PasswordHasher(new(8 * 1024, 1, 2));

        var storm = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            try
            {
                await hasher.HashAsync("correct horse", CancellationToken.None);
                return "hashed";
            }
            catch (Problem problem)
            {
                return problem.Code;
            }
        }));

        storm.Count(s => s == "busy").ShouldBeGreaterThan(100);
        storm.Count(s => s == "hashed").ShouldBeGreaterThanOrEqualTo(66);
        (await hasher.HashAsync("after the storm", CancellationToken.None)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_unknown_address_costs_as_much_as_a_known_one()
    {
        using var hasher = new PasswordHasher(new(4 * 1024, 2, 1));
        var hash = await hasher.HashAsync("correct horse", CancellationToken.None);
        await hasher.VerifyAsync("warm up", null, CancellationToken.None);

        var (known, unknown) = (new List<double>(), new List<double>());
        for (var i = 0; i < 15; i++)
        {
            known.Add(await MeasureAsync(hash));
            unknown.Add(await MeasureAsync(null));
        }

        // Medians of interleaved runs: a shared machine is noisy, a skipped hash would be a hundredfold.
        (Median(unknown) / Median(known)).ShouldBeInRange(0.4, 2.5);

        async Task<double> MeasureAsync(string? stored)
        {
            var started = Stopwatch.GetTimestamp();
            await hasher.VerifyAsync("not the right password", stored, CancellationToken.None);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
    }
}
