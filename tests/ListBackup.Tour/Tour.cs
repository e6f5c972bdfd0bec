using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Demo;
using ListBackup.Testing;

namespace ListBackup.Tour;

/// <summary>From sign-up to a proven restore, each step held against what the platform itself says.</summary>
internal sealed class Tour(Steps steps, HostProcess host, DemoPlatform platform, string data)
{
    private const string Stream = "contacts";
    private const string NewTitle = "Chief of Changed Records";
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(5);

    public async Task RunAsync()
    {
        using var crm = new Crm(platform.BaseUrl);
        using var person = await steps.RunAsync("Sign up, confirm by the mailed code, sign in", () => HostClient.SignUpAsync(host.Address, data, "Ada"), p => $"{p.Email}, {p.AccountPath}");
        await steps.RunAsync("See the catalogue", () => person.ListAsync("v1/platforms"), CheckCatalogue);
        var connection = await steps.RunAsync("Connect the demo CRM with an API key", () => ConnectAsync(person), c => $"{c}, the test call succeeded");
        var source = await steps.RunAsync("Create a source with a schedule", () => CreateSourceAsync(person, connection), s => $"{s}, nightly at 03:00 Europe/Berlin");

        var before = await crm.ContactsAsync();
        var first = await SyncAsync(person, source, "Sync now and watch the run");
        await steps.RunAsync("See the snapshot with per-stream counts", () => SnapshotAsync(person, source, first, crm), s => s);
        await steps.RunAsync("Browse its records", () => BrowseAsync(person, source, first, before), s => s);

        var edits = await steps.RunAsync("Change something at the CRM", () => EditAsync(crm, before), e => $"{e.Changed.Count} contacts changed, {e.Deleted.Count} deleted, 1 added");
        var second = await SyncAsync(person, source, "Sync again");
        await steps.RunAsync("See the difference", () => DiffAsync(person, source, first, second, edits), s => s);
        await steps.RunAsync("See one record's history", () => HistoryAsync(person, source, edits.Changed[0]), s => s);
        await steps.RunAsync("Verify every byte", () => VerifyAsync(person, source), s => s);
        await steps.RunAsync("Export NDJSON", () => ExportAsync(person, source, second, crm), s => s);
        await steps.RunAsync("Restore the deleted records to the CRM", () => RestoreAsync(person, source, first, edits, crm, before), s => s);
        await steps.RunAsync("Read the audit log and check its chain", () => ActivitiesAsync(person), s => s);
    }

    private string CheckCatalogue(List<JsonNode> platforms)
    {
        steps.Check(platforms.Any(p => (string?)p["id"] == "demo"), "The catalogue has no platform 'demo'.");
        return $"{platforms.Count} platforms: {string.Join(", ", platforms.Select(p => (string?)p["id"]))}";
    }

    private async Task<string> ConnectAsync(HostClient person)
    {
        var connection = await person.PostAsync($"{person.AccountPath}/connections", new JsonObject
        {
            ["name"] = "Demo CRM",
            ["platform"] = "demo",
            ["config"] = new JsonObject { ["url"] = platform.BaseUrl, ["credentials"] = new JsonObject { ["auth_type"] = "api_key", ["api_key"] = Crm.ApiKey } },
        });
        steps.Check(!connection.ToJsonString().Contains(Crm.ApiKey, StringComparison.Ordinal), "The connection shows its secret.");
        var test = await person.PostAsync($"{person.AccountPath}/connections/{connection["id"]}/test");
        steps.Check((bool)test["succeeded"]!, $"The connection does not work: {test["reason"]}");
        return (string)connection["id"]!;
    }

    private static async Task<string> CreateSourceAsync(HostClient person, string connection)
    {
        var source = await person.PostAsync($"{person.AccountPath}/sources", new JsonObject
        {
            ["name"] = "CRM",
            ["connectionId"] = connection,
            ["schedule"] = new JsonObject { ["cron"] = "0 3 * * *", ["timeZone"] = "Europe/Berlin" },
        });
        return $"{person.AccountPath}/sources/{source["id"]}";
    }

    private Task<long> SyncAsync(HostClient person, string source, string name) => steps.RunAsync(name, async () =>
    {
        var run = await person.PostAsync($"{source}/sync", new JsonObject());
        run = await EndOfAsync(person, $"{source}/runs/{run["id"]}");
        steps.Check((string?)run["state"] == "succeeded", $"The run is {run["state"]}: {run["reason"]?["message"]} {string.Join("; ", run["parts"]?.AsArray().Where(p => p!["reason"] is not null).Select(p => $"{p!["stream"]}: {p["reason"]!["message"]}") ?? [])}");
        return run;
    }, run => $"{run["counts"]!["records"]} records in {run["counts"]!["pages"]} pages, {run["counts"]!["added"]} added, {run["counts"]!["changed"]} changed, {run["counts"]!["deleted"]} deleted, {run["counts"]!["requests"]} requests → snapshot {run["snapshotSeq"]}")
        .ContinueWith(run => (long)run.GetAwaiter().GetResult()["snapshotSeq"]!, TaskScheduler.Default);

