using System.Net;
using ListBackup.Connections;
using ListBackup.Domain;

namespace ListBackup.Platforms.Tests;

public sealed class ConnectionApiTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_with_a_good_key_tests_healthy_and_never_shows_the_key()
    {
        await using var platforms = await PlatformApi.StartAsync();

        var created = (await platforms.PostAsync(platforms.Connections, platforms.WithKey())).ShouldBe(HttpStatusCode.Created);
        var path = $"{platforms.Connections}/{created.Text("id")}";
        var tested = (await platforms.PostAsync($"{path}/test")).ShouldBe(HttpStatusCode.OK);
        var read = (await platforms.GetAsync(path)).ShouldBe(HttpStatusCode.OK);
        var listed = (await platforms.GetAsync(platforms.Connections)).ShouldBe(HttpStatusCode.OK);

        ((bool)tested.Json["succeeded"]!).ShouldBeTrue(tested.Body);
        read.Json["health"]!["state"]!.ToString().ShouldBe("healthy");
        read.Json["config"]!["url"]!.ToString().ShouldBe(platforms.Demo.BaseUrl);
        foreach (var body in new[] { created.Body, tested.Body, read.Body, listed.Body }) body.ShouldNotContain("demo-key");
        ((MemoryItems)platforms.Api.Items).All.ShouldAllBe(item => !item.Body.Contains("demo-key"));
        (await platforms.Api.Get<ISecrets>().FindAsync(ConnectionSecrets.NameOf(ConnectionId.Parse(created.Text("id"))), Cancellation))!.ShouldNotContain("demo-key");
    }

    [Fact]
    public async Task A_wrong_key_is_told_and_new_secrets_bring_the_connection_back()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = $"{platforms.Connections}/{(await platforms.PostAsync(platforms.Connections, platforms.WithKey("wrong"))).Text("id")}";

        var tested = (await platforms.PostAsync($"{path}/test")).ShouldBe(HttpStatusCode.OK).Json;
        ((bool)tested["succeeded"]!).ShouldBeFalse();
        tested["reason"]!.ToString().ShouldNotContain("wrong");
        (await platforms.GetAsync($"{path}/health")).Json["state"]!.ToString().ShouldBe("unhealthy");

        var reconnected = (await platforms.PostAsync($"{path}/reconnect", new { config = new { url = platforms.Demo.BaseUrl, credentials = new { auth_type = "api_key", api_key = "demo-key" } } }))
            .ShouldBe(HttpStatusCode.OK).Json;
        ((bool)reconnected["test"]!["succeeded"]!).ShouldBeTrue();
        (await platforms.GetAsync($"{path}/health")).Json["state"]!.ToString().ShouldBe("healthy");
    }

    [Fact]
    public async Task Reconnecting_without_the_secrets_that_the_platform_wants_names_them_with_a_body_and_without()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = $"{platforms.Connections}/{(await platforms.PostAsync(platforms.Connections, platforms.WithKey("wrong"))).Text("id")}";

        foreach (var refused in new[] { await platforms.PostAsync($"{path}/reconnect"), await platforms.PostAsync($"{path}/reconnect", new { }) })
            refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!.AsObject().Select(error => error.Key).ShouldBe(["config.credentials.api_key"]);
    }

    [Fact]
    public async Task A_configuration_that_the_connector_does_not_allow_is_refused_field_by_field()
    {
        await using var platforms = await PlatformApi.StartAsync();

        var refused = await platforms.PostAsync(platforms.Connections, new { name = "Demo", platform = "demo", config = new { credentials = new { auth_type = "api_key" } } });

        refused.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Json["errors"]!.AsObject().Select(e => e.Key).ShouldContain("config.url");
        (await platforms.PostAsync(platforms.Connections, new { name = "X", platform = "nothing" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await platforms.PostAsync(platforms.Connections, new { name = " ", platform = "demo" })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await platforms.GetAsync(platforms.Connections)).Json["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_keeps_secrets_that_it_leaves_out_and_respects_the_version()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var created = await platforms.PostAsync(platforms.Connections, platforms.WithKey());
        var path = $"{platforms.Connections}/{created.Text("id")}";
        var change = new { name = "Renamed", config = new { url = platforms.Demo.BaseUrl, credentials = new { auth_type = "api_key" } }, requestsPerMinuteMax = 600 };

        var changed = await platforms.Api.SendAsync(HttpMethod.Patch, path, change, platforms.Token, ("If-Match", created.ETag!));
        var stale = await platforms.Api.SendAsync(HttpMethod.Patch, path, new { name = "Again" }, platforms.Token, ("If-Match", created.ETag!));

        changed.ShouldBe(HttpStatusCode.OK).Text("name").ShouldBe("Renamed");
        stale.ShouldBe(HttpStatusCode.PreconditionFailed);
        ((bool)(await platforms.PostAsync($"{path}/test")).Json["succeeded"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task A_share_of_the_daily_quota_can_be_set_changed_and_lifted_where_a_quota_is_known()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var keap = new { name = "Keap", platform = "keap", config = new { credentials = new { auth_type = "api_key", api_key = "k" } }, dailyPercentMax = 40 };

        var created = (await platforms.PostAsync(platforms.Connections, keap)).ShouldBe(HttpStatusCode.Created);
        var path = $"{platforms.Connections}/{created.Text("id")}";
        ((int)created.Json["dailyPercentMax"]!).ShouldBe(40);

        (await PatchAsync(new { name = "Other" })).Json["dailyPercentMax"]!.ToString().ShouldBe("40");
        (await PatchAsync(new { dailyPercentMax = 100 })).Json["dailyPercentMax"]!.ToString().ShouldBe("100");
        foreach (var wrong in new[] { 101, -1 })
            (await PatchAsync(new { dailyPercentMax = wrong })).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["dailyPercentMax"].ShouldNotBeNull();
        (await PatchAsync(new { dailyPercentMax = 0 })).ShouldBe(HttpStatusCode.OK).Json["dailyPercentMax"].ShouldBeNull();

        Task<ApiAnswer> PatchAsync(object change) => platforms.Api.SendAsync(HttpMethod.Patch, path, change, platforms.Token);
    }

    [Fact]
    public async Task How_many_streams_are_read_at_once_can_be_set_changed_and_given_back_within_what_the_connector_allows()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var mailchimp = new { name = "Mailchimp", platform = "mailchimp", config = new { credentials = new { auth_type = "apikey", apikey = "k-us1" } }, streamsAtOnceMax = 3 };

        var created = (await platforms.PostAsync(platforms.Connections, mailchimp)).ShouldBe(HttpStatusCode.Created);
        var path = $"{platforms.Connections}/{created.Text("id")}";
        ((int)created.Json["streamsAtOnceMax"]!).ShouldBe(3);

        (await PatchAsync(new { name = "Other" })).Json["streamsAtOnceMax"]!.ToString().ShouldBe("3");
        (await PatchAsync(new { streamsAtOnceMax = 8 })).Json["streamsAtOnceMax"]!.ToString().ShouldBe("8");
        (await PatchAsync(new { streamsAtOnceMax = 9 })).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["streamsAtOnceMax"]!.ToString().ShouldContain("at most 8");
        foreach (var wrong in new[] { 17, -1 })
            (await PatchAsync(new { streamsAtOnceMax = wrong })).ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["streamsAtOnceMax"].ShouldNotBeNull();
        (await PatchAsync(new { streamsAtOnceMax = 0 })).ShouldBe(HttpStatusCode.OK).Json["streamsAtOnceMax"].ShouldBeNull();

        Task<ApiAnswer> PatchAsync(object change) => platforms.Api.SendAsync(HttpMethod.Patch, path, change, platforms.Token);
    }

    [Fact]
    public async Task A_share_of_a_quota_that_nobody_knows_is_refused()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = $"{platforms.Connections}/{(await platforms.PostAsync(platforms.Connections, platforms.WithKey())).Text("id")}";

        var refused = await platforms.Api.SendAsync(HttpMethod.Patch, path, new { dailyPercentMax = 40 }, platforms.Token);

        refused.ShouldBe(HttpStatusCode.UnprocessableEntity).Json["errors"]!["dailyPercentMax"]!.ToString().ShouldContain("No daily quota of this platform is known");
    }

    [Fact]
    public async Task A_deleted_connection_leaves_no_secret_behind()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var id = (await platforms.PostAsync(platforms.Connections, platforms.WithKey())).Text("id");

        (await platforms.Api.SendAsync(HttpMethod.Delete, $"{platforms.Connections}/{id}", token: platforms.Token)).ShouldBe(HttpStatusCode.NoContent);

        (await platforms.GetAsync($"{platforms.Connections}/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await platforms.Api.Get<ISecrets>().FindAsync(ConnectionSecrets.NameOf(ConnectionId.Parse(id)), Cancellation)).ShouldBeNull();
        ((MemoryItems)platforms.Api.Items).All.ShouldAllBe(item => item.Key.Partition != ConnectionKeys.Partition(ConnectionId.Parse(id)));
    }

    [Fact]
    public async Task Every_change_writes_an_activity_that_names_no_secret()
    {
        await using var platforms = await PlatformApi.StartAsync();
        var path = $"{platforms.Connections}/{(await platforms.PostAsync(platforms.Connections, platforms.WithKey())).Text("id")}";
        await platforms.PostAsync($"{path}/test");
        await platforms.Api.SendAsync(HttpMethod.Patch, path, new { name = "Other" }, platforms.Token);
        await platforms.Api.SendAsync(HttpMethod.Delete, path, token: platforms.Token);

        var log = platforms.Api.Get<ActivityLog>();
        var query = new ItemQuery { Table = Table.Activities, Partition = AccountKeys.Partition(platforms.Account), SortPrefix = "A#" };
        var actions = (await platforms.Api.Items.QueryAsync(query, Cancellation)).Items.Select(i => ItemJson.Read(i, ActivityJson.Default.Activity).Value.Action);

        actions.ShouldBe(["connection.created", "connection.tested", "connection.changed", "connection.deleted"]);
        (await log.VerifyAsync(platforms.Account, Cancellation)).BrokenAt.ShouldBeNull();
    }
}
