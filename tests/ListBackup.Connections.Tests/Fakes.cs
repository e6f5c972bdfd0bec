using ListBackup.Connectors.Authentication;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connections.Tests;

/// <summary>A token endpoint that rotates refresh tokens: each is good once, and using an old one is an error of the test.</summary>
internal sealed class RotatingPlatform(TimeProvider clock) : ITokenRefresher
{
    private readonly Lock _lock = new();
    private string _good = "refresh-0";

    public int Refreshes { get; private set; }

    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public string? ConfiguredRefreshToken => "refresh-0";

    public TokenGrant? ConfiguredGrant => null;

    public async Task<TokenGrant> RefreshAsync(string? refreshToken, CancellationToken cancellation)
    {
        await Before();
        lock (_lock)
        {
            refreshToken.ShouldBe(_good, "a rotated refresh token was spent twice");
            Refreshes++;
            _good = $"refresh-{Refreshes}";
            return new($"access-{Refreshes}", clock.GetUtcNow().AddHours(1), _good);
        }
    }
}

internal sealed class Rig
{
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public MemoryItems Items { get; }

    public AccountEnvelope Envelope { get; }

    public AccountId Account { get; }

    public ConnectionId Connection { get; }

    public Rig()
    {
        Items = new(Clock);
        Envelope = new(new(Items, new MemoryKeys(), Clock));
        Account = AccountId.New(Clock);
        Connection = ConnectionId.New(Clock);
    }

    public ConnectionTokens Tokens() => new(Items, Envelope, Account, Connection, Clock);

    public ConnectionBudget Budget(int? perMinuteMax = null) => new(Items, Connection, new(perMinuteMax), Clock);
}
