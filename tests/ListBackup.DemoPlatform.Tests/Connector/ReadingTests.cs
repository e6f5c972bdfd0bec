using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Demo.Faults;
using ListBackup.Testing;

namespace ListBackup.Demo.Tests.Connector;

/// <summary>connectors/demo through the real engine.</summary>
public sealed class ReadingTests
{
    [Fact]
    public async Task The_check_tells_a_good_key_from_a_bad_one()
    {
        await using var client = await DemoClient.StartAsync();
        using var good = Connect(client);
        using var bad = Connect(client, "no-such-key");

        (await good.CheckAsync()).Succeeded.ShouldBeTrue();
        var refused = await bad.CheckAsync();

        refused.Succeeded.ShouldBeFalse();
        refused.Reason.ShouldNotBeNull().ShouldNotContain("no-such-key");
    }

    [Theory]
    [InlineData("account", 1)]
    [InlineData("companies", 120)]
    [InlineData("lists", 6)]
    [InlineData("contacts", 1_200)]
    [InlineData("notes", 240)]
    [InlineData("attachments", 48)]
    public async Task A_stream_brings_every_record_once(string stream, int count)
    {
        await using var client = await DemoClient.StartAsync(options => options with { Contacts = 1_200 });
        using var connector = Connect(client);

        var read = await connector.ReadAsync(stream);

        read.Raw("id").ShouldBeUnique();
        read.Records.Count.ShouldBe(count);
        read.Coverage.Complete.ShouldBeTrue(read.Coverage.Detail);
    }

    [Fact]
    public async Task Memberships_of_all_lists_come_under_their_composite_key()
    {
        await using var client = await DemoClient.StartAsync(options => options with { Contacts = 1_200 });
        using var connector = Connect(client);

        var read = await connector.ReadAsync("memberships");

        read.Json.Select(row => (row.GetProperty("list_id").GetRawText(), row.GetProperty("contact_id").GetRawText())).ShouldBeUnique();
        read.Records.Count.ShouldBe(client.Demo.Count("memberships"));
        read.Coverage.Complete.ShouldBeTrue(read.Coverage.Detail);
    }

