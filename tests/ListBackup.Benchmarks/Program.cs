using System.Globalization;
using BenchmarkDotNet.Running;
using ListBackup.Benchmarks;
using ListBackup.Benchmarks.Connectors;
using ListBackup.Benchmarks.Exports;
using ListBackup.Benchmarks.Load;
using ListBackup.Benchmarks.Restores;
using ListBackup.Benchmarks.Vault;

// Whole-process runs have names; everything else is BenchmarkDotNet's.
switch (args)
{
    case ["api"]:
        await ApiBench.RunAsync();
        break;
    case ["host"]:
        await HostBench.RunAsync();
        break;
    case ["connectors", .. var rest]:
        await ConnectorBench.RunAsync(rest);
        break;
    case ["connector-server"]:
        await BenchServer.RunAsync();
        break;
    case ["connector-read", var what, var url, var size, var pages, var bytes]:
        await BenchRead.RunAsync(what, url, int.Parse(size, CultureInfo.InvariantCulture), long.Parse(pages, CultureInfo.InvariantCulture), long.Parse(bytes, CultureInfo.InvariantCulture));
        break;
    case ["connector-kernels"]:
        BenchKernels.Run();
        break;
    case ["connector-load", var file]:
        BenchKernels.LoadOnce(File.ReadAllText(file));
        break;
    case ["restore", .. var rest]:
        await RestoreBench.RunAsync(rest);
        break;
    case ["load", .. var rest]:
        await LoadBench.RunAsync(rest);
        break;
    case ["vault", .. var rest]:
        await VaultBench.RunAsync(rest);
        break;
    case ["vault-streams", var folder, var run]:
        await EmptyStreams.RunAsync(folder, run);
        break;
    case ["exports", .. var rest]:
        await ExportBench.RunAsync(rest);
        break;
    case ["export-once", var folder, var format, var file]:
        await ExportBench.WriteAsync(folder, format, file);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(RestoreBench).Assembly).Run(args);
        break;
}
