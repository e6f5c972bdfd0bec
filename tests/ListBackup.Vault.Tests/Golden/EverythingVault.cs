using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Vault.Tests.Golden;

/// <summary>
/// A small vault with everything that the format has: three sources, snapshots that expired and shrank to stubs, a compaction, collected garbage, an
/// erased person, a legal hold, an attachment, a policy and a hold, a dictionary, footers with pages, backups behind all that, a search index, a verification's and a drill's report,
/// and the account's log with its tiles.
/// </summary>
internal static class EverythingVault
{
    public const string Source = "crm";
    public const string Contacts = "contacts";
    public const string Visited = "farm";
    public const string Visits = "visits";
    public const string Erased = "ada@example.org";
    private const int BackupCount = 5;
    private const int ExpiredCount = 2;

    // As few as a dictionary's strings must have in common, and a few more.
    private const int VisitCount = 60;
    private const int VisitDays = 3;

    // The visits have blocks for several pages.
    private const int PageBlocks = 4;
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 3, 0, 0, TimeSpan.Zero);

    /// <summary>Makes it in an empty store.</summary>
    /// <param name="objects">Where.</param>
    /// <param name="keys">The account key.</param>
    /// <param name="recoveryPublicKeyPem">For the recovery key; null: none.</param>
    /// <param name="clock">At any time; it is set forward.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<BackupVault> CreateAsync(IObjectStore objects, IVaultKeys keys, string? recoveryPublicKeyPem, FakeTimeProvider clock, CancellationToken cancellation)
    {
        var vault = await BackupVault.CreateAsync(objects, keys, recoveryPublicKeyPem, new VaultOptions { Clock = clock, DictionaryRowsMin = VisitCount, FooterPageBlocks = PageBlocks }, cancellation);
        for (var number = 1; number <= BackupCount; number++)
        {
            await BackUpAsync(vault, Source, Contacts, $"run {number}", Records(number), attachment: number == 4 ? "a file of a record"u8.ToArray() : null, cancellation);
            clock.Advance(TimeSpan.FromDays(number == ExpiredCount + 1 ? 30 : 1));
        }

        await BackUpAsync(vault, "shop 2", "orders/ü", "run 1", ["""{"id":"ü/~","n":9007199254740993.10}""", """{"id":"x"}"""], attachment: null, cancellation);
        for (var day = 1; day <= VisitDays; day++) await BackUpAsync(vault, Visited, Visits, $"visits {day}", [.. Enumerable.Range(1, VisitCount).Select(id => Visit(id, day))], attachment: null, cancellation);
        await vault.SetRetentionAsync(Source, new RetentionPolicy { KeepAllDays = 7 }, cancellation);
        await vault.PutHoldAsync(Source, new SnapshotHold("case 7", BackupCount, clock.GetUtcNow()), cancellation);
        await vault.ApplyRetentionAsync(Source, cancellation);
        await vault.CompactAsync(Source, isFull: true, cancellation);
        await vault.EraseAsync(
            new ErasureRequest { Id = "request 1", Records = [new RecordAddress(Source, Contacts, Erased)], Identifiers = [Erased], By = "the data protection officer", Reason = "article 17" },
            cancellation);
        await vault.PlaceLegalHoldAsync(
            new LegalHold { Name = "evidence", Scope = LegalHoldScope.Record, Source = Source, Stream = Contacts, Key = "2", By = "the court", Why = "evidence" }, cancellation);
        foreach (var _ in new[] { "before the plan", "before the deletion" })
        {
            clock.Advance(TimeSpan.FromDays(2));
            await vault.CollectGarbageAsync(Source, GarbageReport.GraceDefault, isDryRun: false, cancellation);
        }

        await BackUpAsync(vault, Source, Contacts, "run after it all", [.. Records(BackupCount), """{"id":"new"}"""], attachment: null, cancellation);
        await vault.UpdateSearchIndexAsync(Source, Contacts, isFresh: false, cancellation);
        await vault.SignReportAsync(await vault.VerifyAsync(new VerifyRequest { Level = VerifyLevel.Blocks, BudgetBytes = 1 }, cancellation), cancellation);
        await vault.SignReportAsync(await vault.DrillAsync(new DrillRequest { Source = Source, Seed = 7 }, cancellation), cancellation);
        await vault.PublishLogAsync(cancellation);
        return vault;
    }

    private static string[] Records(int number) =>
    [
        $$"""{"id":"{{Erased}}","name":"Lovelace {{number}}"}""",
        """{"id":"2","name":"N\u00e4me \ud83d\ude00","big":9007199254740993.10}""",
        $$"""{"id":"shared","by":{{number}}}""",
        .. number % 2 == 0 ? ["""{"id":"even"}"""] : Array.Empty<string>(),
    ];

    private static string Visit(int id, int day) => $$"""{"id":{{id}},"day":{{day}},"weather_at_the_time":"{{(id % 2 == 0 ? "sunny with light wind" : "rain from the west")}}"}""";

    private static async Task BackUpAsync(BackupVault vault, string source, string stream, string run, string[] records, byte[]? attachment, CancellationToken cancellation)
    {
        var request = VaultFixture.Request(run, stream: stream) with { Source = source };
        // A stream that is expected to be large has small blocks, which a dictionary pays for.
        if (stream == Visits) request = request with { Settings = request.Settings with { ExpectedRecords = 32_000 } };
        await using var backup = await vault.BackUpStreamAsync(request, cancellation);
        foreach (var record in records) await backup.WriteAsync(VaultFixture.Utf8(record), cancellation);
        if (attachment is not null)
        {
            var file = await backup.WriteAttachmentAsync("/file", new MemoryStream(attachment), cancellation);
            await backup.WriteAsync(null, VaultFixture.Utf8("""{"id":"with a file","file":"https://example.org/f"}"""), [file], cancellation);
        }

        var outcome = await backup.FinishAsync(new StreamFinish { IsComplete = true }, cancellation);
        await vault.CommitAsync(new CommitRequest { Source = source, Run = run, Outcomes = [outcome] }, cancellation);
    }

    public static FakeTimeProvider NewClock() => new(s_start);
}