    [Fact]
    public async Task Records_arrive_byte_for_byte()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);

        var read = await connector.ReadAsync("contacts");

        var sent = await client.TextAsync("/api/v1/contacts?limit=200") + await client.TextAsync("/api/v1/contacts?limit=200&offset=200")
            + await client.TextAsync("/api/v1/contacts?limit=200&archived=true");
        read.Records.ShouldAllBe(record => sent.Contains(record));
    }

    [Fact]
    public async Task Archived_contacts_are_read_too()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);

        var read = await connector.ReadAsync("contacts");

        var archived = await client.ContactsAsync("&archived=true");
        archived.Count.ShouldBeGreaterThan(3);
        read.Json.Count(contact => contact.GetProperty("archived").GetBoolean()).ShouldBe(archived.Count);
    }

    [Fact]
    public async Task The_platforms_total_is_known_at_the_end_of_a_read()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);

        var contacts = await connector.ReadAsync("contacts", fullRefresh: true);
        var notes = await connector.Connector.ProbeTotalAsync("notes", connector.Config, connector.Ports, DemoClient.Cancellation);

        contacts.Coverage.Evidence.ReportedTotal.ShouldBe(300);
        notes.ShouldBe(60);
    }

    [Fact]
    public async Task The_next_read_brings_what_changed_and_what_was_archived_and_hardly_more()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);
        var first = await connector.ReadAsync("contacts");
        client.Time.Advance(TimeSpan.FromDays(1));
        var live = await client.ContactsAsync();
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{live[3].GetProperty("id")}", """{"phone":"1"}""");
        await client.SendAsync(HttpMethod.Post, $"/api/v1/contacts/{live[4].GetProperty("id")}/archive");
        await client.SendAsync(HttpMethod.Post, "/api/v1/contacts", """{"email":"neu@example.com"}""");

        var second = await connector.ReadAsync("contacts", first.State);

        var changed = second.Raw("id");
        changed.ShouldContain(live[3].GetProperty("id").GetRawText());
        changed.ShouldContain(live[4].GetProperty("id").GetRawText());
        second.Json.ShouldContain(contact => contact.GetProperty("email").GetString() == "neu@example.com");
        second.Records.Count.ShouldBeLessThan(30);
    }

    [Fact]
    public async Task A_change_in_the_second_of_the_last_read_is_not_lost()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);
        var live = await client.ContactsAsync();
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{live[3].GetProperty("id")}", """{"phone":"1"}""");
        var first = await connector.ReadAsync("contacts");
        await client.SendAsync(HttpMethod.Patch, $"/api/v1/contacts/{live[9].GetProperty("id")}", """{"phone":"2"}""");

        var second = await connector.ReadAsync("contacts", first.State);

        second.Raw("id").ShouldContain(live[9].GetProperty("id").GetRawText());
    }

    [Fact]
    public async Task Deletions_are_told_by_their_own_stream()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);
        client.Demo.DeleteContacts(250);
        var first = await connector.ReadAsync("deleted_contacts");
        client.Time.Advance(TimeSpan.FromHours(1));
        client.Demo.DeleteContacts(5, seed: 2);

        var second = await connector.ReadAsync("deleted_contacts", first.State);

        first.Raw("id").ShouldBeUnique();
        first.Records.Count.ShouldBe(250);
        second.Json.Count(deletion => deletion.GetProperty("deleted_at").GetString() == "2026-03-01T13:00:00Z").ShouldBe(5);
        var contacts = connector.Connector.Streams.Single(stream => stream.Name == "contacts").Extensions;
        contacts.Deletes.Kind.ShouldBe(DeleteDetectionKind.Stream);
        contacts.Deletes.Stream.ShouldBe("deleted_contacts");
    }

    [Theory]
    [InlineData(FaultKind.RateLimited)]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.CutBody)]
    public async Task A_passing_fault_costs_a_retry_and_no_record(FaultKind kind)
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);
        client.Demo.Faults.Add(new Fault { Kind = kind, Path = "/api/v1/contacts", Skip = 1, Status = 503, RetryAfter = 7 });

        var read = await connector.ReadAsync("contacts");

        client.Demo.Faults.Left.ShouldBe(0);
        read.Raw("id").ShouldBeUnique();
        read.Records.Count.ShouldBe(300);
        if (kind == FaultKind.RateLimited) connector.Waits.ShouldContain(wait => wait >= TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Garbage_in_place_of_a_page_ends_the_read_with_an_error_and_never_with_a_shorter_stream()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.Garbage, Path = "/api/v1/contacts", Skip = 1, Count = Fault.CountMax });

        await Should.ThrowAsync<PlatformException>(() => connector.ReadAsync("contacts"));
    }

    [Fact]
    public async Task A_page_that_comes_twice_makes_the_read_incomplete()
    {
        await using var client = await DemoClient.StartAsync(options => options with { Contacts = 1_200 });
        using var connector = Connect(client);
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.RepeatPage, Path = "/api/v1/contacts", Skip = 2 });

        var read = await connector.ReadAsync("contacts", fullRefresh: true);

        client.Demo.Faults.Left.ShouldBe(0);
        read.Coverage.Complete.ShouldBeFalse();
        read.Coverage.Cut.ShouldBe(CutReason.RepeatedPageToken);
    }

    [Fact]
    public async Task A_total_that_is_larger_than_what_came_is_reported()
    {
        await using var client = await DemoClient.StartAsync();
        using var connector = Connect(client);
        client.Demo.Faults.Add(new Fault { Kind = FaultKind.ShiftTotal, Path = "/api/v1/contacts", Count = Fault.CountMax, TotalShift = 4 });

        var read = await connector.ReadAsync("contacts", fullRefresh: true);

        read.Coverage.Evidence.ReportedTotal.ShouldNotBe(read.Coverage.Evidence.RowsKept);
    }

    [Fact]
    public async Task A_platform_with_a_smaller_cap_than_the_manifest_knows_is_found_out()
    {
        await using var client = await DemoClient.StartAsync(options => options with { PageSizeMax = 50 });
        using var connector = Connect(client);

        var read = await connector.ReadAsync("contacts", fullRefresh: true);

        read.Records.Count.ShouldBe(300);
        read.Coverage.Evidence.PageSizeCap.ShouldBe(50);
    }

    [Fact]
    public async Task An_oauth_connection_survives_the_end_of_its_access_token()
    {
        await using var client = await DemoClient.StartAsync();
        var refreshToken = await OAuthTests.ConnectAsync(client);
        using var connector = new ConnectorUnderTest("demo", new
        {
            url = client.Demo.BaseUrl,
            credentials = new { auth_type = "oauth", client_id = "listbackup-demo", client_secret = "demo-secret", refresh_token = refreshToken },
        });
        using var tokens = new ListBackup.Connectors.Authentication.MemoryTokens(client.Time);
        connector.Ports = connector.Ports with { Tokens = tokens };

        var before = await connector.ReadAsync("contacts");
        client.Demo.OAuth.ExpireAccessTokens();
        var after = await connector.ReadAsync("contacts");

        before.Records.Count.ShouldBe(300);
        after.Records.Count.ShouldBe(300);
    }

    [Fact]
    public async Task Every_declared_field_of_a_schema_is_one_that_the_platform_sends()
    {
        await using var client = await DemoClient.StartAsync();
        client.Demo.DeleteContacts(30);
        await client.SendAsync(HttpMethod.Delete, "/api/v1/companies/co_1005");
        using var connector = Connect(client);

        foreach (var stream in connector.Connector.Streams)
        {
            var read = await connector.ReadAsync(stream.Name);
            var sent = read.Json.SelectMany(record => record.EnumerateObject()).Select(field => field.Name).ToHashSet();

            stream.Schema.GetProperty("properties").EnumerateObject().Select(field => field.Name).ShouldAllBe(field => sent.Contains(field), stream.Name);
        }
    }

    internal static ConnectorUnderTest Connect(DemoClient client, string key = "demo-key") =>
        new("demo", new { url = client.Demo.BaseUrl, credentials = new { auth_type = "api_key", api_key = key } });
}
