using System.Globalization;
using System.Text;

namespace ListBackup.Benchmarks.Vault;

/// <summary>What platforms do to a backup: each case a vault of its own, two backups, a byte-exact restore, and a verification.</summary>
internal static class HostileBench
{
    private const int LargeRecords = 10_000_000;
    private static readonly string[] Usual = ["volatile", "noise", "order", "all-changed", "wide", "streams"];

    /// <param name="folder">Work folder.</param>
    /// <param name="arguments">Cases (default: all but <c>large</c>) and <c>--records N</c>.</param>
    public static async Task RunAsync(string folder, string[] arguments)
    {
        var (records, largeRecords) = ((int)VaultBench.Number(arguments, "--records", 200_000), (int)VaultBench.Number(arguments, "--records", LargeRecords));
        string[] asked = [.. arguments.Where(argument => Usual.Contains(argument) || argument == "large")];
        Console.WriteLine("| case | second backup, CPU s | MB more | memory, MB | first backup, CPU s | MB | verify, CPU s |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var what in asked.Length == 0 ? Usual : asked)
        {
            var work = Directory.CreateDirectory(Path.Combine(folder, what)).FullName;
            await RunAsync(what, work, what == "large" ? largeRecords : records);
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task RunAsync(string what, string folder, int records)
    {
        var vault = new VaultEngine(folder);
        await vault.PrepareAsync();
        var (first, second) = (Path.Combine(folder, "first.ndjson"), Path.Combine(folder, "second.ndjson"));
        string[] options = what == "volatile" ? ["--volatile", "seen"] : [];
        switch (what)
        {
            case "wide":
                WriteWide(first, 0);
                WriteWide(second, 1);
                break;
            case "streams":
                await StreamsAsync(vault, folder);
                return;
            default:
                WriteContacts(what, first, second, records);
                break;
        }

        var one = await vault.BackUpAsync(first, VaultEngine.StreamName, options);
        var bytes = vault.KeptBytes;
        var two = await vault.BackUpAsync(second, VaultEngine.StreamName, options);
        await RestoreAsync(vault, what == "volatile" ? first : second, folder);
        await PrintAsync(what, vault, one, bytes, two);
    }

    private static void WriteContacts(string what, string first, string second, int records)
    {
        var world = new ContactWorld(records);
        ContactWorld.Write(first, world.Live);
        switch (what)
        {
            case "order":
                var dice = new Dice(1);
                ContactWorld.Write(second, world.Live.OrderBy(_ => dice.Next()));
                break;
            case "volatile" or "noise":
                // A last-seen counter that every read finds changed: declared volatile, and not.
                AddSeen(first, "1");
                WriteSeen(world, second);
                break;
            case "all-changed":
                foreach (var contact in world.Live) contact.UpdatedAt += 60;
                ContactWorld.Write(second, world.Live);
                break;
            default:
                world.Next(1);
                ContactWorld.Write(second, world.Live);
                break;
        }
    }

    private static void WriteSeen(ContactWorld world, string path)
    {
        ContactWorld.Write(path, world.Live);
        AddSeen(path, "2");
    }

    private static void AddSeen(string path, string value)
    {
        var changed = path + ".seen";
        using (var writer = new StreamWriter(changed, append: false, new UTF8Encoding(false)))
        {
            foreach (var line in File.ReadLines(path)) writer.Write($"{line[..^1]},\"seen\":{value}}}\n");
        }

        File.Move(changed, path, overwrite: true);
    }

    /// <summary>Records with 50,000 members each; one member of each changes.</summary>
    private static void WriteWide(string path, int value)
    {
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false));
        for (var record = 0; record < 50; record++)
        {
            writer.Write($"{{\"id\":{record}");
            for (var field = 0; field < 50_000; field++) writer.Write($",\"field_{field}\":{(field == 777 ? value : field ^ record)}");
            writer.Write("}\n");
        }
    }

    /// <summary>A source of 10,000 streams without a record, twice, and their restore; in one process, since a run is one.</summary>
    private static async Task StreamsAsync(VaultEngine vault, string folder)
    {
        var one = await EmptyStreamsAsync(folder, "run1");
        var bytes = vault.KeptBytes;
        var two = await EmptyStreamsAsync(folder, "run2");
        await EmptyStreamsAsync(folder, EmptyStreams.Restore);
        await PrintAsync("streams", vault, one, bytes, two);
    }

    private static Task<Measured> EmptyStreamsAsync(string folder, string run) =>
        Measured.RunAsync(Environment.ProcessPath!, ["vault-streams", Path.Combine(folder, "ListBackup"), run], folder); // A benchmark has a process.

    private static async Task RestoreAsync(VaultEngine vault, string expected, string folder)
    {
        await vault.RestoreAsync(expected, 0, Path.Combine(folder, "output"));
        await Measured.RunAsync("/bin/sh", ["-c", $"LC_ALL=C sort -S 1G {expected} > sorted; LC_ALL=C sort -S 1G output | cmp - sorted"], folder);
    }

    private static async Task PrintAsync(string what, VaultEngine vault, Measured one, long firstBytes, Measured two)
    {
        var kept = vault.KeptBytes;
        var verify = await vault.VerifyAsync();
        var peak = Math.Max(one.PeakBytes, Math.Max(two.PeakBytes, verify?.PeakBytes ?? 0));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {two.CpuSeconds:0.00} | {(kept - firstBytes) / 1e6:0.000} | {peak / 1e6:0} | {one.CpuSeconds:0.00} | {firstBytes / 1e6:0.00} | {verify?.CpuSeconds:0.00} |"));
    }
}
