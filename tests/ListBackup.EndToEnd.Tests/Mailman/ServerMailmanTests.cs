using System.Net;
using System.Text.Json.Nodes;
using ListBackup.Testing;

namespace ListBackup.EndToEnd.Tests;

/// <summary>The habits of the real server that connectors/mailman3 and docs/platforms/mailman3.md count on.</summary>
[Trait("Stage", "platforms")]
public sealed class ServerMailmanTests(MailmanFixture mailman) : IClassFixture<MailmanFixture>
{
    [Fact]
    public async Task A_page_past_the_end_has_a_total_and_no_entries_at_all()
    {
        await using var server = await mailman.StartAsync();

        var last = await GetAsync(server, "/3.1/members?count=40&page=2");
        var past = await GetAsync(server, "/3.1/members?count=40&page=3");

        ((int)last["total_size"]!).ShouldBe(48);
        last["entries"]!.AsArray().Count.ShouldBe(8);
        ((int)past["total_size"]!).ShouldBe(48);
        past.ContainsKey("entries").ShouldBeFalse();
    }

    [Fact]
    public async Task A_page_without_a_count_is_an_error_of_the_server()
    {
        await using var server = await mailman.StartAsync();

        using var answer = await server.Http.GetAsync("/3.1/members?page=2", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task The_etag_of_a_member_does_not_tell_that_their_preferences_changed()
    {
        await using var server = await mailman.StartAsync();
        var before = (await GetAsync(server, "/3.1/members?count=1&page=5"))["entries"]![0]!;
        var path = $"/3.1/members/{before["member_id"]}";

        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["delivery_status"] = "by_user" });
        using var answer = await server.Http.PatchAsync(path + "/preferences", form, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        ((string?)(await GetAsync(server, path + "/preferences"))["delivery_status"]).ShouldBe("by_user");
        ((string?)(await GetAsync(server, path))["http_etag"]).ShouldBe((string?)before["http_etag"]);
    }

    [Fact]
    public async Task A_deleted_member_is_gone_without_a_trace()
    {
        await using var server = await mailman.StartAsync();
        var member = (await GetAsync(server, "/3.1/members?count=1&page=5"))["entries"]![0]!;

        using var deleted = await server.Http.DeleteAsync($"/3.1/members/{member["member_id"]}", TestContext.Current.CancellationToken);
        using var asked = await server.Http.GetAsync($"/3.1/members/{member["member_id"]}", TestContext.Current.CancellationToken);

        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        asked.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((int)(await GetAsync(server, "/3.1/members?count=0&page=1"))["total_size"]!).ShouldBe(47);
    }

    [Fact]
    public async Task A_stopped_server_leaves_no_process()
    {
        var server = await mailman.StartAsync();
        var url = server.Url;

        await server.DisposeAsync();

        using var http = new HttpClient();
        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(url, TestContext.Current.CancellationToken));
        Processes().ShouldNotContain(line => line.Contains("rest:0:1", StringComparison.Ordinal) && line.Contains(server.Folder, StringComparison.Ordinal));
        Directory.Exists(server.Folder).ShouldBeFalse();
    }

    private static IEnumerable<string> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (IOException)
            {
                // It ended while we looked.
                continue;
            }

            yield return line;
        }
    }

    private static async Task<JsonObject> GetAsync(PlatformServer server, string path) =>
        JsonNode.Parse(await server.Http.GetStringAsync(path, TestContext.Current.CancellationToken))!.AsObject();
}
