using System.Text.Json;
using Amazon.Lambda.APIGatewayEvents;
using ListBackup.Domain;
using ListBackup.Lambda.Tests.Http;
using ListBackup.Sources;
using ListBackup.Testing;

namespace ListBackup.Lambda.Tests.Published;

[Trait("Stage", "aot")]
public sealed class PublishedApiTests(Emulator emulator) : IClassFixture<Emulator>, IAsyncLifetime
{
    private readonly UserId _user = UserId.New(TimeProvider.System);
    private readonly AccountId _account = AccountId.New(TimeProvider.System);
    private FakeRuntimeApi _api = null!; // set before each test
    private ChildProcess _function = null!; // likewise

    private string SourcesPath => $"/v1/accounts/{_account}/sources";

    public async ValueTask InitializeAsync()
    {
        _api = await FakeRuntimeApi.StartAsync();
        _function = PublishedFunction.Start("ListBackup.Sources.Api", _api, emulator.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await _function.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task It_lives()
    {
        var answer = await SendAsync("/health");

        answer.StatusCode.ShouldBe(200);
        answer.Body.ShouldBe("""{"status":"live"}""");
    }

    [Fact]
    public async Task Nobody_gets_in_without_being_known()
    {
        var answer = await SendAsync(SourcesPath);

        answer.StatusCode.ShouldBe(401);
        answer.Headers.ShouldNotBeNull()["content-type"].ShouldBe("application/problem+json");
        Body(answer).GetProperty("type").GetString().ShouldEndWith("/not-authenticated");
    }

    [Fact]
    public async Task A_stranger_to_the_account_is_not_told_that_it_exists()
    {
        await GivenAsync(Role.Owner);

        var answer = await SendAsync(SourcesPath, UserId.New(TimeProvider.System));

        answer.StatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task A_member_reads_the_sources_that_lie_in_DynamoDB()
    {
        await GivenAsync(Role.Viewer);

        var answer = await SendAsync(SourcesPath, _user);

        answer.StatusCode.ShouldBe(200, answer.Body);
        Body(answer).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("Kunden & Bücher");
    }

    [Fact]
    public async Task Asked_to_end_it_ends_at_once_and_well()
    {
        await SendAsync("/health");

        (await _function.StopAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, _function.Output);
    }

    private async Task GivenAsync(Role role)
    {
        var now = TimeProvider.System.GetUtcNow();
        var account = new Account { Id = _account, Name = "Test", Path = [_account], CreatedAt = now };
        var member = new Membership(_account, _user, role, now);
        var source = new Source
        {
            Id = SourceId.New(TimeProvider.System), AccountId = _account, Name = "Kunden & Bücher", ConnectionId = ConnectionId.New(TimeProvider.System), Platform = "demo", CreatedAt = now,
        };
        Item[] items =
        [
            ItemJson.Item(AccountKeys.Profile(_account), account, AccessJson.Default.Account, AccountKeys.PathIndex(account.Path)),
            ItemJson.Item(AccountKeys.Member(_account, _user), member, AccessJson.Default.Membership, AccountKeys.MemberIndex(_user, _account)),
            ItemJson.Item(SourceKeys.Source(_account, source.Id), source, SourceItemsJson.Default.Source),
        ];
        foreach (var item in items) await emulator.Items.PutAsync(item, Condition.Absent, TestContext.Current.CancellationToken);
    }

    private async Task<APIGatewayHttpApiV2ProxyResponse> SendAsync(string path, UserId? user = null)
    {
        var answer = await _api.InvokeAsync(JsonSerializer.Serialize(GatewayEvents.Get(path, user?.ToString())));
        answer.Error.ShouldBeNull(_function.Output);
        return JsonSerializer.Deserialize<APIGatewayHttpApiV2ProxyResponse>(answer.Body).ShouldNotBeNull();
    }

    private static JsonElement Body(APIGatewayHttpApiV2ProxyResponse answer) => JsonDocument.Parse(answer.Body.ShouldNotBeNull()).RootElement;
}
