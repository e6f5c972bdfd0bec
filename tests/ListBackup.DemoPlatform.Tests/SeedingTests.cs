using System.Text.Json;

namespace ListBackup.Demo.Tests;

public sealed class SeedingTests
{
    [Fact]
    public async Task The_same_seed_gives_the_same_bytes()
    {
        await using var one = await DemoClient.StartAsync();
        await using var two = await DemoClient.StartAsync(options => options with { KeepRendered = false });

        foreach (var path in new[] { "contacts", "companies", "lists", "notes", "lists/1/memberships" })
        {
            var first = await one.TextAsync($"/api/v1/{path}?limit=50&per_page=50");
            var second = await two.TextAsync($"/api/v1/{path}?limit=50&per_page=50");
            second.Replace(two.Demo.BaseUrl, one.Demo.BaseUrl).ShouldBe(first);
        }
    }

    [Fact]
    public async Task Another_seed_gives_other_people()
    {
        await using var one = await DemoClient.StartAsync();
        await using var two = await DemoClient.StartAsync(options => options with { Seed = 2 });

        (await two.TextAsync("/api/v1/contacts")).ShouldNotBe(await one.TextAsync("/api/v1/contacts"));
    }

    [Fact]
    public async Task Ids_are_neighbours_that_a_double_cannot_tell_apart()
    {
        await using var client = await DemoClient.StartAsync();

        var ids = (await client.ContactsAsync()).ConvertAll(contact => contact.GetProperty("id").GetRawText());

        ids.Distinct().Count().ShouldBe(ids.Count);
        ids.Select(id => double.Parse(id)).Distinct().Count().ShouldBeLessThan(ids.Count);
    }

    [Fact]
    public async Task Money_keeps_its_last_zero_and_points_exceed_a_signed_number()
    {
        await using var client = await DemoClient.StartAsync();

        var contacts = await client.ContactsAsync();

        contacts.ShouldContain(contact => contact.GetProperty("ltv").GetRawText() == "12.10");
        contacts.ShouldContain(contact => contact.GetProperty("points").GetRawText() == "18446744073709551615");
        contacts.Count(contact => contact.TryGetProperty("x_score", out var score) && score.GetRawText() == "1.50E+2").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Many_contacts_share_the_second_of_their_last_change()
    {
        await using var client = await DemoClient.StartAsync();

        var contacts = await client.ContactsAsync();

        contacts.GroupBy(contact => contact.GetProperty("updated_at").GetString()).Max(group => group.Count()).ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task References_lead_to_records_that_exist()
    {
        await using var client = await DemoClient.StartAsync();

        var contacts = (await client.ContactsAsync()).Concat(await client.ContactsAsync("&archived=true")).ToList();
        var companies = (await client.GetAsync("/api/v1/companies?per_page=200")).GetProperty("companies");
        var notes = (await client.GetAsync("/api/v1/notes?limit=200")).GetProperty("data");

        var contactIds = contacts.Select(contact => contact.GetProperty("id").GetRawText()).ToHashSet();
        var companyIds = companies.EnumerateArray().Select(company => company.GetProperty("id").GetString()).ToHashSet();
        contacts.Select(contact => contact.GetProperty("company_id").GetString()).Where(id => id is not null).ShouldAllBe(id => companyIds.Contains(id));
        notes.EnumerateArray().Select(note => note.GetProperty("contact_id").GetRawText()).ShouldAllBe(id => contactIds.Contains(id));
    }

    [Fact]
    public async Task An_attachment_has_the_content_that_its_metadata_promise()
    {
        await using var client = await DemoClient.StartAsync();

        foreach (var attachment in (await client.GetAsync("/api/v1/attachments")).GetProperty("data").EnumerateArray())
        {
            var content = await client.Http.GetByteArrayAsync($"/api/v1/attachments/{attachment.GetProperty("id").GetString()}/content", DemoClient.Cancellation);

            content.Length.ShouldBe(attachment.GetProperty("size").GetInt32());
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)).ShouldBe(attachment.GetProperty("sha256").GetString());
        }
    }

    [Fact]
    public async Task A_million_contacts_are_there_at_once()
    {
        await using var client = await DemoClient.StartAsync(options => options with { Contacts = 1_000_000, ContactsOnly = true, KeepRendered = false });

        var page = await client.GetAsync("/api/v1/contacts?offset=900000&limit=2");

        page.GetProperty("data").GetArrayLength().ShouldBe(2);
        page.GetProperty("total").GetInt32().ShouldBeInRange(960_000, 980_000);
    }
}
