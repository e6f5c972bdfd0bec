using BenchmarkDotNet.Running;
using ListBackup.Benchmarks;

// Whole-process runs have names; everything else is BenchmarkDotNet's.
switch (args)
{
    case ["api"]:
        await ApiBench.RunAsync();
        break;
    case ["host"]:
        await HostBench.RunAsync();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
