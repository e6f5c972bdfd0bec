using System.Globalization;
using System.Security.Cryptography;
using ListBackup.Vault.Format;
using ListBackup.Vault.Log;

namespace ListBackup.Vault.Verifying;

/// <summary><c>v/{time}-{id}.json</c>: a verification's report, signed and logged (vault-format.md, "Verification").</summary>
internal sealed record SignedReport
{
    public const string Folder = "v/";

    public required string Vault { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>Of a verification.</summary>
    public VerifyReport? Report { get; init; }

    /// <summary>Of a drill.</summary>
    public DrillReport? Drill { get; init; }

    /// <summary>Stores and logs a report. One that a crash leaves without its entry is signed all the same.</summary>
    public static Task<StoredReport> WriteAsync(VaultCore core, VerifyReport report, CancellationToken cancellation) => WriteAsync(core, report, drill: null, cancellation);

    /// <summary>The same for a drill.</summary>
    public static Task<StoredReport> WriteAsync(VaultCore core, DrillReport drill, CancellationToken cancellation) => WriteAsync(core, report: null, drill, cancellation);

    private static async Task<StoredReport> WriteAsync(VaultCore core, VerifyReport? report, DrillReport? drill, CancellationToken cancellation)
    {
        var time = core.Options.Clock.GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Folder}{time:yyyyMMdd'T'HHmmss'Z'}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.json");
        var body = CanonicalJson.Write(new SignedReport { Vault = core.Secrets.Vault, Time = time, Report = report, Drill = drill }, FormatJson.Default.SignedReport);
        var document = SignedDocument.Write(body, core.Secrets.SigningKey);
        await core.Objects.PutAsync(name, document, PutCondition.CreateOnly, cancellation);
        var entry = LogEntry.Report(name, Convert.ToHexStringLower(SHA256.HashData(body)));
        // Asked again after a lost race only. Of a lost reply the report may be there twice, which says nothing wrong.
        await core.Log.AppendOnceAsync(entry, cancellation);
        return new StoredReport(name, document);
    }
}
