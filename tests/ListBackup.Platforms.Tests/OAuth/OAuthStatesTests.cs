using ListBackup.Connections;
using ListBackup.Domain;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Platforms.Tests;

public sealed class OAuthStatesTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryItems _items;
    private readonly OAuthStates _states;
    private readonly Access _access;
    private readonly ConnectionId _connection;

    public OAuthStatesTests()
    {
        _items = new(_clock);
        _states = new(_items, new(new(_items, new MemoryKeys(), _clock)), _clock);
        var account = AccountId.New(_clock);
        _access = new(new() { UserId = UserId.New(_clock) }, new() { Id = account, Name = "A", Path = [account], CreatedAt = _clock.GetUtcNow() }, Role.Owner);
        _connection = ConnectionId.New(_clock);
    }

    [Fact]
    public async Task A_state_is_good_once()
    {
        var (secrets, _) = await BeginAsync();

        var first = await _states.TakeAsync(secrets.State, secrets.Cookie, Cancellation);
        var second = await _states.TakeAsync(secrets.State, secrets.Cookie, Cancellation);

        first!.Value.Attempt.ConnectionId.ShouldBe(_connection);
        first.Value.Verifier.ShouldBe(secrets.Verifier);
        second.ShouldBeNull();
    }

    [Fact]
    public async Task Of_many_at_once_one_gets_it()
    {
        var (secrets, _) = await BeginAsync();

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _states.TakeAsync(secrets.State, secrets.Cookie, Cancellation))));

        taken.Count(t => t is not null).ShouldBe(1);
    }

    [Fact]
    public async Task It_ends_after_ten_minutes()
    {
        var (secrets, expiresAt) = await BeginAsync();
        _clock.SetUtcNow(expiresAt);

        (await _states.TakeAsync(secrets.State, secrets.Cookie, Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task Another_browser_does_not_get_it_and_uses_it_up(string? cookie)
    {
        var (secrets, _) = await BeginAsync();

        (await _states.TakeAsync(secrets.State, cookie, Cancellation)).ShouldBeNull();
        (await _states.TakeAsync(secrets.State, secrets.Cookie, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Neither_state_nor_cookie_nor_verifier_lies_in_the_store()
    {
        var (secrets, _) = await BeginAsync();

        foreach (var secret in new[] { secrets.State, secrets.Cookie, secrets.Verifier })
            _items.All.ShouldAllBe(item => !item.Body.Contains(secret) && !item.Key.ToString().Contains(secret));
    }

    private Task<(OAuthAttemptSecrets Secrets, DateTimeOffset ExpiresAt)> BeginAsync() => _states.BeginAsync(_access, _connection, "http://localhost/v1/oauth/callback", Cancellation);
}
