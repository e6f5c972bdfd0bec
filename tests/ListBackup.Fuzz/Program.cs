using System.Diagnostics;
using System.Globalization;
using ListBackup.Vault.Tests.Fuzzing;

// scripts/fuzz calls it: TARGET --seconds N · TARGET --afl (under afl-fuzz) · TARGET --seeds FOLDER (writes them) · TARGET FILE… (tries them)
if (args is [_, "--afl"])
{
    // Instrumented code counts into this memory, and making the targets runs such code before the fuzzer has put its own in place.
    unsafe
    {
        SharpFuzz.Common.Trace.SharedMem = (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(1 << 16);
    }
}

if (args is not [var name, ..] || FuzzTarget.All.FirstOrDefault(target => target.Name == name) is not { } target)
{
    Console.Error.WriteLine($"The targets are: {string.Join(' ', FuzzTarget.All.Select(target => target.Name))}");
    return 2;
}

switch (args)
{
    case [_, "--afl"]:
        SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.ToArray());
        });
        return 0;
    case [_, "--seeds", var folder]:
        Directory.CreateDirectory(folder);
        for (var i = 0; i < target.Seeds.Count; i++) File.WriteAllBytes(Path.Combine(folder, $"seed-{i}"), target.Seeds[i]);
        return 0;
    case [_, "--seconds", var seconds]:
        return Run(target, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
    default:
        foreach (var path in args.Skip(1)) target.Run(File.ReadAllBytes(path));
        return 0;
}

// Without coverage: mutations of right inputs, from a seed that is printed. An input that goes wrong is kept under artifacts/fuzz.
static int Run(FuzzTarget target, TimeSpan time)
{
    var (seed, watch, count, slowest) = (Environment.TickCount, Stopwatch.StartNew(), 0L, TimeSpan.Zero);
    Console.WriteLine($"{target.Name}: seed {seed}");
    var mutator = new Mutator(target.Seeds, seed);
    for (; watch.Elapsed < time; count++)
    {
        var (input, start) = (mutator.Next(), watch.Elapsed);
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine("artifacts", "fuzz")).FullName, $"{target.Name}-{seed}-{count}");
            File.WriteAllBytes(path, input);
            Console.Error.WriteLine($"{path}: {exception}");
            return 1;
        }

        if (watch.Elapsed - start > slowest) slowest = watch.Elapsed - start;
    }

    Console.WriteLine($"{target.Name}: {count} inputs, the slowest took {slowest.TotalMilliseconds:f0} ms, {Environment.WorkingSet >> 20} MiB in use");
    return 0;
}
