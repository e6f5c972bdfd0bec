using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ListBackup.Domain;
using ListBackup.Testing;

namespace ListBackup.Sources.Tests;

/// <summary>Exports that come by themselves.</summary>
public sealed class ExportPlanTests
{
    private const string Folder = """{"name":"Nightly","format":"csv","destination":{"kind":"folder","folder":"crm/nightly"},"coverage":"consistent","keepLast":2}""";

    [Fact]
    public async Task A_plan_delivers_after_each_snapshot_and_keeps_the_last()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder);

        for (var i = 2; i <= 4; i++)
        {
            plans.World.Platform["contacts"].Put("r0001", $"change {i}");
            await plans.World.SyncAsync(plans.Source);
            await plans.TickAsync();
        }

        var deliveries = await plans.DeliveriesAsync(plan);
        deliveries.Select(d => $"{d["seq"]} {d["state"]}").ShouldBe(["4 delivered", "3 delivered", "2 removed"]);
        var folders = plans.Folders("crm/nightly");
        folders.Count.ShouldBe(2);
        Directory.EnumerateFiles(folders[^1]).Select(Path.GetFileName).Order().ShouldBe(["001-companies.csv", "002-contacts.csv", "manifest.json"]);
        (await File.ReadAllTextAsync(Path.Combine(folders[^1], "002-contacts.csv"), SyncWorld.Cancellation)).ShouldContain("change 4");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folders[^1], "manifest.json"), SyncWorld.Cancellation))!;
        foreach (var file in manifest["files"]!.AsArray())
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folders[^1], (string)file!["name"]!), SyncWorld.Cancellation))).ShouldBe((string)file["sha256"]!);
    }

    [Fact]
    public async Task A_snapshot_is_exported_once_however_often_its_run_is_told_of()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder);
        await plans.World.SyncAsync(plans.Source);
        await plans.TickAsync();

        await plans.World.Get<ExportScheduler>().SnapshotMadeAsync(plans.Source.Id, SyncWorld.Cancellation);
        await plans.TickAsync();

        (await plans.DeliveriesAsync(plan)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_weaker_snapshot_than_asked_for_is_not_exported()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder.Replace("consistent", "proven"));
        plans.World.Platform.HiddenRecords = 3;
        await plans.World.SyncAsync(plans.Source);
        await plans.TickAsync();

        var deliveries = await plans.DeliveriesAsync(plan);

        // The snapshot before it was proven.
        deliveries.Select(d => (long)d["seq"]!).ShouldBe([1L]);
    }

    [Fact]
    public async Task A_plan_by_the_clock_delivers_at_its_times()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder.Replace("\"keepLast\":2", "\"keepLast\":5,\"schedule\":{\"everyMinutes\":60}"));

        await plans.TickAsync();
        (await plans.DeliveriesAsync(plan)).ShouldBeEmpty();
        for (var i = 0; i < 3; i++)
        {
            plans.World.Clock.Advance(TimeSpan.FromMinutes(61));
            await plans.TickAsync();
        }

        (await plans.DeliveriesAsync(plan)).Select(d => $"{d["seq"]} {d["state"]}").ShouldBe(["1 delivered", "1 delivered", "1 delivered"]);
    }

    [Fact]
    public async Task A_paused_plan_delivers_nothing_until_it_is_run()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder.Replace("\"keepLast\":2", "\"paused\":true"));
        await plans.World.SyncAsync(plans.Source);
        await plans.TickAsync();
        (await plans.DeliveriesAsync(plan)).ShouldBeEmpty();

        (await plans.Api.PostAsync($"{plans.Url}/export-plans/{plan}/run", null, plans.Admin)).ShouldBe(HttpStatusCode.Accepted);
        await plans.World.WorkAsync();

        (await plans.DeliveriesAsync(plan)).Select(d => $"{d["seq"]} {d["state"]}").ShouldBe(["2 delivered"]);
    }

    [Fact]
    public async Task A_destination_that_refuses_is_told_to_people()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder);
        Directory.CreateDirectory(Path.Combine(plans.Root, plans.World.Account.ToString()));
        File.CreateSymbolicLink(Path.Combine(plans.Root, plans.World.Account.ToString(), "crm"), Path.GetTempPath());

        await plans.World.SyncAsync(plans.Source);
        await plans.TickAsync();

        var delivery = (await plans.DeliveriesAsync(plan)).ShouldHaveSingleItem();
        delivery["state"]!.ToString().ShouldBe("failed");
        delivery["reason"]!["message"]!.ToString().ShouldContain("link");
        plans.World.Queues.Told.ShouldContain(told => told.Event == "export.failed" && told.Subject == plan && told.Title.Contains("Nightly"));
    }

    [Fact]
    public async Task A_destination_that_is_away_is_tried_again()
    {
        var flaky = new FlakyDestinations { Failures = 2 };
        await using var plans = await PlanWorld.StartAsync(flaky);
        var plan = await plans.AddAsync(Folder);

        await plans.World.SyncAsync(plans.Source);
        await plans.TickAsync();

        (await plans.DeliveriesAsync(plan)).Select(d => d["state"]!.ToString()).ShouldBe(["delivered"]);
        flaky.Stored.Keys.Select(name => name[(name.LastIndexOf('/') + 1)..]).ShouldBe(["001-companies.csv", "002-contacts.csv", "manifest.json"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData(".hidden")]
    [InlineData("a\\b")]
    [InlineData("")]
    public async Task A_folder_outside_is_refused(string folder)
    {
        await using var plans = await PlanWorld.StartAsync();

        var answer = await plans.PostAsync(Folder.Replace("crm/nightly", JsonEncodedText.Encode(folder).ToString()));

        if (folder == "/etc") answer.ShouldBe(HttpStatusCode.Created).Json["destination"]!["folder"]!.ToString().ShouldBe("etc");
        else answer.ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["destination.folder"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("endpoint", "http://s3.example.com")]
    [InlineData("endpoint", "https://user:pass@s3.example.com")]
    [InlineData("endpoint", "https://s3.example.com/path")]
    [InlineData("bucket", "../other")]
    [InlineData("region", "eu central")]
    [InlineData("prefix", "../x")]
    public async Task A_bucket_that_cannot_be_is_refused(string field, string value)
    {
        await using var plans = await PlanWorld.StartAsync();
        var request = JsonNode.Parse(Bucket)!;
        request["destination"]![field] = value;

        (await plans.PostAsync(request.ToJsonString())).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]![$"destination.{field}"].ShouldNotBeNull();
    }

    [Fact]
    public async Task The_secret_of_a_bucket_is_sealed_kept_and_never_shown()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Bucket);
        var request = JsonNode.Parse(Bucket)!;
        request.AsObject().Remove("secretAccessKey");

        var shown = await plans.Api.GetAsync($"{plans.Url}/export-plans/{plan}", plans.Admin);
        var kept = await plans.Api.SendAsync(HttpMethod.Put, $"{plans.Url}/export-plans/{plan}", request.ToJsonString(), plans.Admin);
        request["destination"]!["endpoint"] = "https://elsewhere.example.com";
        var moved = await plans.Api.SendAsync(HttpMethod.Put, $"{plans.Url}/export-plans/{plan}", request.ToJsonString(), plans.Admin);

        shown.ShouldBe(HttpStatusCode.OK).Body.ShouldNotContain("top-secret");
        shown.Body.ShouldNotContain("sealed", Case.Insensitive);
        kept.ShouldBe(HttpStatusCode.OK);
        moved.ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["secretAccessKey"].ShouldNotBeNull();
        var stored = await plans.World.Get<ExportPlanStore>().GetAsync(plans.Source.Id, ExportPlanId.Parse(plan), SyncWorld.Cancellation);
        stored.Value.SealedSecret.ShouldNotBeNull().ShouldNotContain("top-secret");
        (await plans.World.Get<ExportPlanStore>().SecretAsync(stored.Value, SyncWorld.Cancellation)).ShouldBe("top-secret");
    }

    [Fact]
    public async Task Only_admins_plan_and_others_of_the_account_read()
    {
        await using var plans = await PlanWorld.StartAsync();
        var plan = await plans.AddAsync(Folder);
        var operate = await plans.World.JoinAsync(Role.Operator);
        var auditor = await plans.World.JoinAsync(Role.Auditor);
        var url = $"{plans.Url}/export-plans";

        (await plans.Api.PostAsync(url, Folder, operate)).ShouldBe(HttpStatusCode.Forbidden);
        (await plans.Api.SendAsync(HttpMethod.Put, $"{url}/{plan}", Folder, operate)).ShouldBe(HttpStatusCode.Forbidden);
        (await plans.Api.SendAsync(HttpMethod.Delete, $"{url}/{plan}", null, operate)).ShouldBe(HttpStatusCode.Forbidden);
        (await plans.Api.GetAsync(url, operate)).ShouldBe(HttpStatusCode.OK).Json["items"]!.AsArray().Count.ShouldBe(1);
        (await plans.Api.GetAsync($"{url}/{plan}/deliveries", auditor)).ShouldBe(HttpStatusCode.Forbidden);
        (await plans.Api.SendAsync(HttpMethod.Delete, $"{url}/{plan}", null, plans.Admin)).ShouldBe(HttpStatusCode.NoContent);
        (await plans.Api.GetAsync($"{url}/{plan}", plans.Admin)).ShouldBe(HttpStatusCode.NotFound);
    }

    public const string Bucket = """
        {"name":"Bucket","format":"ndjson","archive":true,"coverage":"partial","secretAccessKey":"top-secret",
         "destination":{"kind":"s3","endpoint":"https://s3.example.com","region":"eu-central-1","bucket":"their-backups","prefix":"crm","accessKeyId":"AKIDEXAMPLE"}}
        """;
}
