using System.Globalization;
using ListBackup.Embedded;
using ListBackup.Vault;

namespace ListBackup.Benchmarks.Vault;

/// <summary>One run over 10,000 streams without a record, in the vault that the command line made.</summary>
internal static class EmptyStreams
{
    private const int Count = 10_000;

    public static async Task RunAsync(string folder, string run)
    {
        var words = (await File.ReadAllTextAsync(Path.Combine(folder, "key"))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var keys = new FixedVaultKeys(new AccountKey(words[1], Convert.FromHexString(words[2])));
        var repo = Path.Combine(folder, "repo");
        var vault = await BackupVault.OpenAsync(new FileObjects(repo, Path.Combine(repo, ".tmp")), keys, new VaultOptions(), CancellationToken.None);
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
