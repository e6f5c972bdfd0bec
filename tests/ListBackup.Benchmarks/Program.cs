using BenchmarkDotNet.Running;

// Whole-process runs have names; everything else is BenchmarkDotNet's.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
