using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ListBackup.Auth;

/// <summary>All on one page: sessions end by themselves, so there are few.</summary>
public sealed class ListSessions(IIdentities identities)
{
    public async Task<Ok<Page<SessionAnswer>>> RunAsync(SignedIn who, CancellationToken cancellation)
    {
        var sessions = await identities.ListSessionsAsync(who, cancellation);
        return TypedResults.Ok(new Page<SessionAnswer>(
            [.. sessions.Select(s => new SessionAnswer(s.Id, s.Id == who.SessionId, s.CreatedAt, s.LastUsedAt, s.ExpiresAt, s.Address, s.UserAgent))], null));
    }
}
