using System.Globalization;
using System.IO.Pipelines;
using ListBackup.Benchmarks.Vault;
using ListBackup.Embedded;
using ListBackup.Sources;
using ListBackup.Vault;

namespace ListBackup.Benchmarks.Exports;

/// <summary>A CRM's contacts from a vault to each format, each a process of its own: time, and the most memory that it had.</summary>
internal static class ExportBench
{
    /// <param name="arguments"><c>[--records N]</c>.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var records = arguments is ["--records", var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 1_000_000;
        var folder = Directory.CreateTempSubdirectory("listbackup-bench-").FullName;
        try
        {
            var export = Path.Combine(folder, "export.ndjson");
            ContactWorld.Write(export, new ContactWorld(records).Live);
            var vault = new VaultEngine(folder);
            await vault.PrepareAsync();
            await vault.BackUpAsync(export, day: 0);
            Console.WriteLine($"{records:n0} contacts, {new FileInfo(export).Length / 1e6:n0} MB as NDJSON\n");
            Console.WriteLine("| format | CPU s | wall s | peak MB | file MB |\n|---|---|---|---|---|");
            foreach (var format in Enum.GetValues<ExportFormat>())
            {
                var file = Path.Combine(folder, "exported");
                var measured = await Measured.RunAsync(Environment.ProcessPath!, ["export-once", vault.Folder, $"{format}", file], folder); // A program of its own, so it has a path.
                Console.WriteLine($"| {format.ToString().ToLowerInvariant()} | {measured.CpuSeconds:n1} | {measured.WallSeconds:n1} | {measured.PeakBytes / 1e6:n0} | {new FileInfo(file).Length / 1e6:n0} |");
                File.Delete(file);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One format, in this process.</summary>
    public static async Task WriteAsync(string folder, string format, string file)
    {
        var words = (await File.ReadAllTextAsync(Path.Combine(folder, "key"))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var keys = new FixedVaultKeys(new AccountKey(words[1], Convert.FromHexString(words[2])));
        var repo = Path.Combine(folder, "repo");
        var vault = await BackupVault.OpenAsync(new FileObjects(repo, Path.Combine(repo, ".tmp")), keys, new VaultOptions { SpillFolder = folder }, CancellationToken.None);
        var reader = await vault.OpenSnapshotAsync(VaultEngine.SourceName, 1, CancellationToken.None);
        var stream = new ExportedStream(VaultEngine.StreamName, ColumnNames.FieldsOf(reader.SchemaOf(VaultEngine.StreamName)), stop => reader.ReadSortedAsync(VaultEngine.StreamName, stop));
        var options = new ExportOptions { WorkFolder = folder };
        IExportFormat writer = Enum.Parse<ExportFormat>(format) switch
        {
            ExportFormat.Ndjson => new NdjsonExport(),
            ExportFormat.Csv => new CsvExport(),
            ExportFormat.Xlsx => new XlsxExport(),
            ExportFormat.Parquet => new ParquetExport(),
            _ => new SqliteExport(options),
        };
        using var leftovers = new ExportLeftovers(folder);
        await using var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        // As in the product: a pipe between who writes and who stores, so that neither waits for the other longer than for a buffer.
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            await writer.WriteAsync([stream], pipe.Writer, leftovers, CancellationToken.None);
            await pipe.Writer.CompleteAsync();
        });
        await pipe.Reader.CopyToAsync(target);
        await writing;
    }
}
