using System.Text.Json;
using ListBackup.Domain;
using ListBackup.Functions;
using ListBackup.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>Everything that is kept of a person's records, as one JSON object per line: what a person may ask for by Article 15 of the GDPR.</summary>
public sealed class ReportSubject(RunStore runs, AccountVaults vaults, ActivityLog activities)
{
    private const int RecordsMax = 500;

    public async Task<PushStreamHttpResult> RunAsync(HttpContext http, ReportSubjectRequest request, CancellationToken cancellation)
    {
        if (request.Records is not { Count: >= 1 and <= RecordsMax }) throw Problem.Invalid("records", $"Name 1 to {RecordsMax} records.");
        var access = http.GetAccess();
        var sources = new Dictionary<SourceId, string>();
        foreach (var id in request.Records.Select(record => record.SourceId).Distinct())
            sources[id] = (await runs.GetSourceAsync(access.Account.Id, id, cancellation)).Value.Name;
        var vault = await vaults.OpenAsync(access.Account.Id, cancellation);
        // Looked for before the first byte is sent: afterwards a refusal could not be told from a cut connection.
        foreach (var record in request.Records)
        {
            if ((await HistoryAsync(vault, record, cancellation)).Count == 0) throw Problem.NotFound($"A record of {record.Stream}");
        }
        await activities.AppendAsync(access.Account.Id, access.Caller.Actor, "privacy.reported", "account", cancellation, ("records", request.Records.Count.ToString()));
        http.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Stream(async body =>
        {
            foreach (var record in request.Records)
            {
                var versions = await HistoryAsync(vault, record, cancellation);
                var line = new SubjectReportLine(record.SourceId, sources[record.SourceId], record.Stream, record.Key, [.. versions.Select(RecordVersionView.Of)]);
                await JsonSerializer.SerializeAsync(body, line, SourcesApiJson.Default.SubjectReportLine, cancellation);
                await body.WriteAsync("\n"u8.ToArray(), cancellation);
            }
        }, "application/x-ndjson", "access-report.ndjson");
    }

    private static async Task<IReadOnlyList<RecordVersion>> HistoryAsync(BackupVault vault, SubjectAddress record, CancellationToken cancellation)
    {
        try
        {
            return await vault.GetHistoryAsync(record.SourceId.ToString(), record.Stream, record.Key, cancellation);
        }
        catch (VaultNotFoundException)
        {
            return [];
        }
    }
}
