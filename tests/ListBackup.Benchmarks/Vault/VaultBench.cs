using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.Benchmarks.Vault;

/// <summary>
/// The vault's bars (docs/benchmarks.md) with whole processes on a CRM's contacts over some days, and beside it restic, borg and zstd on the same files. CPU time
/// is the main figure, since it hardly depends on what else the machine does. What is restored is compared with what was backed up.
/// </summary>
internal sealed class VaultBench
{
    private readonly string _folder;
    private readonly string _export;
    private readonly string _changes;
    private readonly string _deleted;
    private readonly string _output;
    private readonly ContactWorld _world;
    private readonly VaultEngine _vault;
    private readonly List<Engine> _engines;
    private readonly Dictionary<Engine, List<EngineDay>> _days = [];
    private readonly List<(Measured Measured, Traffic Traffic)> _scans = [];
    private readonly List<(Measured Measured, Traffic Traffic)> _cursors = [];
    private readonly int _dayCount;

    private VaultBench(string folder, int records, int dayCount, bool withPeers)
    {
        _folder = folder;
        _dayCount = dayCount;
        (_export, _changes, _deleted, _output) = (Path.Combine(folder, "export.ndjson"), Path.Combine(folder, "changes.ndjson"), Path.Combine(folder, "deleted"), Path.Combine(folder, "output"));
        _world = new ContactWorld(records);
        _vault = new VaultEngine(folder);
        _engines = [_vault];
        if (!withPeers) return;
        if (Measured.Has("restic")) _engines.Add(new ResticEngine(folder));
        if (Measured.Has("borg")) _engines.Add(new BorgEngine(folder));
        if (Measured.Has("zstd")) _engines.AddRange([new ZstdEngine(folder), new ChangesEngine(folder, _changes)]);
    }

