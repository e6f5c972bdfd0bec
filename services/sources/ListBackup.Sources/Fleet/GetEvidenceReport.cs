using System.Globalization;
using System.Net;
using System.Text;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>
/// What an agency shows its clients and auditors: every source with its last proven snapshot, as PDF, or as one HTML page without scripts or outside references. Which snapshot
/// is meant is named by its manifest's hash in the source's certificates, so the report can be held against them.
/// </summary>
public sealed class GetEvidenceReport(FleetReader fleet)
{
    private const string Style = """
        body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}
        td.n{text-align:right;font-variant-numeric:tabular-nums}thead{display:table-header-group}tr{break-inside:avoid}h1{margin-bottom:0}
        .proven{color:#0a5c2b}.stale,.none,.partial{color:#8c1d18}@page{size:A4;margin:18mm}@media print{body{margin:0;max-width:none}}
        """;

    public async Task<Results<ContentHttpResult, FileContentHttpResult>> RunAsync(HttpContext http, int? withinHours, string? format, CancellationToken cancellation)
    {
        if (format is not (null or "html" or "pdf")) throw Problem.Invalid("format", "Must be html or pdf.");
        var hours = FleetRules.WithinHours(withinHours);
        var top = http.GetAccess().Account;
        var (rows, isComplete) = (new List<FleetSourceView>(), true);
        await foreach (var account in fleet.AccountsAsync(top, after: null, cancellation))
        {
            await foreach (var source in fleet.SourcesAsync(account.Id, after: null, cancellation))
            {
                if (isComplete &= rows.Count < GetFleetSummary.SourcesMax) rows.Add(await fleet.ViewAsync(account, source, TimeSpan.FromHours(hours), cancellation));
            }
        }
        var report = new EvidenceReport(top.Name, fleet.Now, hours, rows, isComplete);
        http.Response.Headers.CacheControl = "private, no-store";
        if (format == "pdf")
            return TypedResults.File(EvidencePdf.Write(report), "application/pdf", $"backup-evidence-{fleet.Now.UtcDateTime:yyyy-MM-dd}.pdf");
        // A page of its own: what a browser may load or run is nothing.
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        return TypedResults.Content(Page(report), "text/html; charset=utf-8");
    }

    private static string Page(EvidenceReport report)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Backup evidence: {Text(report.Name)}</title><style>{Style}</style></head><body>
            <h1>Backup evidence</h1><p>{Text(report.Name)} and all accounts below it, {EvidenceText.Time(report.At)}. {EvidenceText.Meaning(report.Hours)}</p>
            <p><strong>{EvidenceText.Sum(report)}</strong></p>
            """);
        if (!report.IsComplete) html.Append(CultureInfo.InvariantCulture, $"<p><strong>{EvidenceText.Rest}</strong></p>");
        html.Append("<table><thead><tr><th>Account</th><th>Source</th><th>Protection</th><th>Last proven</th><th>Last snapshot</th><th>Records</th><th>Note</th></tr></thead><tbody>");
        foreach (var row in report.Rows)
        {
            var protection = ApiText.Of(row.Protection);
            html.Append(CultureInfo.InvariantCulture, $"""
                <tr><td>{Text(row.AccountName)}</td><td>{Text(row.Name)}<br><small>{Text(row.Platform)}</small></td><td class="{protection}">{protection}</td><td>{EvidenceText.Time(row.ProvenAt)}</td>
                <td>{EvidenceText.Time(row.LastSnapshotAt)}</td><td class="n">{row.Records:N0}</td><td>{Text(row.Reason?.Message)}</td></tr>
                """);
        }
        return html.Append("</tbody></table></body></html>").ToString();
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");
}
