using System.Globalization;
using ListBackup.Embedded;
using ListBackup.Vault;

namespace ListBackup.Benchmarks.Vault;

/// <summary>One run over 10,000 streams without a record, in the vault that the command line made; or their restore.</summary>
internal static class EmptyStreams
{
    private const int Count = 10_000;

    /// <summary>Reads every stream of the newest snapshot instead of making one.</summary>
    public const string Restore = "restore";

    public static async Task RunAsync(string folder, string run)
    {
        var vault = await OpenAsync(folder);
        await (run == Restore ? RestoreAsync(vault) : BackUpAsync(vault, run));
    }

    private static async Task<BackupVault> OpenAsync(string folder)
    {
        var words = (await File.ReadAllTextAsync(Path.Combine(folder, "key"))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var keys = new FixedVaultKeys(new AccountKey(words[1], Convert.FromHexString(words[2])));
        var repo = Path.Combine(folder, "repo");
        return await BackupVault.OpenAsync(new FileObjects(repo, Path.Combine(repo, ".tmp")), keys, new VaultOptions(), CancellationToken.None);
    }

    private static async Task RestoreAsync(BackupVault vault)
    {
        var reader = await vault.OpenSnapshotAsync(VaultEngine.SourceName, seq: null, CancellationToken.None);
        if (reader.Snapshot.Streams.Count != Count) throw new InvalidOperationException($"{reader.Snapshot.Streams.Count} streams came back of {Count}.");
        foreach (var stream in reader.Snapshot.Streams)
        {
            await foreach (var record in reader.ReadAsync(stream.Stream, CancellationToken.None)) throw new InvalidOperationException($"Stream {stream.Stream} was empty, and {record.Key} came back.");
        }
    }

    private static async Task BackUpAsync(BackupVault vault, string run)
    {
        var outcomes = new List<StreamOutcome>();
        for (var i = 0; i < Count; i++)
        {
            var request = new StreamBackupRequest
            {
                Source = VaultEngine.SourceName,
                Run = run,
                Stream = string.Create(CultureInfo.InvariantCulture, $"stream_{i}"),
                Mode = ReadMode.FullSweep,
                Settings = new StreamSettings { PrimaryKey = ["/id"] },
            };
            await using var backup = await vault.BackUpStreamAsync(request, CancellationToken.None);
            outcomes.Add(await backup.FinishAsync(new StreamFinish { IsComplete = true }, CancellationToken.None));
        }

        await vault.CommitAsync(new CommitRequest { Source = VaultEngine.SourceName, Run = run, Outcomes = outcomes }, CancellationToken.None);
    }
}