    /// <param name="arguments"><c>[hostile [what…]] [--records N] [--days N] [--json FILE] [--alone]</c>.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("listbackup-bench-").FullName;
        try
        {
            if (arguments is ["hostile", .. var which])
            {
                await HostileBench.RunAsync(folder, which);
                return;
            }

            var bench = new VaultBench(folder, (int)Number(arguments, "--records", 1_000_000), (int)Number(arguments, "--days", 10), !arguments.Contains("--alone"));
            await bench.RunDaysAsync();
            var report = await bench.ReportAsync();
            if (Option(arguments, "--json") is { } file) await File.WriteAllTextAsync(file, report.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static string? Option(string[] arguments, string name) => Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;

    public static long Number(string[] arguments, string name, long otherwise) => Option(arguments, name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private async Task RunDaysAsync()
    {
        ContactWorld.Write(_export, _world.Live);
        foreach (var engine in _engines)
        {
            await engine.PrepareAsync();
            _days[engine] = [];
        }

        await BackUpAsync(0);
        for (var day = 1; day <= _dayCount; day++)
        {
            var news = _world.Next(day);
            ContactWorld.Write(_export, _world.Live);
            ContactWorld.Write(_changes, news.Upserts);
            await File.WriteAllLinesAsync(_deleted, news.Deleted.Select(id => id.ToString(CultureInfo.InvariantCulture)));
            await BackUpAsync(day);
        }
    }

    private async Task BackUpAsync(int day)
    {
        foreach (var engine in _engines)
        {
            var before = engine.KeptBytes;
            // The vault reads one day everything and one day what changed.
            var measured = engine == _vault && day > 0 && day % 2 == 0 ? await _vault.BackUpChangesAsync(_changes, _deleted) : await engine.BackUpAsync(_export, day);
            _days[engine].Add(new EngineDay(measured, engine.KeptBytes - before));
            if (engine == _vault && day > 0) (day % 2 == 0 ? _cursors : _scans).Add((measured, _vault.LastTraffic));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"day {day}: {engine.Name}, {measured.CpuSeconds:0.00} CPU-s, {measured.PeakBytes / 1e6:0} MB of memory, {(engine.KeptBytes - before) / 1e6:0.00} MB more"));
        }
    }

    private async Task<JsonNode> ReportAsync()
    {
        var days = _days[_vault];
        var restore = (await _vault.RestoreAsync(_export, _dayCount, _output))!; // The vault restores.
        await CompareAsync(_vault);
        var verify = (await _vault.VerifyAsync())!;
        var diff = await _vault.DiffAsync(_dayCount, _dayCount + 1);
        var longDiff = await _vault.DiffAsync(1, _dayCount + 1);
        var history = await _vault.HistoryAsync(_world.Live[_world.Live.Count / 2].Id);
        var historyTraffic = _vault.LastTraffic;
        var keptBytes = _vault.KeptBytes;
        var compaction = await _vault.CompactAsync();
        await _vault.CollectAsync();
        var peak = days.Select(day => day.Measured).Concat([restore, verify, diff, longDiff, history, compaction]).Max(measured => measured.PeakBytes);
        var figures = new BarTable
        {
            { "first backup, CPU s", days[0].Measured.CpuSeconds, 10, 5 },
            { "incremental with a full scan, CPU s", Median(_scans.Select(scan => scan.Measured.CpuSeconds)), 6, 3 },
            { "incremental by cursor, CPU s", Median(_cursors.Select(cursor => cursor.Measured.CpuSeconds)), 1, 0.2 },
            { "first backup, MB", days[0].MoreBytes / 1e6, null, null },
            { "growth per day, MB", days.Skip(1).Average(day => day.MoreBytes) / 1e6, 2.0, 1.7 },
            { $"after {_dayCount} days, MB", keptBytes / 1e6, 145, 135 },
            { "  after compaction and collection, MB", _vault.KeptBytes / 1e6, null, null },
            { "compaction, CPU s", compaction.CpuSeconds, null, null },
            { "  its memory, MB", compaction.PeakBytes / 1e6, null, null },
            { "caches beside it, MB", _vault.CacheBytes / 1e6, null, null },
            { "full restore, byte-exact, CPU s", restore.CpuSeconds, 5, 2.5 },
            { "verify every byte and root, CPU s", verify.CpuSeconds, 8, 4 },
            { "diff of two snapshots, CPU s", diff.CpuSeconds, 0.5, 0.1 },
            { $"diff over {_dayCount} days, CPU s", longDiff.CpuSeconds, null, null },
            { "one record's history, KB read", historyTraffic.BytesRead / 1e3, 200, 100 },
            { "memory, any operation, MB", peak / 1e6, 256, 128 },
            { "  of it first backup / restore, MB", days[0].Measured.PeakBytes / 1e6, null, null, restore.PeakBytes / 1e6 },
            { "  verify / by cursor, MB", verify.PeakBytes / 1e6, null, null, _cursors.Count == 0 ? 0 : _cursors.Max(cursor => cursor.Measured.PeakBytes) / 1e6 },
            { "object requests, full scan", _scans.Count == 0 ? 0 : _scans.Max(scan => scan.Traffic.Requests), 12, 8 },
            { "object requests, by cursor", _cursors.Count == 0 ? 0 : _cursors.Max(cursor => cursor.Traffic.Requests), 12, 8 },
        };
        figures.Print();
        var peers = await ReportPeersAsync(restore, verify);
        return new JsonObject { ["records"] = days.Count == 0 ? 0 : _world.Live.Count, ["days"] = _dayCount, ["vault"] = figures.ToJson(), ["engines"] = peers };
    }

    private async Task<JsonArray> ReportPeersAsync(Measured restored, Measured verified)
    {
        Console.WriteLine();
        Console.WriteLine($"| | first backup, MB | first backup, CPU s | growth per day, MB | a day, CPU s | after {_dayCount} days, MB | restore, CPU s | verify every byte, CPU s | memory, MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var rows = new JsonArray();
        foreach (var engine in _engines)
        {
            var (days, isVault) = (_days[engine], engine == _vault);
            var restore = isVault ? restored : await engine.RestoreAsync(_export, _dayCount, _output);
            if (restore is not null) await CompareAsync(engine);
            var verify = isVault ? verified : await engine.VerifyAsync();
            var (growth, dayCpu) = days.Count < 2 ? (0, 0) : (days.Skip(1).Average(day => day.MoreBytes), Median((isVault ? _scans.Select(scan => scan.Measured) : days.Skip(1).Select(day => day.Measured)).Select(measured => measured.CpuSeconds)));
            var peak = days.Select(day => day.Measured).Append(restore).Append(verify).Max(measured => measured?.PeakBytes ?? 0);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {engine.Name} | {days[0].MoreBytes / 1e6:0.0} | {days[0].Measured.CpuSeconds:0.0} | {growth / 1e6:0.00} | {dayCpu:0.0} | {engine.KeptBytes / 1e6:0.0} | {restore?.CpuSeconds:0.0} | {verify?.CpuSeconds:0.0} | {peak / 1e6:0} |"));
            rows.Add((JsonNode)new JsonObject
            {
                ["name"] = engine.Name, ["firstBytes"] = days[0].MoreBytes, ["firstCpuSeconds"] = days[0].Measured.CpuSeconds, ["growthBytes"] = growth, ["dayCpuSeconds"] = dayCpu,
                ["keptBytes"] = engine.KeptBytes, ["restoreCpuSeconds"] = restore?.CpuSeconds, ["verifyCpuSeconds"] = verify?.CpuSeconds, ["peakBytes"] = peak,
            });
        }

        return rows;
    }

    /// <summary>Sorts what was restored and compares it, byte for byte, with the newest export, whose lines are in order.</summary>
    private async Task CompareAsync(Engine engine)
    {
        try
        {
            await Measured.RunAsync("/bin/sh", ["-c", $"LC_ALL=C sort -S 1G output | cmp - {_export}"], _folder);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"{engine.Name} restored something else than was backed up.", exception);
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }

    private sealed record EngineDay(Measured Measured, long MoreBytes);
}
