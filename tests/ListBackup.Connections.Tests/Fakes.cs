using System.Security.Cryptography;
using ListBackup.Connectors.Authentication;
using ListBackup.Domain;
using ListBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ListBackup.Connections.Tests;

/// <summary>A root of keys that wraps by AES-GCM under a key of this test.</summary>
internal sealed class TestKeys : IKeys
{
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);

    public async Task<WrappedKey> GenerateAsync(KeyContext context, CancellationToken cancellation)
    {
        var plain = RandomNumberGenerator.GetBytes(32);
        return new([.. plain], await WrapAsync(plain, context, cancellation));
    }

    public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, KeyContext context, CancellationToken cancellation)
    {
        using var aes = new AesGcm(_root, 16);
        var wrapped = new byte[12 + 32 + 16];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, 12));
        aes.Encrypt(wrapped.AsSpan(0, 12), key.Span, wrapped.AsSpan(12, 32), wrapped.AsSpan(44), Bound(context));
        return Task.FromResult(wrapped);
    }

    public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, KeyContext context, CancellationToken cancellation)
    {
        using var aes = new AesGcm(_root, 16);
        var plain = new byte[32];
        aes.Decrypt(wrapped.Span[..12], wrapped.Span[12..44], wrapped.Span[44..], plain, Bound(context));
        return Task.FromResult(plain);
    }

    private static byte[] Bound(KeyContext context) => System.Text.Encoding.UTF8.GetBytes($"{context.Purpose}/{context.Owner}");
}

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
        Envelope = new(new(Items, new TestKeys(), Clock));
        Account = AccountId.New(Clock);
        Connection = ConnectionId.New(Clock);
    }

    public ConnectionTokens Tokens() => new(Items, Envelope, Account, Connection, Clock);

    public ConnectionBudget Budget(int? perMinuteMax = null) => new(Items, Connection, perMinuteMax, Clock);
}