    private async Task<string> SnapshotAsync(HostClient person, string source, long seq, Crm crm)
    {
        var snapshot = await person.GetAsync($"{source}/snapshots/{seq}");
        var told = await crm.CountsAsync();
        var streams = snapshot["streams"]!.AsArray().ToDictionary(s => (string)s!["stream"]!, s => s!);
        foreach (var name in new[] { "companies", "lists", "memberships", "notes", "attachments" })
            steps.Equal((long)told.GetProperty(name).GetInt32(), (long)streams[name]["live"]!, $"Live {name}");
        steps.Equal((long)(told.GetProperty("contacts").GetInt32() + told.GetProperty("archived_contacts").GetInt32()), (long)streams[Stream]["live"]!, "Live contacts");
        return string.Join(", ", streams.Select(s => $"{s.Key} {s.Value["live"]} ({s.Value["certificate"]!["coverage"]})"));
    }

    private async Task<string> BrowseAsync(HostClient person, string source, long seq, Dictionary<string, JsonElement> before)
    {
        var records = await person.ListElementsAsync($"{source}/snapshots/{seq}/streams/{Stream}/records?limit=200");
        steps.Equal(before.Count, records.Count, "Records browsed");
        foreach (var record in records)
        {
            var key = record.GetProperty("key").GetString()!;
            steps.Equal(before[key].GetRawText(), record.GetProperty("content").GetRawText(), $"Content of contact {key}");
        }
        return $"{records.Count} contacts, each equal to the CRM's to the byte";
    }

    private static async Task<Edits> EditAsync(Crm crm, Dictionary<string, JsonElement> before)
    {
        var live = before.Where(c => !c.Value.GetProperty("archived").GetBoolean()).Select(c => c.Key).Order(StringComparer.Ordinal).ToList();
        var edits = new Edits(live[..5], live[5..12]);
        foreach (var id in edits.Changed) await crm.UpdateAsync(id, new JsonObject { ["job_title"] = NewTitle });
        foreach (var id in edits.Deleted) await crm.DeleteAsync(id);
        await crm.CreateAsync(new JsonObject { ["email"] = "new.person@example.com", ["first_name"] = "New", ["last_name"] = "Person" });
        return edits;
    }

    private async Task<string> DiffAsync(HostClient person, string source, long from, long to, Edits edits)
    {
        var differences = await person.ListAsync($"{source}/diff/{Stream}?from={from}&to={to}&limit=200");
        var byKind = differences.ToLookup(d => (string)d["kind"]!, d => (string)d["key"]!);
        steps.Check(byKind["changed"].Order().SequenceEqual(edits.Changed.Order()), $"Changed: expected {edits.Changed.Count}, found {byKind["changed"].Count()}.");
        steps.Check(byKind["deleted"].Order().SequenceEqual(edits.Deleted.Order()), $"Deleted: expected {edits.Deleted.Count}, found {byKind["deleted"].Count()}.");
        steps.Equal(1, byKind["added"].Count(), "Added");
        var fields = differences.Where(d => (string?)d["kind"] == "changed").SelectMany(d => d["changedFields"]!.AsArray().Select(f => (string)f!)).Distinct().Order();
        return $"exactly these: {edits.Changed.Count} changed in {string.Join(" ", fields)}, {edits.Deleted.Count} deleted, 1 added";
    }

    private async Task<string> HistoryAsync(HostClient person, string source, string key)
    {
        var versions = await person.ListAsync($"{source}/streams/{Stream}/history?key={Uri.EscapeDataString(key)}");
        steps.Equal(2, versions.Count, "Versions");
        steps.Equal(NewTitle, (string?)versions[1]["content"]!["job_title"], "Job title in the newer version");
        return $"contact {key}: job title '{versions[0]["content"]!["job_title"]}' in snapshot {versions[0]["seq"]}, '{NewTitle}' in {versions[1]["seq"]}";
    }

    private async Task<string> VerifyAsync(HostClient person, string source)
    {
        var job = await person.PostAsync($"{source}/verify", new JsonObject { ["level"] = "restore" });
        job = await EndOfAsync(person, $"{source}/jobs/{job["id"]}");
        var report = job["verify"]!;
        steps.Check((bool?)report["sound"] == true, $"The vault is not sound: {job.ToJsonString()}");
        return $"sound: {report["manifests"]} snapshots, {report["objects"]} objects, {report["blocks"]} blocks, {report["versions"]} versions, {report["roots"]} state roots, {report["bytesRead"]} bytes read";
    }

