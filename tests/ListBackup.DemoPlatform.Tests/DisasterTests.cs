using System.Net;

namespace ListBackup.Demo.Tests;

public sealed class DisasterTests
{
    [Fact]
    public async Task A_mass_deletion_deletes_as_many_as_it_says()
    {
        await using var client = await DemoClient.StartAsync();
        var before = client.Demo.Count("contacts");

        var (_, done) = await client.SendAsync(HttpMethod.Post, "/admin/disaster", """{"kind":"delete_contacts","count":40}""");

        done.GetProperty("records").GetInt32().ShouldBe(40);
        client.Demo.Count("contacts").ShouldBe(before - 40);
        (await client.GetAsync("/api/v1/deleted?object=contact&limit=200")).GetProperty("data").GetArrayLength().ShouldBe(40);
    }

    [Fact]
    public async Task A_bad_import_changes_contacts_in_one_and_the_same_second()
    {
        await using var client = await DemoClient.StartAsync();

        client.Demo.ImportBadly(60).ShouldBe(60);

        var changed = await client.ContactsAsync("&updated_since=2026-03-01T12:00:00Z");
        changed.Count.ShouldBe(60);
        changed.ShouldAllBe(contact => contact.GetProperty("updated_at").GetString() == "2026-03-01T12:00:00Z");
        changed.ShouldAllBe(contact => contact.GetProperty("phone").GetString() == "4.93E+11");
    }

    [Fact]
    public async Task A_wiped_list_is_empty_and_the_others_are_not()
    {
        await using var client = await DemoClient.StartAsync();
        var before = client.Demo.Count("memberships");

        var wiped = client.Demo.WipeList(1);

        wiped.ShouldBeGreaterThan(100);
        client.Demo.Count("memberships").ShouldBe(before - wiped);
        (await client.GetAsync("/api/v1/lists/1")).GetProperty("member_count").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Browsing_moves_last_seen_and_nothing_else()
    {
        await using var client = await DemoClient.StartAsync();
        var before = await client.ContactsAsync();

        client.Demo.Browse(10_000);

        var after = await client.ContactsAsync();
        after.ShouldAllBe(contact => contact.GetProperty("last_seen_at").GetString() == "2026-03-01T12:00:00Z");
        after.ConvertAll(contact => contact.GetProperty("updated_at").GetString())
            .ShouldBe(before.ConvertAll(contact => contact.GetProperty("updated_at").GetString()));
    }

    [Fact]
    public async Task A_reset_brings_back_the_first_day()
    {
        await using var client = await DemoClient.StartAsync();
        var before = await client.TextAsync("/api/v1/contacts?limit=200");
        client.Demo.DeleteContacts(50);
        client.Demo.ImportBadly(50);

        await client.SendAsync(HttpMethod.Post, "/admin/reset");

        (await client.TextAsync("/api/v1/contacts?limit=200")).ShouldBe(before);
    }

    [Fact]
    public async Task Another_site_cannot_press_the_buttons()
    {
        await using var client = await DemoClient.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["kind"] = "delete_contacts", ["count"] = "5" }),
            Headers = { { "Origin", "https://elsewhere.example" } },
        };

        using var response = await client.Http.SendAsync(request, DemoClient.Cancellation);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_home_page_shows_counts_and_its_button_works()
    {
        await using var client = await DemoClient.StartAsync();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["kind"] = "wipe_list", ["count"] = "1" });

        using var response = await client.Http.PostAsync("/", form, DemoClient.Cancellation);
        var html = await response.Content.ReadAsStringAsync(DemoClient.Cancellation);

        html.ShouldContain("Done: wipe_list");
        html.ShouldContain($"<td>{client.Demo.Count("memberships")}</td>");
    }

    [Fact]
    public async Task Changes_survive_a_restart_when_there_is_a_data_file()
    {
        var folder = Directory.CreateTempSubdirectory("demo-crm-");
        var file = Path.Combine(folder.FullName, "crm.jsonl");
        string changed;
        await using (var client = await DemoClient.StartAsync(options => options with { DataFile = file }))
        {
            client.Demo.DeleteContacts(20);
            client.Demo.ImportBadly(20);
            await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"neu@example.com","ltv":12.10}""");
            changed = await EverythingAsync(client);
        }

        await File.AppendAllTextAsync(file, "{\"torn", DemoClient.Cancellation);
        await using (var client = await DemoClient.StartAsync(options => options with { DataFile = file }))
        {
            (await EverythingAsync(client)).ShouldBe(changed);
            (await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"neu@example.com"}""")).Status.ShouldBe(HttpStatusCode.Conflict);
        }

        folder.Delete(recursive: true);
    }

    private static async Task<string> EverythingAsync(DemoClient client) =>
        await client.TextAsync("/api/v1/contacts?limit=200")
        + await client.TextAsync("/api/v1/contacts?limit=200&offset=200")
        + await client.TextAsync("/api/v1/lists/1/memberships?limit=200")
        + await client.TextAsync("/api/v1/deleted?limit=200")
        + await client.TextAsync("/api/v1/counts");
}
