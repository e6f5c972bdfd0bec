using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;
using Microsoft.IdentityModel.Tokens;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// Sessions and their rotating refresh tokens. A session's tokens form a chain: each follows from the one before by the issuer's HMAC key. The store
/// keeps the hash of the newest only, yet a spent one can be proven to be of this session by walking the chain, so:
/// <list type="bullet">
/// <item>the token spent last gives the same successor again for ten seconds: a lost reply or a second tab costs nobody their session;</item>
/// <item>any other spent token means that two parties hold the session, and ends it;</item>
/// <item>a made-up token ends nothing, so knowing a session's id gives no power over it.</item>
/// </list>
/// A thief who uses a stolen token within the ten seconds holds what the owner holds; the next refresh of either makes the other's a spent one.
/// </summary>
internal sealed class Sessions(IItemStore items, IssuerSecret secret, SessionStates states, IdentityOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LostReplyGrace = TimeSpan.FromSeconds(10);
    // More than two hundred refreshes a day for a session's whole life; walking so long a chain takes some 30 ms.
    private const int NumberMax = 20_000;
    private const int UserAgentLengthMax = 200;

    public async Task<IssuedSession> StartAsync(UserId user, ClientInfo client, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var first = RandomNumberGenerator.GetBytes(32);
        var session = new SessionItem
        {
            Id = SessionId.New(clock),
            UserId = user,
            Number = 1,
            TokenHash = Hash(first),
            RotatedAt = now,
            CreatedAt = now,
            ExpiresAt = ExpiryAt(now, now),
            Address = client.Address,
            UserAgent = Short(client.UserAgent),
        };
        await items.PutAsync(Item(session), Condition.Absent, cancellation);
        return new(session, Token(session, first));
    }

    /// <summary>Spends the token. Null: it is not valid (any more). <see cref="IssuedSession.IsReuse"/>: it was spent before, and the session is ended now.</summary>
    public async Task<IssuedSession?> RotateAsync(string token, ClientInfo client, CancellationToken cancellation)
    {
        if (Parse(token) is not var (user, id, number, presented)) return null;
        while (true)
        {
            if (await items.FindAsync(IdentityKeys.Session(user, id), IdentityJson.Default.SessionItem, cancellation) is not { } stored) return null;
            var session = stored.Value;
            var now = clock.GetUtcNow();
            if (number > session.Number || session.Number >= NumberMax || !await IsOfChainAsync(session, number, presented, cancellation)) return null;

            if (number < session.Number)
            {
                if (number == session.Number - 1 && now - session.RotatedAt <= LostReplyGrace)
                    return new(session, Token(session, await NextAsync(session.Id, number, presented, cancellation)));
                await EndAsync(user, id, cancellation);
                return new(session, "") { IsReuse = true };
            }

            var next = await NextAsync(session.Id, number, presented, cancellation);
            var rotated = session with
            {
                Number = number + 1,
                TokenHash = Hash(next),
                RotatedAt = now,
                ExpiresAt = ExpiryAt(session.CreatedAt, now),
                Address = client.Address,
                UserAgent = Short(client.UserAgent),
            };
            try
            {
                await items.PutAsync(Item(rotated), Condition.VersionIs(stored.Version), cancellation);
                return new(rotated, Token(rotated, next));
            }
            catch (ConditionFailedException)
            {
                // The same token was spent at the same moment; the next round sees it as the one spent last.
            }
        }
    }

    /// <summary>Ends the session of a token that is, or was, of its chain.</summary>
    public async Task<SessionItem?> EndByTokenAsync(string token, CancellationToken cancellation)
    {
        if (Parse(token) is not var (user, id, number, presented)) return null;
        if (await items.FindAsync(IdentityKeys.Session(user, id), IdentityJson.Default.SessionItem, cancellation) is not { Value: var session }) return null;
        if (number > session.Number || !await IsOfChainAsync(session, number, presented, cancellation)) return null;
        await EndAsync(user, id, cancellation);
        return session;
    }

    public async Task<IReadOnlyList<SessionItem>> ListAsync(UserId user, CancellationToken cancellation)
    {
        var found = new List<SessionItem>();
        var query = new ItemQuery { Table = Table.Users, Partition = UserKeys.Partition(user), SortPrefix = "SESSION#" };
        await foreach (var item in items.AllAsync(query, cancellation)) found.Add(ItemJson.Read(item, IdentityJson.Default.SessionItem).Value);
        return [.. found.OrderByDescending(s => s.Id.ToString(), StringComparer.Ordinal)];
    }

    public async Task EndAsync(UserId user, SessionId session, CancellationToken cancellation)
    {
        await items.DeleteAsync(IdentityKeys.Session(user, session), Condition.None, cancellation);
        states.Forget(IdentityKeys.Session(user, session));
    }

    public async Task EndAllAsync(UserId user, SessionId? except, CancellationToken cancellation)
    {
        foreach (var session in await ListAsync(user, cancellation))
        {
            if (session.Id != except) await EndAsync(user, session.Id, cancellation);
        }
    }

    private async Task<bool> IsOfChainAsync(SessionItem session, int number, byte[] presented, CancellationToken cancellation)
    {
        var link = presented;
        for (var n = number; n < session.Number; n++) link = await NextAsync(session.Id, n, link, cancellation);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(link)), Encoding.ASCII.GetBytes(session.TokenHash));
    }

    private Task<byte[]> NextAsync(SessionId session, int number, byte[] link, CancellationToken cancellation) =>
        secret.MacAsync("refresh", cancellation, session.ToString(), number.ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(link));

    private DateTimeOffset ExpiryAt(DateTimeOffset createdAt, DateTimeOffset now)
    {
        var (idle, end) = (now + options.SessionIdleMax, createdAt + options.SessionLifetimeMax);
        return idle < end ? idle : end;
    }

    private static Item Item(SessionItem session) =>
        ItemJson.Item(IdentityKeys.Session(session.UserId, session.Id), session, IdentityJson.Default.SessionItem, expiresAt: session.ExpiresAt);

    private static string Hash(byte[] token) => Convert.ToHexStringLower(SHA256.HashData(token));

    private static string? Short(string? text) => text is { Length: > UserAgentLengthMax } ? text[..UserAgentLengthMax] : text;

    // lbr.user.session.number.token: the first three only say where to look.
    private static string Token(SessionItem session, byte[] link) =>
        $"lbr.{session.UserId}.{session.Id}.{session.Number.ToString(CultureInfo.InvariantCulture)}.{Base64UrlEncoder.Encode(link)}";

    private static (UserId User, SessionId Session, int Number, byte[] Link)? Parse(string token)
    {
        if (token.Length > 200 || token.Split('.') is not ["lbr", var userText, var sessionText, var numberText, var linkText]) return null;
        if (!UserId.TryParse(userText, out var user) || !SessionId.TryParse(sessionText, out var session)) return null;
        if (!int.TryParse(numberText, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > NumberMax) return null;
        var link = new byte[32];
        return linkText.Length == 43 && System.Buffers.Text.Base64Url.TryDecodeFromChars(linkText, link, out var written) && written == 32 ? (user, session, number, link) : null;
    }
}

/// <summary>A session and its newest refresh token.</summary>
internal sealed record IssuedSession(SessionItem Session, string RefreshToken)
{
    public bool IsReuse { get; init; }
}
