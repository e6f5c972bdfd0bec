using System.Globalization;
using System.Net;
using System.Text;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Sources;

/// <summary>
/// What an agency shows its clients and auditors: every source with its last proven snapshot, as one HTML page without scripts or outside references, made for printing. Which snapshot
/// is meant is named by its manifest's hash in the source's certificates, so the page can be held against them.
/// </summary>
public sealed class GetEvidenceReport(FleetReader fleet)
{
    private const string Style = """
        body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}
        td.n{text-align:right;font-variant-numeric:tabular-nums}thead{display:table-header-group}tr{break-inside:avoid}h1{margin-bottom:0}
        .proven{color:#0a5c2b}.stale,.none,.partial{color:#8c1d18}@page{size:A4;margin:18mm}@media print{body{margin:0;max-width:none}}
        """;

    public async Task<ContentHttpResult> RunAsync(HttpContext http, int? withinHours, CancellationToken cancellation)
    {
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
        // A page of its own: what a browser may load or run is nothing.
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        http.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Content(Page(top.Name, hours, rows, isComplete), "text/html; charset=utf-8");
    }

    private string Page(string name, int hours, IReadOnlyList<FleetSourceView> rows, bool isComplete)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Backup evidence: {Text(name)}</title><style>{Style}</style></head><body>
            <h1>Backup evidence</h1><p>{Text(name)} and all accounts below it, {Time(fleet.Now)}. A source counts as proven when every one of its streams was read whole within the last
            {hours} hours and holds as many records as the platform said it has.</p>
            <p><strong>{rows.Count(r => r.Protection == Protection.Proven):N0} of {rows.Count:N0}</strong> sources are proven; they and the others hold {rows.Sum(r => r.Records ?? 0):N0} records.</p>
            """);
        if (!isComplete) html.Append(CultureInfo.InvariantCulture, $"<p><strong>There are more than {GetFleetSummary.SourcesMax:N0} sources; the rest is not in this report.</strong></p>");
        html.Append("<table><thead><tr><th>Account</th><th>Source</th><th>Protection</th><th>Last proven</th><th>Last snapshot</th><th>Records</th><th>Note</th></tr></thead><tbody>");
        foreach (var row in rows)
        {
            var protection = ApiText.Of(row.Protection);
            html.Append(CultureInfo.InvariantCulture, $"""
                <tr><td>{Text(row.AccountName)}</td><td>{Text(row.Name)}<br><small>{Text(row.Platform)}</small></td><td class="{protection}">{protection}</td><td>{Time(row.ProvenAt)}</td>
                <td>{Time(row.LastSnapshotAt)}</td><td class="n">{row.Records:N0}</td><td>{Text(row.Reason?.Message)}</td></tr>
                """);
        }
        return html.Append("</tbody></table></body></html>").ToString();
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    private static string Time(DateTimeOffset? time) => time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) : "never";
}