    /// <summary>The file holds just the CRM's contacts of now, each line equal to the CRM's to the byte; the link works without a token.</summary>
    private async Task<string> ExportAsync(HostClient person, string source, long seq, Crm crm)
    {
        var job = await person.PostAsync($"{source}/exports", new JsonObject { ["seq"] = seq, ["format"] = "ndjson", ["streams"] = new JsonArray(Stream) });
        job = await EndOfAsync(person, $"{source}/jobs/{job["id"]}");
        steps.Equal("succeeded", (string?)job["state"], "The export");
        var file = job["export"]!["files"]![0]!;
        var link = await person.PostAsync($"{source}/exports/{job["id"]}/files/{file["name"]}/link");

        using var anybody = new HttpClient { BaseAddress = host.Address };
        var bytes = await anybody.GetByteArrayAsync((string)link["url"]!);
        steps.Equal((string?)file["sha256"], Convert.ToHexStringLower(SHA256.HashData(bytes)), "SHA-256 of the file");
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var contacts = (await crm.ContactsAsync()).Values.Select(c => c.GetRawText());
        steps.Check(lines.Order(StringComparer.Ordinal).SequenceEqual(contacts.Order(StringComparer.Ordinal)), "The exported lines are not the CRM's contacts.");
        return $"{lines.Length} lines, {bytes.Length} bytes, equal to the CRM's to the byte";
    }

    private async Task<string> RestoreAsync(HostClient person, string source, long seq, Edits edits, Crm crm, Dictionary<string, JsonElement> before)
    {
        var job = await person.PostAsync($"{source}/restores", new JsonObject
        {
            ["seq"] = seq,
            ["selection"] = new JsonObject { ["kind"] = "deletions", ["streams"] = new JsonArray(Stream) },
        });
        var path = $"{source}/jobs/{job["id"]}";
        job = await EndOfAsync(person, path);
        steps.Equal("planned", (string?)job["state"], $"The plan ({job["reason"]?["message"]})");
        var plan = job["restore"]!["plan"]!;
        steps.Equal(edits.Deleted.Count, (int)plan["creates"]!, "Planned creations");
        steps.Equal(before.Count - edits.Deleted.Count + 1, (await crm.ContactsAsync()).Count, "Contacts at the CRM while the plan waits");

        await person.PostAsync($"{source}/restores/{job["id"]}/approve");
        job = await EndOfAsync(person, path, "planned");
        steps.Equal("succeeded", (string?)job["state"], $"The restore ({job["reason"]?["message"]})");
        var after = (await crm.ContactsAsync()).Values.ToDictionary(c => c.GetProperty("email").GetString()!, StringComparer.OrdinalIgnoreCase);
        foreach (var deleted in edits.Deleted.Select(id => before[id]))
        {
            var email = deleted.GetProperty("email").GetString()!;
            steps.Check(after.TryGetValue(email, out var back), "A deleted contact did not come back.");
            foreach (var field in new[] { "first_name", "last_name", "phone", "ltv" })
                steps.Equal(Text(deleted, field), Text(back, field), $"Field {field} of a contact that came back");
            // Consent may come back as strict as it was or stricter, never looser.
            if (Text(deleted, "subscription_status") is not "\"subscribed\"")
                steps.Check(Text(back, "subscription_status") != "\"subscribed\"", "A contact that was not subscribed came back subscribed.");
        }
        return $"planned {plan["creates"]} creations ({plan["calls"]} calls), safety snapshot {job["restore"]!["safetySeq"]}, {job["restore"]!["applied"]!["created"]} created; {after.Count} contacts at the CRM, nobody re-subscribed";

        static string? Text(JsonElement contact, string field) => contact.TryGetProperty(field, out var value) ? value.GetRawText() : null;
    }

    private async Task<string> ActivitiesAsync(HostClient person)
    {
        var activities = await person.ListAsync($"{person.AccountPath}/activities?limit=100");
        var check = await person.GetAsync($"{person.AccountPath}/activities/verify");
        return $"{activities.Count} entries, chain {check.ToJsonString()}";
    }

    /// <summary>A run or job when it has ended or waits for a person, in another state than <paramref name="left"/>.</summary>
    private static async Task<JsonNode> EndOfAsync(HostClient person, string path, string left = "")
    {
        using var limit = new CancellationTokenSource(RunMax);
        while (true)
        {
            var thing = await person.GetAsync(path);
            if ((string?)thing["state"] is ("planned" or "succeeded" or "partial" or "failed" or "cancelled") && (string?)thing["state"] != left) return thing;
            await Task.Delay(100, limit.Token);
        }
    }

    private sealed record Edits(List<string> Changed, List<string> Deleted);
}
