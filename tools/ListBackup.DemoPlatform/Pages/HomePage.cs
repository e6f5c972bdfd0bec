using System.Text;
using System.Text.Json.Nodes;

namespace ListBackup.Demo.Pages;

/// <summary>What a person sees of the CRM: how much is in it, and the buttons for a bad day.</summary>
internal static class HomePage
{
    public static string Render(JsonObject counts, DemoPlatformOptions options, string? done)
    {
        var rows = new StringBuilder();
        foreach (var (name, count) in counts) rows.Append($"<tr><td>{Html.Text(name.Replace('_', ' '))}</td><td>{count}</td></tr>");
        return Html.Page("Demo CRM", $"""
            {(done is null ? "" : $"<p role=\"status\"><strong>{Html.Text(done)}</strong></p>")}
            <table>{rows}</table>
            <h2>Simulate a disaster</h2>
            {Button("delete_contacts", options.Contacts / 10, $"Delete {options.Contacts / 10} contacts for good")}
            {Button("bad_import", options.Contacts / 5, $"Import a broken spreadsheet over {options.Contacts / 5} contacts")}
            {Button("wipe_list", 1, "Remove everybody from list 1")}
            <h2>Everyday life</h2>
            {Button("browse", options.Contacts / 2, "People read their mail (moves last_seen_at only)", bad: false)}
            {Button("reset", 0, "Reset to the first day", bad: false)}
            <p class="note">API key <code>{Html.Text(options.ApiKeys[0])}</code>, sign-in for OAuth <code>{Html.Text(options.UserEmail)}</code> / <code>{Html.Text(options.UserPassword)}</code>,
            client <code>{Html.Text(options.Client.Id)}</code>. The people here are made up. <a href="/api/v1/counts">API</a> needs the key.</p>
            """);
    }

    private static string Button(string kind, int count, string label, bool bad = true) => $"""
        <form method="post" action="/"><input type="hidden" name="kind" value="{kind}"><input type="hidden" name="count" value="{count}">
        <button{(bad ? " class=\"bad\"" : "")}>{Html.Text(label)}</button></form>
        """;
}
