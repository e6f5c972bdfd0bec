using System.IO.Compression;
using System.Net;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Sources.Tests;

public sealed class S3DestinationTests
{
    /// <summary>The example of the S3 reference ("Example: PUT Object", sigv4-header-based-auth), with its own keys, time and signature.</summary>
    [Fact]
    public void The_signature_is_that_of_Amazons_own_example()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "https://examplebucket.s3.amazonaws.com/test%24file.text");
        request.Headers.TryAddWithoutValidation("Date", "Fri, 24 May 2013 00:00:00 GMT");
        request.Headers.TryAddWithoutValidation("x-amz-storage-class", "REDUCED_REDUNDANCY");

        new S3Signature("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
            .Sign(request, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072", new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

        request.Headers.GetValues("Authorization").Single().ShouldBe(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class," +
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }

    [Fact]
    public async Task A_plan_delivers_into_a_bucket_and_takes_old_exports_out_again()
    {
        await using var moto = await MotoServer.TryStartAsync();
        if (moto is null) Assert.Skip("No moto_server on this machine: deliveries into buckets were not tested.");
        using var http = new HttpClient { BaseAddress = new(moto.Url) };
        (await http.PutAsync("/their-backups", new StringContent("<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"), SyncWorld.Cancellation)).EnsureSuccessStatusCode();
        await using var plans = await PlanWorld.StartAsync(allowPrivate: true);
        var plan = await plans.AddAsync(ExportPlanTests.Bucket.Replace("https://s3.example.com", moto.Url).Replace("\"archive\":true", "\"archive\":true,\"keepLast\":1"));

        for (var i = 0; i < 2; i++)
        {
            await plans.World.SyncAsync(plans.Source);
            await plans.TickAsync();
        }

        var deliveries = await plans.DeliveriesAsync(plan);
        deliveries.Select(d => $"{d["seq"]} {d["state"]}").ShouldBe(["3 delivered", "2 removed"]);
        var folder = (string)deliveries[0]["folder"]!;
        var archive = (await GetAsync(folder, "export.zip")).EnsureSuccessStatusCode();
        await using (var zip = new ZipArchive(await archive.Content.ReadAsStreamAsync(SyncWorld.Cancellation))) zip.Entries.Count.ShouldBe(3);
        (await GetAsync(folder, "manifest.json")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GetAsync((string)deliveries[1]["folder"]!, "export.zip")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        async Task<HttpResponseMessage> GetAsync(string folder, string file)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{moto.Url}/their-backups/crm/{folder}/{file}");
            new S3Signature("AKIDEXAMPLE", "top-secret", MotoServer.Region).Sign(request, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([])), TimeProvider.System.GetUtcNow());
            return await http.SendAsync(request, SyncWorld.Cancellation);
        }
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_a_failure_for_people()
    {
        await using var moto = await MotoServer.TryStartAsync();
        if (moto is null) Assert.Skip("No moto_server on this machine: deliveries into buckets were not tested.");
        await using var plans = await PlanWorld.StartAsync(allowPrivate: true);
        var plan = await plans.AddAsync(ExportPlanTests.Bucket.Replace("https://s3.example.com", moto.Url));

        await plans.World.SyncAsync(plans.Source);
        await plans.TickAsync();

        var delivery = (await plans.DeliveriesAsync(plan)).ShouldHaveSingleItem();
        delivery["state"]!.ToString().ShouldBe("failed");
        delivery["reason"]!["message"]!.ToString().ShouldContain("NoSuchBucket");
    }

    [Fact]
    public async Task A_private_address_is_not_reached()
    {
        using var destinations = new ExportDestinations(new ExportOptions(), new FakeTimeProvider());
        var destination = destinations.Open(ListBackup.Domain.AccountId.New(TimeProvider.System), new()
        {
            Kind = DestinationKind.S3, Endpoint = "https://127.0.0.1", Region = "eu-central-1", Bucket = "bucket", AccessKeyId = "AKID",
        }, "secret");

        var refused = await Should.ThrowAsync<DestinationException>(() => destination.DeleteAsync("name", SyncWorld.Cancellation));

        refused.Message.ShouldContain("public internet");
    }
}
