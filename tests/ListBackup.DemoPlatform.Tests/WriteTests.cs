using System.Net;
using System.Text.Json;

namespace ListBackup.Demo.Tests;

public sealed class WriteTests
{
    private const string NewContact = """{"email":"neu@example.com","first_name":"Nø","ltv":12.10,"custom_fields":{"plan":"pro"},"x_own":{"a":[1.0,2]}}""";

    [Fact]
    public async Task A_created_contact_keeps_unknown_fields_and_the_spelling_of_its_numbers()
    {
        await using var client = await DemoClient.StartAsync();

        var (status, created) = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact);
        var read = await client.GetAsync($"/api/v1/contacts/{created.GetProperty("id")}");

        status.ShouldBe(HttpStatusCode.Created);
        read.GetProperty("ltv").GetRawText().ShouldBe("12.10");
        read.GetProperty("x_own").GetRawText().ShouldBe("""{"a":[1.0,2]}""");
        read.GetProperty("subscription_status").GetString().ShouldBe("pending");
    }

    [Fact]
    public async Task An_address_exists_once()
    {
        await using var client = await DemoClient.StartAsync();
        var existing = (await client.GetAsync("/api/v1/contacts?limit=1")).GetProperty("data")[0];

        var (status, body) = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", $$"""{"email":"{{existing.GetProperty("email").GetString()!.ToUpperInvariant()}}"}""");

        status.ShouldBe(HttpStatusCode.Conflict);
        body.GetProperty("error").GetProperty("existing_id").GetString().ShouldBe(existing.GetProperty("id").GetRawText());
    }

    [Fact]
    public async Task A_field_of_the_platform_cannot_be_written()
    {
        await using var client = await DemoClient.StartAsync();

        var (status, body) = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"a@example.com","id":5}""");

        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        body.GetProperty("error").GetProperty("code").GetString().ShouldBe("read_only_field");
    }

    [Fact]
    public async Task Who_unsubscribed_is_not_subscribed_again_by_the_api_not_even_after_deletion()
    {
        await using var client = await DemoClient.StartAsync();
        var contact = (await client.ContactsAsync()).First(row => row.GetProperty("subscription_status").GetString() == "unsubscribed");
        var path = $"/api/v1/contacts/{contact.GetProperty("id")}";
        var again = $$"""{"email":"{{contact.GetProperty("email").GetString()}}","subscription_status":"subscribed","opt_in_at":"2024-01-01T00:00:00Z","opt_in_ip":"203.0.113.9"}""";

        var patched = await client.SendAsync(HttpMethod.Patch, path, """{"subscription_status":"subscribed"}""");
        await client.SendAsync(HttpMethod.Delete, path);
        var created = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", again);
        var asked = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", again.Replace("\"subscribed\"", "\"pending\""));

        patched.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("consent_required");
        created.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("consent_required");
        asked.Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_new_subscription_needs_evidence_of_consent()
    {
        await using var client = await DemoClient.StartAsync();

        var without = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"a@example.com","subscription_status":"subscribed"}""");
        var with = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts",
            """{"email":"a@example.com","subscription_status":"subscribed","opt_in_at":"2024-01-01T00:00:00Z","opt_in_ip":"203.0.113.9"}""");

        without.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("consent_evidence_missing");
        with.Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_archived_contact_leaves_the_listing_and_comes_back_with_its_id()
    {
        await using var client = await DemoClient.StartAsync();
        var id = (await client.GetAsync("/api/v1/contacts?limit=1")).GetProperty("data")[0].GetProperty("id").GetRawText();

        await client.SendAsync(HttpMethod.Post, $"/api/v1/contacts/{id}/archive");
        var live = Ids(await client.ContactsAsync());
        var archived = Ids(await client.ContactsAsync("&archived=true"));
        await client.SendAsync(HttpMethod.Post, $"/api/v1/contacts/{id}/restore");

        live.ShouldNotContain(id);
        archived.ShouldContain(id);
        Ids(await client.ContactsAsync()).ShouldContain(id);
    }

    [Fact]
    public async Task A_contact_is_found_by_its_address_also_when_archived_and_a_write_can_bring_it_back()
    {
        await using var client = await DemoClient.StartAsync();
        var archived = (await client.ContactsAsync("&archived=true"))[0];
        var address = Uri.EscapeDataString(archived.GetProperty("email").GetString()!);

        var found = await client.GetAsync($"/api/v1/contacts?email={address}");
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{archived.GetProperty("id")}", """{"archived":false}""");

        found.GetProperty("data")[0].GetProperty("id").GetRawText().ShouldBe(archived.GetProperty("id").GetRawText());
        (await client.GetAsync("/api/v1/contacts?email=nobody@example.com")).GetProperty("total").GetInt32().ShouldBe(0);
        Ids(await client.ContactsAsync()).ShouldContain(archived.GetProperty("id").GetRawText());
        Ids(await client.ContactsAsync("&archived=true")).ShouldNotContain(archived.GetProperty("id").GetRawText());
    }

    [Fact]
    public async Task A_company_is_found_by_its_domain()
    {
        await using var client = await DemoClient.StartAsync();
        var company = (await client.GetAsync("/api/v1/companies")).GetProperty("companies")[2];

        var found = await client.GetAsync($"/api/v1/companies?domain={company.GetProperty("domain").GetString()}");

        found.GetProperty("companies").EnumerateArray().Single().GetProperty("id").GetString().ShouldBe(company.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_deleted_contact_takes_along_what_hangs_on_it_and_is_logged()
    {
        await using var client = await DemoClient.StartAsync();
        var note = (await client.GetAsync("/api/v1/notes?limit=1")).GetProperty("data")[0];
        var contact = note.GetProperty("contact_id").GetRawText();

        var (status, _) = await client.SendAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}");
        var log = (await client.GetAsync("/api/v1/deleted?object=contact&since=2026-03-01T12:00:00Z")).GetProperty("data");

        status.ShouldBe(HttpStatusCode.NoContent);
        (await client.SendAsync(HttpMethod.Get, $"/api/v1/contacts/{contact}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await client.SendAsync(HttpMethod.Get, $"/api/v1/notes/{note.GetProperty("id").GetString()}")).Status.ShouldBe(HttpStatusCode.NotFound);
        log.EnumerateArray().Single().GetProperty("id").GetRawText().ShouldBe(contact);
    }

    [Fact]
    public async Task A_merged_contact_gives_its_memberships_to_the_one_that_stays()
    {
        await using var client = await DemoClient.StartAsync();
        var loser = (await client.GetAsync("/api/v1/lists/2/memberships?limit=1")).GetProperty("data")[0].GetProperty("contact_id").GetRawText();
        var (_, winner) = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact);

        await client.SendAsync(HttpMethod.Post, $"/api/v1/contacts/{loser}/merge", $$"""{"into":{{winner.GetProperty("id").GetRawText()}}}""");

        (await client.SendAsync(HttpMethod.Get, $"/api/v1/lists/2/memberships/{winner.GetProperty("id")}")).Status.ShouldBe(HttpStatusCode.OK);
        var entry = (await client.GetAsync("/api/v1/deleted?object=contact")).GetProperty("data")[0];
        entry.GetProperty("reason").GetString().ShouldBe("merged");
        entry.GetProperty("merged_into").GetRawText().ShouldBe(winner.GetProperty("id").GetRawText());
    }

    [Fact]
    public async Task A_membership_is_put_twice_and_exists_once_and_leaving_is_remembered()
    {
        await using var client = await DemoClient.StartAsync();
        var (_, contact) = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact);
        var path = $"/api/v1/lists/3/memberships/{contact.GetProperty("id")}";

        var first = await client.SendAsync(HttpMethod.Put, path, """{"status":"subscribed"}""");
        var second = await client.SendAsync(HttpMethod.Put, path, """{"status":"unsubscribed"}""");
        await client.SendAsync(HttpMethod.Delete, path);
        var back = await client.SendAsync(HttpMethod.Put, path, """{"status":"subscribed"}""");

        first.Status.ShouldBe(HttpStatusCode.Created);
        second.Status.ShouldBe(HttpStatusCode.OK);
        back.Body.GetProperty("error").GetProperty("code").GetString().ShouldBe("consent_required");
    }

    [Fact]
    public async Task An_uploaded_attachment_comes_back_byte_for_byte_also_through_its_link_until_that_expires()
    {
        await using var client = await DemoClient.StartAsync();
        var contact = (await client.GetAsync("/api/v1/contacts?limit=1")).GetProperty("data")[0].GetProperty("id").GetRawText();
        byte[] content = [0, 1, 2, 255];
        using var upload = new ByteArrayContent(content);
        upload.Headers.ContentType = new("image/png");

        using var response = await client.Http.PostAsync($"/api/v1/attachments?contact_id={contact}&file_name=ä.png", upload, DemoClient.Cancellation);
        var attachment = DemoClient.Parse(await response.Content.ReadAsStringAsync(DemoClient.Cancellation));
        using var anonymous = new HttpClient();
        var downloaded = await anonymous.GetByteArrayAsync(attachment.GetProperty("download_url").GetString(), DemoClient.Cancellation);
        client.Time.Advance(TimeSpan.FromHours(2));
        using var late = await anonymous.GetAsync(attachment.GetProperty("download_url").GetString(), DemoClient.Cancellation);

        downloaded.ShouldBe(content);
        attachment.GetProperty("file_name").GetString().ShouldBe("ä.png");
        late.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_same_idempotency_key_creates_once_and_refuses_another_body()
    {
        await using var client = await DemoClient.StartAsync();
        var before = client.Demo.Count("contacts");

        var first = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact, "k1");
        var again = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact, "k1");
        var other = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"b@example.com"}""", "k1");

        again.Status.ShouldBe(HttpStatusCode.Created);
        again.Body.GetRawText().ShouldBe(first.Body.GetRawText());
        other.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        client.Demo.Count("contacts").ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_repeated_safely_with_its_key()
    {
        await using var client = await DemoClient.StartAsync();
        var before = client.Demo.Count("contacts");
        client.Demo.Faults.Add(new() { Kind = Faults.FaultKind.CutBody, Path = "/api/v1/contacts", Method = "POST" });

        await Should.ThrowAsync<HttpRequestException>(() => client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact, "k2"));
        var again = await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", NewContact, "k2");

        again.Status.ShouldBe(HttpStatusCode.Created);
        client.Demo.Count("contacts").ShouldBe(before + 1);
    }

    private static List<string> Ids(List<JsonElement> records) => records.ConvertAll(record => record.GetProperty("id").GetRawText());
}
