using System.Security.Cryptography;
using ListBackup.Vault;

namespace ListBackup.Testing;

/// <summary>A vault in memory, and the plain way from a connector into it: every stream read in full, one snapshot per backup.</summary>
public sealed class VaultUnderTest
{
    public const string Source = "source";

    private readonly BackupVault _vault;
    private int _runs;

    private VaultUnderTest(BackupVault vault) => _vault = vault;

    public BackupVault Vault => _vault;

    public static async Task<VaultUnderTest> CreateAsync()
    {
        var keys = new FixedVaultKeys(new AccountKey("test", RandomNumberGenerator.GetBytes(AccountKey.ByteCount)));
        return new(await BackupVault.CreateAsync(new MemoryObjects(), keys, new VaultOptions(), Cancellation));
    }

    public async Task<Snapshot> BackUpAsync(ConnectorUnderTest connector, params IReadOnlyList<string> streams)
    {
        var run = $"run-{++_runs}";
        var outcomes = new List<StreamOutcome>();
        foreach (var stream in streams) outcomes.Add(await BackUpAsync(connector, run, stream));
        return await _vault.CommitAsync(new CommitRequest { Source = Source, Run = run, Outcomes = outcomes }, Cancellation);
    }

    /// <summary>The live records of a stream in a snapshot.</summary>
    public async Task<IReadOnlyList<ListBackup.Vault.Record>> RecordsAsync(Snapshot snapshot, string stream)
    {
        var records = new List<ListBackup.Vault.Record>();
        var reader = await _vault.OpenSnapshotAsync(Source, snapshot.Seq, Cancellation);
        await foreach (var record in reader.ReadSortedAsync(stream, Cancellation)) records.Add(record);
        return records;
    }

    public async Task<IReadOnlyList<RecordDifference>> DiffAsync(Snapshot before, Snapshot after, string stream)
    {
        var differences = new List<RecordDifference>();
        await foreach (var difference in _vault.DiffAsync(Source, stream, before.Seq, after.Seq, Cancellation)) differences.Add(difference);
        return differences;
    }

    private async Task<StreamOutcome> BackUpAsync(ConnectorUnderTest connector, string run, string stream)
    {
        var info = (await connector.StreamsAsync()).Single(candidate => candidate.Name == stream);
        var read = await connector.ReadAsync(stream, fullRefresh: true);
        var total = read.Coverage.Evidence.ReportedTotal ?? await connector.Connector.ProbeTotalAsync(stream, connector.Config, connector.Ports, Cancellation);
        await using var backup = await _vault.BackUpStreamAsync(
            new StreamBackupRequest
            {
                Source = Source, Run = run, Stream = stream, Mode = ReadMode.FullSweep,
                Settings = new StreamSettings
                {
                    PrimaryKey = [.. info.PrimaryKey.Select(Pointer)],
                    VolatileFields = [.. info.Extensions.Volatile.Select(Pointer)],
                },
            },
            Cancellation);
        foreach (var record in read.Records) await backup.WriteAsync(System.Text.Encoding.UTF8.GetBytes(record), Cancellation);
        return await backup.FinishAsync(
            new StreamFinish
            {
                IsComplete = read.Coverage.Complete,
                IncompleteReason = read.Coverage.Detail,
                Evidence = new CoverageEvidence
                {
                    ReportedTotal = total, Pages = read.Coverage.Evidence.Pages, Requests = read.Coverage.Evidence.Requests,
                    Doubts = read.Coverage.Doubt is { } doubt ? [doubt] : [],
                },
            },
            Cancellation);
    }

    private static string Pointer(ListBackup.Connectors.FieldPath field) =>
        string.Concat(field.Keys.Select(key => "/" + key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
