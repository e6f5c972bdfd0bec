using ListBackup.Lambda.Bench;

// bench-lambda <folder of published functions> [starts]: prints a table and ends with an error where a bar is missed.
var folder = args[0];
var starts = args.Length > 1 ? int.Parse(args[1]) : 20;
Console.WriteLine($"{"function",-32} {"first answer ms: fastest",24} {"median",7} {"p90",6} {"warm call µs",13} {"memory MB",10} {"size MB",8}");
var missed = false;
foreach (var (project, payload) in Payloads.All)
{
    var measured = await Measurement.TakeAsync(Path.Combine(folder, project, "bootstrap"), payload, starts);
    Console.WriteLine($"{project,-32} {measured.FirstFastest.TotalMilliseconds,24:0.0} {measured.FirstMedian.TotalMilliseconds,7:0.0} {measured.FirstP90.TotalMilliseconds,6:0.0} {measured.WarmMean.TotalMicroseconds,13:0} {measured.MemoryMax / 1e6,10:0.0} {measured.Size / 1e6,8:0.0}");
    missed |= measured.FirstMedian > Measurement.FirstAnswerMax || measured.MemoryMax > Measurement.MemoryBytesMax;
}
Console.WriteLine(missed ? "The bar (40 ms, 45 MB) is missed." : "Within the bar: 40 ms to the first answer, 45 MB.");
return missed ? 1 : 0;
