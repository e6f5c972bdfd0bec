using System.Text.Json;
using ListBackup.Connectors.Restoring;
using ListBackup.Testing;
using ListBackup.Vault;

namespace ListBackup.EndToEnd.Tests;

/// <summary>connectors/mailman3 on a real Mailman: what is read is what the server has, and what was lost comes back.</summary>
[Trait("Stage", "platforms")]
public sealed class BackupMailmanTests(MailmanFixture mailman) : IClassFixture<MailmanFixture>
{
    private static readonly string[] Restorable =
        ["domains", "lists", "list_configs", "members", "member_preferences", "address_preferences", "bans", "list_bans", "header_matches", "list_templates"];

    [Fact]
    public async Task The_check_tells_good_credentials_from_bad_ones()
    {
        await using var server = await mailman.StartAsync();
        using var good = Connect(server, server.Password);
        using var bad = Connect(server, "wrong");

        (await good.CheckAsync()).Reason.ShouldBeNull();
        (await bad.CheckAsync()).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public async Task Every_stream_is_read_and_what_has_a_total_is_proven()
    {
        await using var server = await mailman.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();

        var streams = await connector.Connector.DiscoverAsync(connector.Config, connector.Ports, TestContext.Current.CancellationToken);
        var snapshot = await vault.BackUpAsync(connector, [.. streams.Select(stream => stream.Name)]);

        Live(snapshot, "domains").ShouldBe(1);
        Live(snapshot, "lists").ShouldBe(3);
        Live(snapshot, "list_configs").ShouldBe(3);
        // 25, 12 and 8 people, and the owner of each list.
        Live(snapshot, "members").ShouldBe(48);
        Live(snapshot, "member_preferences").ShouldBe(48);
        Live(snapshot, "users").ShouldBe(26);
        Live(snapshot, "addresses").ShouldBe(26);
        Live(snapshot, "list_bans").ShouldBe(3);
        Live(snapshot, "bans").ShouldBe(0);
        foreach (var stream in new[] { "domains", "lists", "members", "users", "addresses", "list_bans" })
        {
            var coverage = snapshot.Streams.Single(candidate => candidate.Stream == stream).Coverage;
            coverage.Level.ShouldBe(CoverageLevel.Proven, $"{stream}: {coverage.Reason}");
        }
    }

    [Fact]
    public async Task Two_backups_of_an_untouched_server_are_equal()
    {
        await using var server = await mailman.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();
        string[] streams = [.. connector.Connector.Streams.Select(stream => stream.Name)];

        var first = await vault.BackUpAsync(connector, streams);
        var second = await vault.BackUpAsync(connector, streams);

        second.Streams.Select(stream => (stream.Stream, stream.StateRoot)).ShouldBe(first.Streams.Select(stream => (stream.Stream, stream.StateRoot)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deleted_members_bans_and_settings_come_back(bool isAsked)
    {
        await using var server = await mailman.StartAsync();
        using var connector = Connect(server, server.Password);
        var vault = await VaultUnderTest.CreateAsync();
        await PatchAsync(server, $"/3.1/members/{await MemberAsync(server, "person4@example.com")}/preferences", ("delivery_status", "by_user"));
        var before = await vault.BackUpAsync(connector, Restorable);

        foreach (var person in new[] { 2, 4, 7, 20 }) await DeleteAsync(server, $"/3.1/members/{await MemberAsync(server, $"person{person}@example.com")}");
        await DeleteAsync(server, "/3.1/lists/list3.lists.example.com");
        await DeleteAsync(server, "/3.1/lists/list2.lists.example.com/bans/spammer2@example.net");
        await PatchAsync(server, "/3.1/lists/list1.lists.example.com/config", ("description", "spoilt"), ("subscription_policy", "open"));
        var damaged = await vault.BackUpAsync(connector, Restorable);
        var restored = await connector.RestoreAsync(vault, before, new NewIds(), isAsked);
        var after = await vault.BackUpAsync(connector, Restorable);

        restored.ShouldAllBe(record => record.Outcome.Result != WriteResult.Refused);

        // Four people and a list of eight with its owner went; the ban of list 2 too, and list 3 took its own along.
        (await vault.DiffAsync(before, damaged, "members")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(4 + 9);
        (await vault.DiffAsync(before, damaged, "list_bans")).Count(difference => difference.Kind == DifferenceKind.Deleted).ShouldBe(2);
        (await vault.DiffAsync(before, damaged, "list_configs")).Single(difference => difference.Kind == DifferenceKind.Changed)
            .ChangedFields.Order(StringComparer.Ordinal).ShouldBe(["/description", "/http_etag", "/subscription_policy"]);
        foreach (var stream in new[] { "domains", "lists", "list_bans", "bans" })
        {
            (await vault.DiffAsync(before, after, stream)).ShouldBeEmpty(stream);
        }

        (await MembersAsync(vault, after)).ShouldBe(await MembersAsync(vault, before));
        (await vault.DiffAsync(before, after, "list_configs")).SelectMany(difference => difference.ChangedFields).Distinct()
            .ShouldBe(["/created_at", "/http_etag"], ignoreOrder: true);
        // Who had switched delivery off has it off; who was made anew gets mail only when that was asked, and who stayed is as they were.
        (await PreferenceAsync(server, await MemberAsync(server, "person4@example.com"))).ShouldBe("by_user");
        (await PreferenceAsync(server, await MemberAsync(server, "person7@example.com"))).ShouldBe(isAsked ? null : "by_moderator");
        (await PreferenceAsync(server, await MemberAsync(server, "person1@example.com"))).ShouldBeNull();
    }

    private static ConnectorUnderTest Connect(PlatformServer server, string password) =>
        new("mailman3", new { url = server.Url, username = server.Username, password });

    private static long Live(Snapshot snapshot, string stream) => snapshot.Streams.Single(candidate => candidate.Stream == stream).Live;

    /// <summary>List, address, role, delivery mode: all of a member but the id, which is new after a restore.</summary>
    private static async Task<IReadOnlyList<string>> MembersAsync(VaultUnderTest vault, Snapshot snapshot) =>
        [.. (await vault.RecordsAsync(snapshot, "members")).Select(record => JsonDocument.Parse(record.Json).RootElement)
            .Select(member => $"{member.GetProperty("list_id")} {member.GetProperty("email")} {member.GetProperty("role")} {member.GetProperty("delivery_mode")}")
            .Order(StringComparer.Ordinal)];

    private static async Task<string> MemberAsync(PlatformServer server, string email)
    {
        var found = await server.Http.GetStringAsync($"/3.1/members/find?list_id=list1.lists.example.com&subscriber={email}", TestContext.Current.CancellationToken);
        return JsonDocument.Parse(found).RootElement.GetProperty("entries")[0].GetProperty("member_id").GetString()!;
    }

    private static async Task<string?> PreferenceAsync(PlatformServer server, string member)
    {
        var preferences = await server.Http.GetStringAsync($"/3.1/members/{member}/preferences", TestContext.Current.CancellationToken);
        return JsonDocument.Parse(preferences).RootElement.TryGetProperty("delivery_status", out var status) ? status.GetString() : null;
    }

    private static async Task DeleteAsync(PlatformServer server, string path)
    {
        using var answer = await server.Http.DeleteAsync(path, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task PatchAsync(PlatformServer server, string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.ToDictionary(field => field.Name, field => field.Value));
        using var answer = await server.Http.PatchAsync(path, form, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
