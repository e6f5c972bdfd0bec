using ListBackup.Connectors;
using ListBackup.Connectors.Authentication;
using ListBackup.Domain;

namespace ListBackup.Connections.Tests;

public sealed class ConnectionTokensTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly Rig _rig = new();

    [Fact]
    public async Task Many_workers_at_once_refresh_once()
    {
        var platform = new RotatingPlatform(_rig.Clock);
        var started = new TaskCompletionSource();
        platform.Before = () => started.Task;

        var workers = Enumerable.Range(0, 20).Select(_ => _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation).AsTask()).ToList();
        started.SetResult();
        await PassAsync(TimeSpan.FromMilliseconds(250), Task.WhenAll(workers));

        (await Task.WhenAll(workers)).ShouldAllBe(token => token == "access-1");
        platform.Refreshes.ShouldBe(1);
    }

    [Fact]
    public async Task A_rotated_refresh_token_outlives_the_process_that_got_it()
    {
        var platform = new RotatingPlatform(_rig.Clock);
        await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation);
        _rig.Clock.Advance(TimeSpan.FromHours(2));

        var token = await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation);

        token.ShouldBe("access-2");
    }

    [Fact]
    public async Task A_rejected_token_is_never_returned_again_but_one_that_another_worker_renewed_is()
    {
        var platform = new RotatingPlatform(_rig.Clock);
        var (one, other) = (_rig.Tokens(), _rig.Tokens());
        var first = await one.GetAccessTokenAsync(platform, null, Cancellation);
        (await other.GetAccessTokenAsync(platform, null, Cancellation)).ShouldBe(first);

        var renewed = await one.GetAccessTokenAsync(platform, rejected: first, Cancellation);
        var seen = await other.GetAccessTokenAsync(platform, rejected: first, Cancellation);

        renewed.ShouldBe("access-2");
        seen.ShouldBe("access-2");
        platform.Refreshes.ShouldBe(2);
    }

    [Fact]
    public async Task A_refresh_that_was_sent_is_kept_when_the_caller_leaves()
    {
        var platform = new RotatingPlatform(_rig.Clock);
        using var leaving = new CancellationTokenSource();
        platform.Before = async () => await leaving.CancelAsync();

        await _rig.Tokens().GetAccessTokenAsync(platform, null, leaving.Token);

        platform.Before = () => Task.CompletedTask;
        (await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation)).ShouldBe("access-1");
    }

    [Fact]
    public async Task A_grant_that_is_gone_is_asked_for_once_and_reconnecting_heals_it()
    {
        var platform = new RefusingPlatform();
        await Should.ThrowAsync<PlatformUnauthorizedException>(async () => await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation));
        await Should.ThrowAsync<PlatformUnauthorizedException>(async () => await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation));
        platform.Asked.ShouldBe(1);

        await _rig.Tokens().ReplaceAsync(new("new", null, "new-refresh"), Cancellation);

        (await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation)).ShouldBe("new");
    }

    [Fact]
    public async Task A_failed_refresh_gives_the_lease_back_at_once()
    {
        var platform = new RotatingPlatform(_rig.Clock) { Before = () => throw new PlatformServerException(new()) };
        await Should.ThrowAsync<PlatformServerException>(async () => await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation));
        platform.Before = () => Task.CompletedTask;

        (await _rig.Tokens().GetAccessTokenAsync(platform, null, Cancellation)).ShouldBe("access-1");
    }

    [Fact]
    public async Task The_lease_of_a_worker_that_died_ends_by_itself()
    {
        var item = new TokenItem { LeaseUntil = _rig.Clock.GetUtcNow() + ConnectionTokens.LeaseLength };
        await _rig.Items.PutAsync(ItemJson.Item(ConnectionKeys.Token(_rig.Connection), item, WorkerJson.Default.TokenItem), Condition.None, Cancellation);
        var waiting = _rig.Tokens().GetAccessTokenAsync(new RotatingPlatform(_rig.Clock), null, Cancellation).AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        await PassAsync(TimeSpan.FromSeconds(1), waiting);

        (await waiting).ShouldBe("access-1");
        (_rig.Clock.GetUtcNow() >= item.LeaseUntil).ShouldBeTrue();
    }

    [Fact]
    public async Task Tokens_lie_sealed_in_the_store()
    {
        await _rig.Tokens().ReplaceAsync(new("very-secret-access", null, "very-secret-refresh"), Cancellation);

        var stored = await _rig.Items.GetAsync(ConnectionKeys.Token(_rig.Connection), Cancellation);

        stored!.Body.ShouldNotContain("very-secret");
    }

    private sealed class RefusingPlatform : ITokenRefresher
    {
        public int Asked { get; private set; }

        public string? ConfiguredRefreshToken => "refresh";

        public TokenGrant? ConfiguredGrant => null;

        public Task<TokenGrant> RefreshAsync(string? refreshToken, CancellationToken cancellation)
        {
            Asked++;
            throw new PlatformUnauthorizedException(new());
        }
    }

    /// <summary>Moves the clock in steps until the work is done. Between two steps the work gets real time: else hours would pass at once, and leases with them.</summary>
    private async Task PassAsync(TimeSpan step, Task work)
    {
        while (!work.IsCompleted)
        {
            _rig.Clock.Advance(step);
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation));
        }
    }
}
