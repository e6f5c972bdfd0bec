using System.Net;

namespace ListBackup.Platforms.Tests;

public sealed class CatalogueTests
{
    [Fact]
    public async Task Platforms_are_listed_searched_filtered_and_paged()
    {
        await using var platforms = await PlatformApi.StartAsync();

        var all = await AllAsync(platforms, "/v1/platforms?limit=1");
        all.ShouldContain("demo");
        all.ShouldBe(all.Order(StringComparer.Ordinal));
        all.ShouldBeUnique();
        (await AllAsync(platforms, "/v1/platforms?search=DEMO%20c")).ShouldBe(["demo"]);
        (await AllAsync(platforms, "/v1/platforms?category=crm")).ShouldContain("demo");
        (await AllAsync(platforms, "/v1/platforms?category=nothing")).ShouldBeEmpty();
        (await platforms.GetAsync("/v1/platforms?limit=0")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await platforms.GetAsync("/v1/platforms?cursor=%21")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_platform_tells_what_to_fill_in_what_it_holds_and_what_can_be_restored()
    {
        await using var platforms = await PlatformApi.StartAsync();

        var demo = (await platforms.GetAsync("/v1/platforms/demo")).ShouldBe(HttpStatusCode.OK).Json;

        demo["title"]!.ToString().ShouldBe("Demo CRM");
        demo["configSchema"]!["required"]!.AsArray().Select(r => r!.ToString()).ShouldContain("url");
        demo["secretFields"]!.AsArray().Select(r => r!.ToString()).ShouldContain("credentials.api_key");
        var contacts = demo["streams"]!.AsArray().Single(s => s!["name"]!.ToString() == "contacts")!;
        contacts["primaryKey"]!.AsArray().Select(k => k!.ToString()).ShouldBe(["id"]);
        contacts["restore"].ShouldNotBeNull();
        (await platforms.GetAsync("/v1/platforms/nothing")).ShouldBe(HttpStatusCode.NotFound);
        (await platforms.GetAsync("/v1/platforms/..%2f..%2fetc")).ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<List<string>> AllAsync(PlatformApi platforms, string path)
    {
        var found = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = (await platforms.GetAsync(cursor is null ? path : $"{path}&cursor={cursor}")).ShouldBe(HttpStatusCode.OK).Json;
            found.AddRange(page["items"]!.AsArray().Select(i => i!["id"]!.ToString()));
            if (page["nextCursor"] is not { } next) return found;
            cursor = next.ToString();
        }
    }
}
