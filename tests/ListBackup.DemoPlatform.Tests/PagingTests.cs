using System.Net;
using System.Text.Json;

namespace ListBackup.Demo.Tests;

public sealed class PagingTests
{
    [Fact]
    public async Task Who_asks_for_more_than_the_cap_gets_the_cap()
    {
        await using var client = await DemoClient.StartAsync(options => options with { PageSizeMax = 7 });

        var page = await client.GetAsync("/api/v1/contacts?limit=100");

        page.GetProperty("data").GetArrayLength().ShouldBe(7);
        page.GetProperty("limit").GetInt32().ShouldBe(7);
    }

    [Fact]
    public async Task Offset_pages_hold_every_contact_once()
    {
        await using var client = await DemoClient.StartAsync();

        var total = (await client.GetAsync("/api/v1/contacts")).GetProperty("total").GetInt32();
        var ids = (await client.ContactsAsync(limit: 17)).ConvertAll(contact => contact.GetProperty("id").GetRawText());

        ids.Count.ShouldBe(total);
        ids.ShouldBeUnique();
    }

    [Fact]
    public async Task A_numbered_page_past_the_end_is_empty()
    {
        await using var client = await DemoClient.StartAsync();

        var last = await client.GetAsync("/api/v1/companies?page=3&per_page=10");
        var past = await client.GetAsync("/api/v1/companies?page=4&per_page=10");

        last.GetProperty("companies").GetArrayLength().ShouldBe(10);
        last.GetProperty("pages").GetInt32().ShouldBe(3);
        past.GetProperty("companies").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Cursor_pages_hold_every_membership_once_although_some_go_while_we_read()
    {
        await using var client = await DemoClient.StartAsync();
        var before = (await ReadMembershipsAsync(client, deleteOnTheWay: false)).Count;

        var read = await ReadMembershipsAsync(client, deleteOnTheWay: true);

        read.ShouldBeUnique();
        read.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_next_link_keeps_the_filter_and_ends_with_null()
    {
        await using var client = await DemoClient.StartAsync();
        var all = (await client.GetAsync("/api/v1/notes?limit=200")).GetProperty("data").EnumerateArray().ToList();
        var since = all.Select(note => note.GetProperty("updated_at").GetString()!).Order(StringComparer.Ordinal).ElementAt(all.Count / 2);
        var read = new List<string>();

        for (string? next = $"/api/v1/notes?limit=4&updated_since={since}"; next is not null;)
        {
            var page = await client.GetAsync(next);
            read.AddRange(page.GetProperty("data").EnumerateArray().Select(note => note.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        var expected = all.Where(note => string.CompareOrdinal(note.GetProperty("updated_at").GetString(), since) >= 0).Select(note => note.GetProperty("id").GetString()!);
        read.ShouldBe(expected, ignoreOrder: true);
    }

    [Theory]
    [InlineData("/api/v1/contacts?limit=0")]
    [InlineData("/api/v1/contacts?offset=-1")]
    [InlineData("/api/v1/contacts?updated_since=yesterday")]
    [InlineData("/api/v1/companies?page=0")]
    [InlineData("/api/v1/notes?cursor=made-up")]
    public async Task A_parameter_that_cannot_be_read_is_an_error(string path)
    {
        await using var client = await DemoClient.StartAsync();

        (await client.SendAsync(HttpMethod.Get, path)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Updated_since_includes_its_own_second()
    {
        await using var client = await DemoClient.StartAsync();
        var contact = (await client.GetAsync("/api/v1/contacts?limit=1")).GetProperty("data")[0];
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{contact.GetProperty("id")}", """{"phone":"1"}""");

        var found = (await client.GetAsync("/api/v1/contacts?updated_since=2026-03-01T12:00:00Z")).GetProperty("data");
        var later = (await client.GetAsync("/api/v1/contacts?updated_since=2026-03-01T12:00:01Z")).GetProperty("data");

        found.GetArrayLength().ShouldBe(1);
        later.GetArrayLength().ShouldBe(0);
    }

    private static async Task<List<string>> ReadMembershipsAsync(DemoClient client, bool deleteOnTheWay)
    {
        var read = new List<string>();
        for (var cursor = ""; ;)
        {
            var page = await client.GetAsync($"/api/v1/lists/1/memberships?limit=20{cursor}");
            read.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("contact_id").GetRawText()));
            if (page.GetProperty("next_cursor").ValueKind == JsonValueKind.Null) return read;
            cursor = "&cursor=" + page.GetProperty("next_cursor").GetString();
            if (deleteOnTheWay) await client.SendAsync(HttpMethod.Delete, $"/api/v1/lists/1/memberships/{read[^1]}");
        }
    }
}
