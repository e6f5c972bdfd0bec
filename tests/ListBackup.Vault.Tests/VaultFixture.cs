using System.Text;
using ListBackup.Testing;

namespace ListBackup.Vault.Tests;

/// <summary>A vault in memory and the few words that tests speak with it.</summary>
internal sealed class VaultFixture
{
    public const string Source = "src_1";
    public const string Contacts = "contacts";

    private int _runs;

    private VaultFixture(IObjectStore objects, BackupVault vault)
    {
        Objects = objects;
        Vault = vault;
    }

    public static FixedVaultKeys TestKeys { get; } = new(new AccountKey("key-1", [.. Enumerable.Range(0, 32).Select(value => (byte)value)]));

    public IObjectStore Objects { get; }

    public BackupVault Vault { get; private set; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<VaultFixture> CreateAsync(IObjectStore? objects = null, VaultOptions? options = null)
    {
        objects ??= new MemoryObjects();
        return new VaultFixture(objects, await BackupVault.CreateAsync(objects, TestKeys, options ?? new VaultOptions(), Cancellation));
    }

    /// <summary>Another process: nothing is remembered.</summary>
    public async Task ReopenAsync(VaultOptions? options = null) => Vault = await BackupVault.OpenAsync(Objects, TestKeys, options ?? new VaultOptions(), Cancellation);

    public static StreamBackupRequest Request(string run, ReadMode mode = ReadMode.FullSweep, string stream = Contacts, params string[] volatileFields) => new()
    {
        Source = Source,
        Run = run,
        Stream = stream,
        Mode = mode,
        Settings = new StreamSettings { PrimaryKey = ["/id"], VolatileFields = volatileFields },
    };

    public string NextRun() => $"run_{++_runs}";

    /// <summary>One whole run over one stream.</summary>
    public async Task<Snapshot> BackUpAsync(ReadMode mode, params string[] records) => await BackUpAsync(Request(NextRun(), mode), records);

    public async Task<Snapshot> BackUpAsync(StreamBackupRequest request, params string[] records)
    {
        var outcome = await ReadAsync(request, records);
        return await CommitAsync(outcome);
    }

    public async Task<StreamOutcome> ReadAsync(StreamBackupRequest request, params string[] records)
    {
        await using var backup = await Vault.BackUpStreamAsync(request, Cancellation);
        foreach (var record in records) await backup.WriteAsync(Utf8(record), Cancellation);
        return await backup.FinishAsync(new StreamFinish { IsComplete = true }, Cancellation);
    }

    public Task<Snapshot> CommitAsync(params StreamOutcome[] outcomes) =>
        Vault.CommitAsync(new CommitRequest { Source = outcomes[0].Source, Run = outcomes[0].Run, Outcomes = outcomes }, Cancellation);

    public async Task<IReadOnlyList<string>> RestoreAsync(long? seq = null, string stream = Contacts)
    {
        var reader = await Vault.OpenSnapshotAsync(Source, seq, Cancellation);
        var records = new List<string>();
        await foreach (var record in reader.ReadSortedAsync(stream, Cancellation)) records.Add(Encoding.UTF8.GetString(record.Json.Span));
        return records;
    }

    public async Task<VerifyReport> VerifyAsync(VerifyLevel level = VerifyLevel.Restore) =>
        await Vault.VerifyAsync(new VerifyRequest { Level = level }, Cancellation);

    public async Task ShouldBeSoundAsync() => (await VerifyAsync()).Problems.ShouldBeEmpty();

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
